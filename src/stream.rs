//! What is evaluated where it arises: one item at a time, in constant memory, in parts that merge.

use crate::Error;

/// Takes items one after the other in constant memory, and merges.
///
/// What is read off the state of A merged with that of B is what is read off A and then B in one stream, bit for bit, in any
/// order and any grouping: counts are integers, sums are exact.
pub trait Stream: Copy {
    /// What it takes.
    type Item;

    /// Takes one item.
    ///
    /// # Errors
    /// What is wrong with the item, or [`Error::Overflow`] where a counter is full. The state stays as it was.
    fn add(&mut self, item: Self::Item) -> Result<(), Error>;

    /// Takes all that another stream has taken.
    ///
    /// # Errors
    /// [`Error::Overflow`] where a counter is full; [`Error::Parameter`] where the two were set up differently. The state stays
    /// as it was.
    fn merge(&mut self, other: &Self) -> Result<(), Error>;
}

/// A stream, with the number of items that were refused.
///
/// # Examples
/// ```
/// use microloss::metric::ConfusionMatrix;
/// use microloss::stream::Evaluator;
/// let mut evaluator = Evaluator::<ConfusionMatrix<2>>::default();
/// evaluator.add((0, 0))?;
/// assert!(evaluator.add((255, 1)).is_err());
/// assert_eq!((evaluator.stream().accuracy::<f32>()?, evaluator.rejected()), (1.0, 1));
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Evaluator<S> {
    stream: S,
    rejected: u64,
}

impl<S: Stream> Evaluator<S> {
    /// Evaluates with this stream, which may hold items already.
    #[must_use]
    pub const fn new(stream: S) -> Self {
        Self { stream, rejected: 0 }
    }

    /// Takes one item. A refused one is counted, and changes nothing else.
    ///
    /// # Errors
    /// Those of the stream.
    pub fn add(&mut self, item: S::Item) -> Result<(), Error> {
        self.take(Ok(item))
    }

    /// Takes what a call gave: an item, or the error with which it was refused, which is counted and handed back.
    ///
    /// # Errors
    /// The one that was given, and those of the stream.
    pub fn take(&mut self, item: Result<S::Item, Error>) -> Result<(), Error> {
        let taken = item.and_then(|item| self.stream.add(item));
        if taken.is_err() {
            self.rejected = self.rejected.saturating_add(1);
        }
        taken
    }

    /// Takes all that another evaluator has taken, and its rejected items.
    ///
    /// # Errors
    /// Those of the stream. The state stays as it was.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        self.stream.merge(&other.stream)?;
        self.rejected = self.rejected.saturating_add(other.rejected);
        Ok(())
    }

    /// The stream, which has the results.
    #[must_use]
    pub const fn stream(&self) -> &S {
        &self.stream
    }

    /// Items that were refused.
    #[must_use]
    pub const fn rejected(&self) -> u64 {
        self.rejected
    }
}
