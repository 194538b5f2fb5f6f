//! The logistic function.

use crate::Real;

/// 1 / (1 + e^-z), from an exponential that cannot overflow.
#[inline]
pub(crate) fn sigmoid<T: Real>(z: T) -> T {
    let e = (-z.abs()).exp();
    let numerator = if z < T::zero() { e } else { T::one() };
    numerator / (T::one() + e)
}
