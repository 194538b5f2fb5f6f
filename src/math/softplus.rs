//! The softplus function.

use super::exp::{exp_scaled_parts, unscale};
use super::ln_1p::ln_1p_deficit;
use crate::Real;

/// ln(1 + e^x).
///
/// ```text
/// ln(1 + e^x) = max(x, 0) + ln(1 + e),   e = e^-|x|
/// ```
/// # Domain
/// All numbers: 0 for -inf, inf for inf.
/// # Examples
/// ```
/// assert_eq!(microloss::math::softplus(0.0_f32), core::f32::consts::LN_2);
/// ```
#[inline(always)]
#[must_use]
pub fn softplus<T: Real>(x: T) -> T {
    let (high, low) = exp_scaled_parts(-x.abs());
    let e = (high + low) * T::UNSCALE;
    let deficit = ln_1p_deficit(e);
    if x > T::zero() { e + (x - deficit) } else { unscale(high + (low - deficit * T::SCALE)) }
}
