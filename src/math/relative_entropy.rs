//! Sums of q ln(q/p).

use super::exp::scaled;
use super::ln::{exponent_number, ln_shifted};
use crate::Real;
use crate::shape::{Access, RowBlock};

/// Σ_c q_c ln(q_c/p_c) of each row, where the scores are p; p counts as e^-100 where it is less, and terms with q = 0
/// are 0. The targets are distributions.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
pub(crate) fn relative_entropy<T: Real, const L: usize, const R: usize, S: Access<T>>(
    rows: &mut RowBlock<'_, T, L, R, S>,
) -> [T; R] {
    let sums = rows.sum(
        #[inline(always)]
        |_, _, p, q| (term(p, q), p),
    );
    sums.map(|(high, low)| (high + low) * T::UNSCALE)
}

/// q ln(q/p), all times [`SCALE`](super::Exponential::SCALE), so that none is subnormal.
#[inline(always)]
fn term<T: Real>(p: T, q: T) -> T {
    let (p, q) = (scaled(p), scaled(q));
    let floor = T::of(3.720_075_976_020_836e-44 * T::SCALE.to_double());
    let p = if p < floor { floor } else { p };
    // A branch would keep the loop out of vectors.
    let own = if q == T::zero() { p } else { q };
    q * ln_quotient(own, p)
}

/// ln(q/p) of two normal numbers: p 2^k is the next of its kind to q, from 2/3 of it to 3/2, so that their difference is
/// exact, and ln(q/p) = k ln 2 + ln(1 + (q - p 2^k) / (p 2^k)).
#[inline(always)]
fn ln_quotient<T: Real>(q: T, p: T) -> T {
    let distance = q.to_bits() - p.to_bits() + (T::SIGNIFICAND_MASK >> 1);
    let exponent = distance - (distance & T::SIGNIFICAND_MASK);
    let near = T::from_bits(p.to_bits() + exponent);
    let k = exponent_number(exponent + (T::ONE_BITS + T::LIFT_BITS));
    let (high, low) = ln_shifted(k, (q - near) / near, None);
    high + low
}
