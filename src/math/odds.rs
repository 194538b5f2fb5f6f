//! The odds of the less likely of two sides, from which the logistic functions come.

use super::exp::Power;
use super::ln::ln_terms;
use super::two_float::two_quotient;
use crate::Real;

/// e = e^-|x|. What is as small as e is given times [`SCALE`](super::Exponential::SCALE).
pub(crate) struct Odds<T> {
    /// e = scale (1 + high + low), but for `SCALE`.
    scale: T,
    high: T,
    low: T,
}

impl<T: Real> Odds<T> {
    #[inline(always)]
    pub(crate) fn of(x: T) -> Self {
        let distance = x.abs();
        // Beyond, so little that nothing of it is left in any result.
        let distance = if distance > T::VANISHING { T::VANISHING } else { distance };
        let power = Power::new(-distance, T::zero(), T::BIASED_INTEGER_SHIFT + T::SCALE_EXPONENT);
        Self { scale: T::from_bits(power.exponent), high: power.high, low: power.low }
    }

    /// e.
    #[inline(always)]
    pub(crate) fn e(&self) -> T {
        let (high, low) = self.scaled();
        (high + low) * T::UNSCALE
    }

    /// ln(1 + e), times [`SCALE`](super::Exponential::SCALE).
    #[inline(always)]
    pub(crate) fn ln_1p_scaled(&self) -> T {
        let half = T::of(0.5);
        let (high, low) = self.scaled();
        let e = high + low;
        // Above 1/2: 1 + e = 2 (1 + (e - 1) / 2).
        let halved = ((high - T::SCALE) + low) * half;
        let (f, high, low) =
            if e > half * T::SCALE { (halved, T::LN_2 * T::SCALE, halved) } else { (e, high, low) };
        let (half_square, rest) = ln_terms(f * T::UNSCALE);
        high + (low - (half_square - rest) * T::SCALE)
    }

    /// The same as a sum of two with a few bits more than the type has.
    #[inline(always)]
    pub(crate) fn ln_1p_two(&self) -> (T, T) {
        let half = T::of(0.5);
        let (sum, lost) = self.significand();
        let (high, low) = (self.scale * sum, self.scale * lost);
        // Above 1/2: 1 + e = 2 (1 + (e - 1) / 2).
        let (base, base_low, high, low) = if high > half * T::SCALE {
            (T::LN_2_HIGH * T::SCALE, T::LN_2_LOW, (high - T::SCALE) * half, low * half)
        } else {
            (T::zero(), T::zero(), high, low)
        };
        let f = high * T::UNSCALE;
        let (half_square, rest) = ln_terms(f);
        // What low adds is nearly low / (1 + f).
        let half_square = half_square * T::SCALE;
        let rest = (rest + base_low) * T::SCALE + low * (T::one() - f);
        let sum = base + high;
        let lost = high - (sum - base);
        let difference = sum - half_square;
        (difference, lost + ((sum - difference) - half_square) + rest)
    }

    /// e / (1 + e), times [`SCALE`](super::Exponential::SCALE): the probability of the less likely side.
    #[inline(always)]
    pub(crate) fn share_scaled(&self) -> T {
        let (high, low) = self.share_scaled_parts();
        high + low
    }

    /// The same as a sum of two, the second small.
    #[inline(always)]
    pub(crate) fn share_scaled_parts(&self) -> (T, T) {
        let one = T::one();
        let (high, low) = self.scaled();
        let e = high + low;
        let e_lost = (high - e) + low;
        let sum = one + e * T::UNSCALE;
        let lost = e * T::UNSCALE - (sum - one);
        let quotient = e / sum;
        (quotient, (e_lost - quotient * lost) * (one - quotient * T::UNSCALE))
    }

    /// The same as a sum of two with a few bits more than the type has.
    #[inline(always)]
    pub(crate) fn share_two(&self) -> (T, T) {
        let one = T::one();
        let significand = self.significand();
        let scale = self.scale * T::UNSCALE;
        let (high, low) = (scale * significand.0, scale * significand.1);
        let sum = one + high;
        let (quotient, lost) = two_quotient(significand, (sum, (high - (sum - one)) + low));
        (self.scale * quotient, self.scale * lost)
    }

    /// e, times [`SCALE`](super::Exponential::SCALE), as a sum of two, the first a power of 2.
    #[inline(always)]
    fn scaled(&self) -> (T, T) {
        (self.scale, self.scale * (self.high + self.low))
    }

    /// 1 + high + low as a sum of two, the second at most half a unit in the last place of the first.
    #[inline(always)]
    fn significand(&self) -> (T, T) {
        let part = self.high + self.low;
        let part_lost = (self.high - part) + self.low;
        let sum = T::one() + part;
        (sum, (part - (sum - T::one())) + part_lost)
    }
}
