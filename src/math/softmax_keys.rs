//! The probabilities of pixels side by side, as sort keys.

use super::{exp_difference, mirrored, two_sum};
use crate::Real;
use crate::lanes::scalar;

/// What the softmax of up to L pixels takes of all their scores.
#[derive(Clone, Copy)]
pub(crate) struct SoftmaxKeys<T, const L: usize> {
    /// The largest score of each; of equals, the first.
    pub max: [T; L],
    /// Its class.
    pub argmax: [u32; L],
    /// The sum of the exponentials relative to the largest score, but for its own; as [`exp_difference`] scales them.
    pub rest: [T; L],
}

impl<T: Real, const L: usize> SoftmaxKeys<T, L> {
    /// Of none.
    #[inline(always)]
    pub(crate) fn default() -> Self {
        Self { max: [T::zero(); L], argmax: [0; L], rest: [T::zero(); L] }
    }

    /// Of scores that stand class by class, as many of each as there are pixels.
    #[inline(always)]
    pub(crate) fn of(scores: &[T], pixels: usize) -> Self {
        let (mut max, mut argmax) = ([T::neg_infinity(); L], [0; L]);
        for (class, scores) in (0..).zip(scores.chunks_exact(pixels.max(1))) {
            for ((&score, max), argmax) in scores.iter().zip(&mut max).zip(&mut argmax) {
                scalar();
                let is_larger = score > *max;
                *max = if is_larger { score } else { *max };
                *argmax = if is_larger { class } else { *argmax };
            }
        }
        let (mut rest, mut lost) = ([T::zero(); L], [T::zero(); L]);
        for (class, scores) in (0..).zip(scores.chunks_exact(pixels.max(1))) {
            let largest = max.iter().zip(&argmax);
            let sums = rest.iter_mut().zip(&mut lost);
            for ((&score, (&max, &argmax)), (rest, lost)) in scores.iter().zip(largest).zip(sums) {
                scalar();
                let e = exp_difference(score, max);
                let (sum, error) = two_sum(*rest, if class == argmax { T::zero() } else { e });
                *rest = sum;
                *lost = *lost + error;
            }
        }
        for (rest, &lost) in rest.iter_mut().zip(&lost) {
            scalar();
            *rest = *rest + lost;
        }
        Self { max, argmax, rest }
    }
}

/// The key of the probability of one score, from its pixel's largest score and the sum of the rest.
#[inline(always)]
pub(crate) fn softmax_key<T: Real>(score: T, max: T, rest: T) -> T::Bits {
    let is_largest = score == max;
    let e = if is_largest { T::SCALE } else { exp_difference(score, max) };
    // Only the largest can have more than half: then its complement has the digits.
    let is_complement = is_largest & (rest < T::SCALE);
    let share = (if is_complement { rest } else { e } / (T::SCALE + rest)).to_bits();
    if is_complement { mirrored::<T>(share) } else { share }
}
