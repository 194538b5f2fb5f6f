//! e^x, and the same scaled, for results that are yet to be multiplied.

use super::binary_float::BinaryFloat;
use super::polynomial::polynomial;
use super::two_float::two_sum;
use crate::Real;

/// e^x.
///
/// ```text
/// e^x = 2^k e^r,   k = round(x / ln 2),   r = x - k ln 2,   e^r = 1 + r + r^2 / 2 + r^3 q(r)
/// ```
/// # Domain
/// All numbers: 0 for -inf, inf for inf. Subnormal results are rounded as any other.
/// # Examples
/// ```
/// assert_eq!(microloss::math::exp(1.0_f32), core::f32::consts::E);
/// ```
#[inline(always)]
#[must_use]
pub fn exp<T: Real>(x: T) -> T {
    let power = Power::new(x, T::zero(), T::INTEGER_SHIFT + T::SCALE_EXPONENT);
    // Wraps beyond the largest exponent, and comes back when the scale is taken off again.
    let scaled = power.significand().to_bits() + power.exponent;
    let normal = T::from_bits(scaled - (T::SCALE.to_bits() - T::ONE_BITS));
    let small = if x < T::LN_ALMOST_ZERO { T::zero() } else { T::from_bits(scaled) };
    let result = if x < T::LN_MIN_POSITIVE { subnormal(small) } else { normal };
    // Above, infinity; and what is no number stays none.
    if x <= T::LN_MAX { result } else { x + T::infinity() }
}

/// e^(x + low) times [`Exponential::SCALE`], for x of at most 0 and an addend of few units in its last place: where the
/// result is not 0 it is never subnormal.
///
/// `low` may be anything where x is below [`Exponential::LN_ALMOST_ZERO`]: the result is 0.
#[inline(always)]
pub(crate) fn exp_scaled<T: Real>(x: T, low: T) -> T {
    let power = Power::new(x, low, T::BIASED_INTEGER_SHIFT + T::SCALE_EXPONENT);
    let result = power.significand() * T::from_bits(power.exponent);
    if x < T::LN_ALMOST_ZERO { T::zero() } else { result }
}

/// [`exp_scaled`] as a power of 2, or 0, and what is to be added to it times that power.
#[inline(always)]
pub(crate) fn exp_scaled_factors<T: Real>(x: T, low: T) -> (T, T) {
    let power = Power::new(x, low, T::BIASED_INTEGER_SHIFT + T::SCALE_EXPONENT);
    let almost_zero = x < T::LN_ALMOST_ZERO;
    let scale = if almost_zero { T::zero() } else { T::from_bits(power.exponent) };
    (scale, if almost_zero { T::zero() } else { power.high + power.low })
}

/// e^x times [`Exponential::SCALE`] in two numbers, the first a power of 2, for x of at most 0. It is never 0.
#[inline(always)]
pub(crate) fn exp_scaled_parts<T: Real>(x: T) -> (T, T) {
    let x = if x < T::LN_ALMOST_ZERO { T::LN_ALMOST_ZERO } else { x };
    let power = Power::new(x, T::zero(), T::BIASED_INTEGER_SHIFT + T::SCALE_EXPONENT);
    let scale = T::from_bits(power.exponent);
    (scale, (power.high + power.low) * scale)
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
        if x < T::LN_ALMOST_ZERO { zero } else { significand * scale },
        if x < T::LN_ALMOST_ZERO || scale < T::UNSCALE { zero } else { error * scale },
    )
}

/// A number of at least 0 that is too large by [`Exponential::SCALE`], to its right size.
#[inline(always)]
pub(crate) fn unscale<T: Real>(scaled: T) -> T {
    if scaled < T::SCALED_MIN_POSITIVE { subnormal(scaled) } else { scaled * T::UNSCALE }
}

/// The same where the result is subnormal. A vector unit that flushes subnormals to 0 does not see it: the last bit
/// of the sum is that of the subnormals, whose bits are the integers.
#[inline(always)]
fn subnormal<T: Real>(scaled: T) -> T {
    let round = T::SCALED_MIN_POSITIVE;
    T::from_bits((scaled + round).to_bits() - round.to_bits())
}

/// e^(x + low) as 2^k (1 + high + low).
pub(super) struct Power<T: Real> {
    /// x - k ln 2 without its last bits, exactly.
    pub high: T,
    pub low: T,
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
        Self { high, low, exponent: shifted.to_bits() << T::SIGNIFICAND_BITS }
    }

    /// 1 + high + low.
    #[inline(always)]
    fn significand(&self) -> T {
        T::one() + (self.high + self.low)
    }
}

/// The numbers that e^x needs.
pub trait Exponential: BinaryFloat {
    /// What results are multiplied by so that they are not subnormal, and its reciprocal.
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
    /// Below, the exponential is 0 even when it is scaled.
    const LN_ALMOST_ZERO: Self;

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
    const LN_ALMOST_ZERO: Self = -131.0;

    #[inline(always)]
    fn exp_remainder(r: Self) -> Self {
        // Minimax; error at most 2^-28.0 of e^r.
        polynomial!(r: 0.166_665_35, 0.041_667_238, 0.008_367_433, 0.001_386_378_3)
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
    const LN_ALMOST_ZERO: Self = -846.0;

    #[inline(always)]
    fn exp_remainder(r: Self) -> Self {
        // Minimax; error at most 2^-62.7 of e^r.
        polynomial!(
            r: 0.166_666_666_666_666_8,
            0.041_666_666_666_666_41,
            0.008_333_333_333_318_65,
            0.001_388_888_888_903_332_5,
            0.000_198_412_698_933_184_6,
            2.480_158_702_560_604_8e-5,
            2.755_723_747_749_662_7e-6,
            2.755_752_612_082_953_5e-7,
            2.511_123_842_229_834_3e-8,
            2.083_849_360_376_903e-9,
        )
    }
}
