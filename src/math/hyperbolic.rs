//! ln cosh x and its derivative, tanh x.

use super::binary_float::BinaryFloat;
use super::polynomial::polynomial;
use super::{Odds, rounded, two_sum};
use crate::Real;

/// ln cosh(x + low) and its derivative, tanh(x + low), for `low` of at most half a unit in the last place of x.
///
/// ```text
/// |x| < 1/2:  ln cosh x = x² / 2 + x⁴ p(x²),   tanh x = x + x³ q(x²)
/// otherwise:  ln cosh x = |x| - ln 2 + ln(1 + e),   tanh |x| = 1 - 2 e / (1 + e),   e = e^(-2 |x|)
/// ```
#[cfg_attr(not(target_arch = "arm"), inline(always))]
pub(crate) fn ln_cosh<T: Real>(x: T, low: T) -> (T, T) {
    let (one, half, two) = (T::one(), T::of(0.5), T::of(2.0));
    let size = x.abs();
    let size_low = if x < T::zero() { -low } else { low };

    let square = x * x;
    let slope_rest = size * (square * T::tanh_remainder(square));
    let near_slope = size + (slope_rest + size_low * (one - square));
    let near = half * x * x + (square * (square * T::ln_cosh_remainder(square)) + near_slope * size_low);

    let odds = Odds::of(size + size);
    let (logarithm, logarithm_low) = odds.ln_1p_two();
    let (share, share_low) = odds.share_two();
    let share = two * (share * T::UNSCALE);
    let far_slope = one - share;
    let lost = (one - far_slope) - share;
    let decay = two * (share_low * T::UNSCALE);
    let far_slope = far_slope + ((lost - decay) + size_low * (one - far_slope * far_slope));
    let (sum, sum_low) = two_sum(size, -T::LN_2_HIGH);
    let (far, far_low) = two_sum(sum, logarithm * T::UNSCALE);
    let tail = (logarithm_low * T::UNSCALE - T::LN_2_LOW) + size_low * far_slope;
    let far = rounded((far, (sum_low + far_low) + tail));

    let is_near = size < half;
    let slope = if is_near { near_slope } else { far_slope };
    (if is_near { near } else { far }, if x < T::zero() { -slope } else { slope })
}

/// The polynomials that ln cosh x and tanh x need.
pub trait Hyperbolic: BinaryFloat {
    /// (ln cosh x - x^2 / 2) / x^4 where z = x^2, for |x| up to 1/2.
    fn ln_cosh_remainder(z: Self) -> Self;
    /// (tanh x - x) / x^3 where z = x^2, for |x| up to 1/2.
    fn tanh_remainder(z: Self) -> Self;
}

impl Hyperbolic for f32 {
    #[inline(always)]
    fn ln_cosh_remainder(z: Self) -> Self {
        // Minimax; error at most 2^-28.5 of the result.
        polynomial!(z: -0.083_333_17, 0.022_215_841, -0.006_667_109_7, 0.001_793_424)
    }

    #[inline(always)]
    fn tanh_remainder(z: Self) -> Self {
        // Minimax; error at most 2^-29.8 of the result.
        polynomial!(z: -0.333_333_28, 0.133_329_7, -0.053_899_147, 0.021_298_027, -0.006_647_487)
    }
}

impl Hyperbolic for f64 {
    #[inline(always)]
    fn ln_cosh_remainder(z: Self) -> Self {
        // Minimax; error at most 2^-61.0 of the result.
        polynomial!(
            z: -0.083_333_333_333_333_26,
            0.022_222_222_222_208_05,
            -0.006_746_031_745_071_489,
            0.002_186_948_821_338_860_4,
            -0.000_738_602_336_135_742,
            0.000_256_573_071_321_572_6,
            -9.093_173_128_717_682e-5,
            3.249_011_558_227_88e-5,
            -1.104_379_553_548_68e-5,
            2.699_069_010_990_975_3e-6,
        )
    }

    #[inline(always)]
    fn tanh_remainder(z: Self) -> Self {
        // Minimax; error at most 2^-58.1 of the result.
        polynomial!(
            z: -0.333_333_333_333_331_65,
            0.133_333_333_333_003_4,
            -0.053_968_253_945_924_735,
            0.021_869_487_786_496_25,
            -0.008_863_221_031_035_358,
            0.003_591_953_932_780_727,
            -0.001_454_489_722_959_205_3,
            0.000_583_303_318_993_465_2,
            -0.000_217_836_240_097_176_9,
            5.680_482_567_891_783_6e-5,
        )
    }
}
