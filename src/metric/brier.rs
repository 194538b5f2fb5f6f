//! Brier score.

use super::mean::{Mean, mean_stream};
use crate::element::MeanSquaredError;
use crate::row::Brier;
use crate::stream::{State, Stream, Words, tag};
use crate::{ElementLoss, Elements, Error, Input, ReadScores, Real, RowLoss, Rows};

/// Brier score: the mean squared distance of probabilities from what came true.
///
/// ```text
/// of rows:              (1/n) Σ_i Σ_c (p_ic - [c is the class of item i])²,  from 0 to 2
/// of one probability:   (1/n) Σ_i (p_i - y_i)²,                               from 0 to 1
/// ```
/// An item is a loss: that of [`Brier`], or of [`MeanSquaredError`] of a single probability.
/// # Domain
/// Losses from 0 on, finite. Rows of probabilities need not sum to 1; where they do, none exceeds 2.
/// # Cost
/// 56 bytes of state for `f32` (52 of words), 280 for `f64`; O(C) an item.
/// # Accuracy
/// The correctly rounded mean of the items' losses.
/// # Errors
/// [`Error::NothingToAverage`] before the first item.
/// # Reference
/// Brier 1950. scikit-learn's `brier_score_loss`: `tests/metrics.rs`. It halves the score of rows of two classes
/// (`scale_by_half="auto"`), which is then that of one probability; here it is not halved.
/// # Examples
/// ```
/// use microloss::{Input, metric::BrierScore};
/// let mut score = BrierScore::new();
/// score.add_scores(1, &[0.25_f32, 0.5, 0.25], Input::Probabilities)?;
/// assert_eq!(score.value()?, 0.375);
/// let mut binary = BrierScore::new();
/// binary.add_probability(true, 0.75_f32)?;
/// assert_eq!(binary.value()?, 0.0625);
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BrierScore<T: Real> {
    mean: Mean<T>,
}

mean_stream!(BrierScore, "brier_score", item T = |self, loss| {
    if !(loss >= T::zero() && loss.is_finite()) {
        return Err(Error::NonFiniteLoss { index: self.mean.index(), value: loss.to_double() });
    }
    self.mean.add([loss])
}, terms 1);

impl<T: Real> BrierScore<T> {
    /// Takes the Brier score of a row.
    ///
    /// # Errors
    /// Those of [`Brier`], of a batch of one. None changes anything.
    pub fn add_scores(&mut self, label: usize, scores: impl ReadScores<T>, from: Input) -> Result<(), Error> {
        let loss = Brier::new().from(from)?.mean(Rows::one(scores, &[label]))?;
        Stream::add(self, loss)
    }

    /// Takes the square of what one probability is off.
    ///
    /// # Errors
    /// [`Error::NonFiniteScore`] for NaN, [`Error::NotAProbability`]. Neither changes anything.
    pub fn add_probability(&mut self, is_positive: bool, probability: T) -> Result<(), Error> {
        check_probability(self.mean.index(), probability)?;
        let target = if is_positive { T::one() } else { T::zero() };
        let loss = MeanSquaredError::new().mean(Elements::new(&[probability], &[target]))?;
        Stream::add(self, loss)
    }

    /// The mean score.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] before the first item.
    pub fn value(&self) -> Result<T, Error> {
        self.mean.value()
    }
}

/// Refuses what is not from 0 to 1.
pub(crate) fn check_probability<T: Real>(index: usize, probability: T) -> Result<(), Error> {
    let (column, value) = (0, probability.to_double());
    if probability.has_nan_bits() {
        return Err(Error::NonFiniteScore { index, column, value });
    }
    if (0.0..=1.0).contains(&value) { Ok(()) } else { Err(Error::NotAProbability { index, column, value }) }
}
