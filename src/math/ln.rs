//! The natural logarithm.

use core::num::Wrapping;

use super::binary_float::BinaryFloat;
use super::polynomial::polynomial;
use crate::Real;

/// ln x.
///
/// ```text
/// ln x = k ln 2 + ln(1 + f),   x = 2^k (1 + f),   1 + f from sqrt(1/2) to sqrt 2
/// ln(1 + f) = f - (f^2 / 2 - s (f^2 / 2 + s^2 p(s^2))),   s = f / (2 + f)
/// ```
/// # Domain
/// x ≥ 0: -inf for ±0, inf for inf. NaN below.
/// # Examples
/// ```
/// assert_eq!(microloss::math::ln(2.0_f32), core::f32::consts::LN_2);
/// ```
#[inline(always)]
#[must_use]
pub fn ln<T: Real>(x: T) -> T {
    let (high, low) = Normal::of(x).ln(T::zero());
    let result = high + low;
    let result = if x < T::infinity() { result } else { x };
    let outside = if x == T::zero() { T::neg_infinity() } else { T::nan() };
    if x > T::zero() { result } else { outside }
}

/// A positive number as 2^k m, with m from sqrt(1/2) to sqrt 2.
pub(super) struct Normal<T: Real> {
    pub k: T,
    pub m: T,
    /// 2^(1 - k): doubled, so that it has an exponent for every k.
    pub doubled_scale: T,
}

impl<T: Real> Normal<T> {
    #[inline(always)]
    pub(super) fn of(x: T) -> Self {
        // A subnormal number is the integer that its bits are, times the smallest.
        let bits = x.to_bits();
        let integer = T::from_bits(bits | T::LEAST_INTEGER.to_bits()) - T::LEAST_INTEGER;
        let subnormal = bits < T::min_positive_value().to_bits();
        let (x, offset) = if subnormal { (integer, T::SUBNORMAL_EXPONENT) } else { (x, T::zero()) };
        let normal = Self::of_normal(x);
        Self { k: normal.k + offset, ..normal }
    }

    #[inline(always)]
    pub(super) fn of_normal(x: T) -> Self {
        // Counted from sqrt(1/2), the exponent is that of the power of 2 that belongs to m.
        let bits = x.to_bits() - T::SQRT_HALF_BITS + T::ONE_BITS;
        let k = T::from_bits(T::INTEGER_SHIFT.to_bits() + (bits >> T::SIGNIFICAND_BITS));
        let fraction = bits & T::SIGNIFICAND_MASK;
        Self {
            k: k - T::BIASED_INTEGER_SHIFT,
            m: T::from_bits(fraction + T::SQRT_HALF_BITS),
            doubled_scale: T::from_bits(T::infinity().to_bits() - (bits - fraction)),
        }
    }

    /// ln(2^k (m + low)) as a sum of two.
    #[inline(always)]
    pub(super) fn ln(self, low: T) -> (T, T) {
        let f = self.m - T::one();
        let whole = f + low;
        let s = whole / (T::of(2.0) + whole);
        let half_square = T::of(0.5) * whole * whole;
        let z = s * s;
        let small = s * (half_square + z * T::ln_remainder(z)) + self.k * T::LN_2_LOW;
        let base = self.k * T::LN_2_HIGH;
        let sum = base + f;
        let lost = f - (sum - base);
        (sum, (lost + low) - (half_square - small))
    }
}

/// The numbers that ln x needs.
pub trait Logarithm: BinaryFloat {
    /// The bits of sqrt(1/2), just below it.
    const SQRT_HALF_BITS: Self::Bits;
    /// The first number whose last bit is worth 1.
    const LEAST_INTEGER: Self;
    /// The exponent of the smallest subnormal number.
    const SUBNORMAL_EXPONENT: Self;
    /// The shift to integers plus the exponent of 1.
    const BIASED_INTEGER_SHIFT: Self;

    /// (2 artanh(s) - 2 s) / s^3 where z = s^2, for |s| up to 3 - sqrt 8.
    fn ln_remainder(z: Self) -> Self;
}

impl Logarithm for f32 {
    const SQRT_HALF_BITS: Wrapping<u32> = Wrapping(core::f32::consts::FRAC_1_SQRT_2.to_bits());
    const LEAST_INTEGER: Self = 8_388_608.0;
    const SUBNORMAL_EXPONENT: Self = -149.0;
    const BIASED_INTEGER_SHIFT: Self = Self::INTEGER_SHIFT + 127.0;

    #[inline(always)]
    fn ln_remainder(z: Self) -> Self {
        // Minimax; error at most 2^-30.2 of the logarithm.
        polynomial!(z: 0.666_667_76, 0.399_775_86, 0.298_706_95)
    }
}

impl Logarithm for f64 {
    const SQRT_HALF_BITS: Wrapping<u64> = Wrapping(core::f64::consts::FRAC_1_SQRT_2.to_bits());
    const LEAST_INTEGER: Self = 4_503_599_627_370_496.0;
    const SUBNORMAL_EXPONENT: Self = -1074.0;
    const BIASED_INTEGER_SHIFT: Self = Self::INTEGER_SHIFT + 1023.0;

    #[inline(always)]
    fn ln_remainder(z: Self) -> Self {
        // Minimax; error at most 2^-59.3 of the logarithm.
        polynomial!(
            z: 0.666_666_666_666_671,
            0.399_999_999_995_424_07,
            0.285_714_287_185_608_2,
            0.222_222_007_140_595_53,
            0.181_834_642_413_844_3,
            0.153_163_965_292_839_4,
            0.147_741_587_477_638_02,
        )
    }
}
