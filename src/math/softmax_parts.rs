//! The softmax of rows with everything in two numbers, for losses that raise it to a power.

use super::exp::exp_scaled_with_error;
use super::ln_1p::ln_of_sum;
use super::softmax::over_sum;
use super::two_float::{two_difference, two_product, two_quotient, two_sum};
use crate::Real;
use crate::shape::{Access, RowBlock};

/// As [`Softmax`](super::Softmax), in which a power would multiply the relative error of 1 - p. Exponentials are
/// relative to the largest score and times [`Exponential::SCALE`](super::Exponential::SCALE).
#[derive(Clone, Copy)]
pub(crate) struct SoftmaxParts<T, const R: usize> {
    /// The largest score minus that of the column apart.
    gap: [(T, T); R],
    /// The exponential of the column apart.
    own: [(T, T); R],
    /// The sum of the others.
    rest: [(T, T); R],
}

#[allow(clippy::indexing_slicing, reason = "rows are below R, and the compiler sees it")]
impl<T: Real, const R: usize> SoftmaxParts<T, R> {
    /// Takes the exponentials of the rows; where the gradient is wanted they replace the scores.
    #[inline(always)]
    pub(crate) fn of<const L: usize, S: Access<T>>(
        rows: &mut RowBlock<'_, T, L, R, S>,
        max: [T; R],
        apart: [u32; R],
    ) -> Self {
        Self::replacing(
            rows,
            max,
            apart,
            #[inline(always)]
            |_, e| e,
        )
    }

    /// The same; where the gradient is wanted `left(score, exponential)` replaces the score.
    #[inline(always)]
    pub(super) fn replacing<const L: usize, S: Access<T>>(
        rows: &mut RowBlock<'_, T, L, R, S>,
        max: [T; R],
        apart: [u32; R],
        left: impl Fn(T, T) -> T,
    ) -> Self {
        let nothing = (T::zero(), T::zero());
        let scores = rows.at(&apart);
        let rest = rows.sum_of_parts(
            #[inline(always)]
            |column, row, score, _| {
                let e = exp_difference(score, max[row]);
                (if column == apart[row] { nothing } else { e }, left(score, e.0))
            },
        );
        // Equal infinities have no difference.
        let is_max = |row: usize| scores[row] == max[row];
        let gap = rows.each(
            #[inline(always)]
            |row| if is_max(row) { nothing } else { two_difference(max[row], scores[row]) },
        );
        let own = rows.each(
            #[inline(always)]
            |row| if is_max(row) { (T::SCALE, T::zero()) } else { exp_difference(scores[row], max[row]) },
        );
        Self { gap, own, rest }
    }

    /// The sum of all exponentials.
    #[inline(always)]
    pub(super) fn sum(&self, row: usize) -> (T, T) {
        let (sum, error) = two_sum(self.rest[row].0, self.own[row].0);
        (sum, error + (self.rest[row].1 + self.own[row].1))
    }

    /// -ln p of the column apart, and what it is yet to be multiplied by.
    #[inline(always)]
    pub(crate) fn nll(&self, row: usize) -> ((T, T), T) {
        let ((rest, error), own) = (self.rest[row], self.own[row]);
        let leads = own.0 == T::SCALE;
        // Where the column apart is not the largest, the largest is in the rest: nothing cancels.
        let above_one = if leads { rest } else { (rest - T::SCALE) + own.0 };
        let above_error =
            if leads { error } else { (((rest - T::SCALE) - above_one) + own.0) + (error + own.1) };
        if above_one < T::SCALE * T::epsilon() * T::of(0.25) && leads {
            // So small a sum is its own logarithm; it is weighted before it may become subnormal.
            return ((rest, error), T::UNSCALE);
        }
        let (sum, lost) = two_sum(T::one(), above_one * T::UNSCALE);
        let (high, low) = ln_of_sum(sum, lost + above_error * T::UNSCALE);
        let (tail, tail_error) = two_sum(high, low);
        let (nll, nll_error) = two_sum(self.gap[row].0, tail);
        ((nll, nll_error + (tail_error + self.gap[row].1)), T::one())
    }

    /// 1 - p of the column apart.
    #[inline(always)]
    pub(crate) fn complement(&self, row: usize) -> (T, T) {
        two_quotient(self.rest[row], self.sum(row))
    }

    /// p (-ln p) / (1 - p) of the column apart.
    #[inline(always)]
    pub(crate) fn slope(&self, row: usize) -> (T, T) {
        let ((nll, nll_error), after) = self.nll(row);
        if after != T::one() {
            return (T::one(), T::zero());
        }
        let own = self.own[row];
        let (product, error) = two_product(own.0, nll);
        two_quotient((product, error + (own.0 * nll_error + own.1 * nll)), self.rest[row])
    }

    /// What an exponential is multiplied by to become `factor` times its probability.
    #[inline(always)]
    pub(crate) fn over_sum(&self, row: usize, factor: (T, T)) -> T {
        over_sum(factor, self.sum(row))
    }

    /// The same in two numbers.
    #[inline(always)]
    pub(crate) fn over_sum_parts(&self, row: usize, factor: (T, T)) -> (T, T) {
        let (sum, error) = self.sum(row);
        let sum = (sum * T::UNSCALE, error * T::UNSCALE);
        let (quotient, remainder) = two_quotient(factor, sum);
        (quotient, if remainder.is_finite() { remainder } else { T::zero() })
    }

    /// The sum of the exponentials but that of the column apart, in two numbers.
    #[inline(always)]
    pub(super) fn rest_parts(&self, row: usize) -> (T, T) {
        self.rest[row]
    }

    /// The same in one.
    #[inline(always)]
    pub(crate) fn rest(&self, row: usize) -> T {
        self.rest[row].0
    }
}

/// exp(x - max), scaled, with the rounding error of the difference carried into the result.
#[inline(always)]
fn exp_difference<T: Real>(x: T, max: T) -> (T, T) {
    let (difference, error) = two_sum(x, -max);
    exp_scaled_with_error(difference, error)
}
