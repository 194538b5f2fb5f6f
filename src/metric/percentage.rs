//! Mean absolute percentage error.

use super::mean::{Mean, check_finite};
use super::options::ZeroDivision;
use crate::stream::{State, Stream, Words, tag};
use crate::{Error, Real};

/// Mean absolute percentage error: as a part of 1, not of 100.
///
/// ```text
/// MAPE = (1/n) Σ_i |p_i - y_i| / max(|y_i|, floor)
/// ```
/// An item is (target y, prediction p), as scikit-learn orders them.
/// # Domain
/// Finite numbers. A target of 0, without a floor, is what `zero_division` says, and so is 0 / 0: [`Error::ZeroDivision`], a ratio of 0
/// or of 1, or not counted.
/// # Parameters
/// `zero_division`: [`ZeroDivision::Refuse`]. `floor`, a finite number, at least 0: 0. scikit-learn's is 2⁻⁵².
/// # Cost
/// 64 bytes of state for `f32` (60 of words), 296 for `f64`; O(1) an item, with a division.
/// # Accuracy
/// The correctly rounded mean of ratios, each with the roundings of its difference and its division.
/// # Errors
/// [`Error::NonFiniteTarget`], [`Error::NonFiniteScore`]; [`Error::NonFiniteLoss`] of a ratio beyond the type; [`Error::ZeroDivision`] (of
/// class 0, for there are none); [`Error::NothingToAverage`] before the first item.
/// # Reference
/// scikit-learn's `mean_absolute_percentage_error`: `tests/metrics.rs`.
/// # Examples
/// ```
/// use microloss::{metric::MeanAbsolutePercentageError, stream::Stream};
/// let mut error = MeanAbsolutePercentageError::new();
/// error.add((4.0_f32, 3.0))?;
/// error.add((-2.0, -1.0))?;
/// assert_eq!(error.value()?, 0.375);
/// assert!(error.add((0.0, 1.0)).is_err());
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MeanAbsolutePercentageError<T: Real> {
    mean: Mean<T>,
    floor: T,
    /// A word: a stream in memory of C has no bits that are illegal.
    zero_division: u32,
}

impl<T: Real> Default for MeanAbsolutePercentageError<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Real> MeanAbsolutePercentageError<T> {
    /// Of no items; a target of 0 is refused.
    #[must_use]
    pub fn new() -> Self {
        Self { mean: Mean::new(), floor: T::zero(), zero_division: ZeroDivision::Refuse.word() }
    }

    /// Of no items, with another way to take targets of 0.
    #[must_use]
    pub fn zero_division(self, zero_division: ZeroDivision) -> Self {
        Self { zero_division: zero_division.word(), mean: Mean::new(), ..self }
    }

    /// Of no items, where what an error is divided by is at least this.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a number that is not finite, or below 0.
    pub fn floor(self, floor: T) -> Result<Self, Error> {
        if !(floor >= T::zero() && floor.is_finite()) {
            let (value, expected) = (floor.to_double(), "a finite number, at least 0");
            return Err(Error::Parameter { name: "floor", index: 0, value, expected });
        }
        // -0 is 0.
        Ok(Self { floor: floor.abs(), mean: Mean::new(), ..self })
    }

    /// Items counted.
    #[must_use]
    pub const fn items(&self) -> u64 {
        self.mean.items()
    }

    /// The mean absolute percentage error.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] before the first item.
    pub fn value(&self) -> Result<T, Error> {
        self.mean.value()
    }
}

impl<T: Real> Stream for MeanAbsolutePercentageError<T> {
    type Item = (T, T);

    fn add(&mut self, (target, predicted): Self::Item) -> Result<(), Error> {
        let index = self.mean.index();
        check_finite(index, target, predicted)?;
        let divisor = target.abs().max(self.floor);
        let ratio = if divisor == T::zero() {
            match ZeroDivision::of(self.zero_division).answer("MAPE", 0)? {
                Some(ratio) => ratio,
                None => return Ok(()),
            }
        } else {
            let difference = (predicted - target).abs();
            if difference.is_finite() {
                difference / divisor
            } else {
                // Beyond the type, though their ratio may not be.
                let half = T::of(0.5);
                (predicted * half - target * half).abs() / (divisor * half)
            }
        };
        if !ratio.is_finite() {
            return Err(Error::NonFiniteLoss { index, value: ratio.to_double() });
        }
        self.mean.add([ratio])
    }

    fn merge(&mut self, other: &Self) -> Result<(), Error> {
        if self.zero_division != other.zero_division || self.floor.to_hex_bits() != other.floor.to_hex_bits()
        {
            let (value, expected) = (other.floor.to_double(), "the options of the other");
            return Err(Error::Parameter { name: "options", index: 0, value, expected });
        }
        self.mean.merge(&other.mean)
    }
}

impl<T: Real> Words for MeanAbsolutePercentageError<T> {
    fn each_word(&mut self, visit: &mut impl FnMut(&mut u32)) {
        self.mean.each_word(visit);
        let (mut floor, _) = self.floor.to_hex_bits();
        floor.each_word(visit);
        self.floor = T::with_bits(floor);
        visit(&mut self.zero_division);
        self.zero_division = ZeroDivision::of(self.zero_division).word();
    }
}

impl<T: Real> State for MeanAbsolutePercentageError<T> {
    const TAG: u32 = tag("mean_absolute_percentage_error", &[size_of::<T>()]);

    fn is_possible(&self) -> bool {
        let floor = self.floor;
        self.mean.is_possible(1) && floor.is_finite() && !floor.is_sign_negative()
    }
}
