//! [`Real`]: the two floating-point types, and the only door to elementary functions.

#![allow(clippy::inline_always, reason = "a loop over them takes the vector unit of its caller")]

use core::fmt::{Debug, Display};

use num_traits::float::FloatCore;

use crate::exact_sum::{Encoding, Limbs};
use crate::math;

/// `f32` or `f64`: what every loss is generic over. Sealed.
///
/// The bound is [`FloatCore`], not `Float`: the latter switches to the platform's functions as soon
/// as anything in the dependency graph enables `num-traits/std`, and with them the bits change.
pub trait Real:
    FloatCore
    + math::Exponential
    + math::Logarithm
    + math::Hyperbolic
    + Encoding
    + Limbs<1>
    + Limbs<2>
    + Debug
    + Display
    + Default
    + Send
    + Sync
    + crate::sealed::Sealed
    + 'static
{
    /// ln 2, the number of nats in a bit.
    const LN_2: Self;
    /// A Veltkamp split point: 2^ceil(p/2) + 1 for a significand of p bits.
    const SPLIT: Self;

    /// The nearest value of this type.
    fn of(x: f64) -> Self;
    /// The nearest value of this type to a count.
    fn of_count(n: usize) -> Self;
    /// The nearest value of this type to an integer.
    fn of_int(n: i32) -> Self;
    /// The value as an `f64`, exactly.
    fn to_double(self) -> f64;
    /// The bits, zero-extended, with their width in hexadecimal digits.
    fn to_hex_bits(self) -> (u64, usize);

    /// Whether this is a NaN, asked of the bits: LLVM 22 has `is_nan` in a loop for Helium answer no, always.
    #[must_use]
    fn has_nan_bits(self) -> bool;

    /// e^x.
    #[must_use]
    #[inline(always)]
    fn exp(self) -> Self {
        math::exp(self)
    }
    /// Natural logarithm.
    #[must_use]
    #[inline(always)]
    fn ln(self) -> Self {
        math::ln(self)
    }
    /// ln(1 + x), accurate for small x.
    #[must_use]
    #[inline(always)]
    fn ln_1p(self) -> Self {
        math::ln_1p(self)
    }
    /// The square root, correctly rounded.
    #[must_use]
    fn sqrt(self) -> Self;
    /// x^y.
    #[must_use]
    fn pow(self, exponent: Self) -> Self;
}

macro_rules! real {
    ($type:ident, $split:expr, $digits:expr, $sqrt:path, $pow:path) => {
        impl Real for $type {
            const LN_2: Self = core::$type::consts::LN_2;
            const SPLIT: Self = $split;

            #[inline(always)]
            #[allow(clippy::cast_possible_truncation, reason = "rounding to the type is the purpose")]
            fn of(x: f64) -> Self {
                x as Self
            }
            #[inline(always)]
            #[allow(clippy::cast_precision_loss, reason = "rounding to the type is the purpose")]
            fn of_count(n: usize) -> Self {
                n as Self
            }
            #[inline(always)]
            #[allow(
                clippy::cast_precision_loss,
                clippy::cast_lossless,
                reason = "rounding to the type is the purpose"
            )]
            fn of_int(n: i32) -> Self {
                n as Self
            }
            #[inline(always)]
            fn to_double(self) -> f64 {
                f64::from(self)
            }
            fn to_hex_bits(self) -> (u64, usize) {
                (u64::from(self.to_bits()), $digits)
            }
            #[inline(always)]
            fn has_nan_bits(self) -> bool {
                self.to_bits() << 1 > Self::INFINITY.to_bits() << 1
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                $sqrt(self)
            }
            #[inline(always)]
            fn pow(self, exponent: Self) -> Self {
                $pow(self, exponent)
            }
        }
    };
}

real!(f32, 4097.0, 8, libm::sqrtf, libm::powf);
real!(f64, 134_217_729.0, 16, libm::sqrt, libm::pow);
