//! Sums over the classes of a function of p and q, which divergences of a prediction p from a target q are.

use super::{ScaledProbabilities, SoftmaxParts, exp_m1, exp_scaled, two_difference, two_quotient, two_sum};
use crate::lanes::scalar;
use crate::shape::{Access, RowBlock, RowTargets};
use crate::{Input, Real};

/// A class: the probability predicted, the one it should be, and the first minus the second, which may have digits
/// that the two have not. All times [`Exponential::SCALE`](super::Exponential::SCALE), so that none is subnormal.
#[derive(Clone, Copy, Default)]
pub(crate) struct Pair<T> {
    pub(crate) p: T,
    pub(crate) q: T,
    pub(crate) difference: T,
}

/// Σ_c `term` of each row, where p is the softmax of the scores, the scores, or their exponentials. `slope` is the
/// derivative of the term with respect to p; from logits any number may be added to the slopes of a row. Both are 0
/// where p and q are 0. Terms are scaled as p is, and slopes, which are told what the scores are, are not.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
pub(crate) fn divergence<T: Real, const L: usize, const R: usize, S: Access<T>>(
    rows: &mut RowBlock<'_, T, L, R, S>,
    from: Input,
    term: impl Fn(Pair<T>) -> T,
    slope: impl Fn(Input, Pair<T>) -> T,
) -> [T; R] {
    if cfg!(target_arch = "arm") {
        return divergence_from(rows, from, term, |class| slope(from, class));
    }
    // With vectors it pays to compile a loop for each: a branch in it would keep it out of them.
    macro_rules! known {
        ($from:path) => {
            divergence_from(
                rows,
                $from,
                term,
                #[inline(always)]
                |class| slope($from, class),
            )
        };
    }
    match from {
        Input::Logits => known!(Input::Logits),
        Input::LogProbabilities => known!(Input::LogProbabilities),
        _ => known!(Input::Probabilities),
    }
}

#[cfg_attr(not(target_arch = "arm"), inline(always))]
#[allow(clippy::indexing_slicing, reason = "rows are below R, and the compiler sees it")]
fn divergence_from<T: Real, const L: usize, const R: usize, S: Access<T>>(
    rows: &mut RowBlock<'_, T, L, R, S>,
    from: Input,
    term: impl Fn(Pair<T>) -> T,
    slope: impl Fn(Pair<T>) -> T,
) -> [T; R] {
    let (zero, scale) = (T::zero(), rows.scale());
    let mut classes = Classes::of(rows, from);
    let sum = rows.sum_of_long_terms(
        #[inline(always)]
        |column, row, score, q| {
            scalar();
            let class = classes.at(column, row, score, q);
            let left = if from == Input::Logits { class.p } else { score };
            let term = term(class);
            (if column == classes.apart[row] { zero } else { term }, left)
        },
    );
    let value = rows.each(
        #[inline(always)]
        |row| {
            let (high, error) = two_sum(sum[row].0, term(classes.peak[row]));
            (high + (error + sum[row].1)) * T::UNSCALE
        },
    );
    if !rows.are_replaced() {
        return value;
    }
    classes.are_probabilities = true;
    // p_j (s_j - Σ_c p_c s_c) from logits; with the class apart, s - Σ_c p_c s_c = (1 - p) s - Σ_others p_c s_c.
    let mut others = [(zero, zero); R];
    if from == Input::Logits {
        others = rows.sum_of_long_terms(
            #[inline(always)]
            |column, row, score, q| {
                scalar();
                let class = classes.at(column, row, score, q);
                let part = class.p * slope(class);
                (if column == classes.apart[row] || class.p == zero { zero } else { part }, score)
            },
        );
    }
    let others = others.map(|(high, low)| (high + low) * T::UNSCALE);
    let slopes = rows.each(
        #[inline(always)]
        |row| slope(classes.peak[row]),
    );
    let mean = rows.each(
        #[inline(always)]
        |row| others[row] + classes.peak[row].p * T::UNSCALE * slopes[row],
    );
    rows.gradient(
        #[inline(always)]
        |column, row, score, q| {
            let class = classes.at(column, row, score, q);
            let slope = slope(class);
            let slope = if from != Input::Probabilities && class.p == zero { zero } else { slope };
            let slope = (slope - mean[row]) * scale[row];
            if from == Input::Probabilities {
                slope
            } else {
                ScaledProbabilities::new([slope]).of(0, class.p)
            }
        },
    );
    let at_peak = rows.each(
        #[inline(always)]
        |row| {
            let slope = (classes.missing[row] * T::UNSCALE * slopes[row] - others[row]) * scale[row];
            ScaledProbabilities::new([slope]).of(0, classes.peak[row].p)
        },
    );
    rows.set(&classes.apart, &at_peak);
    value
}

/// The classes of a block of rows. From logits that of the largest score stands apart, whose 1 - p is the sum of the
/// other probabilities.
struct Classes<T, const R: usize> {
    from: Input,
    /// The right class of each row; no column where the targets are distributions.
    labels: [u32; R],
    /// Whether scaled probabilities stand where the logits were.
    are_probabilities: bool,
    max: [T; R],
    /// ln of the sum of the exponentials, relative to the largest.
    ln_sum: [(T, T); R],
    /// The column that stands apart: none but from logits.
    apart: [u32; R],
    /// What stands there, and its 1 - p.
    peak: [Pair<T>; R],
    missing: [T; R],
}

#[allow(clippy::indexing_slicing, reason = "rows are below R, and the compiler sees it")]
impl<T: Real, const R: usize> Classes<T, R> {
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn of<const L: usize, S: Access<T>>(rows: &mut RowBlock<'_, T, L, R, S>, from: Input) -> Self {
        let nothing = (T::zero(), T::zero());
        let mut classes = Self {
            from,
            labels: if let RowTargets::Classes(labels) = rows.targets() { labels } else { [u32::MAX; R] },
            are_probabilities: false,
            max: [T::zero(); R],
            ln_sum: [nothing; R],
            apart: [u32::MAX; R],
            peak: [Pair::default(); R],
            missing: [T::zero(); R],
        };
        if from != Input::Logits {
            return classes;
        }
        (classes.max, classes.apart) = rows.largest();
        let softmax = SoftmaxParts::replacing(
            rows,
            classes.max,
            classes.apart,
            #[inline(always)]
            |score, _| score,
        );
        classes.ln_sum = rows.each(
            #[inline(always)]
            |row| {
                let ((high, low), after) = softmax.nll(row);
                (high * after, low * after)
            },
        );
        let missing = rows.each(
            #[inline(always)]
            |row| {
                let (sum, error) = softmax.sum(row);
                two_quotient(softmax.rest_parts(row), (sum * T::UNSCALE, error * T::UNSCALE))
            },
        );
        let q = rows.target_at(&classes.apart);
        classes.peak = rows.each(
            #[inline(always)]
            |row| {
                let (p, lost) = two_difference(T::SCALE, missing[row].0);
                let p = p + (lost - missing[row].1);
                let (wanted, lost) = two_difference(T::one(), q[row]);
                let complement = (wanted * T::SCALE - missing[row].0) + (lost * T::SCALE - missing[row].1);
                let q = q[row] * T::SCALE;
                let leads = p > T::SCALE * T::of(0.5);
                Pair { p, q, difference: if leads { complement } else { p - q } }
            },
        );
        classes.missing = missing.map(|(missing, _)| missing);
        classes
    }

    /// The class of a column, given its score, or what stands there, and what stands for its target.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn at(&self, column: u32, row: usize, score: T, target: T) -> Pair<T> {
        // On boards this is a call, whose rows the compiler does not see.
        let row = row % R;
        let q = if self.labels[row] == column { T::SCALE } else { target * T::SCALE };
        let p = match self.from {
            Input::Logits if self.are_probabilities => score,
            Input::Logits => {
                let (difference, error) = two_sum(score, -self.max[row]);
                let (exponent, lost) = two_sum(difference, -self.ln_sum[row].0);
                exp_scaled(exponent, lost + (error - self.ln_sum[row].1))
            }
            Input::LogProbabilities => exp_scaled(score, T::zero()),
            _ => score * T::SCALE,
        };
        // Of a logarithm near 0, the exponential has lost 1 - p.
        let certain = self.from == Input::LogProbabilities && q == T::SCALE;
        Pair { p, q, difference: if certain { exp_m1(score) * T::SCALE } else { p - q } }
    }
}
