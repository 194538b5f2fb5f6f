//! Top-k accuracy.

use super::ratio::ratio;
use crate::lanes::scalar;
use crate::stream::{State, Stream, Words, tag};
use crate::{Error, ReadScores, Real, View};

/// The place of a class in the order of falling scores, from 0: how many classes stand before it. Of equal scores the last class
/// comes first, as in scikit-learn's `top_k_accuracy_score` (and not as in [`argmax`](super::argmax)).
///
/// # Errors
/// [`Error::NonFiniteScore`] for NaN (infinities are ordered); [`Error::LabelOutOfRange`].
/// # Examples
/// ```
/// use microloss::metric::rank;
/// assert_eq!(rank(&[0.5_f32, 2.0, 2.0], 2)?, 0);
/// assert_eq!(rank(&[0.5_f32, 2.0, 2.0], 1)?, 1);
/// # Ok::<(), microloss::Error>(())
/// ```
pub fn rank<T: Real>(scores: impl ReadScores<T>, label: usize) -> Result<usize, Error> {
    rank_of(0, scores.row()?, label)
}

fn rank_of<T: Real>(index: usize, scores: impl View<T>, label: usize) -> Result<usize, Error> {
    let Some(own) = scores.get(label, label) else {
        let (label, classes) = (i64::try_from(label).unwrap_or(i64::MAX), scores.len());
        return Err(Error::LabelOutOfRange { index, label, classes });
    };
    let mut before = 0_usize;
    for (column, score) in scores.row().enumerate() {
        scalar();
        if score.has_nan_bits() {
            return Err(Error::NonFiniteScore { index, column, value: score.to_double() });
        }
        before = before.wrapping_add((score > own || score == own && column > label).into());
    }
    Ok(before)
}

/// Top-k accuracy for every k up to K: the part of the items whose class is among the k with the largest scores.
///
/// ```text
/// items whose class has rank() < k, over all items
/// ```
/// # Domain
/// Any number of classes; all scores but NaN. Of equal scores the last class comes first: see [`rank()`].
/// # Cost
/// 4 K + 4 bytes; O(C) an item.
/// # Accuracy
/// Correctly rounded.
/// # Errors
/// [`Error::NothingToAverage`] before the first item; [`Error::Overflow`] of a full counter.
/// # Reference
/// scikit-learn's `top_k_accuracy_score` of three classes or more: `tests/metrics.rs`. Of two it takes the score of one.
/// # Examples
/// ```
/// use microloss::metric::TopKAccuracy;
/// let mut top = TopKAccuracy::<2>::new();
/// top.add_scores(2, &[0.1_f32, 0.7, 0.2])?;
/// top.add_scores(1, &[0.1_f32, 0.7, 0.2])?;
/// assert_eq!((top.accuracy::<f32>(1)?, top.accuracy::<f32>(2)?), (0.5, 1.0));
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TopKAccuracy<const K: usize> {
    /// Items by the rank of their class.
    ranks: [u32; K],
    items: u32,
}

impl<const K: usize> Default for TopKAccuracy<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const K: usize> TopKAccuracy<K> {
    /// Of no items.
    #[must_use]
    pub const fn new() -> Self {
        Self { ranks: [0; K], items: 0 }
    }

    /// Counts one item by the [`rank()`] of its class.
    ///
    /// # Errors
    /// [`Error::Overflow`] where the counter is full. It changes nothing.
    pub fn add(&mut self, rank: usize) -> Result<(), Error> {
        self.items = self.items.checked_add(1).ok_or(Error::Overflow)?;
        if let Some(count) = self.ranks.get_mut(rank) {
            // No more than all items.
            *count = count.wrapping_add(1);
        }
        Ok(())
    }

    /// Counts one item by its row of scores.
    ///
    /// # Errors
    /// Those of [`rank()`] and [`add`](Self::add), with the number of items counted so far as the index. None changes anything.
    pub fn add_scores<T: Real>(&mut self, label: usize, scores: impl ReadScores<T>) -> Result<(), Error> {
        self.add(rank_of(self.index(), scores.row()?, label)?)
    }

    /// Items counted.
    #[must_use]
    pub const fn items(&self) -> u32 {
        self.items
    }

    fn index(&self) -> usize {
        usize::try_from(self.items).unwrap_or(usize::MAX)
    }

    /// Top-k accuracy.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] before the first item; [`Error::Parameter`] for a k of 0 or more than K.
    pub fn accuracy<T: Real>(&self, k: usize) -> Result<T, Error> {
        let Some(ranks) = self.ranks.get(..k).filter(|ranks| !ranks.is_empty()) else {
            let value = T::of_count(k).to_double();
            return Err(Error::Parameter { name: "k", index: 0, value, expected: "from 1 to K" });
        };
        if self.items == 0 {
            return Err(Error::NothingToAverage);
        }
        let hits = ranks.iter().fold(0_u128, |sum, &count| sum.wrapping_add(count.into()));
        Ok(ratio(hits, self.items.into()))
    }
}

/// Takes the rank of an item's class.
impl<const K: usize> Stream for TopKAccuracy<K> {
    type Item = usize;

    fn add(&mut self, rank: usize) -> Result<(), Error> {
        Self::add(self, rank)
    }

    fn merge(&mut self, other: &Self) -> Result<(), Error> {
        self.items = self.items.checked_add(other.items).ok_or(Error::Overflow)?;
        for (count, &more) in self.ranks.iter_mut().zip(&other.ranks) {
            *count = count.wrapping_add(more);
        }
        Ok(())
    }
}

impl<const K: usize> Words for TopKAccuracy<K> {
    fn each_word(&mut self, visit: &mut impl FnMut(&mut u32)) {
        self.ranks.each_word(visit);
        self.items.each_word(visit);
    }
}

impl<const K: usize> State for TopKAccuracy<K> {
    const TAG: u32 = tag("top_k_accuracy", &[K]);

    fn is_possible(&self) -> bool {
        self.ranks
            .iter()
            .try_fold(0_u32, |sum, &count| sum.checked_add(count))
            .is_some_and(|sum| sum <= self.items)
    }
}
