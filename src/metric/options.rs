//! What all metrics are asked: of which classes, and what 0 / 0 is.

use super::ratio::ratio;
use crate::{Error, Real};

/// What a metric gives where it divides 0 by 0, such as the precision of a class that nothing was predicted to be. An option of
/// every metric that can; never a silent 0. (A stream that has taken nothing is [`Error::NothingToAverage`] in any case.)
///
/// scikit-learn's `zero_division`: 0 with a warning, 0, 1, or NaN, which it leaves out of averages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ZeroDivision {
    /// [`Error::ZeroDivision`], which names the metric and the class.
    #[default]
    Refuse,
    /// 0.
    Zero,
    /// 1.
    One,
    /// Nothing: an average leaves the class out; [`Error::NothingToAverage`] where nothing is left. scikit-learn's NaN.
    Skip,
}

impl ZeroDivision {
    /// part / whole, or what this option says; `None` to skip.
    pub(crate) fn ratio<T: Real>(
        self,
        part: u128,
        whole: u128,
        metric: &'static str,
        class: usize,
    ) -> Result<Option<T>, Error> {
        if whole == 0 { self.answer(metric, class) } else { Ok(Some(ratio(part, whole))) }
    }

    /// A number for each option.
    pub(crate) const fn word(self) -> u32 {
        self as u32
    }

    /// The option of a number; what is of none is read as [`Refuse`](Self::Refuse).
    pub(crate) fn of(word: u32) -> Self {
        let all = [Self::Refuse, Self::Zero, Self::One, Self::Skip];
        all.into_iter().find(|option| option.word() == word).unwrap_or_default()
    }

    /// What 0 / 0 is; `None` to skip.
    pub(crate) fn answer<T: Real>(self, metric: &'static str, class: usize) -> Result<Option<T>, Error> {
        match self {
            Self::Refuse => Err(Error::ZeroDivision { metric, class }),
            Self::Zero => Ok(Some(T::zero())),
            Self::One => Ok(Some(T::one())),
            Self::Skip => Ok(None),
        }
    }
}

/// Over which classes a metric is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Average {
    /// Of this class alone. scikit-learn: an entry of `average=None`.
    Class(usize),
    /// The mean over classes, each of the same weight.
    Macro,
    /// The ratio of sums over all classes.
    Micro,
    /// The mean over classes, each weighted by the number of items that bear it.
    Weighted,
}

/// What a disagreement of two classes weighs in Cohen's kappa.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Disagreement {
    /// All the same.
    #[default]
    Equal,
    /// Their distance |i - j|: for classes in an order, such as grades.
    Linear,
    /// The square of their distance.
    Quadratic,
}
