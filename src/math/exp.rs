//! e^x, and the same scaled, for results that are yet to be multiplied.

use super::binary_float::BinaryFloat;
use super::halves::Halves;
use super::polynomial::polynomial;
use super::two_float::two_sum;
use crate::Real;
use crate::lanes::VECTORS;

/// e^x.
///
/// ```text
/// e^x = 2^k e^r,   k = round(x / ln 2),   r = x - k ln 2,   e^r = 1 + r + r^2 / 2 + r^3 q(r)
/// ```
/// # Domain
/// All numbers: 0 for -inf, inf for inf. Subnormal results are rounded as any other.
/// # Cost
/// No division.
/// # Accuracy
/// At most 0.86 ULP in f32 (every number), 0.80 in f64 (samples): `examples/accuracy.rs`.
/// # Examples
/// ```
/// assert_eq!(microloss::math::exp(1.0_f32), core::f32::consts::E);
/// ```
#[inline(always)]
#[must_use]
pub fn exp<T: Real>(x: T) -> T {
    let power = Power::new(x, T::zero(), T::INTEGER_SHIFT + T::SCALE_EXPONENT);
    let significand = power.significand();
    // Wraps beyond the largest exponent, and comes back when the scale is taken off again.
    let scaled = significand.to_bits() + power.exponent;
    let normal = scaled - (T::SCALE.to_bits() - T::ONE_BITS);
    if !VECTORS && x.abs() <= -T::LN_MIN_POSITIVE {
        return T::from_bits(normal);
    }
    let bits = if x >= T::LN_MIN_POSITIVE { normal } else { subnormal(T::from_bits(scaled)) };
    // A NaN has lost its exponent by now: this is 0 otherwise.
    let result = T::from_bits(bits | (T::zero() * significand).to_bits());
    let result = if x.abs() > T::VANISHING { T::zero() } else { result };
    if x > T::LN_MAX { T::infinity() } else { result }
}

/// e^(x + low) times [`Exponential::SCALE`], for x of at most 0 and an addend of few units in its last place: where the
/// result is not 0 it is never subnormal.
///
/// `low` may be anything where -x is above [`Exponential::VANISHING`]: the result is 0.
#[inline(always)]
pub(crate) fn exp_scaled<T: Real>(x: T, low: T) -> T {
    let power = Power::new(x, low, T::BIASED_INTEGER_SHIFT + T::SCALE_EXPONENT);
    let result = power.significand() * T::from_bits(power.exponent);
    if x.abs() > T::VANISHING { T::zero() } else { result }
}

/// The exponentials of a row of scores, relative to 2^k near that of the largest, times [`Exponential::SCALE`]. No
/// score is subtracted from another, so none is rounded. One rounding more than [`exp_scaled`], and fewer steps.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RowExponential<T> {
    /// What shifts a score over ln 2 to an integer, and leaves its exponent in the low bits.
    shift: T,
}

impl<T: Real> RowExponential<T> {
    /// For a row whose largest score is not further from 0 than [`Exponential::NEAR`].
    #[inline(always)]
    pub(crate) fn new(max: T) -> Self {
        let k = (max * T::LOG2_E + T::INTEGER_SHIFT) - T::INTEGER_SHIFT;
        Self { shift: T::BIASED_INTEGER_SHIFT + (T::SCALE_EXPONENT - k) }
    }

    /// e^(x + low), in the row's measure; 0 where it vanishes.
    #[inline(always)]
    pub(crate) fn of(self, x: T, low: T, vanishes: bool) -> T {
        let shifted = x * T::LOG2_E + self.shift;
        let k = shifted - self.shift;
        let r = (x - k * T::LN_2_HIGH) - (k * T::LN_2_LOW - low);
        let square = r * r;
        let significand = T::one() + (r + (T::of(0.5) * square + square * r * T::exp_remainder(r)));
        let result = significand * T::from_bits(shifted.to_bits() << T::SIGNIFICAND_BITS);
        if vanishes { T::zero() } else { result }
    }
}

/// [`exp_scaled`] as a power of 2, or 0, and what is to be added to it times that power.
#[inline(always)]
pub(crate) fn exp_scaled_factors<T: Real>(x: T, low: T) -> (T, T) {
    let power = Power::new(x, low, T::BIASED_INTEGER_SHIFT + T::SCALE_EXPONENT);
    let almost_zero = x.abs() > T::VANISHING;
    let scale = if almost_zero { T::zero() } else { T::from_bits(power.exponent) };
    (scale, if almost_zero { T::zero() } else { power.high + power.low })
}

/// [`exp_scaled`], and what its rounding lost, but where that may be subnormal.
#[inline(always)]
pub(crate) fn exp_scaled_with_error<T: Real>(x: T, low: T) -> (T, T) {
    let power = Power::new(x, low, T::BIASED_INTEGER_SHIFT + T::SCALE_EXPONENT);
    let scale = T::from_bits(power.exponent);
    let (tail, tail_error) = two_sum(power.high, power.low);
    let significand = T::one() + tail;
    let error = (tail - (significand - T::one())) + tail_error;
    let zero = T::zero();
    (
        if x.abs() > T::VANISHING { zero } else { significand * scale },
        if x.abs() > T::VANISHING || scale < T::UNSCALE { zero } else { error * scale },
    )
}

/// e^x as a sum of two, with a few bits more than the type has, for x whose exponential is a normal number.
#[inline(always)]
pub(crate) fn exp_parts<T: Real>(x: T) -> (T, T) {
    let power = Power::new(x, T::zero(), T::BIASED_INTEGER_SHIFT);
    let scale = T::from_bits(power.exponent);
    let (tail, tail_error) = two_sum(power.high, power.low);
    let significand = T::one() + tail;
    let error = (tail - (significand - T::one())) + tail_error;
    (significand * scale, error * scale)
}

/// [`exp_scaled`] in two parts, the first of half of the digits: nothing is rounded to one number. The second may be
/// subnormal.
#[inline(always)]
pub(crate) fn exp_scaled_halves<T: Real>(x: T, low: T) -> Halves<T> {
    let power = Power::new(x, low, T::BIASED_INTEGER_SHIFT + T::SCALE_EXPONENT);
    // Added to a number near 1, it leaves half of the digits.
    let cut = T::INTEGER_SHIFT / T::of_count(1 << (T::SIGNIFICAND_BITS / 2));
    let high = (power.high + cut) - cut;
    let low = (power.high - high) + power.low;
    let scale = T::from_bits(power.exponent);
    let almost_zero = x.abs() > T::VANISHING;
    Halves {
        high: if almost_zero { T::zero() } else { (T::one() + high) * scale },
        low: if almost_zero { T::zero() } else { low * scale },
    }
}

/// A number of at least 0 that is too large by [`Exponential::SCALE`], to its right size.
#[inline(always)]
pub(crate) fn unscale<T: Real>(scaled: T) -> T {
    let is_normal = scaled.to_bits() >= T::SCALED_MIN_POSITIVE.to_bits();
    if is_normal { scaled * T::UNSCALE } else { T::from_bits(subnormal(scaled)) }
}

/// A number of at least 0 times [`Exponential::SCALE`]. A vector unit that takes subnormals for 0 does not see them:
/// their bits are integers.
#[inline(always)]
pub(crate) fn scaled<T: Real>(number: T) -> T {
    if !VECTORS {
        return number * T::SCALE;
    }
    let bits = number.to_bits();
    let multiple = T::from_integer(bits) * (T::SCALED_MIN_POSITIVE * T::epsilon());
    if bits < T::min_positive_value().to_bits() { multiple } else { number * T::SCALE }
}

/// The bits of a number that is too large by the scale, where the result is subnormal. A vector unit that flushes subnormals to 0 does not see it: the
/// last bit of the sum is that of the subnormals, whose bits are the integers.
#[inline(always)]
fn subnormal<T: Real>(scaled: T) -> T::Bits {
    let round = T::SCALED_MIN_POSITIVE;
    (scaled + round).to_bits() - round.to_bits()
}

/// e^(x + low) as 2^k (1 + high + low).
pub(super) struct Power<T: Real> {
    /// x - k ln 2 without its last bits, exactly.
    pub high: T,
    pub low: T,
    /// What the rounding of x - k ln 2 adds to `low`, nearly: of use where the 1 is not added.
    pub correction: T,
    /// k in the place of an exponent, with what was added to the shift.
    pub exponent: T::Bits,
}

impl<T: Real> Power<T> {
    #[inline(always)]
    pub(super) fn new(x: T, low: T, shift: T) -> Self {
        let shifted = x * T::LOG2_E + shift;
        let k = shifted - shift;
        // Exact: k times the high part of ln 2 has no more bits than fit, and the difference is small.
        let high = x - k * T::LN_2_HIGH;
        let rest = k * T::LN_2_LOW - low;
        let r = high - rest;
        let square = r * r;
        let low = T::of(0.5) * square + (square * r * T::exp_remainder(r) - rest);
        let correction = ((high - r) - rest) * r;
        Self { high, low, correction, exponent: shifted.to_bits() << T::SIGNIFICAND_BITS }
    }

    /// 1 + high + low.
    #[inline(always)]
    fn significand(&self) -> T {
        T::one() + (self.high + self.low)
    }
}

/// The numbers that e^x needs.
pub trait Exponential: BinaryFloat {
    /// What results are multiplied by so that they are not subnormal: a power of 2.
    const SCALE: Self;
    /// Its exponent.
    const SCALE_EXPONENT: Self;
    /// 1 / `SCALE`.
    const UNSCALE: Self;
    /// The smallest positive normal number times `SCALE`.
    const SCALED_MIN_POSITIVE: Self;
    /// 1 / ln 2.
    const LOG2_E: Self;
    /// ln 2 cut off so that its product with any k is exact.
    const LN_2_HIGH: Self;
    /// What is missing from ln 2.
    const LN_2_LOW: Self;
    /// The largest number whose exponential is finite.
    const LN_MAX: Self;
    /// The smallest number whose exponential is a normal number.
    const LN_MIN_POSITIVE: Self;
    /// Products of k with `LN_2_HIGH` are exact for scores so far below a number no further from 0 than this as
    /// `VANISHING`.
    const NEAR: Self;
    /// Where -x is above, e^x is 0 even when it is scaled. Larger than `LN_MAX`.
    const VANISHING: Self;

    /// (e^r - 1 - r - r^2 / 2) / r^3 for |r| up to ln 2 / 2.
    fn exp_remainder(r: Self) -> Self;
}

impl Exponential for f32 {
    const SCALE: Self = 18_446_744_073_709_551_616.0;
    const SCALE_EXPONENT: Self = 64.0;
    const UNSCALE: Self = 1.0 / Self::SCALE;
    const SCALED_MIN_POSITIVE: Self = Self::MIN_POSITIVE * Self::SCALE;
    const LOG2_E: Self = core::f32::consts::LOG2_E;
    const LN_2_HIGH: Self = 0.693_145_75; // 16 bits
    const LN_2_LOW: Self = 1.428_606_8e-6;
    const LN_MAX: Self = 88.722_83;
    const LN_MIN_POSITIVE: Self = -87.336_54;
    const NEAR: Self = 44.0;
    const VANISHING: Self = 131.0;

    #[inline(always)]
    fn exp_remainder(r: Self) -> Self {
        // Minimax; error at most 2^-28.0 of e^r.
        polynomial!(r: 0.166_665_35, 0.041_667_238, 0.008_367_433, 0.001_386_378_5)
    }
}

impl Exponential for f64 {
    const SCALE: Self = 1.606_938_044_258_990_3e60;
    const SCALE_EXPONENT: Self = 200.0;
    const UNSCALE: Self = 1.0 / Self::SCALE;
    const SCALED_MIN_POSITIVE: Self = Self::MIN_POSITIVE * Self::SCALE;
    const LOG2_E: Self = core::f64::consts::LOG2_E;
    const LN_2_HIGH: Self = 0.693_147_180_559_890_3; // 42 bits
    const LN_2_LOW: Self = 5.497_923_018_708_371e-14;
    const LN_MAX: Self = 709.782_712_893_384;
    const LN_MIN_POSITIVE: Self = -708.396_418_532_264_1;
    const NEAR: Self = 500.0;
    const VANISHING: Self = 846.0;

    #[inline(always)]
    fn exp_remainder(r: Self) -> Self {
        // Minimax; error at most 2^-62.8 of e^r.
        polynomial!(
            r: 0.166_666_666_666_666_8,
            0.041_666_666_666_666_4,
            0.008_333_333_333_318_657,
            0.001_388_888_888_903_411_4,
            0.000_198_412_698_933_111_66,
            2.480_158_702_554_978_8e-5,
            2.755_723_748_407_172_4e-6,
            2.755_752_618_677_63e-7,
            2.511_123_656_883_818_2e-8,
            2.083_847_072_836_859_3e-9,
        )
    }
}
