//! Targets: class labels of any integer type, or numbers.

use super::block::{RowBlock, RowTargets};
use super::scores::{Scores, item_range};
use crate::lanes::{LANES, VECTORS, largest, rolled, scalar};
use crate::math::scaled;
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
    /// Class labels.
    Signs(&'a [Sign]),
    /// Soft labels, numbers, or distributions one after the other.
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

/// A label of two classes that are opposites: -1 or 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Sign {
    /// -1.
    Negative,
    /// 1.
    Positive,
}

/// What the targets of a loss of elements are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum TargetKind {
    /// Labels 0 and 1, or soft ones between.
    #[default]
    Binary,
    /// Finite numbers.
    Numbers,
    /// Labels -1 and 1: a [`Sign`], or an integer. Nothing makes them of 0 and 1.
    Signs,
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
            Targets::Signs($labels) => $found,
            Targets::Values($values) => $other,
        }
    };
}

/// Refuses the first label that is not legal; how many are ignored.
#[cfg_attr(target_arch = "arm", inline(never))]
#[cfg_attr(not(target_arch = "arm"), inline(always))]
fn survey<L: Integer>(labels: &[L], legal: Legal, ignore_index: Option<i64>) -> Result<usize, Error> {
    let ignored = ignore_index.and_then(L::of);
    // With vectors it pays to look for errors first.
    if !VECTORS || has_illegal(labels, legal, ignored) {
        let mut count = 0;
        for (index, &label) in labels.iter().enumerate() {
            if ignored == Some(label) {
                count += 1;
            } else {
                legal.check(index, label.number())?;
            }
        }
        return Ok(count);
    }
    Ok(ignored.map_or(0, |ignored| labels.iter().filter(|&&label| label == ignored).count()))
}

#[inline(always)]
fn has_illegal<L: Integer>(labels: &[L], legal: Legal, ignored: Option<L>) -> bool {
    let mut found = false;
    match legal {
        Legal::Classes(classes) => {
            // A class that is no label of this type is above all of them.
            let highest =
                classes.checked_sub(1).and_then(|class| L::of(i64::try_from(class).unwrap_or(i64::MAX)));
            let zero = L::Rank::default();
            let mut largest = zero;
            for &label in labels {
                let rank = if ignored == Some(label) { zero } else { label.rank() };
                largest = if rank > largest { rank } else { largest };
            }
            found = largest > highest.unwrap_or(L::LAST).rank() || (classes == 0 && !labels.is_empty());
        }
        Legal::Signs => {
            for &label in labels {
                let outside = (label.number() != 1) & (label.number() != -1);
                found |= outside & (ignored != Some(label));
            }
        }
    }
    found
}

/// Reads labels from `start` on; those that are ignored, and those past the end, stay what they are in `slots`. On boards a
/// function of its own for each type: inlined, all would be in each loss.
#[cfg_attr(target_arch = "arm", inline(never))]
#[cfg_attr(not(target_arch = "arm"), inline(always))]
fn read<L: Integer, U: Copy>(
    labels: &[L],
    start: usize,
    ignore_index: Option<i64>,
    of: impl Fn(L) -> U,
    slots: &mut [U],
) {
    let items = slots.iter_mut().zip(labels.get(start..).unwrap_or(&[]));
    let Some(ignored) = ignore_index.and_then(L::of) else {
        for (slot, &label) in items {
            rolled();
            *slot = of(label);
        }
        return;
    };
    for (slot, &label) in items {
        rolled();
        *slot = if label == ignored { *slot } else { of(label) };
    }
}

/// Which labels are legal.
#[derive(Clone, Copy)]
enum Legal {
    /// From 0 to one less.
    Classes(usize),
    /// -1 and 1.
    Signs,
}

impl Legal {
    fn check(self, index: usize, label: i64) -> Result<(), Error> {
        match self {
            Self::Classes(classes) if !usize::try_from(label).is_ok_and(|class| class < classes) => {
                Err(Error::LabelOutOfRange { index, label, classes })
            }
            Self::Signs if label != 1 && label != -1 => Err(Error::NotASign { index, label }),
            _ => Ok(()),
        }
    }
}

/// What the labels' types have in common.
trait Integer: Copy + PartialEq {
    /// The unsigned type of this width.
    type Rank: Copy + Default + PartialOrd;
    /// The largest label of this type.
    const LAST: Self;
    /// The number as an unsigned one: those below 0 are above all others.
    fn rank(self) -> Self::Rank;
    /// The label of this type, if it has one.
    fn of(number: i64) -> Option<Self>;
    /// The number, or the nearest that fits.
    fn number(self) -> i64;
    fn as_class(self) -> u32;
}

impl Integer for Sign {
    type Rank = u8;
    const LAST: Self = Self::Positive;
    #[inline(always)]
    fn rank(self) -> u8 {
        if self == Self::Positive { 1 } else { u8::MAX }
    }
    #[inline(always)]
    fn of(number: i64) -> Option<Self> {
        match number {
            -1 => Some(Self::Negative),
            1 => Some(Self::Positive),
            _ => None,
        }
    }
    #[inline(always)]
    fn number(self) -> i64 {
        if self == Self::Positive { 1 } else { -1 }
    }
    #[inline(always)]
    fn as_class(self) -> u32 {
        u32::from(self == Self::Positive)
    }
}

impl crate::sealed::Sealed for Sign {}
impl<T> Target<T> for Sign {
    fn erase(targets: &[Self]) -> Targets<'_, T> {
        Targets::Signs(targets)
    }
}
impl<'a, T> From<&'a [Sign]> for Targets<'a, T> {
    fn from(signs: &'a [Sign]) -> Self {
        Self::Signs(signs)
    }
}

macro_rules! labels {
    ($($type:ident $rank:ident $variant:ident),*) => {$(
        impl Integer for $type {
            type Rank = $rank;
            const LAST: Self = Self::MAX;
            #[inline(always)]
            #[allow(clippy::cast_sign_loss, trivial_numeric_casts, reason = "those below 0 are to be above all others")]
            fn rank(self) -> $rank {
                self as $rank
            }
            #[inline(always)]
            fn of(number: i64) -> Option<Self> {
                number.try_into().ok()
            }
            #[inline(always)]
            fn number(self) -> i64 {
                self.try_into().unwrap_or(i64::MAX)
            }
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
labels!(u8 u8 U8, u16 u16 U16, u32 u32 U32, usize usize Usize, i8 u8 I8, i16 u16 I16, i32 u32 I32, i64 u64 I64);

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
    /// No targets, for a loss that has none.
    #[must_use]
    pub const fn none() -> Self {
        Self::Values(&[])
    }

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
        on_labels!(self, labels => labels.get(index).map(|&label| label.number()), _values => None)
    }

    /// The class at `index`: `Ok(None)` if it is ignored.
    #[inline]
    pub(crate) fn class(
        &self,
        index: usize,
        classes: usize,
        ignore_index: Option<i64>,
    ) -> Result<Option<usize>, Error> {
        let label = self.legal(index, Legal::Classes(classes), ignore_index)?;
        Ok(label.and_then(|label| usize::try_from(label).ok()))
    }

    /// The label at `index`: `Ok(None)` if it is ignored.
    #[inline]
    fn legal(&self, index: usize, legal: Legal, ignore_index: Option<i64>) -> Result<Option<i64>, Error> {
        let label = self.label(index).filter(|label| ignore_index != Some(*label));
        label.map_or(Ok(()), |label| legal.check(index, label))?;
        Ok(label)
    }

    /// Refuses a label that is no class; how many are ignored.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn survey(&self, classes: usize, ignore_index: Option<i64>) -> Result<usize, Error> {
        self.survey_labels(Legal::Classes(classes), ignore_index)
    }

    /// Refuses targets that are not of a kind; how many are ignored.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn survey_kind(&self, kind: TargetKind, ignore_index: Option<i64>) -> Result<usize, Error> {
        let legal = match (kind, self) {
            (TargetKind::Binary, Self::Values(values)) => {
                check_numbers(
                    values,
                    |value| (value >= T::zero()) & (value <= T::one()),
                    |index, value| Error::TargetOutOfRange { index, column: 0, value },
                )?;
                return Ok(0);
            }
            (TargetKind::Numbers, Self::Values(values)) => {
                check_numbers(values, T::is_finite, |index, value| Error::NonFiniteTarget { index, value })?;
                return Ok(0);
            }
            (TargetKind::Binary, Self::Signs(_)) => {
                return Err(Error::Unsupported {
                    name: "targets",
                    expected: "labels 0 and 1, or numbers between",
                });
            }
            (TargetKind::Numbers, _) => {
                return Err(Error::Unsupported { name: "targets", expected: "numbers" });
            }
            (TargetKind::Signs, Self::Values(_)) => {
                return Err(Error::Unsupported { name: "targets", expected: "labels -1 and 1" });
            }
            (TargetKind::Binary, _) => Legal::Classes(2),
            (TargetKind::Signs, _) => Legal::Signs,
        };
        self.survey_labels(legal, ignore_index)
    }

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn survey_labels(&self, legal: Legal, ignore_index: Option<i64>) -> Result<usize, Error> {
        on_labels!(self, labels => survey(labels, legal, ignore_index), _values => Ok(0))
    }

    /// The classes of `B` items from `start` on, which have been surveyed: [`IGNORED`] for those that are
    /// ignored, and past the end.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn classes<const B: usize>(&self, start: usize, ignore_index: Option<i64>) -> [u32; B] {
        let mut classes = [IGNORED; B];
        on_labels!(self, labels => read(labels, start, ignore_index, Integer::as_class, &mut classes), _values => ());
        classes
    }

    /// The targets of `B` elements from `start` on, which have been surveyed: NaN for those that are ignored, and
    /// past the end.
    #[inline(always)]
    pub(crate) fn numbers<const B: usize>(
        &self,
        kind: TargetKind,
        start: usize,
        ignore_index: Option<i64>,
    ) -> [T; B] {
        let mut numbers = [T::nan(); B];
        self.read_numbers(kind, start, ignore_index, &mut numbers);
        numbers
    }

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn read_numbers(&self, kind: TargetKind, start: usize, ignore_index: Option<i64>, numbers: &mut [T]) {
        if let Self::Values(values) = self {
            for (number, &value) in numbers.iter_mut().zip(values.get(start..).unwrap_or(&[])) {
                *number = value;
            }
            return;
        }
        let other = if kind == TargetKind::Signs { -T::one() } else { T::zero() };
        let of = |label: i64| if label > 0 { T::one() } else { other };
        on_labels!(
            self,
            labels => read(labels, start, ignore_index, |label| of(label.number()), numbers),
            _values => ()
        );
    }

    /// The distribution of item `index`.
    #[inline]
    pub(crate) fn distribution(&self, index: usize, classes: usize) -> Option<&'a [T]> {
        let Self::Values(values) = self else { return None };
        values.get(item_range(index, classes)?)
    }
}

/// Refuses a number that is not legal.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
fn check_numbers<T: Real>(
    numbers: &[T],
    is_legal: impl Fn(T) -> bool,
    error: impl FnOnce(usize, f64) -> Error,
) -> Result<(), Error> {
    let mut good = true;
    for &number in numbers {
        scalar();
        good &= is_legal(number);
    }
    if good {
        return Ok(());
    }
    let found = numbers.iter().enumerate().find(|(_, number)| !is_legal(**number));
    let (index, number) = found.map_or((0, T::nan()), |(index, &number)| (index, number));
    Err(error(index, number.to_double()))
}

/// Refuses a distribution with an entry outside 0 to 1, or whose sum is further than 1e-3 from 1.
pub(crate) fn check_distribution<T: Real>(index: usize, distribution: &[T]) -> Result<(), Error> {
    let most = T::of(1.001);
    if largest(distribution.iter().copied(), T::to_bits) > most.to_bits() {
        let is_outside = |value: T| !(value >= T::zero() && value <= most);
        let mut entries = distribution.iter().enumerate();
        // Of -0, which is not outside, the bits are large.
        if let Some((column, &value)) = entries.find(|(_, value)| is_outside(**value)) {
            return Err(Error::TargetOutOfRange { index, column, value: value.to_double() });
        }
    }
    let targets = RowTargets::Distributions(&[]);
    let mut row =
        RowBlock::<T, LANES, 1>::new(Scores::Read(distribution), distribution.len(), targets, [T::one()]);
    let [(high, low)] = row.sum(
        #[inline(always)]
        |_, _, probability, _| (scaled(probability), probability),
    );
    let sum = (high + low) * T::UNSCALE;
    if (sum - T::one()).abs() <= T::of(1e-3) {
        Ok(())
    } else {
        Err(Error::NotNormalized { index, sum: sum.to_double() })
    }
}
