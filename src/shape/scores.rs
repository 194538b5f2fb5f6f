//! What a loss reads, and where its gradient goes.

use crate::lanes::scalar;
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
pub(crate) enum Source<'a, T> {
    Read(&'a [T]),
    Copy(&'a [T], &'a mut [T]),
    InPlace(&'a mut [T]),
}

impl<T: Real> Source<'_, T> {
    pub(crate) fn as_slice(&self) -> &[T] {
        match self {
            Self::Read(scores) | Self::Copy(scores, _) => scores,
            Self::InPlace(scores) => scores,
        }
    }

    /// The gradient, where one is wanted.
    pub(crate) fn gradient(&mut self) -> Option<&mut [T]> {
        match self {
            Self::Read(_) => None,
            Self::Copy(_, gradient) | Self::InPlace(gradient) => Some(gradient),
        }
    }

    /// The scores of `count` items from `first` on, standing where the gradient goes.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn items(&mut self, first: usize, count: usize, width: usize) -> Option<Scores<'_, T>> {
        let range = first.checked_mul(width)?..first.checked_add(count)?.checked_mul(width)?;
        Some(match self {
            Self::Read(scores) => Scores::Read(scores.get(range)?),
            Self::Copy(scores, gradient) => {
                let gradient = gradient.get_mut(range.clone())?;
                for (to, &from) in gradient.iter_mut().zip(scores.get(range)?) {
                    *to = from;
                }
                Scores::Replace(gradient)
            }
            Self::InPlace(gradient) => Scores::Replace(gradient.get_mut(range)?),
        })
    }

    /// What stands there now.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn again(&mut self, index: usize, width: usize) -> Option<Scores<'_, T>> {
        let range = item_range(index, width)?;
        Some(match self {
            Self::Read(scores) => Scores::Read(scores.get(range)?),
            Self::Copy(_, gradient) | Self::InPlace(gradient) => Scores::Replace(gradient.get_mut(range)?),
        })
    }
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
    pub(crate) fn check<T: Real>(self, index: usize, scores: &[T]) -> Result<(), Error> {
        // Logarithms come rounded: e^0.001 is as far from 1 as a distribution's sum may be.
        let (least, most) = match self {
            Self::Logits | Self::LogVariances => return Ok(()),
            Self::Variances => {
                let negative = scores.get(1).filter(|variance| **variance < T::zero());
                return negative.map_or(Ok(()), |&variance| {
                    Err(Error::NegativeVariance { index, column: 1, value: variance.to_double() })
                });
            }
            Self::Probabilities => (T::zero(), T::one()),
            Self::LogProbabilities => (T::neg_infinity(), T::of(1e-3)),
        };
        let mut bad = false;
        for &score in scores {
            scalar();
            bad |= (score < least) | (score > most);
        }
        if bad {
            let mut scores = scores.iter().enumerate();
            let found = scores.find(|(_, score)| **score < least || **score > most);
            let (column, value) = found.map_or((0, T::nan()), |(column, &score)| (column, score));
            return Err(Error::NotAProbability { index, column, value: value.to_double() });
        }
        Ok(())
    }
}

/// Refuses a score that is NaN.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
pub(crate) fn refuse_nan<T: Real>(index: usize, scores: &[T]) -> Result<(), Error> {
    if has_nan(scores) { Err(first_nan(index, scores)) } else { Ok(()) }
}

#[cfg_attr(not(target_arch = "arm"), inline(always))]
pub(crate) fn has_nan<T: Real>(scores: &[T]) -> bool {
    let mut found = false;
    for score in scores {
        found |= score.has_nan_bits();
    }
    found
}

#[cold]
fn first_nan<T: Real>(index: usize, scores: &[T]) -> Error {
    let found = scores.iter().enumerate().find(|(_, score)| score.is_nan());
    let (column, value) = found.map_or((0, T::nan()), |(column, &value)| (column, value));
    Error::NonFiniteScore { index, column, value: value.to_double() }
}
