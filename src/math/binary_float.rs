//! [`BinaryFloat`]: the bits of a floating-point number, for kernels that put exponents together and take them apart.

use core::num::Wrapping;
use core::ops::{Add, BitAnd, BitOr, Shl, Shr, Sub};

use num_traits::float::FloatCore;

/// A binary floating-point type of IEEE 754 and the unsigned integer of its width.
pub trait BinaryFloat: FloatCore {
    /// The unsigned integer of the same width; it wraps around.
    type Bits: Copy
        + PartialOrd
        + Add<Output = Self::Bits>
        + Sub<Output = Self::Bits>
        + BitAnd<Output = Self::Bits>
        + BitOr<Output = Self::Bits>
        + Shl<usize, Output = Self::Bits>
        + Shr<usize, Output = Self::Bits>;

    /// Stored bits of the significand, so where the exponent begins.
    const SIGNIFICAND_BITS: usize;
    /// The bits of 1: the exponent of 2^0, in place.
    const ONE_BITS: Self::Bits;
    /// All bits of the significand.
    const SIGNIFICAND_MASK: Self::Bits;
    /// 1.5 * 2^`SIGNIFICAND_BITS`. A number added to it is rounded to an integer, which then stands in the
    /// sum's low bits; subtracted again, it leaves that integer as a float.
    const INTEGER_SHIFT: Self;
    /// The same with the exponent of 1 added, which then stands in the low bits, too.
    const BIASED_INTEGER_SHIFT: Self;

    /// The number's bits.
    fn to_bits(self) -> Self::Bits;
    /// The number that has these bits.
    fn from_bits(bits: Self::Bits) -> Self;
    /// The low bits of an integer, as an index.
    fn to_index(bits: Self::Bits) -> usize;
    /// The low bits of an index, as an integer.
    fn from_index(index: usize) -> Self::Bits;
}

impl BinaryFloat for f32 {
    type Bits = Wrapping<u32>;

    const SIGNIFICAND_BITS: usize = 23;
    const ONE_BITS: Wrapping<u32> = Wrapping(1.0_f32.to_bits());
    const SIGNIFICAND_MASK: Wrapping<u32> = Wrapping((1 << Self::SIGNIFICAND_BITS) - 1);
    const INTEGER_SHIFT: Self = 12_582_912.0;
    const BIASED_INTEGER_SHIFT: Self = Self::INTEGER_SHIFT + 127.0;

    #[inline(always)]
    fn to_bits(self) -> Wrapping<u32> {
        Wrapping(self.to_bits())
    }
    #[inline(always)]
    fn from_bits(bits: Wrapping<u32>) -> Self {
        Self::from_bits(bits.0)
    }
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "the purpose")]
    fn to_index(bits: Wrapping<u32>) -> usize {
        bits.0 as usize
    }
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "the purpose")]
    fn from_index(index: usize) -> Wrapping<u32> {
        Wrapping(index as u32)
    }
}

impl BinaryFloat for f64 {
    type Bits = Wrapping<u64>;

    const SIGNIFICAND_BITS: usize = 52;
    const ONE_BITS: Wrapping<u64> = Wrapping(1.0_f64.to_bits());
    const SIGNIFICAND_MASK: Wrapping<u64> = Wrapping((1 << Self::SIGNIFICAND_BITS) - 1);
    const INTEGER_SHIFT: Self = 6_755_399_441_055_744.0;
    const BIASED_INTEGER_SHIFT: Self = Self::INTEGER_SHIFT + 1023.0;

    #[inline(always)]
    fn to_bits(self) -> Wrapping<u64> {
        Wrapping(self.to_bits())
    }
    #[inline(always)]
    fn from_bits(bits: Wrapping<u64>) -> Self {
        Self::from_bits(bits.0)
    }
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "the purpose")]
    fn to_index(bits: Wrapping<u64>) -> usize {
        bits.0 as usize
    }
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "the purpose")]
    fn from_index(index: usize) -> Wrapping<u64> {
        Wrapping(index as u64)
    }
}
