//! Totals of a batch, which merge.

use crate::lanes::Sum;
use crate::{Error, Real};

/// The sum of the losses and of what divides it, with the counts: totals of parts merge into the total
/// of the whole, and the mean is taken once at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Total<T> {
    pub(crate) loss: Sum<T>,
    pub(crate) weight: Sum<T>,
    pub(crate) valid: usize,
    pub(crate) ignored: usize,
}

impl<T: Real> Total<T> {
    /// Σ wℓ / Σ w.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] where no item was counted or all weights were 0;
    /// [`Error::Overflow`] where a sum, or the mean, is beyond the type.
    pub fn mean(&self) -> Result<T, Error> {
        let weight = self.weight.value();
        if weight == T::zero() {
            return Err(Error::NothingToAverage);
        }
        if !weight.is_finite() {
            return Err(Error::Overflow);
        }
        let sum = self.sum()?;
        if !self.has_mean() {
            return Err(Error::Overflow);
        }
        // What is just not beyond the type may be rounded beyond.
        Ok((sum / weight).min(T::max_value()).max(-T::max_value()))
    }

    /// Whether the mean of these sums is within the type, but for their rounding. Label smoothing adds weights of classes that do
    /// not divide it, so it need not be.
    pub(crate) fn has_mean(&self) -> bool {
        let exact = T::one() - T::of(4.0) * T::epsilon();
        exact * self.loss.value().abs() <= T::max_value() * self.weight.value()
    }

    /// Σ wℓ; 0 over nothing.
    ///
    /// # Errors
    /// [`Error::Overflow`] where the sum is beyond the type.
    pub fn sum(&self) -> Result<T, Error> {
        let sum = self.loss.value();
        if sum.is_finite() { Ok(sum) } else { Err(Error::Overflow) }
    }

    /// Adds the total of another part.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.loss.merge(other.loss);
        self.weight.merge(other.weight);
        self.valid = self.valid.saturating_add(other.valid);
        self.ignored = self.ignored.saturating_add(other.ignored);
        self
    }

    /// Items counted.
    #[must_use]
    pub const fn valid(&self) -> usize {
        self.valid
    }

    /// Items ignored.
    #[must_use]
    pub const fn ignored(&self) -> usize {
        self.ignored
    }
}
