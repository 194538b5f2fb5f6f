//! The probabilities of pixels side by side, as sort keys.

use super::keys::mirrored;
use super::planes::{pieces, pieces_mut};
use crate::Real;
use crate::lanes::scalar;
use crate::math::{Halves, exp_scaled_halves, two_quotient, two_sum};
use crate::shape::View;

/// What the softmax of up to L pixels takes of all their scores.
#[derive(Clone, Copy)]
pub(super) struct SoftmaxKeys<T, const L: usize> {
    /// The largest score of each; of equals, the first.
    pub max: [T; L],
    /// Its class.
    pub argmax: [u32; L],
    /// The sum of the exponentials relative to the largest score, but for its own.
    pub rest: [T; L],
    /// What the rounding of that sum took off, over the whole sum.
    pub lost: [T; L],
    /// One over the whole sum, in two halves.
    pub inverse: [[T; L]; 2],
}

impl<T: Real, const L: usize> SoftmaxKeys<T, L> {
    /// Of no scores.
    #[inline(always)]
    pub(crate) fn none() -> Self {
        let zeros = [T::zero(); L];
        Self { max: [T::neg_infinity(); L], argmax: [0; L], rest: zeros, lost: zeros, inverse: [zeros; 2] }
    }

    /// Of scores that stand class by class, as many of each as there are pixels.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn of(scores: impl View<T>, pixels: usize) -> Self {
        let mut found = Self::largest(scores, pixels);
        for (class, scores) in (0..).zip(scores.planes(pixels)) {
            let largest = found.max.iter().zip(&found.argmax);
            let sums = found.rest.iter_mut().zip(&mut found.lost);
            for ((score, (&max, &argmax)), (rest, lost)) in scores.column().zip(largest).zip(sums) {
                scalar();
                add(rest, lost, exp_difference(score, max), class == argmax);
            }
        }
        found.close();
        found
    }

    /// The same, and puts the keys of the probabilities where the scores were; with memory for as many.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn replace(scores: &mut [T], room: &mut [T], pixels: usize) -> Self {
        if L == 1 {
            let found = Self::of(&*scores, pixels);
            if let Some((max, sum)) = found.max.iter().zip(found.sums()).next() {
                for score in scores {
                    scalar();
                    *score = T::from_bits(softmax_key(exponential(*score, *max), sum));
                }
            }
            return found;
        }
        let mut found = Self::largest(&*scores, pixels);
        let classes = pieces_mut(scores, pixels).zip(pieces_mut(room, pixels));
        for (class, (highs, lows)) in (0..).zip(classes) {
            let largest = found.max.iter().zip(&found.argmax);
            let sums = found.rest.iter_mut().zip(&mut found.lost);
            let exponentials = highs.iter_mut().zip(lows);
            for (((high, low), (&max, &argmax)), (rest, lost)) in exponentials.zip(largest).zip(sums) {
                scalar();
                let e = exp_difference(*high, max);
                add(rest, lost, e, class == argmax);
                let e = if class == argmax { largest_exponential() } else { e };
                (*high, *low) = (e.high, e.low);
            }
        }
        found.close();
        for (highs, lows) in pieces_mut(scores, pixels).zip(pieces(room, pixels)) {
            for ((high, &low), sum) in highs.iter_mut().zip(lows).zip(found.sums()) {
                scalar();
                *high = T::from_bits(softmax_key(Halves { high: *high, low }, sum));
            }
        }
        found
    }

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn largest(scores: impl View<T>, pixels: usize) -> Self {
        let mut found = Self::none();
        for (class, scores) in (0..).zip(scores.planes(pixels)) {
            for ((score, max), argmax) in scores.column().zip(&mut found.max).zip(&mut found.argmax) {
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
    fn close(&mut self) {
        for (rest, lost) in self.rest.iter_mut().zip(&mut self.lost) {
            scalar();
            (*rest, *lost) = two_sum(*rest, *lost);
        }
        self.invert();
        let [high, low] = &self.inverse;
        for (lost, (&high, &low)) in self.lost.iter_mut().zip(high.iter().zip(low)) {
            scalar();
            *lost = *lost * T::UNSCALE * Halves { high, low }.number();
        }
    }

    /// Inverts the sums.
    #[inline(always)]
    pub(crate) fn invert(&mut self) {
        let [high, low] = &mut self.inverse;
        for ((high, low), &rest) in high.iter_mut().zip(low).zip(&self.rest) {
            scalar();
            let inverse = inverse(rest);
            (*high, *low) = (inverse.high, inverse.low);
        }
    }

    /// The sums of the exponentials.
    #[inline(always)]
    pub(crate) fn sums(&self) -> impl Iterator<Item = SumOfExponentials<T>> {
        let [high, low] = &self.inverse;
        let inverses = high.iter().zip(low);
        self.rest.iter().zip(inverses).map(
            #[inline(always)]
            |(&rest, (&high, &low))| SumOfExponentials { rest, inverse: Halves { high, low } },
        )
    }
}

/// The sum of a pixel's exponentials.
#[derive(Clone, Copy)]
pub(super) struct SumOfExponentials<T> {
    /// But for that of the largest score.
    rest: T,
    /// One over the sum.
    inverse: Halves<T>,
}

/// One over the sum of the exponentials, in its own measure.
#[inline(always)]
fn inverse<T: Real>(rest: T) -> Halves<T> {
    let sum = two_sum(T::one(), rest * T::UNSCALE);
    let (inverse, error) = two_quotient((T::one(), T::zero()), sum);
    Halves::of_sum(inverse, error)
}

/// Adds an exponential, but for the largest score's own.
#[inline(always)]
fn add<T: Real>(rest: &mut T, lost: &mut T, e: Halves<T>, is_largest: bool) {
    let (sum, error) = two_sum(*rest, if is_largest { T::zero() } else { e.high });
    *rest = sum;
    *lost = *lost + (error + if is_largest { T::zero() } else { e.low });
}

/// The exponential of a score relative to the largest, scaled.
#[inline(always)]
pub(super) fn exponential<T: Real>(score: T, max: T) -> Halves<T> {
    // Equal infinities have no difference.
    if score == max { largest_exponential() } else { exp_difference(score, max) }
}

#[inline(always)]
fn largest_exponential<T: Real>() -> Halves<T> {
    Halves { high: T::SCALE, low: T::zero() }
}

#[inline(always)]
fn exp_difference<T: Real>(score: T, max: T) -> Halves<T> {
    let (difference, error) = two_sum(score, -max);
    exp_scaled_halves(difference, error)
}

/// The key of the probability that has the exponential.
#[inline(always)]
pub(super) fn softmax_key<T: Real>(e: Halves<T>, sum: SumOfExponentials<T>) -> T::Bits {
    // Only the largest can have more than half: then its complement has the digits.
    let is_complement = (e.high == T::SCALE) & (e.low == T::zero()) & (sum.rest < T::SCALE);
    let rest = Halves::of(sum.rest);
    let dividend = Halves {
        high: if is_complement { rest.high } else { e.high },
        low: if is_complement { rest.low } else { e.low },
    };
    let (share, error) = dividend.times(sum.inverse);
    let share = ((share + error) * T::UNSCALE).to_bits();
    if is_complement { mirrored::<T>(share) } else { share }
}
