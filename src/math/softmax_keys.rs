//! The probabilities of pixels side by side, as sort keys.

use super::{exp_difference, mirrored};
use crate::Real;
use crate::lanes::{Sums, scalar};

/// What the softmax of L pixels takes of all their scores.
#[derive(Clone, Copy)]
pub(crate) struct SoftmaxKeys<T, const L: usize> {
    /// The largest score of each; of equals, the first.
    pub max: [T; L],
    /// Its class.
    pub argmax: [usize; L],
    /// The sum of the exponentials relative to the largest score, but for its own; as [`exp_difference`] scales them.
    pub rest: [T; L],
}

#[allow(clippy::indexing_slicing, reason = "lanes are below L, and the compiler sees it")]
impl<T: Real, const L: usize> SoftmaxKeys<T, L> {
    /// Of none.
    #[inline(always)]
    pub(crate) fn default() -> Self {
        Self { max: [T::zero(); L], argmax: [0; L], rest: [T::zero(); L] }
    }

    /// Of scores that stand class by class, L of each.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn of(scores: &[T]) -> Self {
        let (mut max, mut argmax) = ([T::neg_infinity(); L], [0; L]);
        for (class, scores) in classes::<T, L>(scores).enumerate() {
            for lane in 0..L {
                scalar();
                let is_larger = scores[lane] > max[lane];
                max[lane] = if is_larger { scores[lane] } else { max[lane] };
                argmax[lane] = if is_larger { class } else { argmax[lane] };
            }
        }
        let mut sums = Sums::<T, L>::new();
        for (class, scores) in classes::<T, L>(scores).enumerate() {
            for lane in 0..L {
                scalar();
                let e = exp_difference(scores[lane], max[lane]);
                sums.add(lane, if class == argmax[lane] { T::zero() } else { e });
            }
        }
        let mut rest = [T::zero(); L];
        for lane in 0..L {
            rest[lane] = sums.lane(lane).value();
        }
        Self { max, argmax, rest }
    }

    /// The keys of the probabilities of one score each.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn keys(&self, scores: &[T; L]) -> [T::Bits; L] {
        let mut keys = [T::from_index(0); L];
        for lane in 0..L {
            scalar();
            let (score, max, rest) = (scores[lane], self.max[lane], self.rest[lane]);
            let is_largest = score == max;
            let e = if is_largest { T::SCALE } else { exp_difference(score, max) };
            // Only the largest can have more than half: then its complement has the digits.
            let is_complement = is_largest & (rest < T::SCALE);
            let share = (if is_complement { rest } else { e } / (T::SCALE + rest)).to_bits();
            keys[lane] = if is_complement { mirrored::<T>(share) } else { share };
        }
        keys
    }
}

/// The scores of L pixels, class by class.
#[inline(always)]
pub(crate) fn classes<T: Real, const L: usize>(scores: &[T]) -> impl Iterator<Item = &[T; L]> {
    scores.chunks_exact(L.max(1)).filter_map(|chunk| chunk.first_chunk())
}

/// The same, to be replaced.
#[inline(always)]
pub(crate) fn classes_mut<T: Real, const L: usize>(scores: &mut [T]) -> impl Iterator<Item = &mut [T; L]> {
    scores.chunks_exact_mut(L.max(1)).filter_map(|chunk| chunk.first_chunk_mut())
}
