//! The probabilities of pixels side by side, as sort keys.

use super::keys::mirrored;
use super::planes::{pieces, pieces_mut};
use crate::Real;
use crate::lanes::scalar;
use crate::math::{exp_difference, two_sum};

/// What the softmax of up to L pixels takes of all their scores.
#[derive(Clone, Copy)]
pub(super) struct SoftmaxKeys<T, const L: usize> {
    /// The largest score of each; of equals, the first.
    pub max: [T; L],
    /// Its class.
    pub argmax: [u32; L],
    /// The sum of the exponentials relative to the largest score, but for its own.
    pub rest: [T; L],
}

impl<T: Real, const L: usize> SoftmaxKeys<T, L> {
    /// Of no scores.
    #[inline(always)]
    pub(crate) fn none() -> Self {
        Self { max: [T::neg_infinity(); L], argmax: [0; L], rest: [T::zero(); L] }
    }

    /// Of scores that stand class by class, as many of each as there are pixels.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn of(scores: &[T], pixels: usize) -> Self {
        let mut found = Self::largest(scores, pixels);
        let mut lost = [T::zero(); L];
        for (class, scores) in (0..).zip(pieces(scores, pixels)) {
            let largest = found.max.iter().zip(&found.argmax);
            let sums = found.rest.iter_mut().zip(&mut lost);
            for ((&score, (&max, &argmax)), (rest, lost)) in scores.iter().zip(largest).zip(sums) {
                scalar();
                add(rest, lost, exp_difference(score, max), class == argmax);
            }
        }
        found.close(&lost)
    }

    /// The same, and puts the [`exponential`]s where the scores were.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn replace(scores: &mut [T], pixels: usize) -> Self {
        let mut found = Self::largest(scores, pixels);
        let mut lost = [T::zero(); L];
        for (class, scores) in (0..).zip(pieces_mut(scores, pixels)) {
            let largest = found.max.iter().zip(&found.argmax);
            let sums = found.rest.iter_mut().zip(&mut lost);
            for ((score, (&max, &argmax)), (rest, lost)) in scores.iter_mut().zip(largest).zip(sums) {
                scalar();
                let e = exp_difference(*score, max);
                add(rest, lost, e, class == argmax);
                *score = if class == argmax { T::SCALE } else { e };
            }
        }
        found.close(&lost)
    }

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn largest(scores: &[T], pixels: usize) -> Self {
        let mut found = Self::none();
        for (class, scores) in (0..).zip(pieces(scores, pixels)) {
            for ((&score, max), argmax) in scores.iter().zip(&mut found.max).zip(&mut found.argmax) {
                scalar();
                let is_larger = score > *max;
                *max = if is_larger { score } else { *max };
                *argmax = if is_larger { class } else { *argmax };
            }
        }
        found
    }

    /// Adds what the sums lost.
    #[inline(always)]
    fn close(mut self, lost: &[T; L]) -> Self {
        for (rest, &lost) in self.rest.iter_mut().zip(lost) {
            scalar();
            *rest = *rest + lost;
        }
        self
    }
}

/// Adds an exponential, but for the largest score's own.
#[inline(always)]
fn add<T: Real>(rest: &mut T, lost: &mut T, e: T, is_largest: bool) {
    let (sum, error) = two_sum(*rest, if is_largest { T::zero() } else { e });
    *rest = sum;
    *lost = *lost + error;
}

/// The exponential of a score relative to the largest, as [`exp_difference`] scales it.
#[inline(always)]
pub(super) fn exponential<T: Real>(score: T, max: T) -> T {
    if score == max { T::SCALE } else { exp_difference(score, max) }
}

/// The key of the probability that has the exponential, where that of the largest score and these make the sum: `rest`
/// is that of the others.
#[inline(always)]
pub(super) fn softmax_key<T: Real>(e: T, rest: T) -> T::Bits {
    // Only the largest can have more than half: then its complement has the digits.
    let is_complement = (e == T::SCALE) & (rest < T::SCALE);
    let share = (if is_complement { rest } else { e } / (T::SCALE + rest)).to_bits();
    if is_complement { mirrored::<T>(share) } else { share }
}
