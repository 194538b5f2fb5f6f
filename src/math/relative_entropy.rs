//! Sums of q ln(q/p).

use super::exp::scaled;
use super::ln::Normal;
use super::two_float::two_sum;
use crate::Real;
use crate::shape::{Access, RowBlock};

/// Σ_c q_c ln(q_c/p_c) of each row, where the scores are p; p counts as e^-100 where it is less, and terms with q = 0
/// are 0.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
pub(crate) fn relative_entropy<T: Real, const L: usize, const R: usize, S: Access<T>>(
    rows: &mut RowBlock<'_, T, L, R, S>,
) -> [T; R] {
    let targets = rows.targets();
    let sums = rows.sum(
        #[inline(always)]
        |column, row, p, q| (term(scaled(p), scaled(targets.at(column, row, q))), p),
    );
    sums.map(|(high, low)| (high + low) * T::UNSCALE)
}

/// q ln(q/p), from one logarithm: that of the larger of the two over the smaller, 1 + x, whose x keeps what their
/// difference has. All of them times [`SCALE`](super::Exponential::SCALE), so that none is subnormal.
#[inline(always)]
fn term<T: Real>(p: T, q: T) -> T {
    let floor = T::of(3.720_075_976_020_836e-44 * T::SCALE.to_double());
    let p = if p < floor { floor } else { p };
    let (larger, smaller) = if q > p { (q, p) } else { (p, q) };
    // Far apart, the quotient would overflow.
    let is_far = larger * T::UNSCALE > smaller;
    let one = if is_far { T::UNSCALE } else { T::one() };
    let shift = if is_far { T::SCALE_EXPONENT } else { T::zero() };
    let (sum, error) = two_sum(one, ((larger - smaller) * one) / smaller);
    let normal = Normal::of(sum.to_bits());
    let error = error * T::of(0.5) * normal.doubled_scale();
    let (high, low) = normal.shifted(shift).ln(error);
    let product = q * (high + low);
    let product = if q > p { product } else { -product };
    if q == T::zero() { q } else { product }
}
