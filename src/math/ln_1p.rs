//! ln(1 + x), accurate for small x.

use super::ln::Normal;
use super::two_float::two_sum;
use crate::Real;

/// ln(1 + x).
///
/// ```text
/// 1 + x = 2^k (1 + f) with the rounding error of the sum carried along; then as for ln
/// ```
/// # Domain
/// x ≥ -1: -inf for -1, inf for inf, x itself for ±0. NaN below.
/// # Cost
/// One division.
/// # Accuracy
/// At most 0.91 ULP in f32 (every number), 0.86 in f64 (samples): `examples/accuracy.rs`.
/// # Examples
/// ```
/// assert_eq!(microloss::math::ln_1p(1e-10_f32), 1e-10);
/// ```
#[inline(always)]
#[must_use]
pub fn ln_1p<T: Real>(x: T) -> T {
    let (sum, error) = two_sum(T::one(), x);
    let (high, low) = ln_of_sum(sum, error);
    let negligible = T::epsilon() * T::epsilon();
    let result = if x.abs() > negligible && x < T::infinity() { high + low } else { x };
    let outside = if x == -T::one() { T::neg_infinity() } else { T::nan() };
    if x > -T::one() { result } else { outside }
}

/// ln(sum + error) in two numbers, for a normal sum.
#[inline(always)]
pub(super) fn ln_of_sum<T: Real>(sum: T, error: T) -> (T, T) {
    let normal = Normal::of(sum.to_bits());
    let low = error * T::of(0.5) * normal.doubled_scale();
    normal.ln(Some(low))
}
