//! A batch: the scores, their targets, and how they are to be read.

use core::marker::PhantomData;

use super::scores::Source;
use super::target::Targets;
use crate::Error;
use crate::Real;

/// The unit of a loss that is made of logarithms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Unit {
    /// Natural logarithms.
    #[default]
    Nats,
    /// Logarithms of base 2: nats divided by ln 2.
    Bits,
}

/// Arrays and slices as the numbers in them, row after row. Sealed.
pub trait Flat<T>: crate::sealed::Sealed {
    /// All numbers.
    fn flat(&self) -> &[T];
    /// All numbers, mutable.
    fn flat_mut(&mut self) -> &mut [T];
}

macro_rules! flat {
    ($([$($generic:tt)*] $type:ty, $self:ident => $read:expr, $write:expr;)*) => {$(
        impl<T: Real, $($generic)*> crate::sealed::Sealed for $type {}
        impl<T: Real, $($generic)*> Flat<T> for $type {
            fn flat(&$self) -> &[T] { $read }
            fn flat_mut(&mut $self) -> &mut [T] { $write }
        }
    )*};
}
flat! {
    [] [T], self => self, self;
    [const N: usize] [T; N], self => self, self;
    [const C: usize, const N: usize] [[T; C]; N], self => self.as_flattened(), self.as_flattened_mut();
    [const C: usize, const N: usize, const M: usize] [[[T; C]; N]; M], self =>
        self.as_flattened().as_flattened(), self.as_flattened_mut().as_flattened_mut();
}

/// An arrangement of scores, and that of one value an item. Sealed.
pub trait Layout<T, K>: Flat<T> {
    /// One number an item: its value, or its sample weight.
    type Items: Flat<T> + ?Sized;
}

impl<T: Real, K> Layout<T, K> for [T] {
    type Items = Self;
}

/// Scores and targets, with what is to be done to them. Made by [`Elements`](super::Elements),
/// [`Rows`](super::Rows), [`Regions`](super::Regions) or [`Pairs`](super::Pairs), from arrays, whose lengths the compiler checks,
/// or from slices, whose lengths the call checks.
///
/// `S` is the arrangement of the scores (`[[f32; C]; N]`, `[f32]`), `K` the shape of the data, `F` what the scores are
/// stored as: numbers, or [`Quantized`](super::Quantized) codes.
#[derive(Debug)]
#[must_use = "a batch does nothing until it is given to a loss"]
pub struct Batch<'a, T, S: ?Sized, K, F = Source<'a, T>> {
    pub(crate) source: F,
    /// Scores in a row.
    pub(crate) columns: usize,
    pub(crate) targets: Targets<'a, T>,
    pub(crate) weights: Option<&'a [T]>,
    pub(crate) ignore_index: Option<i64>,
    pub(crate) unit: Unit,
    pub(crate) kind: K,
    pub(crate) arrangement: PhantomData<fn() -> *const S>,
}

impl<'a, T: Real, S: Flat<T> + ?Sized, K, F> Batch<'a, T, S, K, F> {
    pub(crate) fn with(source: F, columns: usize, targets: Targets<'a, T>, kind: K) -> Self {
        let (unit, arrangement) = (Unit::Nats, PhantomData);
        Self { source, columns, targets, weights: None, ignore_index: None, unit, kind, arrangement }
    }

    /// Takes items, or pixels, with this label out: they add nothing, and their gradient is 0 even
    /// where their scores are NaN. May lie outside the classes, as 255 and -100 do; inside, it makes
    /// that class void.
    pub fn ignore_index(mut self, label: i64) -> Self {
        self.ignore_index = Some(label);
        self
    }

    /// The unit of the value, and of the gradient. A loss without a logarithm has none, and ignores this.
    pub fn unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }

    /// Multiplies each item, or image, by a weight of its own. The weights enter the denominator of the mean only
    /// where class weights do (cross entropy with labels).
    pub fn weights(mut self, weights: &'a S::Items) -> Self
    where
        S: Layout<T, K>,
    {
        self.weights = Some(weights.flat());
        self
    }

    /// The same, whatever the arrangement is: what follows is compiled once for all.
    pub(crate) fn into_slices(self) -> Batch<'a, T, [T], K, F> {
        let Self { source, columns, targets, weights, ignore_index, unit, kind, arrangement: _ } = self;
        Batch { source, columns, targets, weights, ignore_index, unit, kind, arrangement: PhantomData }
    }

    /// The unit, as a divisor.
    pub(crate) fn divisor(&self, logarithmic: bool) -> Option<T> {
        (logarithmic && self.unit == Unit::Bits).then_some(T::LN_2)
    }

    /// `ignore_index` means labels: distributions have no class to ignore.
    pub(crate) fn check_ignore(&self) -> Result<(), Error> {
        if self.ignore_index.is_some() && !self.targets.are_labels() {
            return Err(Error::Unsupported { name: "ignore_index", expected: "class labels" });
        }
        Ok(())
    }
}

impl<'a, T: Real, S: Flat<T> + ?Sized, K> Batch<'a, T, S, K> {
    /// Writes the gradient here. A batch made in place has it in the scores already, and leaves this alone.
    pub fn gradient(mut self, gradient: &'a mut S) -> Self {
        if let Source::Read(scores) | Source::Copy(scores, _) = self.source {
            self.source = Source::Copy(scores, gradient.flat_mut());
        }
        self
    }
}

#[cfg(feature = "defmt")]
impl<T: defmt::Format, S: ?Sized, K: defmt::Format, F: defmt::Format> defmt::Format
    for Batch<'_, T, S, K, F>
{
    fn format(&self, f: defmt::Formatter<'_>) {
        let Self { source, columns, targets, weights, ignore_index, unit, kind, arrangement: _ } = self;
        defmt::write!(
            f,
            "Batch {{ source: {}, columns: {}, targets: {}, weights: {}, ignore_index: {}, unit: {}, kind: {} }}",
            source,
            columns,
            targets,
            weights,
            ignore_index,
            unit,
            kind
        );
    }
}

/// The door: a buffer that has another length than the others is refused.
pub(crate) const fn check_length(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::LengthMismatch { what, expected, found }) }
}

/// The calls of a shape's trait that reduce a batch; `run` of the file that has the trait does the work.
macro_rules! reductions {
    ($batch:ident, $kind:ty $(, $width:ident)?) => {
        /// The mean over the items, and its gradient where the batch asks for it.
        ///
        /// # Errors
        /// See [`Error`]; [`Error::NothingToAverage`] where nothing is left to average.
        fn mean<S: Flat<T> + ?Sized, F: Feed<T>>(&self, batch: $batch<'_, T, S $(, $width)?, F>) -> Result<T, Error> {
            run(self, batch, Reduction::Mean)?.mean()
        }

        /// The sum over the items, 0 over none, and its gradient where the batch asks for it.
        ///
        /// # Errors
        /// See [`Error`].
        fn sum<S: Flat<T> + ?Sized, F: Feed<T>>(&self, batch: $batch<'_, T, S $(, $width)?, F>) -> Result<T, Error> {
            self.total(batch)?.sum()
        }

        /// As [`sum`](Self::sum), with the counts and the mean's denominator: what merges.
        ///
        /// # Errors
        /// See [`Error`].
        fn total<S: Flat<T> + ?Sized, F: Feed<T>>(&self, batch: $batch<'_, T, S $(, $width)?, F>) -> Result<Total<T>, Error> {
            run(self, batch, Reduction::Sum)
        }

        /// No reduction: one value an item, 0 for ignored ones; gradients are each item's own.
        ///
        /// # Errors
        /// See [`Error`].
        fn each<'b, S, F>(&self, batch: $batch<'b, T, S $(, $width)?, F>, values: &mut S::Items) -> Result<Total<T>, Error>
        where
            F: Feed<T>,
            S: Layout<T, $kind> + ?Sized,
            T: 'b,
        {
            run(self, batch, Reduction::None(values.flat_mut()))
        }
    };
}
pub(crate) use reductions;
