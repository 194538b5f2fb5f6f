//! The logarithm of the logistic function.

use super::softplus;
use crate::Real;

/// ln(1 / (1 + e^-x)) = -softplus(-x).
///
/// # Domain
/// All numbers: -inf for -inf, -0 for inf.
/// # Cost
/// That of softplus.
/// # Accuracy
/// At most 0.87 ULP in f32 (every number), 0.73 in f64 (samples): `examples/accuracy.rs`.
/// # Examples
/// ```
/// assert_eq!(microloss::math::ln_sigmoid(0.0_f32), -core::f32::consts::LN_2);
/// ```
#[inline(always)]
#[must_use]
pub fn ln_sigmoid<T: Real>(x: T) -> T {
    -softplus(-x)
}
