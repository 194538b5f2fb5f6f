//! Calibration: whether what is predicted with a confidence of 80 % is right in 80 % of the cases.

use super::argmax::{argmax_of, at};
use super::brier::check_probability;
use super::counts::{fit, merge};
use super::ratio::{double, ratio};
use crate::exact_sum::ExactSum;
use crate::row::CrossEntropy;
use crate::stream::{State, Stream, Words, tag};
use crate::{Error, Input, ReadScores, Real, RowLoss, Rows, View};

/// Expected and maximum calibration error, and the reliability diagram, in B bins of equal width.
///
/// ```text
/// ECE = Σ_b (n_b / n) |accuracy_b - confidence_b|,   MCE = max_b |accuracy_b - confidence_b|,   over bins with items
/// accuracy_b = right items of the bin over all n_b,  confidence_b = the mean of their confidences
/// ```
/// An item is a confidence, and whether it was right: of a classifier the largest probability and whether that class is the right
/// one ([`add_scores`](Self::add_scores)); of a probability p of an event, p and whether it came ([`Stream::add`]).
/// # Domain
/// Confidences from 0 to 1. Bins are closed on the right, (b/B, (b+1)/B], the first on both sides; the ends b/B are rounded to `f64`,
/// and compared so.
/// # Cost
/// 52 B bytes of state for `f32`, 280 B for `f64`; O(C) an item.
/// # Accuracy
/// Both errors, and the numbers of each bin, are correctly rounded: sums of confidences are exact. From logits a confidence is the
/// exponential of the negated [`CrossEntropy`] of the predicted class.
/// # Errors
/// [`Error::NothingToAverage`] before the first item, or of a bin without; [`Error::Overflow`] of a full counter.
/// # Reference
/// Naeini et al. 2015; Guo et al. 2017, arXiv 1706.04599, whose bins these are. scikit-learn's `calibration_curve`
/// (`strategy="uniform"`) has the same, but for ends that NumPy rounds twice, such as 3 (1/10): `tests/metrics.rs`.
/// # Examples
/// ```
/// use microloss::{Input, metric::CalibrationError};
/// let mut calibration = CalibrationError::<f32, 10>::new();
/// calibration.add_scores(0, &[0.75, 0.25], Input::Probabilities)?; // right
/// calibration.add_scores(0, &[0.5, 0.5], Input::Probabilities)?; // of equal ones the first
/// calibration.add_scores(1, &[0.875, 0.125], Input::Probabilities)?; // wrong
/// assert_eq!(calibration.expected()?, (0.25 + 0.5 + 0.875) / 3.0);
/// assert_eq!(calibration.maximum()?, 0.875);
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CalibrationError<T: Real, const B: usize> {
    /// Sums of confidences.
    sums: [ExactSum<T>; B],
    items: [u32; B],
    right: [u32; B],
}

impl<T: Real, const B: usize> Default for CalibrationError<T, B> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Real, const B: usize> CalibrationError<T, B> {
    const EMPTY: Self = {
        assert!(B > 0, "there are bins");
        Self { sums: [ExactSum::new(); B], items: [0; B], right: [0; B] }
    };

    /// Of no items.
    #[must_use]
    pub const fn new() -> Self {
        Self::EMPTY
    }

    /// Takes a row of scores by its predicted class: that of the largest score, of equal ones the first.
    ///
    /// # Errors
    /// Those of [`CrossEntropy`], of a batch of one; those of [`Stream::add`]. None changes anything.
    pub fn add_scores(&mut self, label: usize, scores: impl ReadScores<T>, from: Input) -> Result<(), Error> {
        let predicted = argmax_of(0, scores.row()?)?;
        if label >= scores.view().len() {
            let (label, classes) = (i64::try_from(label).unwrap_or(i64::MAX), scores.view().len());
            return Err(Error::LabelOutOfRange { index: 0, label, classes });
        }
        // Refuses what is wrong with the scores in any case.
        let labels = [predicted];
        let loss = CrossEntropy::new().from(from)?.mean(Rows::one(scores, &labels))?;
        let confidence = match from {
            Input::Probabilities => scores.view().get(predicted, predicted).unwrap_or_default(),
            _ => Real::exp(-loss).min(T::one()),
        };
        Stream::add(self, (confidence, predicted == label))
    }

    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rounding down is the purpose"
    )]
    fn bin(confidence: f64) -> usize {
        let bin = ((confidence * double(B as u128)) as usize).min(B.wrapping_sub(1));
        // What is at the low end of a bin, or was rounded up to it, is of the bin before. No product falls short of an end that
        // the confidence is beyond: then it is at least b/B, without rounding.
        if confidence <= double(bin as u128) / double(B as u128) { bin.saturating_sub(1) } else { bin }
    }

    /// Items taken.
    #[must_use]
    pub fn items(&self) -> u64 {
        self.items.iter().fold(0, |sum, &items| sum.wrapping_add(items.into()))
    }

    /// Items of each bin.
    #[must_use]
    pub const fn counts(&self) -> &[u32; B] {
        &self.items
    }

    /// What one bin holds.
    fn parts(&self, bin: usize) -> Result<(&ExactSum<T>, u32, u32), Error> {
        let parts = self.sums.get(bin).zip(self.items.get(bin)).zip(self.right.get(bin));
        let Some(((sum, &items), &right)) = parts else {
            let value = double(bin as u128);
            return Err(Error::Parameter { name: "bin", index: 0, value, expected: "one of the bins" });
        };
        Ok((sum, items, right))
    }

    /// The part of a bin's items that is right.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] of a bin without items; [`Error::Parameter`] of a bin that there is not.
    pub fn accuracy(&self, bin: usize) -> Result<T, Error> {
        let (_, items, right) = self.parts(bin)?;
        if items == 0 { Err(Error::NothingToAverage) } else { Ok(ratio(right.into(), items.into())) }
    }

    /// The mean confidence of a bin's items.
    ///
    /// # Errors
    /// Those of [`accuracy`](Self::accuracy).
    pub fn confidence(&self, bin: usize) -> Result<T, Error> {
        let (sum, items, _) = self.parts(bin)?;
        sum.mean(items.into())
    }

    /// |right items - sum of confidences| of a bin.
    fn gap(&self, bin: usize) -> Result<ExactSum<T>, Error> {
        let (sum, _, right) = self.parts(bin)?;
        let mut gap = count(right)?;
        gap.subtract(sum)?;
        if gap.is_negative() {
            gap = *sum;
            gap.subtract(&count(right)?)?;
        }
        Ok(gap)
    }

    /// Expected calibration error.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] before the first item.
    pub fn expected(&self) -> Result<T, Error> {
        let mut sum = ExactSum::<T>::new();
        for bin in 0..B {
            sum.merge(&self.gap(bin)?)?;
        }
        sum.mean(self.items())
    }

    /// Maximum calibration error.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] before the first item.
    pub fn maximum(&self) -> Result<T, Error> {
        let mut maximum = None;
        for (bin, &items) in self.items.iter().enumerate().filter(|(_, items)| **items != 0) {
            let gap = self.gap(bin)?.mean(items.into())?;
            maximum = Some(maximum.map_or(gap, |maximum: T| maximum.max(gap)));
        }
        maximum.ok_or(Error::NothingToAverage)
    }
}

/// A count as a sum.
fn count<T: Real>(count: u32) -> Result<ExactSum<T>, Error> {
    let mut one = ExactSum::new();
    one.add(T::one())?;
    one.times(count.into())
}

/// Takes (confidence, whether it was right).
impl<T: Real, const B: usize> Stream for CalibrationError<T, B> {
    type Item = (T, bool);

    fn add(&mut self, (confidence, is_right): Self::Item) -> Result<(), Error> {
        check_probability(0, confidence)
            .map_err(|error| at(error, usize::try_from(self.items()).unwrap_or(usize::MAX)))?;
        let bin = Self::bin(confidence.to_double());
        let slots = self.sums.get_mut(bin).zip(self.items.get_mut(bin)).zip(self.right.get_mut(bin));
        let Some(((sum, items), right)) = slots else { return Err(Error::Overflow) };
        let more = items.checked_add(1).ok_or(Error::Overflow)?;
        sum.add(confidence)?;
        // No more than all items.
        (*items, *right) = (more, right.wrapping_add(is_right.into()));
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<(), Error> {
        if !fit(&self.items, &other.items) || !fit(&self.right, &other.right) {
            return Err(Error::Overflow);
        }
        for (bin, (sum, more)) in self.sums.iter_mut().zip(&other.sums).enumerate() {
            if let Err(error) = sum.merge(more) {
                // What was added is taken away: no state of items comes here, only a made one.
                for (sum, more) in self.sums.iter_mut().zip(&other.sums).take(bin) {
                    sum.subtract(more)?;
                }
                return Err(error);
            }
        }
        merge(&mut self.items, &other.items)?;
        merge(&mut self.right, &other.right)
    }
}

impl<T: Real, const B: usize> Words for CalibrationError<T, B> {
    fn each_word(&mut self, visit: &mut impl FnMut(&mut u32)) {
        self.sums.each_word(visit);
        self.items.each_word(visit);
        self.right.each_word(visit);
    }
}

impl<T: Real, const B: usize> State for CalibrationError<T, B> {
    const TAG: u32 = tag("calibration_error", &[size_of::<T>(), B]);

    fn is_possible(&self) -> bool {
        let mut bins = self.sums.iter().zip(self.items.iter().zip(&self.right));
        bins.all(|(sum, (&items, &right))| {
            // A confidence is at most 1.
            let excess = count(items).and_then(|mut most| most.subtract(sum).map(|()| most.is_negative()));
            right <= items && !sum.is_negative() && excess == Ok(false)
        })
    }
}
