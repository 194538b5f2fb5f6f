//! The exponentials of rows of scores, and what follows from them.

use super::ln_1p::ln_of_sum;
use super::{exp_scaled, rounded, two_quotient, two_sum};
use crate::Real;
use crate::shape::RowBlock;

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
    /// The sum of the others, in two numbers.
    rest: [(T, T); R],
}

#[allow(clippy::indexing_slicing, reason = "rows are below R, and the compiler sees it")]
impl<T: Real, const R: usize> Softmax<T, R> {
    /// Takes the exponentials of the rows; where the gradient is wanted they replace the scores.
    #[inline(always)]
    pub(crate) fn of<const L: usize>(rows: &mut RowBlock<'_, T, L, R>, max: [T; R], apart: [u32; R]) -> Self {
        let scores = rows.at(&apart);
        let rest = rows.sum(
            #[inline(always)]
            |column, row, score, _| {
                let e = exp_difference(score, max[row]);
                (if column == apart[row] { T::zero() } else { e }, e)
            },
        );
        let mut softmax = Self { gap: [T::zero(); R], own: [T::zero(); R], rest };
        for row in 0..R {
            let (score, max) = (scores[row], max[row]);
            // Equal infinities have no difference.
            softmax.gap[row] = if score == max { T::zero() } else { max - score };
            softmax.own[row] = if score == max { T::SCALE } else { exp_difference(score, max) };
        }
        softmax
    }

    /// `factor` times -ln p of the column apart.
    #[inline(always)]
    pub(crate) fn nll(&self, row: usize, factor: T) -> T {
        let ((rest, error), own) = (self.rest[row], self.own[row]);
        // Where the column apart is not the largest, the largest is in the rest: nothing cancels.
        let above_one = if own == T::SCALE { rest } else { (rest - T::SCALE) + (own + error) };
        let (sum, lost) = two_sum(T::one(), above_one * T::UNSCALE);
        let (high, low) = ln_of_sum(sum, lost);
        let (nll, lost) = two_sum(self.gap[row], high);
        let nll = if nll < T::infinity() { nll + (lost + low) } else { nll };
        // So small a sum is its own logarithm; it is weighted before it may become subnormal.
        let tiny = above_one < T::SCALE * T::epsilon() * T::of(0.25) && own == T::SCALE;
        let value = if tiny { (factor * rest) * T::UNSCALE } else { factor * nll };
        if factor == T::zero() { T::zero() } else { value }
    }

    /// `factor`, in two numbers, times p, given the exponential.
    #[inline(always)]
    pub(crate) fn scaled_probability(&self, row: usize, factor: (T, T)) -> ScaledProbability<T> {
        let ((rest, error), own) = (self.rest[row], self.own[row]);
        let (sum, lost) = two_sum(rest, own);
        ScaledProbability::new(factor, (sum, lost + error))
    }

    /// The same in two parts.
    #[inline(always)]
    pub(crate) fn scaled_probability_parts(&self, row: usize, factor: (T, T)) -> [ScaledProbability<T>; 2] {
        let ((rest, error), own) = (self.rest[row], self.own[row]);
        let (sum, lost) = two_sum(rest, own);
        let sum = (sum * T::UNSCALE, (lost + error) * T::UNSCALE);
        let (quotient, remainder) = two_quotient(factor, sum);
        [quotient, if remainder.is_finite() { remainder } else { T::zero() }].map(ScaledProbability::over_sum)
    }

    /// The sum of the exponentials but that of the column apart, in two numbers.
    #[inline(always)]
    pub(crate) fn rest(&self, row: usize) -> T {
        self.rest[row].0
    }
}

/// What turns an exponential into a probability times a factor.
#[derive(Clone, Copy, Default)]
pub(crate) struct ScaledProbability<T> {
    before: T,
    after: T,
}

impl<T: Real> ScaledProbability<T> {
    /// From a factor and the sum of the exponentials, both in two numbers.
    #[inline(always)]
    pub(super) fn new(factor: (T, T), sum: (T, T)) -> Self {
        Self::over_sum(rounded(two_quotient(factor, (sum.0 * T::UNSCALE, sum.1 * T::UNSCALE))))
    }

    /// Scaled before the product where that is exact, after it where it is not.
    #[inline(always)]
    fn over_sum(factor: T) -> Self {
        if factor.abs() < T::SCALED_MIN_POSITIVE {
            Self { before: factor, after: T::UNSCALE }
        } else {
            Self { before: factor * T::UNSCALE, after: T::one() }
        }
    }

    #[inline(always)]
    pub(crate) fn of(self, e: T) -> T {
        (self.before * e) * self.after
    }
}

/// exp(x - max), scaled, with the rounding error of the difference carried into the result.
#[inline(always)]
pub(crate) fn exp_difference<T: Real>(x: T, max: T) -> T {
    let (difference, error) = two_sum(x, -max);
    exp_scaled(difference, error)
}
