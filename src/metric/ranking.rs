//! AUROC and average precision, exactly: of scores that are kept.

use super::options::ZeroDivision;
use super::ratio::double;
use crate::lanes::Sum;
use crate::math::{Marked, entry, ordered};
use crate::sort::{Entry, Item, Sort};
use crate::{Error, Real, Scratch};

/// What the order of scores of two classes tells.
///
/// ```text
/// AUROC = P(x₊ > x₋) + P(x₊ = x₋) / 2    of a positive and a negative item, drawn at random
/// AP    = Σ (R_i - R_(i-1)) P_i           over falling thresholds, with recall R and precision P of scores that reach them
/// ```
/// # Accuracy
/// AUROC is correctly rounded; average precision is within 2⁻⁵⁰, and the rounding to `f32`.
/// # Reference
/// Fawcett 2006. scikit-learn's `roc_auc_score`, `average_precision_score` (without interpolation), equal scores included:
/// `tests/metrics.rs`. Infinite scores, which scikit-learn refuses, are ordered.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ranking {
    /// Twice the pairs of a positive item above a negative one; pairs of equal scores count once.
    wins: u128,
    positives: u64,
    negatives: u64,
    /// The sum over positive items of the precision at their score.
    precision: f64,
}

impl Ranking {
    /// Of the numbers of positive and negative items of each score, falling.
    pub(crate) fn of(groups: impl Iterator<Item = (u64, u64)> + Clone) -> Self {
        let (mut positives, mut negatives) = (0_u64, 0_u64);
        for (more_positives, more_negatives) in groups.clone() {
            positives = positives.wrapping_add(more_positives);
            negatives = negatives.wrapping_add(more_negatives);
        }
        let (mut wins, mut precision) = (0_u128, Sum::<f64>::default());
        let (mut hits, mut below) = (0_u64, negatives);
        for (own, other) in groups {
            hits = hits.wrapping_add(own);
            let pairs = u128::from(below).wrapping_mul(2).wrapping_sub(other.into());
            wins = wins.wrapping_add(pairs.wrapping_mul(own.into()));
            below = below.wrapping_sub(other);
            if own != 0 {
                let predicted = hits.wrapping_add(negatives.wrapping_sub(below));
                precision.add(double(own.into()) * double(hits.into()) / double(predicted.into()));
            }
        }
        Self { wins, positives, negatives, precision: precision.value() }
    }

    /// Items that are positive, and that are not.
    #[must_use]
    pub const fn items(&self) -> (u64, u64) {
        (self.positives, self.negatives)
    }

    /// Area under the receiver operating characteristic; 0 / 0 of one class only (scikit-learn: NaN).
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] of no items; [`Error::ZeroDivision`], which names the class without items, 0 or 1.
    pub fn auroc<T: Real>(&self, zero_division: ZeroDivision) -> Result<T, Error> {
        self.auroc_of(self.wins, zero_division)
    }

    /// The same of another number of wins.
    pub(crate) fn auroc_of<T: Real>(&self, wins: u128, zero_division: ZeroDivision) -> Result<T, Error> {
        self.some()?;
        let pairs = u128::from(self.positives).wrapping_mul(self.negatives.into());
        let absent = usize::from(self.positives == 0);
        zero_division.ratio(wins, pairs << 1, "AUROC", absent)?.ok_or(Error::NothingToAverage)
    }

    /// Average precision; 0 / 0 without positive items (scikit-learn: 0).
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] of no items; [`Error::ZeroDivision`], which names class 1.
    pub fn average_precision<T: Real>(&self, zero_division: ZeroDivision) -> Result<T, Error> {
        self.average_precision_of(self.precision, zero_division).map(T::of)
    }

    /// The same of another sum of precisions.
    pub(crate) fn average_precision_of(&self, sum: f64, zero_division: ZeroDivision) -> Result<f64, Error> {
        self.some()?;
        if self.positives == 0 {
            return zero_division.answer("average precision", 1)?.ok_or(Error::NothingToAverage);
        }
        Ok(sum / double(self.positives.into()))
    }

    /// Twice the pairs that count for the positive item.
    pub(crate) const fn wins(&self) -> u128 {
        self.wins
    }

    const fn some(&self) -> Result<(), Error> {
        if self.positives == 0 && self.negatives == 0 { Err(Error::NothingToAverage) } else { Ok(()) }
    }
}

/// Scores of two classes, kept in memory of the caller until they are ranked: AUROC and average precision without error.
///
/// For more scores than fit there is [`ScoreHistogram`](super::ScoreHistogram).
/// # Shapes
/// [`Scratch::insertion`] holds an [`Entry`] an item, [`Scratch::merge`] two, of 8 bytes (`f64`: 16).
/// # Domain
/// All numbers but NaN; -0 equals 0.
/// # Cost
/// Ranking sorts: O(N²) by insertion, O(N log N) by merging.
/// # Errors
/// [`Error::ScratchTooSmall`] where there is no room for an item.
/// # Reference
/// See [`Ranking`].
/// # Examples
/// ```
/// use microloss::{Entry, Scratch, metric::{RankedScores, ZeroDivision}};
/// let mut entries = [Entry::default(); 8];
/// let mut scores = RankedScores::new(Scratch::merge(&mut entries));
/// for (score, is_positive) in [(0.1_f32, false), (0.4, false), (0.35, true), (0.8, true)] {
///     scores.add(score, is_positive)?;
/// }
/// let ranking = scores.rank();
/// assert_eq!(ranking.auroc::<f32>(ZeroDivision::Refuse)?, 0.75);
/// assert_eq!(ranking.average_precision::<f32>(ZeroDivision::Refuse)?, 5.0 / 6.0);
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RankedScores<'a, T> {
    entries: &'a mut [Entry<T>],
    spare: &'a mut [Entry<T>],
    sort: Sort,
    items: usize,
}

impl<'a, T: Real> RankedScores<'a, T> {
    /// Of no items.
    #[must_use]
    pub fn new(scratch: Scratch<'a, T>) -> Self {
        let (entries, sort) = scratch.into_parts();
        let room = match sort {
            Sort::Insertion => entries.len(),
            Sort::Merge => entries.len() / 2,
        };
        let (entries, spare) = entries.split_at_mut_checked(room).unwrap_or_default();
        Self { entries, spare, sort, items: 0 }
    }

    /// Keeps one item.
    ///
    /// # Errors
    /// [`Error::NonFiniteScore`] for NaN, with the number of items so far as the index; [`Error::ScratchTooSmall`]. Neither
    /// changes anything.
    pub fn add(&mut self, score: T, is_positive: bool) -> Result<(), Error> {
        if score.has_nan_bits() {
            return Err(Error::NonFiniteScore { index: self.items, column: 0, value: score.to_double() });
        }
        self.push(entry(ordered(score), 0, is_positive))
    }

    /// Keeps all items of another.
    ///
    /// # Errors
    /// [`Error::ScratchTooSmall`]. It changes nothing.
    pub fn merge(&mut self, other: &RankedScores<'_, T>) -> Result<(), Error> {
        let items = self.items.saturating_add(other.items);
        if items > self.entries.len() {
            return Err(self.too_small(items));
        }
        other.kept().iter().try_for_each(|&entry| self.push(entry))
    }

    fn push(&mut self, entry: Entry<T>) -> Result<(), Error> {
        let needed = self.items.saturating_add(1);
        let Some(slot) = self.entries.get_mut(self.items) else { return Err(self.too_small(needed)) };
        *slot = entry;
        self.items = needed;
        Ok(())
    }

    #[cold]
    fn too_small(&self, items: usize) -> Error {
        let found = self.entries.len().saturating_add(self.spare.len());
        Error::ScratchTooSmall { needed: self.sort.entries(items), found }
    }

    fn kept(&self) -> &[Entry<T>] {
        self.entries.get(..self.items).unwrap_or_default()
    }

    /// Items kept.
    #[must_use]
    pub const fn items(&self) -> usize {
        self.items
    }

    /// Sorts what is kept, and ranks it. More may be added after it.
    pub fn rank(&mut self) -> Ranking {
        let kept = self.entries.get_mut(..self.items).unwrap_or_default();
        // What does not end up here stands in the spare entries, and here in an order of before.
        Ranking::of(Groups(self.sort.run(kept, self.spare)))
    }
}

/// Sorted entries, as the numbers of positive and negative items of each score.
#[derive(Clone)]
struct Groups<'e, T>(&'e [Entry<T>]);

impl<T: Real> Iterator for Groups<'_, T> {
    type Item = (u64, u64);

    fn next(&mut self) -> Option<(u64, u64)> {
        let key = self.0.first()?.key();
        let (mut positives, mut negatives) = (0_u64, 0_u64);
        while let Some((entry, rest)) = self.0.split_first().filter(|(entry, _)| entry.key() == key) {
            let is_positive = entry.is_own();
            positives = positives.wrapping_add(is_positive.into());
            negatives = negatives.wrapping_add((!is_positive).into());
            self.0 = rest;
        }
        Some((positives, negatives))
    }
}
