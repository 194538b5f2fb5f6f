//! Targets: class labels of any integer type, or numbers.

use super::scores::item_range;
use crate::lanes::{Sum, scalar};
use crate::{Error, Real};

/// The targets of a batch.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Targets<'a, T> {
    /// Class labels.
    U8(&'a [u8]),
    /// Class labels.
    U16(&'a [u16]),
    /// Class labels.
    U32(&'a [u32]),
    /// Class labels.
    Usize(&'a [usize]),
    /// Class labels.
    I8(&'a [i8]),
    /// Class labels.
    I16(&'a [i16]),
    /// Class labels.
    I32(&'a [i32]),
    /// Class labels.
    I64(&'a [i64]),
    /// Soft labels, or distributions one after the other.
    Values(&'a [T]),
}

/// An integer type that labels come in: u8, u16, u32, usize, i8, i16, i32, i64. Sealed.
pub trait Label: Copy + crate::sealed::Sealed {
    /// The labels, their type forgotten.
    fn erase<T>(labels: &[Self]) -> Targets<'_, T>;
}

/// What an item's target may be: a [`Label`], or a number. Sealed.
pub trait Target<T>: Copy + crate::sealed::Sealed {
    /// The targets, their type forgotten.
    fn erase(targets: &[Self]) -> Targets<'_, T>;
}

/// What a row's target may be: a [`Label`], or a distribution over `C` classes. Sealed.
pub trait RowItem<T, const C: usize>: Copy + crate::sealed::Sealed {
    /// The targets, their type forgotten.
    fn erase(targets: &[Self]) -> Targets<'_, T>;
}

macro_rules! labels {
    ($($type:ident $variant:ident),*) => {$(
        impl crate::sealed::Sealed for $type {}
        impl Label for $type {
            fn erase<T>(labels: &[Self]) -> Targets<'_, T> { Targets::$variant(labels) }
        }
        impl<T> Target<T> for $type {
            fn erase(targets: &[Self]) -> Targets<'_, T> { Targets::$variant(targets) }
        }
        impl<T, const C: usize> RowItem<T, C> for $type {
            fn erase(targets: &[Self]) -> Targets<'_, T> { Targets::$variant(targets) }
        }
        impl<'a, T> From<&'a [$type]> for Targets<'a, T> {
            fn from(labels: &'a [$type]) -> Self { Self::$variant(labels) }
        }
    )*};
}
labels!(u8 U8, u16 U16, u32 U32, usize Usize, i8 I8, i16 I16, i32 I32, i64 I64);

impl crate::sealed::Sealed for f32 {}
impl crate::sealed::Sealed for f64 {}
impl<T: Real> Target<T> for T {
    fn erase(targets: &[Self]) -> Targets<'_, T> {
        Targets::Values(targets)
    }
}
impl<T: Real, const C: usize> RowItem<T, C> for [T; C] {
    fn erase(targets: &[Self]) -> Targets<'_, T> {
        Targets::Values(targets.as_flattened())
    }
}
impl<'a, T: Real> From<&'a [T]> for Targets<'a, T> {
    fn from(targets: &'a [T]) -> Self {
        Self::Values(targets)
    }
}

impl<'a, T: Real> Targets<'a, T> {
    /// How many there are: labels, or numbers.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::U8(t) => t.len(),
            Self::U16(t) => t.len(),
            Self::U32(t) => t.len(),
            Self::Usize(t) => t.len(),
            Self::I8(t) => t.len(),
            Self::I16(t) => t.len(),
            Self::I32(t) => t.len(),
            Self::I64(t) => t.len(),
            Self::Values(t) => t.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether these are class labels.
    pub(crate) const fn are_labels(&self) -> bool {
        !matches!(self, Self::Values(_))
    }

    /// The label at `index`; `None` past the end, or where the targets are numbers.
    #[inline]
    pub(crate) fn label(&self, index: usize) -> Option<i64> {
        Some(match self {
            Self::U8(t) => (*t.get(index)?).into(),
            Self::U16(t) => (*t.get(index)?).into(),
            Self::U32(t) => (*t.get(index)?).into(),
            Self::Usize(t) => i64::try_from(*t.get(index)?).unwrap_or(i64::MAX),
            Self::I8(t) => (*t.get(index)?).into(),
            Self::I16(t) => (*t.get(index)?).into(),
            Self::I32(t) => (*t.get(index)?).into(),
            Self::I64(t) => *t.get(index)?,
            Self::Values(_) => return None,
        })
    }

    /// The class at `index`: `Ok(None)` if it is ignored.
    #[inline]
    pub(crate) fn class(
        &self,
        index: usize,
        classes: usize,
        ignore_index: Option<i64>,
    ) -> Result<Option<usize>, Error> {
        let Some(label) = self.label(index) else { return Ok(None) };
        if ignore_index == Some(label) {
            return Ok(None);
        }
        match usize::try_from(label) {
            Ok(class) if class < classes => Ok(Some(class)),
            _ => Err(Error::LabelOutOfRange { index, label, classes }),
        }
    }

    /// The soft target at `index`, checked to be from 0 to 1.
    #[inline]
    pub(crate) fn soft(&self, index: usize) -> Result<Option<T>, Error> {
        let Self::Values(values) = self else { return Ok(None) };
        let Some(&value) = values.get(index) else { return Ok(None) };
        if value >= T::zero() && value <= T::one() {
            return Ok(Some(value));
        }
        Err(Error::TargetOutOfRange { index, column: 0, value: value.to_double() })
    }

    /// The distribution of item `index`.
    #[inline]
    pub(crate) fn distribution(&self, index: usize, classes: usize) -> Option<&'a [T]> {
        let Self::Values(values) = self else { return None };
        values.get(item_range(index, classes)?)
    }
}

/// Refuses a distribution with an entry outside 0 to 1, or whose sum is further than 1e-3 from 1.
pub(crate) fn check_distribution<T: Real>(index: usize, distribution: &[T]) -> Result<(), Error> {
    let mut sum = Sum::default();
    for (column, &value) in distribution.iter().enumerate() {
        scalar();
        if !(value >= T::zero() && value <= T::of(1.001)) {
            return Err(Error::TargetOutOfRange { index, column, value: value.to_double() });
        }
        sum.add(value);
    }
    let sum = sum.value();
    if (sum - T::one()).abs() <= T::of(1e-3) {
        Ok(())
    } else {
        Err(Error::NotNormalized { index, sum: sum.to_double() })
    }
}
