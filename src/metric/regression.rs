//! Errors of predicted numbers.

use super::mean::{Mean, check_finite, mean_stream};
use super::options::ZeroDivision;
use crate::exact_sum::{ExactProducts, ExactSum};
use crate::stream::{State, Stream, Words, tag};
use crate::{Error, Real};

/// Mean absolute error.
///
/// ```text
/// MAE = (1/n) Σ_i |p_i - y_i|
/// ```
/// An item is (target y, prediction p), as scikit-learn orders them.
/// # Domain
/// Finite numbers.
/// # Cost
/// 56 bytes of state for `f32` (52 of words), 280 for `f64`; O(1) an item.
/// # Accuracy
/// Correctly rounded: differences are not rounded either.
/// # Errors
/// [`Error::NonFiniteTarget`], [`Error::NonFiniteScore`]; [`Error::NothingToAverage`] before the first item.
/// # Reference
/// scikit-learn's `mean_absolute_error`: `tests/metrics.rs`. The loss of a batch is [`element::MeanAbsoluteError`].
///
/// [`element::MeanAbsoluteError`]: crate::element::MeanAbsoluteError
/// # Examples
/// ```
/// use microloss::{metric::MeanAbsoluteError, stream::Stream};
/// let mut error = MeanAbsoluteError::new();
/// error.add((3.0_f32, 2.5))?;
/// error.add((-1.0, 0.0))?;
/// assert_eq!(error.value()?, 0.75);
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MeanAbsoluteError<T: Real> {
    mean: Mean<T>,
}

mean_stream!(MeanAbsoluteError, "mean_absolute_error", item (T, T) = |self, (target, predicted)| {
    check_finite(self.mean.index(), target, predicted)?;
    let (larger, smaller) = if predicted > target { (predicted, target) } else { (target, predicted) };
    self.mean.add([larger, -smaller])
}, terms 2);

impl<T: Real> MeanAbsoluteError<T> {
    /// The mean absolute error.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] before the first item.
    pub fn value(&self) -> Result<T, Error> {
        self.mean.value()
    }
}

/// Sums of squares of one kind, and the number of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Squares<T: Real> {
    sum: ExactProducts<T>,
    items: u64,
}

impl<T: Real> Squares<T> {
    const fn new() -> Self {
        Self { sum: ExactProducts::new(), items: 0 }
    }

    /// Adds (p - y)² as its products, none of which is rounded.
    fn add(&mut self, target: T, predicted: T) -> Result<(), Error> {
        check_finite(usize::try_from(self.items).unwrap_or(usize::MAX), target, predicted)?;
        let mut next = *self;
        next.items = self.items.checked_add(1).ok_or(Error::Overflow)?;
        next.sum.add_product(predicted, predicted)?;
        next.sum.add_product(target, target)?;
        next.sum.add_product(-predicted, target)?;
        next.sum.add_product(-predicted, target)?;
        *self = next;
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let items = self.items.checked_add(other.items).ok_or(Error::Overflow)?;
        self.sum.merge(&other.sum)?;
        self.items = items;
        Ok(())
    }

    fn is_possible(&self) -> bool {
        !self.sum.is_negative() && self.sum.can_have(self.items.saturating_mul(4))
    }
}

impl<T: Real> Words for Squares<T> {
    fn each_word(&mut self, visit: &mut impl FnMut(&mut u32)) {
        self.sum.each_word(visit);
        self.items.each_word(visit);
    }
}

/// Root mean squared error.
///
/// ```text
/// RMSE = √((1/n) Σ_i (p_i - y_i)²)
/// ```
/// An item is (target y, prediction p), as scikit-learn orders them.
/// # Domain
/// Finite numbers. No square overflows or vanishes.
/// # Cost
/// 96 bytes of state for `f32`, 552 for `f64`; O(1) an item, four products.
/// # Accuracy
/// Correctly rounded, from the data on.
/// # Errors
/// [`Error::NonFiniteTarget`], [`Error::NonFiniteScore`]; [`Error::NothingToAverage`] before the first item.
/// # Reference
/// scikit-learn's `root_mean_squared_error`: `tests/metrics.rs`.
/// # Examples
/// ```
/// use microloss::{metric::RootMeanSquaredError, stream::Stream};
/// let mut error = RootMeanSquaredError::new();
/// error.add((1e30_f32, -1e30))?; // the square is beyond the type
/// assert_eq!(error.value()?, 2e30);
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RootMeanSquaredError<T: Real> {
    squares: Squares<T>,
}

impl<T: Real> Default for RootMeanSquaredError<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Real> RootMeanSquaredError<T> {
    /// Of no items.
    #[must_use]
    pub const fn new() -> Self {
        Self { squares: Squares::new() }
    }

    /// Items taken.
    #[must_use]
    pub const fn items(&self) -> u64 {
        self.squares.items
    }

    /// The root mean squared error.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] before the first item; [`Error::Overflow`] beyond the largest number of the type.
    pub fn value(&self) -> Result<T, Error> {
        self.squares.sum.root_mean(self.squares.items)
    }

    /// The mean squared error.
    ///
    /// # Errors
    /// Those of [`value`](Self::value).
    pub fn squared(&self) -> Result<T, Error> {
        self.squares.sum.mean(self.squares.items)
    }
}

impl<T: Real> Stream for RootMeanSquaredError<T> {
    type Item = (T, T);

    fn add(&mut self, (target, predicted): Self::Item) -> Result<(), Error> {
        self.squares.add(target, predicted)
    }

    fn merge(&mut self, other: &Self) -> Result<(), Error> {
        self.squares.merge(&other.squares)
    }
}

impl<T: Real> Words for RootMeanSquaredError<T> {
    fn each_word(&mut self, visit: &mut impl FnMut(&mut u32)) {
        self.squares.each_word(visit);
    }
}

impl<T: Real> State for RootMeanSquaredError<T> {
    const TAG: u32 = tag("root_mean_squared_error", &[size_of::<T>()]);

    fn is_possible(&self) -> bool {
        self.squares.is_possible()
    }
}

/// R², the coefficient of determination.
///
/// ```text
/// R² = 1 - Σ_i (y_i - p_i)² / Σ_i (y_i - ȳ)²,   ȳ = the mean of all targets
/// ```
/// An item is (target y, prediction p), as scikit-learn orders them.
/// # Domain
/// Finite numbers. From -∞ to 1. Where all targets are equal, it is what `zero_division` says, but 1 only if all predictions are
/// right: else [`ZeroDivision::One`] gives 0.
/// # Cost
/// 232 bytes of state for `f32` (228 of words), 1368 for `f64`; O(1) an item, five products.
/// # Accuracy
/// Correctly rounded, from the data on: targets may be far from 0, and close together.
/// # Errors
/// [`Error::NonFiniteTarget`], [`Error::NonFiniteScore`]; [`Error::ZeroDivision`] (of class 0, for there are none) of equal targets.
/// # Reference
/// scikit-learn's `r2_score`: `tests/metrics.rs`. Where all targets are equal it is 1 if the predictions are right, else 0
/// (`force_finite`): [`ZeroDivision::One`]. Of one item it is NaN, and here what the option says.
/// # Examples
/// ```
/// use microloss::{metric::{R2Score, ZeroDivision}, stream::Stream};
/// let mut r2 = R2Score::new();
/// for item in [(3.0_f32, 2.5), (-0.5, 0.0), (2.0, 2.0), (7.0, 8.0)] {
///     r2.add(item)?;
/// }
/// assert_eq!(r2.value(ZeroDivision::Refuse)?, 0.948_608_14);
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct R2Score<T: Real> {
    squares: Squares<T>,
    target_squares: ExactProducts<T>,
    targets: ExactSum<T>,
}

impl<T: Real> Default for R2Score<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Real> R2Score<T> {
    /// Of no items.
    #[must_use]
    pub const fn new() -> Self {
        Self { squares: Squares::new(), target_squares: ExactProducts::new(), targets: ExactSum::new() }
    }

    /// Items taken.
    #[must_use]
    pub const fn items(&self) -> u64 {
        self.squares.items
    }

    /// n times the sum of squares of the targets' distances from their mean: n Σ y² - (Σ y)².
    fn spread(&self) -> Result<ExactProducts<T>, Error> {
        let mut spread = self.target_squares.times(self.squares.items)?;
        spread.subtract(&self.targets.squared())?;
        Ok(spread)
    }

    /// R².
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] before the first item; [`Error::ZeroDivision`] of equal targets; [`Error::Overflow`] beyond the
    /// type, or its [`ExactProducts`].
    pub fn value(&self, zero_division: ZeroDivision) -> Result<T, Error> {
        if self.squares.items == 0 {
            return Err(Error::NothingToAverage);
        }
        let spread = self.spread()?;
        if spread.is_zero() {
            // Wrong predictions are no 0 / 0, and never as good as right ones.
            let is_right = self.squares.sum.is_zero();
            let zero_division = match zero_division {
                ZeroDivision::One if !is_right => ZeroDivision::Zero,
                option => option,
            };
            return zero_division.answer("R2", 0)?.ok_or(Error::NothingToAverage);
        }
        let mut explained = spread;
        explained.subtract(&self.squares.sum.times(self.squares.items)?)?;
        explained.ratio(&spread)
    }

    /// The errors themselves.
    #[must_use]
    pub const fn root_mean_squared_error(&self) -> RootMeanSquaredError<T> {
        RootMeanSquaredError { squares: self.squares }
    }
}

impl<T: Real> Stream for R2Score<T> {
    type Item = (T, T);

    fn add(&mut self, (target, predicted): Self::Item) -> Result<(), Error> {
        let mut next = *self;
        next.squares.add(target, predicted)?;
        next.target_squares.add_product(target, target)?;
        next.targets.add(target)?;
        *self = next;
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let mut merged = *self;
        merged.squares.merge(&other.squares)?;
        merged.target_squares.merge(&other.target_squares)?;
        merged.targets.merge(&other.targets)?;
        *self = merged;
        Ok(())
    }
}

impl<T: Real> Words for R2Score<T> {
    fn each_word(&mut self, visit: &mut impl FnMut(&mut u32)) {
        self.squares.each_word(visit);
        self.target_squares.each_word(visit);
        self.targets.each_word(visit);
    }
}

impl<T: Real> State for R2Score<T> {
    const TAG: u32 = tag("r2_score", &[size_of::<T>()]);

    fn is_possible(&self) -> bool {
        let items = self.squares.items;
        self.squares.is_possible()
            && !self.target_squares.is_negative()
            && self.target_squares.can_have(items)
            && self.targets.can_have(items)
            // Cauchy and Schwarz.
            && self.spread().is_ok_and(|spread| !spread.is_negative())
    }
}
