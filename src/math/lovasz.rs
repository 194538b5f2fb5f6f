//! The Lovász extension of the Jaccard loss: pixels in the order of falling errors, and the weights of their ranks.

use num_traits::NumCast;

use super::pieces;
use crate::Real;
use crate::lanes::{LANES, Sum, Sums, scalar};
use crate::sort::{Entry, Item, Sort};

/// Pixels whose weights are found side by side.
const WALK: usize = if cfg!(target_arch = "arm") { LANES } else { 4 * LANES };

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

/// How many items bear the class.
#[inline(always)]
pub(crate) fn foreground<T: Real, I: Marked<T>>(items: &[I]) -> u32 {
    let mut count = 0_u32;
    for item in items {
        count = count.wrapping_add(item.is_own().into());
    }
    count
}

/// The sum of the losses of an image's classes.
pub(crate) struct LovaszSum<T> {
    sort: Sort,
    sum: Sum<T>,
}

impl<T: Real> LovaszSum<T> {
    pub(crate) fn new(sort: Sort) -> Self {
        Self { sort, sum: Sum::default() }
    }

    /// Adds the loss of a class that has this foreground, from the pixels with an error, and shows each with the
    /// derivative with respect to its score of the class.
    ///
    /// Walks pixels in the order of falling error and gives each the increment of the Jaccard loss, from
    /// integer counters: 1/(G + B) for foreground, (G - F)/((G + B)(G + B + 1)) for background, where G
    /// counts all foreground, F and B what has been walked past. The usual differences of a cumulative sum
    /// lose all digits. Without foreground the first pixel has it all.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn add<I: Marked<T>>(
        &mut self,
        items: &mut [I],
        spare: &mut [I],
        foreground: u32,
        error: impl Fn(T::Bits) -> T,
        mut show: impl FnMut(I, T),
    ) {
        let mut sums = Sums::<T, LANES>::new();
        let (mut own, mut other) = (0_u32, 0_u32);
        for items in pieces(self.sort.run(items, spare), WALK) {
            let (mut owns, mut others) = ([0; WALK], [0; WALK]);
            for ((owns, others), item) in owns.iter_mut().zip(&mut others).zip(items) {
                (*owns, *others) = (own, other);
                own = own.wrapping_add(item.is_own().into());
                other = other.wrapping_add((!item.is_own()).into());
            }
            let (mut slopes, mut terms) = ([T::zero(); WALK], [T::zero(); WALK]);
            let found = slopes.iter_mut().zip(&mut terms);
            for (((item, &own), &other), (slope, term)) in items.iter().zip(&owns).zip(&others).zip(found) {
                scalar();
                let is_own = item.is_own();
                let union = foreground.wrapping_add(other);
                let is_whole = is_own | (union == 0);
                let dividend = if is_whole { 1 } else { foreground.wrapping_sub(own) };
                let next = if is_whole { 1 } else { union.wrapping_add(1) };
                let union = if union == 0 { 1 } else { union };
                let weight = of_count::<T>(dividend) / (of_count::<T>(union) * of_count::<T>(next));
                *term = error(item.key()) * weight;
                let has_error = item.key() > T::from_index(0);
                let bits = negated(weight, is_own).to_bits();
                *slope = T::from_bits(if has_error { bits } else { T::from_index(0) });
            }
            for terms in pieces(&terms, LANES).filter_map(|terms| terms.first_chunk()) {
                sums.add_each(terms);
            }
            for (&item, &slope) in items.iter().zip(&slopes) {
                show(item, slope);
            }
        }
        self.sum.merge(sums.total());
    }

    pub(crate) fn value(&self) -> T {
        self.sum.value()
    }
}

/// The nearest number to a count of less than 2^31.
#[inline(always)]
fn of_count<T: Real>(count: u32) -> T {
    <T as NumCast>::from(count.cast_signed()).unwrap_or_default()
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
