//! The confusion matrix, and what is read off it.

use crate::stream::Stream;
use crate::{Error, Real};

/// Counts of items by true class (row) and predicted class (column).
///
/// # Examples
/// ```
/// use microloss::metric::ConfusionMatrix;
/// let mut matrix = ConfusionMatrix::<2>::new();
/// for (label, predicted) in [(0, 0), (0, 1), (1, 1), (1, 1)] {
///     matrix.add(label, predicted)?;
/// }
/// assert_eq!(matrix.accuracy::<f32>()?, 0.75);
/// assert_eq!(matrix.iou::<f32>(1)?, 2.0 / 3.0);
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ConfusionMatrix<const C: usize> {
    counts: [[u32; C]; C],
}

impl<const C: usize> Default for ConfusionMatrix<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const C: usize> ConfusionMatrix<C> {
    /// A matrix of zeros.
    #[must_use]
    pub const fn new() -> Self {
        Self { counts: [[0; C]; C] }
    }

    /// Counts one item.
    ///
    /// # Errors
    /// [`Error::LabelOutOfRange`], with the number of items counted so far as the index;
    /// [`Error::Overflow`] where the counter is full. Neither changes the matrix.
    pub fn add(&mut self, label: usize, predicted: usize) -> Result<(), Error> {
        let index = usize::try_from(self.total()).unwrap_or(usize::MAX);
        let refuse = |class: usize| Error::LabelOutOfRange {
            index,
            label: i64::try_from(class).unwrap_or(i64::MAX),
            classes: C,
        };
        let row = self.counts.get_mut(label).ok_or_else(|| refuse(label))?;
        let count = row.get_mut(predicted).ok_or_else(|| refuse(predicted))?;
        *count = count.checked_add(1).ok_or(Error::Overflow)?;
        Ok(())
    }

    /// The counts, `[true class][predicted class]`.
    #[must_use]
    pub const fn counts(&self) -> &[[u32; C]; C] {
        &self.counts
    }

    /// Right items over all.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] before the first item.
    pub fn accuracy<T: Real>(&self) -> Result<T, Error> {
        ratio((0..C).map(|class| self.hits(class)).sum(), self.total())
    }

    /// Intersection over union of one class: right items over those that either bear or are given it.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] for a class that no item bears or is given.
    pub fn iou<T: Real>(&self, class: usize) -> Result<T, Error> {
        let hits = self.hits(class);
        let borne: u64 = self.counts.get(class).into_iter().flatten().map(|&count| u64::from(count)).sum();
        let given: u64 =
            self.counts.iter().filter_map(|row| row.get(class)).map(|&count| u64::from(count)).sum();
        ratio(hits, borne.wrapping_add(given).wrapping_sub(hits))
    }

    /// The mean of [`iou`](Self::iou) over the classes that have one.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] where none has one.
    pub fn mean_iou<T: Real>(&self) -> Result<T, Error> {
        let (mut sum, mut classes) = (T::zero(), 0_usize);
        for iou in (0..C).filter_map(|class| self.iou::<T>(class).ok()) {
            sum = sum + iou;
            classes = classes.saturating_add(1);
        }
        if classes == 0 { Err(Error::NothingToAverage) } else { Ok(sum / T::of_count(classes)) }
    }

    fn hits(&self, class: usize) -> u64 {
        self.counts.get(class).and_then(|row| row.get(class)).copied().unwrap_or_default().into()
    }

    fn total(&self) -> u64 {
        self.counts.iter().flatten().map(|&count| u64::from(count)).sum()
    }
}

/// Takes (label, predicted class).
impl<const C: usize> Stream for ConfusionMatrix<C> {
    type Item = (usize, usize);

    fn add(&mut self, (label, predicted): Self::Item) -> Result<(), Error> {
        Self::add(self, label, predicted)
    }

    fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let mut merged = *self;
        for (count, &more) in merged.counts.iter_mut().flatten().zip(other.counts.iter().flatten()) {
            *count = count.checked_add(more).ok_or(Error::Overflow)?;
        }
        *self = merged;
        Ok(())
    }
}

fn ratio<T: Real>(part: u64, whole: u64) -> Result<T, Error> {
    if whole == 0 {
        return Err(Error::NothingToAverage);
    }
    #[allow(clippy::cast_precision_loss, reason = "counts beyond 2^53 round")]
    Ok(T::of(part as f64) / T::of(whole as f64))
}
