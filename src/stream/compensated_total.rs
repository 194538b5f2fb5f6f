//! The total of losses with compensated sums: small, and not exact.

use super::{State, Stream, Words, tag};
use crate::lanes::Sum;
use crate::reduce::Total;
use crate::{Error, Real};

/// The losses of items, summed with compensation: a running [`Total`].
///
/// ```text
/// mean = Σ wℓ / Σ w
/// ```
/// The last bits hang on the order of the items, and on how parts are grouped when they merge. [`ExactTotal`](super::ExactTotal)
/// is larger, and free of that.
///
/// # Domain
/// An item is a total of any number of items.
/// # Cost
/// 32 bytes of state for `f32`, 48 for `f64`. Instructions an item for `f32`, beyond the loss: the README's table of costs,
/// `compensated_total`. On Cortex-M0, which has no floating-point unit, the exact total takes fewer.
/// # Accuracy
/// The sum's error is that of its rounding to the type, and no more than that of a sum in twice the digits:
/// |error| <= u |Σ wℓ| + n² u² Σ |wℓ|, u = 2^-24 for `f32`.
/// # Errors
/// [`Error::Overflow`] where a sum is beyond the type, or a counter is full.
/// # Reference
/// Ogita, Rump and Oishi 2005, "Accurate Sum and Dot Product", algorithm 4.4 (Sum2); Neumaier 1974.
/// # Examples
/// ```
/// use microloss::stream::{CompensatedTotal, Evaluator};
/// use microloss::{ElementLoss, Elements, element::MeanAbsoluteError};
/// let mut evaluator = Evaluator::<CompensatedTotal<f32>>::default();
/// for (predicted, measured) in [(1.0, 1.5), (2.0, 2.5), (3.0, 2.0)] {
///     evaluator.take(MeanAbsoluteError::new().total(Elements::new(&[predicted], &[measured])))?;
/// }
/// assert_eq!(evaluator.stream().mean()?, 2.0 / 3.0);
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CompensatedTotal<T> {
    loss: Sum<T>,
    weight: Sum<T>,
    valid: u64,
    ignored: u64,
}

impl<T: Real> CompensatedTotal<T> {
    /// The total of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Σ wℓ / Σ w.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] where no item was counted or all weights were 0.
    pub fn mean(&self) -> Result<T, Error> {
        Total { loss: self.loss, weight: self.weight, ..Total::default() }.mean()
    }

    /// Σ wℓ; 0 over nothing.
    ///
    /// # Errors
    /// None: what would overflow was refused.
    pub fn sum(&self) -> Result<T, Error> {
        Total { loss: self.loss, ..Total::default() }.sum()
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

impl<T: Real> Stream for CompensatedTotal<T> {
    type Item = Total<T>;

    fn add(&mut self, item: Total<T>) -> Result<(), Error> {
        let Total { loss, weight, valid, ignored } = item;
        self.merge(&Self { loss, weight, valid: valid as u64, ignored: ignored as u64 })
    }

    fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let mut merged = *self;
        merged.loss.merge(other.loss);
        merged.weight.merge(other.weight);
        merged.valid = self.valid.checked_add(other.valid).ok_or(Error::Overflow)?;
        merged.ignored = self.ignored.checked_add(other.ignored).ok_or(Error::Overflow)?;
        if !merged.loss.value().is_finite() || !merged.weight.value().is_finite() {
            return Err(Error::Overflow);
        }
        *self = merged;
        Ok(())
    }
}

impl<T: Real> Words for CompensatedTotal<T> {
    fn each_word(&mut self, visit: &mut impl FnMut(&mut u32)) {
        for number in [&mut self.loss, &mut self.weight].into_iter().flat_map(Sum::parts_mut) {
            let (mut bits, _) = number.to_hex_bits();
            bits.each_word(visit);
            *number = T::with_bits(bits);
        }
        self.valid.each_word(visit);
        self.ignored.each_word(visit);
    }
}

impl<T: Real> State for CompensatedTotal<T> {
    const TAG: u32 = tag("compensated_total", &[size_of::<T>()]);

    fn is_possible(&self) -> bool {
        let [loss, weight] = [self.loss, self.weight].map(|sum| sum.value());
        let is_empty = loss == T::zero() && weight == T::zero();
        // A sum starts at 0, to which no term adds up to -0.
        let is_sum = |mut sum: Sum<T>| {
            sum.parts_mut().into_iter().all(|part| *part != T::zero() || part.is_sign_positive())
        };
        loss.is_finite()
            && weight.is_finite()
            && weight >= T::zero()
            && (self.valid > 0 || is_empty)
            && is_sum(self.loss)
            && is_sum(self.weight)
    }
}
