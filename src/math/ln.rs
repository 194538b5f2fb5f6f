//! The natural logarithm.

use core::num::Wrapping;

use super::binary_float::BinaryFloat;
use super::polynomial::polynomial;
use crate::Real;
use crate::lanes::VECTORS;

/// ln x.
///
/// ```text
/// ln x = k ln 2 + ln(1 + f),   x = 2^k (1 + f),   1 + f from sqrt(1/2) to sqrt 2
/// ln(1 + f) = f - (f^2 / 2 - s (f^2 / 2 + s^2 p(s^2))),   s = f / (2 + f)
/// ```
/// # Domain
/// x ≥ 0: -inf for ±0, inf for inf. NaN below.
/// # Cost
/// One division.
/// # Accuracy
/// At most 0.84 ULP in f32 (every number), 0.81 in f64 (samples): `examples/accuracy.rs`.
/// # Examples
/// ```
/// assert_eq!(microloss::math::ln(2.0_f32), core::f32::consts::LN_2);
/// ```
#[inline(always)]
#[must_use]
pub fn ln<T: Real>(x: T) -> T {
    let least = T::min_positive_value().to_bits();
    if !VECTORS && x.to_bits() - least < T::infinity().to_bits() - least {
        let (high, low) = Normal::<T>::of(x.to_bits()).ln(None);
        return high + low;
    }
    let normal = Normal::<T>::of(exponent_extended(x.abs()));
    let (high, low) = normal.ln(None);
    // What is negative becomes NaN here. By its bits, for vector units that take a subnormal number for 0.
    let infinity = T::infinity();
    let result = if x.to_bits() < infinity.to_bits() { high + low } else { x * infinity + infinity };
    if normal.k >= T::LEAST_EXPONENT { result } else { T::neg_infinity() }
}

/// ln x as a sum of two, with a few bits more than the type has, for a finite number above 0.
#[inline(always)]
pub(crate) fn ln_parts<T: Real>(x: T) -> (T, T) {
    Normal::<T>::of(exponent_extended(x)).ln(None)
}

/// The bits of a positive number, if need be with an exponent below that of the smallest normal number; lower still
/// for 0.
#[inline(always)]
fn exponent_extended<T: Real>(x: T) -> T::Bits {
    // A subnormal number is as many times the smallest as its bits say.
    let bits = x.to_bits();
    let multiple = T::from_integer(bits).to_bits();
    if bits < T::min_positive_value().to_bits() { multiple - T::LEAST_EXPONENT_BITS } else { bits }
}

/// A positive number as 2^k m, with m from sqrt(1/2) to sqrt 2.
pub(super) struct Normal<T: Real> {
    k: T,
    m: T,
    /// The exponent k, with that of 1 and [`Logarithm::LIFT`] added.
    exponent: T::Bits,
}

impl<T: Real> Normal<T> {
    /// From the number's bits, whose exponent may be negative.
    #[inline(always)]
    pub(super) fn of(bits: T::Bits) -> Self {
        // Counted from sqrt(1/2), the exponent is that of the power of 2 that belongs to m.
        let bits = bits - T::SQRT_HALF_BITS + (T::ONE_BITS + T::LIFT_BITS);
        let fraction = bits & T::SIGNIFICAND_MASK;
        Self {
            k: exponent_number(bits),
            m: T::from_bits(fraction + T::SQRT_HALF_BITS),
            exponent: bits - fraction,
        }
    }

    /// 2^(1 - k): doubled, so that it has an exponent for every k of a normal number.
    #[inline(always)]
    pub(super) fn doubled_scale(&self) -> T {
        T::from_bits(T::infinity().to_bits() + T::LIFT_BITS - self.exponent)
    }

    /// ln(2^k (m + low)) as a sum of two; without `low`, ln(2^k m).
    #[inline(always)]
    pub(super) fn ln(&self, low: Option<T>) -> (T, T) {
        ln_shifted(self.k, self.m - T::one(), low)
    }
}

/// ln(2^k (1 + f + low)) as a sum of two, for f from sqrt(1/2) - 1 to 1/2.
#[inline(always)]
pub(super) fn ln_shifted<T: Real>(k: T, f: T, low: Option<T>) -> (T, T) {
    let base = k * T::LN_2_HIGH;
    let sum = base + f;
    let lost = f - (sum - base);
    let (f, lost) = low.map_or((f, lost), |low| (f + low, lost + low));
    let (half_square, rest) = ln_terms(f);
    (sum, lost - (half_square - (rest + k * T::LN_2_LOW)))
}

/// The number k, where it stands in the place of an exponent, with that of 1 and [`Logarithm::LIFT`] added.
#[inline(always)]
pub(super) fn exponent_number<T: Real>(lifted: T::Bits) -> T {
    let k = T::from_bits(T::INTEGER_SHIFT.to_bits() + (lifted >> T::SIGNIFICAND_BITS));
    k - (T::BIASED_INTEGER_SHIFT + T::LIFT)
}

/// Two numbers of which ln(1 + f) is made, f minus the first plus the second, for f from sqrt(1/2) - 1 to 1/2: f^2 / 2
/// and the smaller rest.
#[inline(always)]
pub(super) fn ln_terms<T: Real>(f: T) -> (T, T) {
    let half_square = T::of(0.5) * f * f;
    let s = f / (T::of(2.0) + f);
    let z = s * s;
    (half_square, s * (half_square + z * T::artanh_remainder(z)))
}

/// The numbers that ln x needs.
pub trait Logarithm: BinaryFloat {
    /// The bits of sqrt(1/2).
    const SQRT_HALF_BITS: Self::Bits;
    /// The exponent of the smallest subnormal number.
    const LEAST_EXPONENT: Self;
    /// The same without its sign in the place of an exponent.
    const LEAST_EXPONENT_BITS: Self::Bits;
    /// What makes all exponents positive.
    const LIFT: Self;
    /// The same in the place of an exponent.
    const LIFT_BITS: Self::Bits;

    /// The float that is equal to an integer smaller than 2^`SIGNIFICAND_BITS`.
    fn from_integer(integer: Self::Bits) -> Self;
    /// (2 artanh(s) - 2 s) / s^3 where z = s^2, for |s| up to 1/5.
    fn artanh_remainder(z: Self) -> Self;
}

impl Logarithm for f32 {
    const SQRT_HALF_BITS: Wrapping<u32> = Wrapping(core::f32::consts::FRAC_1_SQRT_2.to_bits());
    const LEAST_EXPONENT: Self = -149.0;
    const LEAST_EXPONENT_BITS: Wrapping<u32> = Wrapping(149 << 23);
    const LIFT: Self = 160.0;
    const LIFT_BITS: Wrapping<u32> = Wrapping(160 << 23);

    #[inline(always)]
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_wrap,
        reason = "the integer is small and positive"
    )]
    fn from_integer(integer: Wrapping<u32>) -> Self {
        integer.0 as i32 as Self
    }

    #[inline(always)]
    fn artanh_remainder(z: Self) -> Self {
        // Minimax; error at most 2^-28.3 of the logarithm.
        polynomial!(z: 0.666_669_5, 0.399_578_42, 0.303_590_36)
    }
}

impl Logarithm for f64 {
    const SQRT_HALF_BITS: Wrapping<u64> = Wrapping(core::f64::consts::FRAC_1_SQRT_2.to_bits());
    const LEAST_EXPONENT: Self = -1_074.0;
    const LEAST_EXPONENT_BITS: Wrapping<u64> = Wrapping(1074 << 52);
    const LIFT: Self = 1_280.0;
    const LIFT_BITS: Wrapping<u64> = Wrapping(1280 << 52);

    #[inline(always)]
    fn from_integer(integer: Wrapping<u64>) -> Self {
        // Vector units have no such conversion: with the exponent that gives the last bit the value 1, and without.
        let least: Self = 4_503_599_627_370_496.0;
        Self::from_bits(integer.0 | least.to_bits()) - least
    }

    #[inline(always)]
    fn artanh_remainder(z: Self) -> Self {
        // Minimax; error at most 2^-62.2 of the logarithm.
        polynomial!(
            z: 0.666_666_666_666_666,
            0.400_000_000_000_557_4,
            0.285_714_285_560_588_1,
            0.222_222_242_709_511_82,
            0.181_816_673_747_208_56,
            0.153_910_638_499_244_33,
            0.131_743_951_655_932_64,
            0.138_377_274_817_767_82,
        )
    }
}
