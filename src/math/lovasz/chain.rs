//! The chain rule of the softmax: from the slopes g by the probabilities p to those by the scores, p (g - ⟨g, p⟩).
//!
//! Both terms are taken relative to the g of a class that has more than half of the probability, where there is one:
//! their difference would be lost otherwise. Where there is none they are taken as they are, for then one g may be
//! larger than all others together.
//!
//! All is carried in two numbers and rounded once, but for p and g themselves: p is no more than a key. What the keys
//! of a pixel have in common is known beyond that: `lost`, the share by which the rounding of their sum made all too
//! large.

use crate::Real;
use crate::math::{Halves, two_quotient, two_sum};

/// Whether the slope of the class that has the probability is what a pixel's mean slope is relative to.
#[inline(always)]
pub(super) fn leads<T: Real>(probability: T) -> bool {
    probability > T::of(0.5)
}

/// Adds the slope of a class to the mean, in two numbers.
#[inline(always)]
pub(super) fn add<T: Real>((mean, low): (T, T), probability: T, slope: T, reference: T) -> (T, T) {
    let (gap, error) = two_sum(slope, -reference);
    let (term, term_low) = Halves::of(probability).times(Halves::of_sum(gap, error));
    let (mean, error) = two_sum(mean, term);
    (mean, low + (error + term_low))
}

/// The mean itself.
#[inline(always)]
pub(super) fn mean<T: Real>((mean, low): (T, T), reference: T, lost: T) -> (T, T) {
    let (sum, error) = two_sum(reference, mean);
    (sum, error + (low - lost * mean))
}

/// What the slopes of an image are multiplied by: its scale, over the classes that are averaged over.
#[inline(always)]
pub(super) fn factor<T: Real>(scale: T, classes: T) -> Halves<T> {
    let (factor, error) = two_quotient((scale, T::zero()), (classes, T::zero()));
    Halves::of_sum(factor, if error.is_finite() { error } else { T::zero() })
}

/// A slope by a probability that is given, times the factor.
#[inline(always)]
pub(super) fn scaled<T: Real>(slope: T, factor: Halves<T>) -> T {
    let (product, low) = Halves::of(slope).times(factor);
    product + low
}

/// The factor of a pixel.
#[inline(always)]
pub(super) fn pixel_factor<T: Real>(factor: Halves<T>, lost: T) -> Halves<T> {
    Halves { low: factor.low - lost * factor.number(), ..factor }
}

/// The factor times the derivative by the score of a class.
#[inline(always)]
pub(super) fn derivative<T: Real>(probability: T, slope: T, (mean, low): (T, T), factor: Halves<T>) -> T {
    let (difference, error) = two_sum(slope, -mean);
    let difference = Halves::of_sum(difference, error - low);
    let (product, low) = Halves::of(probability).times(difference);
    let (entry, low) = Halves::of_sum(product, low).times(factor);
    entry + low
}
