//! The logistic function.

use super::exp::{exp_scaled, unscale};
use crate::Real;

/// 1 / (1 + e^-x).
///
/// ```text
/// e / (1 + e) for x < 0, else 1 - e / (1 + e),   e = e^-|x|
/// ```
/// # Domain
/// All numbers: 0 for -inf, 1 for inf.
/// # Examples
/// ```
/// assert_eq!(microloss::math::sigmoid(0.0_f32), 0.5);
/// ```
#[inline(always)]
#[must_use]
pub fn sigmoid<T: Real>(x: T) -> T {
    let one = T::one();
    let scaled = exp_scaled(-x.abs(), T::zero());
    let e = scaled * T::UNSCALE;
    let sum = one + e;
    let lost = e - (sum - one);
    // The smaller of the two probabilities; 1 / (1 + e) is one minus it.
    let quotient = scaled / sum;
    let smaller = quotient - quotient * lost;
    if x < T::zero() { unscale(smaller) } else { one - smaller * T::UNSCALE }
}
