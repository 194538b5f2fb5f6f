//! Sort keys: errors as integers of the same order, with all their digits.

use crate::Real;
use crate::shape::IGNORED;
use crate::sort::{Entry, Item};

/// A pixel to be ordered: a key, and whether it bears the class.
pub(crate) trait Marked<T: Real>: Item<Key = T::Bits> {
    fn is_own(self) -> bool;
}

/// The bits of a key and a mark.
impl<T: Real> Item for T {
    type Key = T::Bits;
    #[inline(always)]
    fn key(self) -> T::Bits {
        self.to_bits() >> 1
    }
    #[inline(always)]
    fn digit(self, shift: usize) -> usize {
        T::to_index(self.to_bits() >> (shift + 1))
    }
}

impl<T: Real> Marked<T> for T {
    #[inline(always)]
    fn is_own(self) -> bool {
        T::to_index(self.to_bits()) & 1 == 1
    }
}

/// The bits of a key, and those of an index and a mark.
impl<T: Real> Item for Entry<T> {
    type Key = T::Bits;
    #[inline(always)]
    fn key(self) -> T::Bits {
        let [key, _] = self;
        key.to_bits()
    }
    #[inline(always)]
    fn digit(self, shift: usize) -> usize {
        T::to_index(self.key() >> shift)
    }
}

impl<T: Real> Marked<T> for Entry<T> {
    #[inline(always)]
    fn is_own(self) -> bool {
        let [_, index] = self;
        index.is_own()
    }
}

/// A key, or an index, of one bit less than the type, with the mark.
#[inline(always)]
pub(crate) fn word<T: Real>(key: T::Bits, is_own: bool) -> T {
    T::from_bits(key << 1 | T::from_index(is_own.into()))
}

/// A pixel with its key and its mark.
#[inline(always)]
pub(crate) fn entry<T: Real>(key: T::Bits, pixel: usize, is_own: bool) -> Entry<T> {
    [T::from_bits(key), word(T::from_index(pixel), is_own)]
}

/// The pixel of an entry.
#[inline(always)]
pub(crate) fn pixel<T: Real>([_, index]: Entry<T>) -> usize {
    T::to_index(index.key())
}

/// Any number as an integer of the same order; -0 is 0.
#[inline(always)]
pub(crate) fn ordered<T: Real>(x: T) -> T::Bits {
    let (bits, sign) = (x.to_bits(), sign::<T>());
    if bits < sign { sign + bits } else { T::from_index(0) - bits }
}

/// The number of that order.
#[inline(always)]
pub(crate) fn unordered<T: Real>(key: T::Bits) -> T {
    let sign = sign::<T>();
    T::from_bits(if key < sign { T::from_index(0) - key } else { key - sign })
}

/// The number, or its negative, without a branch.
#[inline(always)]
pub(crate) fn negated<T: Real>(x: T, is_negated: bool) -> T {
    T::from_bits(x.to_bits() + (T::from_index(is_negated.into()) << (8 * size_of::<T>() - 1)))
}

/// The bits of -0.
#[inline(always)]
fn sign<T: Real>() -> T::Bits {
    (-T::zero()).to_bits()
}

/// The key of one minus a number from 0 to 1. Its key keeps all digits of the number and of its complement: up to a
/// half it is the number's own bits, beyond that the complement's, mirrored at the half.
#[inline(always)]
pub(crate) fn mirrored<T: Real>(key: T::Bits) -> T::Bits {
    (half::<T>() << 1) - key
}

/// The number from 0 to 1 that has the key.
#[inline(always)]
pub(crate) fn fraction<T: Real>(key: T::Bits) -> T {
    if key <= half::<T>() { T::from_bits(key) } else { T::one() - T::from_bits(mirrored::<T>(key)) }
}

#[inline(always)]
fn half<T: Real>() -> T::Bits {
    T::of(0.5).to_bits()
}

/// The key of a probability that is given.
#[inline(always)]
pub(crate) fn given_key<T: Real>(p: T) -> T::Bits {
    // -0 is a probability, too.
    let (own, complement) = (p.abs().to_bits(), T::one() - p);
    if complement < p { mirrored::<T>(complement.to_bits()) } else { own }
}

/// The error of a class, and whether it is the pixel's own; [`void`] for an ignored pixel.
#[inline(always)]
pub(crate) fn error_word<T: Real>(probability: T::Bits, class: u32, own: u32) -> T {
    let is_own = own == class;
    let word = word::<T>(if is_own { mirrored::<T>(probability) } else { probability }, is_own).to_bits();
    T::from_bits(if own == IGNORED { void::<T>().to_bits() } else { word })
}

/// The probability of a class, from that.
#[inline(always)]
pub(crate) fn probability<T: Real>(word: T) -> T {
    fraction(if word.is_own() { mirrored::<T>(word.key()) } else { word.key() })
}

/// What stands for an ignored pixel: beyond the largest key, that of 1.
#[inline(always)]
pub(crate) fn void<T: Real>() -> T {
    word(mirrored::<T>(T::from_index(0)) + T::from_index(1), false)
}
