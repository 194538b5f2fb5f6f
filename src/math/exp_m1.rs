//! e^x - 1, accurate for small x.

use super::exp::Power;
use crate::Real;

/// e^x - 1.
///
/// ```text
/// e^x - 1 = 2 ((h - 1/2) + h (e^r - 1)),   h = 2^(k - 1),   k and r as for exp
/// ```
/// # Domain
/// All numbers: -1 for -inf, inf for inf, x itself for ±0.
/// # Cost
/// No division.
/// # Accuracy
/// At most 0.98 ULP in f32 (every number), 0.78 in f64 (samples): `examples/accuracy.rs`.
/// # Examples
/// ```
/// assert_eq!(microloss::math::exp_m1(1e-10_f32), 1e-10);
/// ```
#[inline(always)]
#[must_use]
pub fn exp_m1<T: Real>(x: T) -> T {
    let half = T::of(0.5);
    let power = Power::new(x, T::zero(), T::BIASED_INTEGER_SHIFT - T::one());
    let scale = T::from_bits(power.exponent);
    // The larger of the two terms comes first, or is 0.
    let base = scale - half;
    let high = scale * power.high;
    let sum = base + high;
    let lost = high - (sum - base);
    let missing = (scale - base) - half;
    let halved = sum + (lost + missing + scale * (power.low + power.correction));
    let result = halved + halved;

    let size = x.abs();
    let result = if size > T::epsilon() * T::epsilon() { result } else { x };
    // Below, all of e^x is lost.
    let result = if size - x > T::of(128.0) { -T::one() } else { result };
    if x > T::LN_MAX { T::infinity() } else { result }
}
