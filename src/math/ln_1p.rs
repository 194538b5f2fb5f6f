//! ln(1 + x), accurate for small x.

use super::binary_float::BinaryFloat;
use super::ln::Normal;
use super::polynomial::polynomial;
use super::two_float::two_sum;
use crate::Real;

/// ln(1 + x).
///
/// ```text
/// 1 + x = 2^k (1 + f) with the rounding error of the sum carried along; then as for ln
/// ```
/// # Domain
/// x ≥ -1: -inf for -1, inf for inf, x itself for ±0. NaN below.
/// # Examples
/// ```
/// assert_eq!(microloss::math::ln_1p(1e-10_f32), 1e-10);
/// ```
#[inline(always)]
#[must_use]
pub fn ln_1p<T: Real>(x: T) -> T {
    let (sum, error) = two_sum(T::one(), x);
    let (high, low) = ln_of_sum(sum, error);
    let negligible = T::epsilon() * T::epsilon();
    let result = if x.abs() > negligible && x < T::infinity() { high + low } else { x };
    let outside = if x == -T::one() { T::neg_infinity() } else { T::nan() };
    if x > -T::one() { result } else { outside }
}

/// x - ln(1 + x) for x from 0 to 1, where this takes fewer steps than the logarithm of any number.
///
/// ```text
/// x - ln(1 + x) = x^2 / 2 - s (x^2 / 2 + s^2 p(s^2)),   s = x / (2 + x)
/// ```
#[inline(always)]
pub(crate) fn ln_1p_deficit<T: Real>(x: T) -> T {
    let s = x / (T::of(2.0) + x);
    let half_square = T::of(0.5) * x * x;
    let z = s * s;
    half_square - s * (half_square + z * T::ln_1p_remainder(z))
}

/// ln(sum + error) in two numbers, for a normal sum.
#[inline(always)]
fn ln_of_sum<T: Real>(sum: T, error: T) -> (T, T) {
    let normal = Normal::of(sum.to_bits());
    let low = error * T::of(0.5) * normal.doubled_scale();
    normal.ln(low)
}

/// The numbers that ln(1 + x) needs for x from 0 to 1.
pub trait UnitLogarithm: BinaryFloat {
    /// (2 artanh(s) - 2 s) / s^3 where z = s^2, for |s| up to 1/3.
    fn ln_1p_remainder(z: Self) -> Self;
}

impl UnitLogarithm for f32 {
    #[inline(always)]
    fn ln_1p_remainder(z: Self) -> Self {
        // Minimax; error at most 2^-27.6 of the logarithm.
        polynomial!(z: 0.666_664_5, 0.400_200_96, 0.280_214_6, 0.279_273_57)
    }
}

impl UnitLogarithm for f64 {
    #[inline(always)]
    fn ln_1p_remainder(z: Self) -> Self {
        // Minimax; error at most 2^-57.0 of the logarithm.
        polynomial!(
            z: 0.666_666_666_666_665,
            0.400_000_000_001_038_64,
            0.285_714_285_490_235_8,
            0.222_222_242_378_797_1,
            0.181_817_240_923_117_05,
            0.153_871_670_911_302_77,
            0.132_909_986_599_578_76,
            0.121_980_657_917_233_24,
            0.078_909_941_289_348_5,
            0.179_235_159_368_641_18,
        )
    }
}
