//! The last items of a stream.

use heapless::Deque;

use super::Stream;
use crate::Error;

/// The last W items of a stream, for alarms of drift: what is read off them is what is read off a stream that took only them.
///
/// # Domain
/// Fewer than W items until so many were taken. A rejected item is counted, and pushes none out.
/// # Cost
/// W items, the stream at its start, and a few words; O(1) an item, O(W) a result.
/// # Errors
/// Those of the stream.
/// # Examples
/// ```
/// use microloss::metric::ConfusionMatrix;
/// use microloss::stream::Window;
/// let mut window = Window::<ConfusionMatrix<2>, 3>::default();
/// for (label, predicted) in [(0, 1), (1, 1), (1, 1), (7, 1), (0, 0)] {
///     let _ = window.add((label, predicted));
/// }
/// assert_eq!(window.stream()?.accuracy::<f32>()?, 1.0);
/// assert_eq!((window.len(), window.rejected()), (3, 1));
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Window<S: Stream, const W: usize> {
    start: S,
    items: Deque<S::Item, W>,
    rejected: u64,
}

impl<S: Stream + Default, const W: usize> Default for Window<S, W> {
    fn default() -> Self {
        Self::new(S::default())
    }
}

impl<S: Stream, const W: usize> Window<S, W> {
    /// A window of a stream that starts like this one.
    #[must_use]
    pub const fn new(start: S) -> Self {
        const { assert!(W > 0, "a window has room for an item") };
        Self { start, items: Deque::new(), rejected: 0 }
    }

    /// Items in the window.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether nothing was taken yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Whether the window has all its W items.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.items.is_full()
    }

    /// Items that were refused.
    #[must_use]
    pub const fn rejected(&self) -> u64 {
        self.rejected
    }
}

impl<S: Stream<Item: Clone>, const W: usize> Window<S, W> {
    /// Takes one item, and forgets the oldest of more than W. A refused one is counted, and changes nothing else.
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
        let taken = item.and_then(|item| {
            let mut alone = self.start;
            alone.add(item.clone()).map(|()| item)
        });
        let item = taken.inspect_err(|_| self.rejected = self.rejected.saturating_add(1))?;
        if self.items.is_full() {
            self.items.pop_front();
        }
        // There is room for it.
        let _ = self.items.push_back(item);
        Ok(())
    }

    /// The stream that took the items of the window, the oldest first.
    ///
    /// # Errors
    /// Those of the stream, such as [`Error::Overflow`] of all items together.
    pub fn stream(&self) -> Result<S, Error> {
        let mut stream = self.start;
        self.items.iter().try_for_each(|item| stream.add(item.clone()))?;
        Ok(stream)
    }
}
