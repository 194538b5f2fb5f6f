//! The logistic function and its integral, softplus, which share an exponential.

use super::two_sum;
use crate::Real;

/// A score z with e^-|z|, which cannot overflow.
#[derive(Clone, Copy)]
pub(crate) struct Logistic<T> {
    z: T,
    e: T,
}

impl<T: Real> Logistic<T> {
    #[inline(always)]
    pub(crate) fn of(z: T) -> Self {
        Self { z, e: (-z.abs()).exp() }
    }

    /// e^-|z|.
    #[inline(always)]
    pub(crate) fn e(self) -> T {
        self.e
    }

    /// The same of -z.
    #[inline(always)]
    pub(crate) fn opposite(self) -> Self {
        Self { z: -self.z, ..self }
    }

    /// 1 / (1 + e^-z).
    #[inline(always)]
    pub(crate) fn sigmoid(self) -> T {
        let numerator = if self.z < T::zero() { self.e } else { T::one() };
        numerator / (T::one() + self.e)
    }

    /// ln(1 + e^z) = max(z, 0) + ln(1 + e^-|z|).
    #[inline(always)]
    pub(crate) fn softplus(self) -> T {
        let (high, low) = self.softplus_parts();
        high + low
    }

    /// softplus(z) as an unevaluated sum, for use as an exponent: rounded to one number, its error
    /// would be multiplied by the exponent's size.
    #[inline(always)]
    pub(crate) fn softplus_two(self) -> (T, T) {
        let (high, low) = self.softplus_parts();
        let (sum, error) = two_sum(high, low);
        (sum, if error.is_finite() { error } else { T::zero() })
    }

    #[inline(always)]
    fn softplus_parts(self) -> (T, T) {
        let high = if self.z > T::zero() { self.z } else { T::zero() };
        (high, self.e.ln_1p())
    }
}
