//! Log loss and perplexity.

use super::mean::{Mean, mean_stream};
use crate::element::BinaryCrossEntropy;
use crate::row::CrossEntropy;
use crate::stream::{State, Stream, Words, tag};
use crate::{ElementLoss, Elements, Error, Input, ReadScores, Real, RowLoss, Rows};

/// Log loss: the mean cross entropy of the right classes, and its exponential, perplexity.
///
/// ```text
/// log loss = (1/n) Σ_i -ln p_i,   perplexity = e^(log loss),   p_i = the probability given to the class of item i
/// ```
/// An item is a loss, in nats: that of [`CrossEntropy`], or of [`BinaryCrossEntropy`] of a single score.
/// # Domain
/// Losses from 0 on, finite. From probabilities, -ln p is at most 100.
/// # Cost
/// 56 bytes of state for `f32` (52 of words), 280 for `f64`; O(C) an item.
/// # Accuracy
/// Log loss is the correctly rounded mean of the items' losses, perplexity within 2 ULP of its exponential.
/// # Errors
/// [`Error::NothingToAverage`] before the first item; [`Error::Overflow`] of a perplexity beyond the type.
/// # Reference
/// scikit-learn's `log_loss`: `tests/metrics.rs`. It clips p at the type's epsilon, so that a right class of probability 0 costs 36
/// (`f32`: 16) there, and 100 here.
/// # Examples
/// ```
/// use microloss::{Input, metric::LogLoss};
/// let mut loss = LogLoss::new();
/// loss.add_scores(0, &[0.5_f32, 0.25, 0.25], Input::Probabilities)?;
/// loss.add_scores(2, &[0.25_f32, 0.25, 0.5], Input::Probabilities)?;
/// assert_eq!(loss.value()?, core::f32::consts::LN_2);
/// assert_eq!(loss.perplexity()?, 2.0);
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LogLoss<T: Real> {
    mean: Mean<T>,
}

mean_stream!(LogLoss, "log_loss", item T = |self, loss| {
    if !(loss >= T::zero() && loss.is_finite()) {
        return Err(Error::NonFiniteLoss { index: self.mean.index(), value: loss.to_double() });
    }
    self.mean.add([loss])
}, terms 1);

impl<T: Real> LogLoss<T> {
    /// Takes the cross entropy of a row of scores.
    ///
    /// # Errors
    /// Those of [`CrossEntropy`], of a batch of one. None changes anything.
    pub fn add_scores(&mut self, label: usize, scores: impl ReadScores<T>, from: Input) -> Result<(), Error> {
        let labels = [label];
        let loss = CrossEntropy::new().from(from)?.mean(Rows::one(scores, &labels))?;
        Stream::add(self, loss)
    }

    /// Takes the binary cross entropy of a score.
    ///
    /// # Errors
    /// Those of [`BinaryCrossEntropy`], of a batch of one. None changes anything.
    pub fn add_score(&mut self, is_positive: bool, score: T, from: Input) -> Result<(), Error> {
        let label = [u8::from(is_positive)];
        let loss = BinaryCrossEntropy::new().from(from)?.mean(Elements::new(&[score], &label))?;
        Stream::add(self, loss)
    }

    /// The mean loss.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] before the first item.
    pub fn value(&self) -> Result<T, Error> {
        self.mean.value()
    }

    /// The exponential of the mean loss.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] before the first item; [`Error::Overflow`].
    pub fn perplexity(&self) -> Result<T, Error> {
        let (mean, rest) = self.mean.parts()?;
        let value = Real::exp(mean);
        // e^(mean + rest), without the rounding of the mean.
        let value = value + value * rest;
        if value.is_finite() { Ok(value) } else { Err(Error::Overflow) }
    }
}
