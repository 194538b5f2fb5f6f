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

/// The class of an ignored item. No row has as many columns.
pub(crate) const IGNORED: u32 = u32::MAX;

/// The same expression for whichever type the labels have.
macro_rules! on_labels {
    ($targets:expr, $labels:ident => $found:expr, $values:ident => $other:expr) => {
        match $targets {
            Targets::U8($labels) => $found,
            Targets::U16($labels) => $found,
            Targets::U32($labels) => $found,
            Targets::Usize($labels) => $found,
            Targets::I8($labels) => $found,
            Targets::I16($labels) => $found,
            Targets::I32($labels) => $found,
            Targets::I64($labels) => $found,
            Targets::Values($values) => $other,
        }
    };
}

/// An integer, or the nearest that fits.
#[inline(always)]
fn as_i64<L: TryInto<i64>>(label: L) -> i64 {
    label.try_into().unwrap_or(i64::MAX)
}

/// How many labels are ignored; `None` if one is no class.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
fn survey<L: Integer>(labels: &[L], classes: usize, ignore_index: Option<i64>) -> Option<usize> {
    // What does not fit the labels' own type is no label: above all of them, or none of them.
    let limit = L::try_from(classes).ok();
    let ignored = ignore_index.and_then(|label| L::try_from(label).ok());
    let mut bad = false;
    for &label in labels {
        let outside = (label < L::ZERO) | limit.is_some_and(|limit| label >= limit);
        bad |= outside & (ignored != Some(label));
    }
    let count = ignored.map_or(0, |ignored| labels.iter().filter(|&&label| label == ignored).count());
    (!bad).then_some(count)
}

#[cfg_attr(not(target_arch = "arm"), inline(always))]
fn read<L: Integer>(labels: &[L], start: usize, ignore_index: Option<i64>, classes: &mut [u32]) {
    let ignored = ignore_index.and_then(|label| L::try_from(label).ok());
    let labels = labels.get(start..).unwrap_or(&[]);
    for (class, &label) in classes.iter_mut().zip(labels) {
        *class = if ignored == Some(label) { IGNORED } else { label.as_class() };
    }
}

/// What the labels' types have in common.
trait Integer: Copy + PartialOrd + TryFrom<usize> + TryFrom<i64> + TryInto<i64> {
    const ZERO: Self;
    fn as_class(self) -> u32;
}

macro_rules! labels {
    ($($type:ident $variant:ident),*) => {$(
        impl Integer for $type {
            const ZERO: Self = 0;
            #[inline(always)]
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_lossless,
                trivial_numeric_casts,
                reason = "only of labels that are classes, which fit"
            )]
            fn as_class(self) -> u32 {
                self as u32
            }
        }
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
        on_labels!(self, labels => labels.len(), values => values.len())
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
        on_labels!(self, labels => labels.get(index).map(|&label| as_i64(label)), _values => None)
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

    /// Refuses a label that is no class; how many are ignored.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn survey(&self, classes: usize, ignore_index: Option<i64>) -> Result<usize, Error> {
        if cfg!(target_arch = "arm") {
            // One loop for all types is small, and no slower where there are no vectors.
            let ignored =
                |index| self.class(index, classes, ignore_index).map(|class| usize::from(class.is_none()));
            return (0..if self.are_labels() { self.len() } else { 0 }).map(ignored).sum();
        }
        let found = on_labels!(self, labels => survey(labels, classes, ignore_index), _values => Some(0));
        found.ok_or_else(|| self.first_bad(classes, ignore_index))
    }

    #[cold]
    fn first_bad(&self, classes: usize, ignore_index: Option<i64>) -> Error {
        let bad = (0..self.len()).find_map(|index| self.class(index, classes, ignore_index).err());
        bad.unwrap_or(Error::NothingToAverage)
    }

    /// The classes of `B` items from `start` on, which have been surveyed: [`IGNORED`] for those that are
    /// ignored, and past the end.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn classes<const B: usize>(&self, start: usize, ignore_index: Option<i64>) -> [u32; B] {
        let mut classes = [IGNORED; B];
        on_labels!(self, labels => read(labels, start, ignore_index, &mut classes), _values => ());
        classes
    }

    /// Refuses a soft target outside 0 to 1.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn check_soft(&self) -> Result<(), Error> {
        let Self::Values(values) = self else { return Ok(()) };
        let inside = |value: T| (value >= T::zero()) & (value <= T::one());
        let mut good = true;
        for &value in *values {
            scalar();
            good &= inside(value);
        }
        if good {
            return Ok(());
        }
        let found = values.iter().enumerate().find(|(_, value)| !inside(**value));
        let (index, value) = found.map_or((0, T::nan()), |(index, &value)| (index, value));
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
