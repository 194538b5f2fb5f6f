//! The Lovász extension of the Jaccard loss: weights of pixels in the order of their errors.

use super::two_sum;
use crate::Real;
use crate::lanes::{Sum, scalar};
use crate::shape::Pixels;
use crate::sort::{Entry, Sort};

/// Walks pixels in the order of falling error and gives each the increment of the Jaccard loss, from
/// integer counters: 1/(G + B) for foreground, (G - F)/((G + B)(G + B + 1)) for background, where G
/// counts all foreground, F and B what has been walked past. The usual differences of a cumulative sum
/// lose all digits. Without foreground the first pixel has it all.
pub(crate) struct JaccardWeights {
    /// G - F.
    remaining: usize,
    /// G + B.
    union: usize,
}

impl JaccardWeights {
    pub(crate) const fn new(foreground: usize) -> Self {
        Self { remaining: foreground, union: foreground }
    }

    #[inline]
    pub(crate) fn next<T: Real>(&mut self, is_foreground: bool) -> T {
        let union = T::of_count(self.union);
        if is_foreground {
            self.remaining = self.remaining.saturating_sub(1);
            return T::one() / union;
        }
        let first = self.union == 0;
        self.union = self.union.wrapping_add(1);
        if first {
            return T::one();
        }
        T::of_count(self.remaining) / (union * T::of_count(self.union))
    }
}

/// The pixels of an image in the order of falling error for one class, and the loss so far.
pub(crate) struct Order<'a, T> {
    pub labels: Pixels<'a, T>,
    pub scratch: &'a mut [Entry<T>],
    sort: Sort,
    sorted: usize,
    pub value: Sum<T>,
}

/// A pixel with its error and the weight of its rank.
pub(crate) struct Ranked<T> {
    pub pixel: usize,
    error: T,
    weight: T,
    pub is_own: bool,
}

impl<T: Real> Ranked<T> {
    /// The derivative with respect to the pixel's probability.
    pub(crate) fn gradient(&self, share: T) -> T {
        let slope = self.weight / share;
        if self.error == T::zero() {
            T::zero()
        } else if self.is_own {
            -slope
        } else {
            slope
        }
    }
}

impl<'a, T: Real> Order<'a, T> {
    pub(crate) fn new(labels: Pixels<'a, T>, scratch: &'a mut [Entry<T>], sort: Sort) -> Self {
        Self { labels, scratch, sort, sorted: 0, value: Sum::default() }
    }

    /// Sorts the pixels that count by the keys of their errors.
    pub(crate) fn by(&mut self, key: impl Fn(usize) -> T) {
        self.sorted = 0;
        for pixel in (0..self.labels.count()).filter(|&pixel| self.labels.class(pixel).is_some()) {
            scalar();
            if let (Some(slot), Ok(index)) = (self.scratch.get_mut(self.sorted), u32::try_from(pixel)) {
                *slot = Entry { key: key(pixel), index };
                self.sorted += 1;
            }
        }
        self.sort.run(self.scratch, self.sorted, errs_less);
    }

    /// Adds the class's loss, and shows every pixel with its weight.
    pub(crate) fn walk(&mut self, class: usize, mut show: impl FnMut(Ranked<T>)) {
        let mut weights = JaccardWeights::new(self.labels.bearing(class));
        for entry in self.scratch.iter().take(self.sorted) {
            scalar();
            let pixel = entry.index as usize;
            let is_own = self.labels.class(pixel) == Some(class);
            let weight = weights.next(is_own);
            let error = error(entry.key);
            self.value.add(error * weight);
            show(Ranked { pixel, error, weight, is_own });
        }
    }
}

/// An error from 0 to 1 as a sort key with all its digits: itself, or, where its complement is the smaller of
/// the two, minus that. Rounded to one number, 1 - 1e-9 would tie with 1.
pub(crate) fn error_key<T: Real>(error: T, complement: T) -> T {
    if complement < error { -complement.abs() } else { error }
}

/// The error that the key stands for.
pub(crate) fn error<T: Real>(key: T) -> T {
    if key.is_sign_negative() { T::one() + key } else { key }
}

/// One minus the error that the key stands for.
pub(crate) fn complement<T: Real>(key: T) -> T {
    if key.is_sign_negative() { -key } else { T::one() - key }
}

/// Whether the first key stands for the smaller error, exactly.
fn errs_less<T: Real>(a: T, b: T) -> bool {
    match (a.is_sign_negative(), b.is_sign_negative()) {
        (false, true) => {
            // a < 1 + b, that is a - b < 1.
            let (sum, error) = two_sum(a, -b);
            sum < T::one() || (sum == T::one() && error < T::zero())
        }
        (true, false) => {
            // 1 + a < b, that is 1 < b - a.
            let (sum, error) = two_sum(b, -a);
            sum > T::one() || (sum == T::one() && error > T::zero())
        }
        _ => a < b,
    }
}
