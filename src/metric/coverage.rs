//! Quantile and interval coverage.

use super::ratio::ratio;
use crate::lanes::scalar;
use crate::stream::{State, Stream, Words, tag};
use crate::{Error, Real};

/// Coverage: the part of the targets that are at or below a predicted quantile, or within a predicted interval, ends included. Of good
/// quantiles τ it is τ, of good intervals from τ₁ to τ₂ it is τ₂ - τ₁.
///
/// ```text
/// (1/n) Σ_i [y_i ≤ q_i],   (1/n) Σ_i [l_i ≤ y_i ≤ u_i]
/// ```
/// An item is whether it was covered.
/// # Domain
/// All numbers but NaN.
/// # Cost
/// 16 bytes; O(1) an item.
/// # Accuracy
/// Correctly rounded.
/// # Errors
/// [`Error::NonFiniteTarget`], [`Error::NonFiniteScore`] of NaN; [`Error::NothingToAverage`] before the first item;
/// [`Error::Overflow`] of a full counter.
/// # Reference
/// Koenker and Bassett 1978; the prediction interval coverage probability (PICP). scikit-learn has no function of it: its
/// example of quantile regression takes `np.mean`, as `tests/metrics.rs` does.
/// # Examples
/// ```
/// use microloss::metric::Coverage;
/// let mut coverage = Coverage::new();
/// coverage.add_quantile(0.5_f32, 0.75)?;
/// coverage.add_quantile(0.5_f32, 0.25)?;
/// assert_eq!(coverage.value::<f32>()?, 0.5);
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Coverage {
    covered: u64,
    items: u64,
}

impl Coverage {
    /// Of no items.
    #[must_use]
    pub const fn new() -> Self {
        Self { covered: 0, items: 0 }
    }

    /// Takes a target, and the quantile that was predicted.
    ///
    /// # Errors
    /// [`Error::NonFiniteTarget`], [`Error::NonFiniteScore`] of NaN; [`Error::Overflow`]. None changes anything.
    pub fn add_quantile<T: Real>(&mut self, target: T, quantile: T) -> Result<(), Error> {
        self.add_interval(target, T::neg_infinity(), quantile)
    }

    /// Takes a target, and the ends of the interval that was predicted.
    ///
    /// # Errors
    /// Those of [`add_quantile`](Self::add_quantile). None changes anything.
    pub fn add_interval<T: Real>(&mut self, target: T, low: T, high: T) -> Result<(), Error> {
        let index = usize::try_from(self.items).unwrap_or(usize::MAX);
        if target.has_nan_bits() {
            return Err(Error::NonFiniteTarget { index, value: target.to_double() });
        }
        for (column, end) in [low, high].into_iter().enumerate() {
            scalar();
            if end.has_nan_bits() {
                return Err(Error::NonFiniteScore { index, column, value: end.to_double() });
            }
        }
        Stream::add(self, low <= target && target <= high)
    }

    /// Items taken.
    #[must_use]
    pub const fn items(&self) -> u64 {
        self.items
    }

    /// The part that was covered.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] before the first item.
    pub fn value<T: Real>(&self) -> Result<T, Error> {
        if self.items == 0 {
            return Err(Error::NothingToAverage);
        }
        Ok(ratio(self.covered.into(), self.items.into()))
    }
}

/// Takes whether an item was covered.
impl Stream for Coverage {
    type Item = bool;

    fn add(&mut self, is_covered: bool) -> Result<(), Error> {
        self.merge(&Self { covered: is_covered.into(), items: 1 })
    }

    fn merge(&mut self, other: &Self) -> Result<(), Error> {
        self.items = self.items.checked_add(other.items).ok_or(Error::Overflow)?;
        // No more than all items.
        self.covered = self.covered.wrapping_add(other.covered);
        Ok(())
    }
}

impl Words for Coverage {
    fn each_word(&mut self, visit: &mut impl FnMut(&mut u32)) {
        self.covered.each_word(visit);
        self.items.each_word(visit);
    }
}

impl State for Coverage {
    const TAG: u32 = tag("coverage", &[]);

    fn is_possible(&self) -> bool {
        self.covered <= self.items
    }
}
