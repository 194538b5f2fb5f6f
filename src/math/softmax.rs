//! The exponentials of rows of scores, and what follows from them.

use core::cell::Cell;

use super::ln_1p::ln_of_sum;
use super::{RowExponential, rounded, two_quotient, two_sum};
use crate::Real;
use crate::lanes::{LANES, VECTORS, has_nan, vectorized};
use crate::shape::{Access, RowBlock, RowTargets, Scores};

/// e^x / Σ e^x, in place of the scores x.
///
/// # Domain
/// All numbers. A NaN, two scores of +inf, or nothing but -inf make all of them NaN.
/// # Examples
/// ```
/// let mut scores = [0.0_f32, 1000.0, f32::NEG_INFINITY, 1000.0];
/// microloss::math::softmax(&mut scores);
/// assert_eq!(scores, [0.0, 0.5, 0.0, 0.5]);
/// ```
pub fn softmax<T: Real>(scores: &mut [T]) {
    if has_nan(scores) {
        return scores.fill(T::nan());
    }
    vectorized(
        #[inline(always)]
        || {
            let (columns, targets) = (scores.len(), RowTargets::Classes([0]));
            let mut rows =
                RowBlock::<T, LANES, 1>::new(Scores::Replace(scores), columns, targets, [T::one()]);
            let (max, argmax) = rows.largest();
            let softmax = Softmax::of(&mut rows, max, argmax);
            let whole = if max == [T::neg_infinity()] { T::nan() } else { T::one() };
            let p = ScaledProbabilities::new([softmax.over_sum(0, (whole, T::zero()))]);
            rows.gradient(
                #[inline(always)]
                |_, _, e, _| p.of(0, e),
            );
            rows.set(&argmax, &[p.of(0, softmax.peak(0))]);
        },
    );
}

/// The softmax of a block of rows. One column of each row stands apart from the sum of the others, so that neither
/// is lost against the other: ln p and 1 - p of that column keep all their digits.
///
/// Exponentials are relative to the largest score and times [`Exponential::SCALE`](super::Exponential::SCALE), so
/// that none is subnormal.
#[derive(Clone, Copy)]
pub(crate) struct Softmax<T, const R: usize> {
    /// The largest score minus that of the column apart.
    gap: [T; R],
    /// The exponential of the column apart.
    own: [T; R],
    /// That of the largest score.
    peak: [T; R],
    /// The sum of the others, in two numbers.
    rest: [(T, T); R],
}

#[allow(clippy::indexing_slicing, reason = "rows are below R, and the compiler sees it")]
impl<T: Real, const R: usize> Softmax<T, R> {
    /// Takes the exponentials of the rows; where the gradient is wanted they replace the scores.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn of<const L: usize, S: Access<T>>(
        rows: &mut RowBlock<'_, T, L, R, S>,
        max: [T; R],
        apart: [u32; R],
    ) -> Self {
        let scores = rows.at(&apart);
        // A loop of its own for near rows pays with vectors only.
        let is_near = VECTORS && max.iter().all(|max| max.abs() <= T::NEAR);
        // Rows of large scores are brought near 0 first, with the rounding error of the difference carried along.
        let centre = rows.each(
            #[inline(always)]
            |row| if max[row].abs() <= T::NEAR { T::zero() } else { max[row] },
        );
        let measure = rows.each(
            #[inline(always)]
            |row| RowExponential::new(if centre[row] == T::zero() { max[row] } else { T::zero() }),
        );
        let floor = rows.each(
            #[inline(always)]
            |row| max[row] - T::VANISHING,
        );
        let far = |row: usize, score: T| {
            if centre[row] == T::zero() {
                return measure[row].of(score, T::zero(), score < floor[row]);
            }
            let (difference, error) = two_sum(score, -centre[row]);
            measure[row].of(difference, error, difference.abs() > T::VANISHING)
        };
        // Without vectors there is one row, and the exponential of the column apart is kept when its turn comes.
        let kept = Cell::new(T::nan());
        let rest = if is_near {
            rows.sum(
                #[inline(always)]
                |column, row, score, _| {
                    let e = measure[row].of(score, T::zero(), score < floor[row]);
                    (if column == apart[row] { T::zero() } else { e }, e)
                },
            )
        } else {
            rows.sum(
                #[inline(always)]
                |column, row, score, _| {
                    let e = far(row, score);
                    if !VECTORS && column == apart[row] {
                        kept.set(e);
                    }
                    (if column == apart[row] { T::zero() } else { e }, e)
                },
            )
        };
        let peak = rows.each(
            #[inline(always)]
            |row| {
                let centred = if centre[row] == T::zero() { max[row] } else { T::zero() };
                measure[row].of(centred, T::zero(), false)
            },
        );
        let own = rows.each(
            #[inline(always)]
            |row| {
                let e = if !VECTORS {
                    kept.get()
                } else if is_near {
                    measure[row].of(scores[row], T::zero(), scores[row] < floor[row])
                } else {
                    far(row, scores[row])
                };
                if scores[row] == max[row] { peak[row] } else { e }
            },
        );
        let gap = rows.each(
            #[inline(always)]
            |row| if scores[row] == max[row] { T::zero() } else { max[row] - scores[row] },
        );
        Self { gap, own, peak, rest }
    }

    /// Of one row, from its parts.
    #[inline(always)]
    pub(super) fn of_parts(gap: T, own: T, peak: T, rest: (T, T)) -> Self {
        Self { gap: [gap; R], own: [own; R], peak: [peak; R], rest: [rest; R] }
    }

    /// `factor` times -ln p of the column apart.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn nll(&self, row: usize, factor: T) -> T {
        let ((rest, error), own, peak) = (self.rest[row % R], self.own[row % R], self.peak[row % R]);
        // Where the column apart is not the largest, the largest is in the rest: nothing cancels.
        let above_peak = if own == peak { rest } else { (rest - peak) + (own + error) };
        let (sum, lost) = two_sum(T::one(), above_peak / peak);
        let (high, low) = ln_of_sum(sum, lost);
        let (nll, lost) = two_sum(self.gap[row % R], high);
        let nll = if nll < T::infinity() { nll + (lost + low) } else { nll };
        // So small a sum is its own logarithm; it is weighted before it may become subnormal.
        let tiny = above_peak < peak * T::epsilon() * T::of(0.25) && own == peak;
        let ((weight, _), after) = unscaled_weight((factor, T::zero()), T::UNSCALE);
        let value = if tiny { (weight * rest / (peak * T::UNSCALE)) * after } else { factor * nll };
        if factor == T::zero() { T::zero() } else { value }
    }

    /// The exponential of the largest score.
    #[inline(always)]
    pub(crate) fn peak(&self, row: usize) -> T {
        self.peak[row % R]
    }

    /// What an exponential is multiplied by to become `factor`, in two numbers, times its probability.
    #[inline(always)]
    pub(crate) fn over_sum(&self, row: usize, factor: (T, T)) -> T {
        let ((rest, error), own) = (self.rest[row % R], self.own[row % R]);
        let (sum, lost) = two_sum(rest, own);
        over_sum(factor, (sum, lost + error))
    }

    /// The sum of the exponentials but that of the column apart, in two numbers.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn rest(&self, row: usize) -> T {
        self.rest[row % R].0
    }
}

/// A weight in two numbers, and what the product of it and a scaled number is yet to be multiplied by: a large weight
/// takes the scale off itself, or the product might be beyond the largest number.
#[inline(always)]
pub(super) fn unscaled_weight<T: Real>(weight: (T, T), after: T) -> ((T, T), T) {
    if weight.0 > T::SCALE { ((weight.0 * after, weight.1 * after), T::one()) } else { (weight, after) }
}

/// A factor over the sum of exponentials, both in two numbers.
#[inline(always)]
pub(super) fn over_sum<T: Real>(factor: (T, T), sum: (T, T)) -> T {
    rounded(two_quotient(factor, (sum.0 * T::UNSCALE, sum.1 * T::UNSCALE)))
}

/// What turns the exponentials of each row into probabilities times a factor.
#[derive(Clone, Copy)]
pub(crate) struct ScaledProbabilities<T, const R: usize> {
    before: [T; R],
    after: [T; R],
}

impl<T: Real, const R: usize> ScaledProbabilities<T, R> {
    /// From the factor of each row over its sum. Scaled before the product where that is exact, after it where it is
    /// not.
    #[inline(always)]
    pub(crate) fn new(factors: [T; R]) -> Self {
        let (mut before, mut after) = (factors, [T::UNSCALE; R]);
        for (before, after) in before.iter_mut().zip(&mut after) {
            let is_small = before.abs() < T::SCALED_MIN_POSITIVE;
            (*before, *after) =
                if is_small { (*before, T::UNSCALE) } else { (*before * T::UNSCALE, T::one()) };
        }
        Self { before, after }
    }

    #[inline(always)]
    #[allow(clippy::indexing_slicing, reason = "rows are below R, and the compiler sees it")]
    pub(crate) fn of(&self, row: usize, e: T) -> T {
        (self.before[row % R] * e) * self.after[row % R]
    }
}
