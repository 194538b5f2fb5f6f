//! The Lovász extension of the Jaccard loss: pixels in the order of falling errors, and the weights of their ranks.

use num_traits::NumCast;

use crate::Real;
use crate::lanes::{LANES, Sum, Sums, scalar};
use crate::sort::{Entry, Item, Sort};

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

/// Orders the pixels of an image for one class after another, and sums the classes' losses.
pub(crate) struct Ranking<'a, T, I> {
    items: &'a mut [I],
    spare: &'a mut [I],
    sort: Sort,
    count: usize,
    foreground: i32,
    value: Sum<T>,
}

impl<'a, T: Real, I: Marked<T>> Ranking<'a, T, I> {
    /// Sorts up to so many pixels in the scratch.
    pub(crate) fn new(pixels: usize, scratch: &'a mut [I], sort: Sort) -> Self {
        let (items, spare) = scratch.split_at_mut_checked(pixels).unwrap_or_default();
        Self { items, spare, sort, count: 0, foreground: 0, value: Sum::default() }
    }

    /// Adds a pixel. One that has no error is only counted: it is behind all others.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn push(&mut self, item: I, has_error: bool) {
        if let Some(slot) = self.items.get_mut(self.count) {
            *slot = item;
            self.count = self.count.wrapping_add(has_error.into());
            self.foreground = self.foreground.wrapping_add(item.is_own().into());
        }
    }

    /// Whether a pixel bears the class.
    pub(crate) const fn has_foreground(&self) -> bool {
        self.foreground != 0
    }

    /// Forgets the pixels.
    pub(crate) const fn clear(&mut self) {
        (self.count, self.foreground) = (0, 0);
    }

    /// Adds the class's loss, shows every pixel with the derivative with respect to its own class's score, and forgets them.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn walk(&mut self, error: impl Fn(T::Bits) -> T, mut show: impl FnMut(I, T)) {
        let mut ranks = Ranks { remaining: self.foreground, union: self.foreground };
        let mut sums = Sums::<T, LANES>::new();
        let items = self.items.get_mut(..self.count).unwrap_or_default();
        for block in self.sort.run(items, self.spare).chunks(LANES) {
            let mut increments = [Increment::default(); LANES];
            for (increment, item) in increments.iter_mut().zip(block) {
                *increment = ranks.next(item.is_own());
            }
            let weights = increments.map(Increment::weight::<T>);
            let mut terms = [T::zero(); LANES];
            for ((term, item), &weight) in terms.iter_mut().zip(block).zip(&weights) {
                scalar();
                *term = error(item.key()) * weight;
            }
            sums.add_each(&terms);
            for (&item, weight) in block.iter().zip(weights) {
                let slope = negated(weight, item.is_own()).to_bits();
                let has_error = item.key() > T::from_index(0);
                show(item, T::from_bits(if has_error { slope } else { T::from_index(0) }));
            }
        }
        self.value.merge(sums.total());
        self.clear();
    }

    /// The sum of the losses.
    pub(crate) fn value(&self) -> T {
        self.value.value()
    }
}

/// Walks pixels in the order of falling error and gives each the increment of the Jaccard loss, from
/// integer counters: 1/(G + B) for foreground, (G - F)/((G + B)(G + B + 1)) for background, where G
/// counts all foreground, F and B what has been walked past. The usual differences of a cumulative sum
/// lose all digits. Without foreground the first pixel has it all.
struct Ranks {
    /// G - F.
    remaining: i32,
    /// G + B.
    union: i32,
}

/// The dividend, and the two factors of the divisor.
#[derive(Clone, Copy, Default)]
struct Increment(i32, i32, i32);

impl Ranks {
    /// Without a branch: what comes next is as good as random.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn next(&mut self, is_own: bool) -> Increment {
        let is_whole = is_own | (self.union == 0);
        let next = self.union.wrapping_add((!is_own).into());
        let increment = Increment(
            if is_whole { 1 } else { self.remaining },
            if self.union == 0 { 1 } else { self.union },
            if is_whole { 1 } else { next },
        );
        self.remaining = self.remaining.wrapping_sub(is_own.into());
        self.union = next;
        increment
    }
}

impl Increment {
    #[inline(always)]
    fn weight<T: Real>(self) -> T {
        let Self(dividend, a, b) = self;
        let [dividend, a, b] = [dividend, a, b].map(|count| <T as NumCast>::from(count).unwrap_or_default());
        dividend / (a * b)
    }
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
