//! What a loss reads, and where its gradient goes.

use super::access::View;
use crate::lanes::{largest, scalar};
use crate::{Error, Real};

/// What the scores of a model are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Input {
    /// Unbounded scores: logits, before the sigmoid or softmax, predicted numbers, or components of vectors.
    #[default]
    Logits,
    /// Numbers from 0 to 1; a row need not sum to 1.
    Probabilities,
    /// Natural logarithms of probabilities.
    LogProbabilities,
    /// Pairs: a mean, and a variance of at least 0.
    Variances,
    /// Pairs: a mean, and the natural logarithm of a variance.
    LogVariances,
}

/// The scores of one item: read, or replaced by the gradient.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Scores<'a, T> {
    /// Only the value is wanted.
    Read(&'a [T]),
    /// The scores become the gradient with respect to them.
    Replace(&'a mut [T]),
}

impl<T: Real> Scores<'_, T> {
    /// The scores, or what has replaced them.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::Read(scores) => scores,
            Self::Replace(scores) => scores,
        }
    }

    /// Whether the gradient is wanted.
    #[must_use]
    pub const fn are_replaced(&self) -> bool {
        matches!(self, Self::Replace(_))
    }

    /// Calls `f(position, score)` for each; what it returns replaces the score, where that is wanted.
    #[inline(always)]
    pub fn replace(&mut self, mut f: impl FnMut(usize, T) -> T) {
        match self {
            Self::Read(scores) => {
                for (index, &score) in scores.iter().enumerate() {
                    scalar();
                    f(index, score);
                }
            }
            Self::Replace(scores) => {
                for (index, score) in scores.iter_mut().enumerate() {
                    scalar();
                    *score = f(index, *score);
                }
            }
        }
    }
}

/// The scores of a batch, and where its gradient goes.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Source<'a, T> {
    /// Only values are wanted.
    Read(&'a [T]),
    /// The gradient goes elsewhere.
    Copy(&'a [T], &'a mut [T]),
    /// The scores become the gradient.
    InPlace(&'a mut [T]),
}

/// The scores of item `index` among all.
#[inline(always)]
pub(crate) fn item_range(index: usize, width: usize) -> Option<core::ops::Range<usize>> {
    let start = index.checked_mul(width)?;
    Some(start..start.checked_add(width)?)
}

impl Input {
    /// Refuses a score of an item that is no probability, logarithm of one, or variance, where this input says so. NaN passes:
    /// [`refuse_nan`] takes it.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn check<T: Real>(self, index: usize, scores: impl View<T>) -> Result<(), Error> {
        let sign = (-T::zero()).to_bits();
        // Logarithms come rounded: e^0.001 is as far from 1 as a distribution's sum may be. As integers, the bits of what is
        // legal are the smallest; of logarithms once their sign is flipped.
        let (least, most, flipped) = match self {
            Self::Logits | Self::LogVariances => return Ok(()),
            Self::Variances => {
                let negative = scores.get(1, 1).filter(|variance| *variance < T::zero());
                return negative.map_or(Ok(()), |variance| {
                    Err(Error::NegativeVariance { index, column: 1, value: variance.to_double() })
                });
            }
            Self::Probabilities => (T::zero(), T::one(), T::zero().to_bits()),
            Self::LogProbabilities => (T::neg_infinity(), T::of(1e-3), sign),
        };
        if largest(scores.row(), |score| score.to_bits() + flipped) <= most.to_bits() + flipped {
            return Ok(());
        }
        // There may be none: the bits of NaN and -0 are large, too.
        let mut scores = scores.row().enumerate();
        let found = scores.find(|(_, score)| *score < least || *score > most);
        found.map_or(Ok(()), |(column, value)| {
            Err(Error::NotAProbability { index, column, value: value.to_double() })
        })
    }
}

/// Refuses a score that is NaN.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
pub(crate) fn refuse_nan<T: Real>(index: usize, scores: impl View<T>) -> Result<(), Error> {
    if scores.has_nan() { Err(first_nan(index, scores)) } else { Ok(()) }
}

#[cold]
fn first_nan<T: Real>(index: usize, scores: impl View<T>) -> Error {
    let found = scores.row().enumerate().find(|(_, score)| score.is_nan());
    let (column, value) = found.unwrap_or((0, T::nan()));
    Error::NonFiniteScore { index, column, value: value.to_double() }
}
