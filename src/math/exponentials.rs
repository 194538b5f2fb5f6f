//! The exponentials of a row of scores relative to its largest, and their sum.

use super::{two_difference, two_quotient, two_sum};
use crate::Real;
use crate::lanes::{Sum, scalar};
use crate::shape::Scores;

/// What a softmax needs to know of a row: e_j = exp(x_j - max), the largest's own being exactly 1 and
/// kept out of the sum, so that nothing small is lost against it.
#[derive(Clone, Copy)]
pub(crate) struct Exponentials<T> {
    /// The largest score; of equals, the first.
    pub max: T,
    /// Its position.
    pub argmax: usize,
    /// The sum of all e_j but the largest's, and its rounding error.
    tail: (T, T),
}

impl<T: Real> Exponentials<T> {
    /// Takes the exponentials of a row; scores that are to be replaced become them.
    #[inline]
    pub(crate) fn of(scores: &mut Scores<'_, T>) -> Self {
        let largest = largest(scores.as_slice());
        Self::relative_to(largest, scores)
    }

    /// The same, for a row whose largest score has been found already.
    #[inline]
    pub(crate) fn relative_to((argmax, max): (usize, T), scores: &mut Scores<'_, T>) -> Self {
        let mut tail = Sum::default();
        scores.replace(|index, score| {
            if index == argmax {
                return T::one();
            }
            let e = exp_difference(score, max);
            tail.add(e);
            e
        });
        Self { max, argmax, tail: tail.parts() }
    }

    /// e of one score of the row, once more.
    #[inline]
    pub(crate) fn term(&self, index: usize, score: T) -> T {
        if index == self.argmax { T::one() } else { exp_difference(score, self.max) }
    }

    /// The sum of all e_j but the largest's.
    #[inline]
    pub(crate) fn tail(&self) -> T {
        self.tail.0
    }

    /// The sum of all e_j.
    #[inline]
    pub(crate) fn sum(&self) -> T {
        T::one() + self.tail.0
    }

    /// One minus the probability of the class that has e, as the sum of the others: in two numbers.
    #[inline]
    pub(crate) fn complement(&self, index: usize, e: T) -> (T, T) {
        let (tail, error) = self.tail;
        let (sum, sum_error) = two_sum(T::one(), tail);
        let others = if index == self.argmax {
            self.tail
        } else {
            let (rest, rest_error) = two_difference(tail, e);
            let (others, others_error) = two_sum(T::one(), rest);
            (others, others_error + (rest_error + error))
        };
        two_quotient(others, (sum, sum_error + error))
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
