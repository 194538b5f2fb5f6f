//! The odds of the less likely of two sides, from which the logistic functions come.

use super::exp::{exp_scaled_parts, unscale};
use super::ln::deficit;
use super::two_float::two_product;
use crate::Real;

/// e = e^-|x| times [`SCALE`](super::Exponential::SCALE), as a sum of two, the first a power of 2.
pub(crate) struct Odds<T> {
    high: T,
    low: T,
}

impl<T: Real> Odds<T> {
    #[inline(always)]
    pub(crate) fn of(x: T) -> Self {
        let (high, low) = exp_scaled_parts(-x.abs());
        Self { high, low }
    }

    /// e.
    #[inline(always)]
    pub(crate) fn e(&self) -> T {
        (self.high + self.low) * T::UNSCALE
    }

    /// ln(1 + e).
    #[inline(always)]
    pub(crate) fn ln_1p(&self) -> T {
        unscale(self.ln_1p_scaled())
    }

    /// ln(1 + e), times [`SCALE`](super::Exponential::SCALE).
    #[inline(always)]
    pub(crate) fn ln_1p_scaled(&self) -> T {
        let (high, low) = self.ln_1p_scaled_parts();
        high + low
    }

    /// The same as a sum of two.
    #[inline(always)]
    pub(crate) fn ln_1p_scaled_parts(&self) -> (T, T) {
        let half = T::of(0.5);
        let e = self.high + self.low;
        // Above 1/2: 1 + e = 2 (1 + (e - 1) / 2).
        let halved = ((self.high - T::SCALE) + self.low) * half;
        let (f, high, low) =
            if e > half * T::SCALE { (halved, T::LN_2 * T::SCALE, halved) } else { (e, self.high, self.low) };
        (high, low - deficit(f * T::UNSCALE) * T::SCALE)
    }

    /// e / (1 + e), times [`SCALE`](super::Exponential::SCALE).
    #[inline(always)]
    pub(crate) fn share_scaled(&self) -> T {
        let (high, low) = self.share_scaled_parts();
        high + low
    }

    /// The same as a sum of two, the second small.
    #[inline(always)]
    pub(crate) fn share_scaled_parts(&self) -> (T, T) {
        let one = T::one();
        let e = self.high + self.low;
        let e_lost = (self.high - e) + self.low;
        let sum = one + e * T::UNSCALE;
        let lost = e * T::UNSCALE - (sum - one);
        let quotient = e / sum;
        (quotient, (e_lost - quotient * lost) * (one - quotient * T::UNSCALE))
    }

    /// As [`share_scaled_parts`](Self::share_scaled_parts), with the rounding of the quotient.
    #[inline(always)]
    pub(crate) fn share_scaled_with_error(&self) -> (T, T) {
        let one = T::one();
        let e = self.high + self.low;
        let (quotient, error) = self.share_scaled_parts();
        let (product, product_error) = two_product(quotient, one + e * T::UNSCALE);
        (quotient, error + ((e - product) - product_error) * (one - quotient * T::UNSCALE))
    }
}
