//! The Lovász extension of the Jaccard loss: pixels in the order of falling errors, and the weights of their ranks.

mod by_class;
mod chain;
mod keys;
mod planes;
mod slopes;
mod softmax_keys;

pub(crate) use by_class::ByClass;
pub(crate) use keys::{Marked, entry, negated, ordered, pixel, unordered};
pub(crate) use planes::{BLOCK, pieces};

use num_traits::NumCast;

use crate::Real;
use crate::lanes::{LANES, Sum, Sums, scalar};
use crate::sort::Sort;

/// Pixels whose weights are found side by side.
const WALK: usize = if cfg!(target_arch = "arm") { LANES } else { 4 * LANES };

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
        self.close(sums);
    }

    /// Compiled once, as it is long where floats are software.
    #[inline(never)]
    fn close(&mut self, mut sums: Sums<T, LANES>) {
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
