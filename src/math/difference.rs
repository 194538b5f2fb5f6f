//! What a prediction misses its target by.

use super::two_difference;
use crate::Real;

/// `prediction - target`, where the difference may be beyond the largest number.
pub(crate) struct Difference<T> {
    /// The difference times `scale`, rounded.
    pub high: T,
    /// What the rounding lost.
    pub low: T,
    /// 1, or 1/2 for a difference beyond the largest number.
    pub scale: T,
}

impl<T: Real> Difference<T> {
    #[inline(always)]
    pub(crate) fn of(prediction: T, target: T) -> Self {
        let (one, half) = (T::one(), T::of(0.5));
        let scale = if (prediction - target).abs() < T::infinity() { one } else { half };
        let (high, low) = two_difference(prediction * scale, target * scale);
        Self { high, low, scale }
    }

    /// The magnitude, and what its rounding lost.
    #[inline(always)]
    pub(crate) fn size(&self) -> (T, T) {
        (self.high.abs(), if self.high < T::zero() { -self.low } else { self.low })
    }

    /// `|prediction - target| - half`, times `factor`, for a half that is not larger.
    #[inline(always)]
    pub(crate) fn beyond(&self, half: T, factor: T) -> T {
        let (size, low) = self.size();
        let half = half * self.scale;
        let rest = size - half;
        let lost = (size - rest) - half;
        let product = factor * super::rounded((rest, lost + low));
        if self.scale == T::one() { product } else { product + product }
    }
}

/// 1 above 0, -1 below, 0 at 0.
#[inline(always)]
pub(crate) fn sign<T: Real>(x: T) -> T {
    let side = if x < T::zero() { -T::one() } else { T::zero() * x };
    if x > T::zero() { T::one() } else { side }
}
