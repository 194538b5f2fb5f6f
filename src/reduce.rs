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
    /// [`Error::Overflow`] where a sum is beyond the type.
    pub fn mean(&self) -> Result<T, Error> {
        let weight = self.weight.value();
        if weight == T::zero() {
            return Err(Error::NothingToAverage);
        }
        if !weight.is_finite() {
            return Err(Error::Overflow);
        }
        // No mean is beyond the largest loss, but the quotient of two sums that were rounded may be.
        self.sum().map(|sum| (sum / weight).min(T::max_value()))
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
