//! Quotients of counts, rounded once.

use crate::Real;

/// part / whole, correctly rounded; of counts up to 2^100 it is never subnormal.
///
/// Long division, a binary digit after the other: no division instruction, which the smallest cores lack, and nothing that
/// could divide by 0 (`whole` is not, by contract).
pub(crate) fn ratio<T: Real>(part: u128, whole: u128) -> T {
    if part == 0 {
        return T::zero();
    }
    let (up, down) = (part.leading_zeros(), whole.leading_zeros());
    let (mut rest, divisor) = (part.wrapping_shl(up), whole.wrapping_shl(down));
    let (mut quotient, mut carry) = (0_i64, false);
    // The first digit has the weight of 1, or is 0 and the next is not; so there are 61 digits or more.
    for _ in 0..62 {
        let digit = carry || rest >= divisor;
        if digit {
            rest = rest.wrapping_sub(divisor);
        }
        quotient = quotient << 1 | i64::from(digit);
        carry = rest >> 127 == 1;
        rest <<= 1;
    }
    // What is left rounds as one more digit that is not 0.
    quotient = quotient << 1 | i64::from(carry || rest != 0);
    let quotient = <T as num_traits::NumCast>::from(quotient).unwrap_or_default();
    quotient * power_of_two(-62) * power_of_two(i64::from(down).wrapping_sub(i64::from(up)))
}

/// (minuend - subtrahend) / whole, correctly rounded.
pub(crate) fn ratio_of_difference<T: Real>(minuend: u128, subtrahend: u128, whole: u128) -> T {
    let magnitude: T = ratio(minuend.abs_diff(subtrahend), whole);
    if minuend < subtrahend { -magnitude } else { magnitude }
}

/// The nearest `f64` to a count.
#[allow(clippy::cast_precision_loss, reason = "rounding is the purpose")]
pub(crate) fn double(count: u128) -> f64 {
    count as f64
}

/// 2^exponent, of normal numbers of `f64`.
fn power_of_two<T: Real>(exponent: i64) -> T {
    T::of(f64::from_bits(exponent.wrapping_add(1023).cast_unsigned() << 52))
}

#[cfg(test)]
#[allow(
    clippy::float_cmp,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "exact is the claim"
)]
mod tests {
    use super::{ratio, ratio_of_difference};

    /// Where the operands are exact in the type, its own division is correctly rounded.
    #[test]
    fn it_is_the_division_of_the_type() {
        let mut state = 1_u64;
        let mut random = |bits: u32| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let wide = state ^ (state >> 33);
            (wide >> (64 - bits)) >> (state % u64::from(bits))
        };
        for _ in 0..200_000 {
            let (part, whole) = (random(53), random(53).max(1));
            assert_eq!(
                ratio::<f64>(part.into(), whole.into()),
                part as f64 / whole as f64,
                "{part} / {whole}"
            );
            let (part, whole) = (random(24), random(24).max(1));
            assert_eq!(
                ratio::<f32>(part.into(), whole.into()),
                part as f32 / whole as f32,
                "{part} / {whole}"
            );
        }
    }

    /// Ties to even and what is next to them, with operands beyond any float.
    #[test]
    fn ties_and_their_neighbours() {
        let (one, half_step) = (1_u128 << 120, 1_u128 << (120 - 24));
        assert_eq!(ratio::<f32>(one + half_step, one), 1.0);
        assert_eq!(ratio::<f32>(one + half_step + 1, one), 1.0 + f32::EPSILON);
        assert_eq!(ratio::<f32>(one + 3 * half_step, one), 1.0 + 2.0 * f32::EPSILON);
        assert_eq!(ratio::<f32>(one + 3 * half_step - 1, one), 1.0 + f32::EPSILON);
        assert_eq!(ratio::<f64>(u128::MAX, u128::MAX), 1.0);
        assert_eq!(ratio::<f64>(1, u128::MAX), 0.5_f64.powi(128));
        assert_eq!(ratio::<f64>(u128::MAX, 1), 2.0_f64.powi(128));
        assert_eq!(ratio::<f64>(0, 7), 0.0);
        assert_eq!(ratio_of_difference::<f32>(1, 4, 4), -0.75);
        assert_eq!(ratio_of_difference::<f32>(4, 1, 4), 0.75);
    }
}
