//! The exponentials of a row of scores relative to its largest, and their sum.

use super::two_difference;
use crate::Real;
use crate::lanes::{Sum, scalar};
use crate::shape::Scores;

/// What a softmax needs to know of a row: e_j = exp(x_j - max), the largest's own being exactly 1 and
/// kept out of the sums, so that nothing small is lost against it.
#[derive(Clone, Copy)]
pub(crate) struct Exponentials<T> {
    /// The largest score; of equals, the first.
    pub max: T,
    /// Its position.
    pub argmax: usize,
    /// e of the class asked for; 1 where it is the largest.
    pub own: T,
    /// The sum of all e_j but the largest's, whichever class is asked for.
    pub tail: T,
    /// Whether the class asked for is the largest.
    pub is_max: bool,
}

impl<T: Real> Exponentials<T> {
    /// Takes the exponentials of a row; scores that are to be replaced become them.
    #[inline]
    pub(crate) fn of(scores: &mut Scores<'_, T>, class: usize) -> Self {
        let (argmax, max) = largest(scores.as_slice());
        let mut tail = Sum::default();
        let mut own = T::zero();
        scores.replace(|index, score| {
            if index == argmax {
                return T::one();
            }
            let e = exp_difference(score, max);
            if index == class {
                own = e;
            }
            tail.add(e);
            e
        });
        let is_max = argmax == class;
        Self { max, argmax, own: if is_max { T::one() } else { own }, tail: tail.value(), is_max }
    }

    /// e of one score of the row, once more.
    #[inline]
    pub(crate) fn term(&self, index: usize, score: T) -> T {
        if index == self.argmax { T::one() } else { exp_difference(score, self.max) }
    }

    /// The sum of all e_j.
    #[inline]
    pub(crate) fn sum(&self) -> T {
        T::one() + self.tail
    }

    /// The probability of the class asked for.
    #[inline]
    pub(crate) fn probability(&self) -> T {
        self.own / self.sum()
    }

    /// One minus that probability, as the sum of the others.
    #[inline]
    pub(crate) fn complement(&self) -> T {
        let others = if self.is_max { self.tail } else { T::one() + (self.tail - self.own) };
        others / self.sum()
    }
}

/// The first of the largest scores.
#[inline]
pub(crate) fn largest<T: Real>(scores: &[T]) -> (usize, T) {
    let mut found = (0, T::neg_infinity());
    for (index, &score) in scores.iter().enumerate() {
        scalar();
        if score > found.1 {
            found = (index, score);
        }
    }
    found
}

/// exp(x - max), with the rounding error of the difference carried into the result.
#[inline]
fn exp_difference<T: Real>(x: T, max: T) -> T {
    let (difference, error) = two_difference(x, max);
    let e = difference.exp();
    e + e * error
}
