//! How scores are read and replaced, whatever they are stored as: what losses are written against.

use core::borrow::Borrow;
use core::ops::Range;

use super::scores::{Scores, Source, item_range};
use crate::lanes::has_nan;
use crate::math::pieces;
use crate::sealed::Sealed;
use crate::{Error, Real};

/// Numbers that are read: a slice of them, or of what stands for them, such as [`Quantized`](super::Quantized) codes.
/// They stand in columns, and what a code stands for may hang on its column. Sealed.
pub trait View<T: Real>: Copy + Sealed {
    /// Chunks of `L` numbers, `N` of them.
    type Chunks<const L: usize, const N: usize>: Borrow<[[T; L]; N]> + Copy;

    /// How many there are.
    fn len(self) -> usize;

    /// Whether there are none.
    #[inline(always)]
    fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// A number, which stands in this column.
    fn get(self, index: usize, column: usize) -> Option<T>;

    /// The numbers of a range, the first of which stands in this column; it is column 0 of what is given.
    fn part(self, range: Range<usize>, column: usize) -> Option<Self>;

    /// All of them, each in a column of its own.
    fn row(self) -> impl Iterator<Item = T>;

    /// All of them, all in the same column.
    fn column(self) -> impl Iterator<Item = T>;

    /// Whether a NaN is among them.
    fn has_nan(self) -> bool;

    /// Whole chunks of a row, from a chunk on, if there are so many.
    fn chunks<const L: usize, const N: usize>(self, chunk: usize) -> Option<Self::Chunks<L, N>>;

    /// `B` times `K` numbers from `start` times `K` on, in `columns` columns of K; 0 past the end. `room` is where to put them
    /// that do not stand somewhere.
    fn block<'b, const K: usize, const B: usize>(
        self,
        start: usize,
        columns: usize,
        room: &'b mut Option<[[T; K]; B]>,
    ) -> &'b [[T; K]; B]
    where
        Self: 'b;

    /// Writes rows of numbers, as many as there is room for.
    fn write(self, columns: usize, to: &mut [T]);

    /// The K numbers of each item, in `columns` columns of K.
    fn items<const K: usize>(self, columns: usize) -> impl Iterator<Item = Self>;

    /// Pieces of a length, the last one perhaps shorter: the rows of pixels, or a row.
    fn parts(self, length: usize) -> impl Iterator<Item = Self>;

    /// The same, of which each stands one column further: planes.
    fn planes(self, length: usize) -> impl Iterator<Item = Self>;
}

/// The scores of an item, or some, as its loss has them: to be read, and to be replaced by the gradient where that is wanted.
/// Sealed.
pub trait Access<T: Real>: Sealed {
    /// What reads them.
    type View<'b>: View<T>
    where
        Self: 'b;

    /// The scores, or what has replaced them.
    fn view(&self) -> Self::View<'_>;

    /// Where the gradient goes, if it is wanted.
    fn slots(&mut self) -> Option<&mut [T]>;

    /// The scores, but where they stand where the gradient goes, and that place.
    fn apart(&mut self) -> (Option<Self::View<'_>>, Option<&mut [T]>);

    /// Whether the gradient is wanted.
    fn are_replaced(&self) -> bool;
}

/// The scores of a batch. Sealed.
pub trait Feed<T: Real>: Access<T> {
    /// The scores of an item, standing where its gradient goes.
    type Item<'b>: Access<T>
    where
        Self: 'b;
    /// Some of the scores.
    type Part<'b>: Access<T>
    where
        Self: 'b;

    /// The scores of `count` items from `first` on, standing where the gradient goes: `width` an item, in rows of `columns`.
    fn items(&mut self, first: usize, count: usize, width: usize, columns: usize) -> Option<Self::Item<'_>>;

    /// What stands there now.
    fn again(&mut self, index: usize, width: usize) -> Option<Self::Item<'_>>;

    /// An item, as the batch has it.
    fn part(&mut self, index: usize, width: usize) -> Option<Self::Part<'_>>;

    /// Whether the scores stand where the gradient goes.
    fn is_in_place(&self) -> bool;

    /// Refuses what does not fit rows of so many columns.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`].
    fn check(&self, columns: usize) -> Result<(), Error>;
}

/// Scores that are only read, by a metric: numbers in an array, a slice or what is one, or [`Quantized`](super::Quantized)
/// codes.
pub trait ReadScores<T: Real>: Copy {
    /// What reads them.
    type View: View<T>;
    /// The same for a loss.
    type Feed: Feed<T>;

    /// What reads them.
    fn view(self) -> Self::View;

    /// The same for a loss.
    fn feed(self) -> Self::Feed;

    /// What reads rows of so many columns.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] for scales of another number of columns.
    #[inline(always)]
    fn rows(self, columns: usize) -> Result<Self::View, Error> {
        self.feed().check(columns)?;
        Ok(self.view())
    }

    /// What reads one row.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] for scales of another number of columns.
    #[inline(always)]
    fn row(self) -> Result<Self::View, Error> {
        self.rows(self.view().len())
    }
}

impl<'a, T: Real, S: AsRef<[T]> + ?Sized> ReadScores<T> for &'a S {
    type View = &'a [T];
    type Feed = Source<'a, T>;

    #[inline(always)]
    fn view(self) -> &'a [T] {
        self.as_ref()
    }

    #[inline(always)]
    fn feed(self) -> Source<'a, T> {
        Source::Read(self.as_ref())
    }
}

impl<T: Real> Sealed for &[T] {}
impl<'a, T: Real> View<T> for &'a [T] {
    type Chunks<const L: usize, const N: usize> = &'a [[T; L]; N];

    #[inline(always)]
    fn len(self) -> usize {
        <[T]>::len(self)
    }

    #[inline(always)]
    fn get(self, index: usize, _column: usize) -> Option<T> {
        <[T]>::get(self, index).copied()
    }

    #[inline(always)]
    fn part(self, range: Range<usize>, _column: usize) -> Option<Self> {
        <[T]>::get(self, range)
    }

    #[inline(always)]
    fn row(self) -> impl Iterator<Item = T> {
        self.iter().copied()
    }

    #[inline(always)]
    fn column(self) -> impl Iterator<Item = T> {
        self.iter().copied()
    }

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn has_nan(self) -> bool {
        has_nan(self)
    }

    #[inline(always)]
    fn chunks<const L: usize, const N: usize>(self, chunk: usize) -> Option<Self::Chunks<L, N>> {
        self.as_chunks::<L>().0.get(chunk..)?.first_chunk::<N>()
    }

    #[inline(always)]
    fn block<'b, const K: usize, const B: usize>(
        self,
        start: usize,
        _columns: usize,
        room: &'b mut Option<[[T; K]; B]>,
    ) -> &'b [[T; K]; B]
    where
        Self: 'b,
    {
        let all = self.as_chunks::<K>().0.get(start..).unwrap_or(&[]);
        if let Some(whole) = all.first_chunk::<B>() {
            return whole;
        }
        room.insert(core::array::from_fn(|lane| all.get(lane).copied().unwrap_or([T::zero(); K])))
    }

    #[inline(always)]
    fn write(self, _columns: usize, to: &mut [T]) {
        for (to, &from) in to.iter_mut().zip(self) {
            *to = from;
        }
    }

    #[inline(always)]
    fn items<const K: usize>(self, _columns: usize) -> impl Iterator<Item = Self> {
        self.as_chunks::<K>().0.iter().map(<[T; K]>::as_slice)
    }

    #[inline(always)]
    fn parts(self, length: usize) -> impl Iterator<Item = Self> {
        self.chunks(length.max(1))
    }

    #[inline(always)]
    fn planes(self, length: usize) -> impl Iterator<Item = Self> {
        pieces(self, length)
    }
}

impl<T: Real> Sealed for Scores<'_, T> {}
impl<T: Real> Access<T> for Scores<'_, T> {
    type View<'b>
        = &'b [T]
    where
        Self: 'b;

    #[inline(always)]
    fn view(&self) -> &[T] {
        self.as_slice()
    }

    #[inline(always)]
    fn slots(&mut self) -> Option<&mut [T]> {
        match self {
            Self::Read(_) => None,
            Self::Replace(scores) => Some(scores),
        }
    }

    #[inline(always)]
    fn apart(&mut self) -> (Option<&[T]>, Option<&mut [T]>) {
        match self {
            Self::Read(scores) => (Some(scores), None),
            Self::Replace(scores) => (None, Some(scores)),
        }
    }

    #[inline(always)]
    fn are_replaced(&self) -> bool {
        Self::are_replaced(self)
    }
}

impl<T: Real> Sealed for Source<'_, T> {}
impl<T: Real> Access<T> for Source<'_, T> {
    type View<'b>
        = &'b [T]
    where
        Self: 'b;

    #[inline(always)]
    fn view(&self) -> &[T] {
        match self {
            Self::Read(scores) | Self::Copy(scores, _) => scores,
            Self::InPlace(scores) => scores,
        }
    }

    #[inline(always)]
    fn slots(&mut self) -> Option<&mut [T]> {
        match self {
            Self::Read(_) => None,
            Self::Copy(_, gradient) | Self::InPlace(gradient) => Some(gradient),
        }
    }

    #[inline(always)]
    fn apart(&mut self) -> (Option<&[T]>, Option<&mut [T]>) {
        match self {
            Self::Read(scores) => (Some(scores), None),
            Self::Copy(scores, gradient) => (Some(scores), Some(gradient)),
            Self::InPlace(gradient) => (None, Some(gradient)),
        }
    }

    #[inline(always)]
    fn are_replaced(&self) -> bool {
        !matches!(self, Self::Read(_))
    }
}

impl<T: Real> Feed<T> for Source<'_, T> {
    type Item<'b>
        = Scores<'b, T>
    where
        Self: 'b;
    type Part<'b>
        = Source<'b, T>
    where
        Self: 'b;

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn items(&mut self, first: usize, count: usize, width: usize, _columns: usize) -> Option<Scores<'_, T>> {
        let range = first.checked_mul(width)?..first.checked_add(count)?.checked_mul(width)?;
        Some(match self {
            Self::Read(scores) => Scores::Read(scores.get(range)?),
            Self::Copy(scores, gradient) => {
                let gradient = gradient.get_mut(range.clone())?;
                for (to, &from) in gradient.iter_mut().zip(scores.get(range)?) {
                    *to = from;
                }
                Scores::Replace(gradient)
            }
            Self::InPlace(gradient) => Scores::Replace(gradient.get_mut(range)?),
        })
    }

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn again(&mut self, index: usize, width: usize) -> Option<Scores<'_, T>> {
        let range = item_range(index, width)?;
        Some(match self {
            Self::Read(scores) => Scores::Read(scores.get(range)?),
            Self::Copy(_, gradient) | Self::InPlace(gradient) => Scores::Replace(gradient.get_mut(range)?),
        })
    }

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn part(&mut self, index: usize, width: usize) -> Option<Source<'_, T>> {
        let range = item_range(index, width)?;
        Some(match self {
            Self::Read(scores) => Source::Read(scores.get(range)?),
            Self::Copy(scores, gradient) => {
                Source::Copy(scores.get(range.clone())?, gradient.get_mut(range)?)
            }
            Self::InPlace(gradient) => Source::InPlace(gradient.get_mut(range)?),
        })
    }

    #[inline(always)]
    fn is_in_place(&self) -> bool {
        matches!(self, Self::InPlace(_))
    }

    #[inline(always)]
    fn check(&self, _columns: usize) -> Result<(), Error> {
        Ok(())
    }
}
