//! The softplus function.

use super::Odds;
use super::exp::unscale;
use super::two_float::two_sum;
use crate::Real;

/// ln(1 + e^x).
///
/// ```text
/// ln(1 + e^x) = max(x, 0) + ln(1 + e),   e = e^-|x|
/// ```
/// # Domain
/// All numbers: 0 for -inf, inf for inf.
/// # Cost
/// That of an exponential and a logarithm.
/// # Accuracy
/// At most 0.87 ULP in f32 (every number), 0.76 in f64 (samples): `examples/accuracy.rs`.
/// # Examples
/// ```
/// assert_eq!(microloss::math::softplus(0.0_f32), core::f32::consts::LN_2);
/// ```
#[inline(always)]
#[must_use]
pub fn softplus<T: Real>(x: T) -> T {
    let (high, low) = Odds::of(x).ln_1p_two();
    let (sum, lost) = two_sum(x, high * T::UNSCALE);
    let result = if x > T::zero() { sum + (lost + low * T::UNSCALE) } else { unscale(high + low) };
    if x == T::infinity() { x } else { result }
}
