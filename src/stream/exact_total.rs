//! The total of losses without rounding.

use super::{State, Stream, Words, tag};
use crate::exact_sum::ExactSum;
use crate::reduce::Total;
use crate::{Error, Real};

/// The losses of items, summed exactly: the mean of any loss of the registry, over any time and any number of devices.
///
/// ```text
/// mean = Σ wℓ / Σ w, rounded once
/// ```
/// An item is what [`total`](crate::RowLoss::total) gives for a batch of one: wℓ is the item's loss, in the type, times its
/// sample weight if it has one, and w is what the mean of that loss divides by. An image is one item. Totals of more than one
/// item are refused: their sum is rounded already.
///
/// # Domain
/// 2^64 items. An ignored item is counted as such, and adds nothing.
///
/// A loss whose parameters are fitted to its batch
/// ([`BalancedCrossEntropy`](crate::element::BalancedCrossEntropy) without alpha) has a batch of one here; give it its
/// parameters.
/// # Cost
/// 104 bytes of state for `f32`, 560 for `f64`: see [`ExactSum`]. Instructions an item for `f32`, beyond the loss, and
/// of a mean: the README's table of costs, `exact_total`.
/// # Accuracy
/// Mean and sum are correctly rounded: of the items' losses, which have the roundings of the type.
/// # Errors
/// [`Error::LengthMismatch`] for a total of more than one item, or of none; [`Error::Overflow`] of a full counter.
/// # Reference
/// See [`ExactSum`].
/// # Examples
/// ```
/// use microloss::stream::{Evaluator, ExactTotal};
/// use microloss::{RowLoss, Rows, row::CrossEntropy};
/// let loss = CrossEntropy::new();
/// let mut evaluator = Evaluator::<ExactTotal<f32>>::default();
/// for (scores, label) in [([2.0, 1.0, 0.1], 0_u8), ([0.5, 2.5, 0.0], 1), ([1.0, 0.0, 0.0], 9)] {
///     if let Err(error) = evaluator.take(loss.total(Rows::new(&[scores], &[label]))) {
///         println!("item {}: {error}", evaluator.items() - 1); // label 9 is not one of the 3 classes
///     }
/// }
/// assert_eq!((evaluator.stream().valid(), evaluator.rejected()), (2, 1));
/// assert_eq!(evaluator.stream().mean()?, loss.mean(Rows::new(&[[2.0, 1.0, 0.1], [0.5, 2.5, 0.0]], &[0_u8, 1]))?);
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ExactTotal<T: Real> {
    loss: ExactSum<T>,
    weight: ExactSum<T>,
    valid: u64,
    ignored: u64,
}

impl<T: Real> Eq for ExactTotal<T> {}

impl<T: Real> Default for ExactTotal<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Real> ExactTotal<T> {
    /// The total of nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { loss: ExactSum::new(), weight: ExactSum::new(), valid: 0, ignored: 0 }
    }

    /// Σ wℓ / Σ w, correctly rounded.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] where no item was counted or all weights were 0.
    pub fn mean(&self) -> Result<T, Error> {
        self.loss.ratio(&self.weight)
    }

    /// Σ wℓ, correctly rounded; 0 over nothing.
    ///
    /// # Errors
    /// [`Error::Overflow`] where the sum is beyond the type.
    pub fn sum(&self) -> Result<T, Error> {
        self.loss.value()
    }

    /// Items counted.
    #[must_use]
    pub const fn valid(&self) -> u64 {
        self.valid
    }

    /// Items ignored.
    #[must_use]
    pub const fn ignored(&self) -> u64 {
        self.ignored
    }
}

impl<T: Real> Stream for ExactTotal<T> {
    type Item = Total<T>;

    fn add(&mut self, item: Total<T>) -> Result<(), Error> {
        let items = item.valid.saturating_add(item.ignored);
        if items != 1 {
            return Err(Error::LengthMismatch { what: "items of a total", expected: 1, found: items });
        }
        let [valid, ignored] = [(self.valid, item.valid), (self.ignored, item.ignored)]
            .map(|(count, more)| count.checked_add(more as u64));
        let (Some(valid), Some(ignored)) = (valid, ignored) else { return Err(Error::Overflow) };
        let loss = self.loss.term(item.loss.value())?;
        let weight = self.weight.term(item.weight.value())?;
        self.loss.add_term(&loss);
        self.weight.add_term(&weight);
        (self.valid, self.ignored) = (valid, ignored);
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let mut merged = *self;
        merged.loss.merge(&other.loss)?;
        merged.weight.merge(&other.weight)?;
        merged.valid = self.valid.checked_add(other.valid).ok_or(Error::Overflow)?;
        merged.ignored = self.ignored.checked_add(other.ignored).ok_or(Error::Overflow)?;
        *self = merged;
        Ok(())
    }
}

impl<T: Real> Words for ExactTotal<T> {
    fn each_word(&mut self, visit: &mut impl FnMut(&mut u32)) {
        self.loss.each_word(visit);
        self.weight.each_word(visit);
        self.valid.each_word(visit);
        self.ignored.each_word(visit);
    }
}

impl<T: Real> State for ExactTotal<T> {
    const TAG: u32 = tag("exact_total", &[size_of::<T>()]);

    fn is_possible(&self) -> bool {
        !self.weight.is_negative() && self.loss.can_have(self.valid) && self.weight.can_have(self.valid)
    }
}
