//! AUROC and average precision of a stream: from a histogram of its scores, with bounds of the error.

use super::confusion::ConfusionMatrix;
use super::counts::{fit, merge};
use super::options::ZeroDivision;
use super::ranking::Ranking;
use super::ratio::double;
use crate::lanes::Sum;
use crate::stream::{State, Stream, Words, tag};
use crate::{Error, Real};

/// Beyond the rounding errors of a bound of the average precision: of the parts that B bins have in a sum of at most 1, each
/// with fewer than 16 roundings of 2^-53, and a compensated sum. This is 2^-48.
const SLACK: f64 = 3.552_713_678_800_501e-15;

/// Counts of scores of two classes, in B bins of equal width: AUROC and average precision of any number of items, with bounds of
/// what they are without bins.
///
/// ```text
/// bin of a score x = floor(B (x - low) / (high - low)), from 0 to B - 1
/// ```
/// The results are those of scores that are equal where they are of one bin. Scores of different bins are in the right order, so
/// whatever stands within the bins, the true result is within [`auroc_bounds`](Self::auroc_bounds) and
/// [`average_precision_bounds`](Self::average_precision_bounds), ends included.
/// # Domain
/// [`new`](Self::new): from 0 to 1. [`over`](Self::over): all numbers; what is beyond the range is of the first or last bin. NaN is
/// refused. Bins are closed on the left; the last on both sides.
/// # Cost
/// 8 B + 24 bytes; O(1) an item, with a division in `f64`.
/// # Accuracy
/// AUROC and its bounds are correctly rounded, and rounding keeps an order: between the bounds is what
/// [`RankedScores`](super::RankedScores) gives. Average precision as in [`Ranking`]; its bounds are wider by 2⁻⁴⁸, which covers all
/// rounding. (For the lower one, the precision of the p positive items of a bin after tp, with M negative
/// ones up to its end, is at least Σ (tp + i) / (tp + i + M) over i = 1 .. p, which is p - M Σ 1 / (tp + i + M), and the sum of
/// reciprocals is at most an integral, ln(1 + p / (tp + M + 1/2)).)
/// # Errors
/// [`Error::ZeroDivision`] of one class only; [`Error::Overflow`] of a full counter.
/// # Reference
/// scikit-learn's `roc_auc_score` and `average_precision_score`: `tests/metrics.rs`. As [`Ranking`].
/// # Examples
/// ```
/// use microloss::metric::{ScoreHistogram, ZeroDivision};
/// let mut histogram = ScoreHistogram::<16>::new();
/// for (score, is_positive) in [(0.1_f32, false), (0.4, false), (0.35, true), (0.8, true)] {
///     histogram.add(score, is_positive)?;
/// }
/// assert_eq!(histogram.auroc::<f32>(ZeroDivision::Refuse)?, 0.75);
/// let [low, high] = histogram.auroc_bounds::<f32>(ZeroDivision::Refuse)?;
/// assert!(low <= 0.75 && 0.75 <= high);
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ScoreHistogram<const B: usize> {
    negatives: [u32; B],
    positives: [u32; B],
    low: f64,
    high: f64,
    /// 1 where scores beyond the range count, 0 where they are refused.
    open: u32,
}

impl<const B: usize> Default for ScoreHistogram<B> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const B: usize> ScoreHistogram<B> {
    const EMPTY: Self = {
        assert!(B > 0, "a histogram has bins");
        Self { negatives: [0; B], positives: [0; B], low: 0.0, high: 1.0, open: 0 }
    };

    /// Of probabilities; other scores are refused.
    #[must_use]
    pub const fn new() -> Self {
        Self::EMPTY
    }

    /// Of any scores; those beyond this range count for the first or the last bin.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless `low` is less than `high`, and their distance finite.
    pub fn over(low: f64, high: f64) -> Result<Self, Error> {
        // -0 is 0.
        let (low, high) = (low + 0.0, high + 0.0);
        let width = high - low;
        if !(width > 0.0 && width.is_finite()) {
            let expected = "a finite range, low before high";
            return Err(Error::Parameter { name: "range", index: 0, value: width, expected });
        }
        Ok(Self { low, high, open: 1, ..Self::EMPTY })
    }

    /// Counts one item.
    ///
    /// # Errors
    /// [`Error::NonFiniteScore`] for NaN, and where probabilities are counted [`Error::NotAProbability`], with the number of items
    /// so far as the index; [`Error::Overflow`] where the counter is full. None changes anything.
    pub fn add<T: Real>(&mut self, score: T, is_positive: bool) -> Result<(), Error> {
        let (value, column) = (score.to_double(), 0);
        if score.has_nan_bits() {
            return Err(Error::NonFiniteScore { index: self.index(), column, value });
        }
        if self.open == 0 && !(0.0..=1.0).contains(&value) {
            return Err(Error::NotAProbability { index: self.index(), column, value });
        }
        let bin = self.bin(value);
        let counts = if is_positive { &mut self.positives } else { &mut self.negatives };
        let count = counts.get_mut(bin).ok_or(Error::Overflow)?;
        *count = count.checked_add(1).ok_or(Error::Overflow)?;
        Ok(())
    }

    /// Every step keeps the order of scores, so the bins have it. A cast saturates.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rounding down is the purpose"
    )]
    fn bin(&self, value: f64) -> usize {
        let place = (value - self.low) / (self.high - self.low) * double(B as u128);
        (place as usize).min(B.wrapping_sub(1))
    }

    /// Counts of the negative and of the positive items in each bin.
    #[must_use]
    pub const fn counts(&self) -> [&[u32; B]; 2] {
        [&self.negatives, &self.positives]
    }

    /// Counts where scores of this bin and above are predicted to be of class 1.
    ///
    /// # Errors
    /// [`Error::Overflow`] where a sum is beyond a counter.
    pub fn confusion(&self, bin: usize) -> Result<ConfusionMatrix<2>, Error> {
        let row = |counts: &[u32; B]| {
            let (below, reached) = counts.split_at_checked(bin).unwrap_or((counts, &[]));
            let sum = |counts: &[u32]| counts.iter().try_fold(0_u32, |sum, &count| sum.checked_add(count));
            Some([sum(below)?, sum(reached)?])
        };
        let rows = row(&self.negatives).zip(row(&self.positives)).ok_or(Error::Overflow)?;
        Ok([rows.0, rows.1].into())
    }

    const fn has_range_of(&self, other: &Self) -> bool {
        self.low.to_bits() == other.low.to_bits()
            && self.high.to_bits() == other.high.to_bits()
            && self.open == other.open
    }

    fn index(&self) -> usize {
        let (positives, negatives) = self.ranking().items();
        usize::try_from(positives.saturating_add(negatives)).unwrap_or(usize::MAX)
    }

    /// Positive and negative items of each bin, from the last on.
    fn groups(&self) -> impl Iterator<Item = (u64, u64)> + Clone {
        let bins = self.positives.iter().zip(&self.negatives).rev();
        bins.map(|(&positives, &negatives)| (positives.into(), negatives.into()))
    }

    /// The order of the bins, whose scores count as equal.
    #[must_use]
    pub fn ranking(&self) -> Ranking {
        Ranking::of(self.groups())
    }

    /// AUROC of the bins.
    ///
    /// # Errors
    /// Those of [`Ranking::auroc`].
    pub fn auroc<T: Real>(&self, zero_division: ZeroDivision) -> Result<T, Error> {
        self.ranking().auroc(zero_division)
    }

    /// Between what AUROC is without bins.
    ///
    /// # Errors
    /// Those of [`Ranking::auroc`].
    pub fn auroc_bounds<T: Real>(&self, zero_division: ZeroDivision) -> Result<[T; 2], Error> {
        let ranking = self.ranking();
        // All pairs within a bin may be lost, or won.
        let ties = self.groups().fold(0_u128, |ties, (positives, negatives)| {
            ties.wrapping_add(u128::from(positives).wrapping_mul(negatives.into()))
        });
        let low = ranking.auroc_of(ranking.wins().wrapping_sub(ties), zero_division)?;
        let high = ranking.auroc_of(ranking.wins().wrapping_add(ties), zero_division)?;
        Ok([low, high])
    }

    /// Average precision of the bins.
    ///
    /// # Errors
    /// Those of [`Ranking::average_precision`].
    pub fn average_precision<T: Real>(&self, zero_division: ZeroDivision) -> Result<T, Error> {
        self.ranking().average_precision(zero_division)
    }

    /// Between what the average precision is without bins.
    ///
    /// # Errors
    /// Those of [`Ranking::average_precision`].
    pub fn average_precision_bounds<T: Real>(&self, zero_division: ZeroDivision) -> Result<[T; 2], Error> {
        let (mut low, mut high) = (Sum::<f64>::default(), Sum::<f64>::default());
        let (mut hits, mut others) = (0_u64, 0_u64);
        for (positives, negatives) in self.groups() {
            let own = double(positives.into());
            // At best they are equal, and before all negative ones.
            let [before, worst] =
                [others, others.wrapping_add(negatives)].map(|others| double(others.into()));
            let reached = double(hits.wrapping_add(positives).into());
            if positives != 0 {
                high.add(own * reached / (reached + before));
                let reciprocals = Real::ln_1p(own / (double(hits.into()) + worst + 0.5));
                low.add(own - worst * reciprocals);
            }
            (hits, others) = (hits.wrapping_add(positives), others.wrapping_add(negatives));
        }
        let ranking = self.ranking();
        let low = ranking.average_precision_of(low.value(), zero_division)?;
        let high = ranking.average_precision_of(high.value(), zero_division)?;
        if hits == 0 {
            return Ok([T::of(low), T::of(high)]);
        }
        Ok([T::of((low - SLACK).max(0.0)), T::of((high + SLACK).min(1.0))])
    }
}

/// Takes (score, whether the item is positive).
impl<const B: usize> Stream for ScoreHistogram<B> {
    type Item = (f64, bool);

    fn add(&mut self, (score, is_positive): Self::Item) -> Result<(), Error> {
        Self::add(self, score, is_positive)
    }

    fn merge(&mut self, other: &Self) -> Result<(), Error> {
        if !self.has_range_of(other) {
            let (value, expected) = (other.low, "the range of the other histogram");
            return Err(Error::Parameter { name: "range", index: 0, value, expected });
        }
        if !fit(&self.negatives, &other.negatives) {
            return Err(Error::Overflow);
        }
        merge(&mut self.positives, &other.positives)?;
        merge(&mut self.negatives, &other.negatives)
    }
}

impl<const B: usize> Words for ScoreHistogram<B> {
    fn each_word(&mut self, visit: &mut impl FnMut(&mut u32)) {
        self.negatives.each_word(visit);
        self.positives.each_word(visit);
        for end in [&mut self.low, &mut self.high] {
            let mut bits = end.to_bits();
            bits.each_word(visit);
            *end = f64::from_bits(bits);
        }
        self.open.each_word(visit);
    }
}

impl<const B: usize> State for ScoreHistogram<B> {
    const TAG: u32 = tag("score_histogram", &[B]);

    fn is_possible(&self) -> bool {
        let made = match self.open {
            0 => Ok(Self::EMPTY),
            1 => Self::over(self.low, self.high),
            _ => return false,
        };
        made.is_ok_and(|made| self.has_range_of(&made))
    }
}
