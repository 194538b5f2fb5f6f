//! The weighted negative log-likelihood of rows, which categorical losses share.

use super::softmax::unscaled_weight;
use super::{ScaledProbabilities, Softmax, SoftmaxParts, probability_nll, skip_zero, two_product, two_sum};
use crate::lanes::scalar;
use crate::shape::{Access, RowBlock};
use crate::{Input, Real};

/// `weight * -ln p` of the right class of each row, where p is the softmax of the scores, the scores, or their
/// exponentials. A row of weight 0 is 0, whatever its scores are.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
#[allow(clippy::indexing_slicing, reason = "rows are below R, and the compiler sees it")]
pub(crate) fn class_nll<T: Real, const L: usize, const R: usize, S: Access<T>>(
    rows: &mut RowBlock<'_, T, L, R, S>,
    from: Input,
    classes: [u32; R],
    weight: [T; R],
) -> [T; R] {
    let scale = rows.scale();
    let factor = rows.each(
        #[inline(always)]
        |row| weight[row] * scale[row],
    );
    if from == Input::Logits {
        let max = rows.max();
        let softmax = Softmax::of(rows, max, classes);
        if rows.are_replaced() {
            let p = ScaledProbabilities::new(rows.each(
                #[inline(always)]
                |row| softmax.over_sum(row, (factor[row], T::zero())),
            ));
            rows.gradient(
                #[inline(always)]
                |_, row, e, _| p.of(row, e),
            );
            let own = rows.each(
                #[inline(always)]
                |row| -p.of(row, softmax.rest(row)),
            );
            rows.set(&classes, &own);
        }
        return rows.each(
            #[inline(always)]
            |row| softmax.nll(row, weight[row]),
        );
    }
    given_nll(rows, from == Input::LogProbabilities, classes, weight)
}

/// The same of scores that are probabilities, or their logarithms. On boards a function of its own, as few need it.
#[cfg_attr(target_arch = "arm", inline(never))]
#[cfg_attr(not(target_arch = "arm"), inline(always))]
#[allow(clippy::indexing_slicing, reason = "rows are below R, and the compiler sees it")]
fn given_nll<T: Real, const L: usize, const R: usize, S: Access<T>>(
    rows: &mut RowBlock<'_, T, L, R, S>,
    logarithms: bool,
    classes: [u32; R],
    weight: [T; R],
) -> [T; R] {
    let scale = rows.scale();
    let factor = rows.each(
        #[inline(always)]
        |row| weight[row] * scale[row],
    );
    let scores = rows.at(&classes);
    rows.gradient(
        #[inline(always)]
        |_, _, _, _| T::zero(),
    );
    rows.set(
        &classes,
        &rows.each(
            #[inline(always)]
            |row| skip_zero(factor[row], || if logarithms { -T::one() } else { -reciprocal(scores[row]) }),
        ),
    );
    rows.each(
        #[inline(always)]
        |row| {
            let score = scores[row];
            skip_zero(weight[row], || if logarithms { -score } else { probability_nll(score, score.ln()) })
        },
    )
}

/// sum_c a_c (-ln p_c + own(q_c)) of each row, where q is the target distribution, a_c is `coefficient(c, q_c)`, and
/// p is as above; `mass` is the sum of all a_c, where it is known without rounding. Terms whose coefficient is 0 are skipped, so a score
/// of -inf is legal there. `of_probabilities` is that sum where the scores are p.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
#[allow(clippy::indexing_slicing, reason = "rows are below R, and the compiler sees it")]
pub(crate) fn weighted_nll<T: Real, const L: usize, const R: usize, S: Access<T>>(
    rows: &mut RowBlock<'_, T, L, R, S>,
    from: Input,
    coefficient: impl Fn(u32, T) -> T,
    mass: Option<T>,
    own: impl Fn(T) -> T,
    of_probabilities: impl Fn(&mut RowBlock<'_, T, L, R, S>) -> [T; R],
) -> [T; R] {
    let (zero, one) = (T::zero(), T::one());
    let (targets, scale) = (rows.targets(), rows.scale());
    if from != Input::Logits {
        let logarithms = from == Input::LogProbabilities;
        let value = if logarithms {
            let sums = unscaled_sum(
                rows,
                #[inline(always)]
                |factor, column, row, score, q| {
                    let q = targets.at(column, row, q);
                    let (a, term) = (coefficient(column, q) * factor, own(q) - score);
                    if a == zero { zero } else { a * term }
                },
            );
            sums.map(|sum| sum.0)
        } else {
            of_probabilities(rows)
        };
        rows.gradient(
            #[inline(always)]
            |column, row, score, q| {
                let a = coefficient(column, targets.at(column, row, q));
                skip_zero(a, || if logarithms { -one } else { -reciprocal(score) }) * scale[row]
            },
        );
        return value;
    }

    // -ln p_c = (max - x_c) + ln(1 + tail): both terms are at least 0, so nothing cancels.
    let (max, argmax) = rows.largest();
    let value = unscaled_sum(
        rows,
        #[inline(always)]
        |factor, column, row, score, q| {
            let q = targets.at(column, row, q);
            skip_zero(coefficient(column, q) * factor, || (max[row] - score) + own(q))
        },
    );
    let others = rows.sum(
        #[inline(always)]
        |column, row, score, q| {
            scalar();
            let a = coefficient(column, targets.at(column, row, q));
            (if column == argmax[row] { zero } else { a }, score)
        },
    );
    let peak = peaks(rows, &argmax, &coefficient);
    let softmax = SoftmaxParts::of(rows, max, argmax);
    let mass = rows.each(
        #[inline(always)]
        |row| {
            let (sum, error) = two_sum(others[row].0, peak[row]);
            mass.map_or((sum, error + others[row].1), |mass| (mass, zero))
        },
    );
    let factors = rows.each(
        #[inline(always)]
        |row| {
            let (factor, error) = two_product(mass[row].0, scale[row]);
            softmax.over_sum_parts(row, (factor, error + mass[row].1 * scale[row]))
        },
    );
    let high = ScaledProbabilities::new(factors.map(|factor| factor.0));
    let low = ScaledProbabilities::new(factors.map(|factor| factor.1));
    rows.gradient(
        #[inline(always)]
        |column, row, e, q| {
            let a = coefficient(column, targets.at(column, row, q)) * scale[row];
            high.of(row, e) + (low.of(row, e) - a)
        },
    );
    // At a confident right answer p - a is a difference of near equals; the complement is not.
    let complement = rows.each(
        #[inline(always)]
        |row| {
            let rest = softmax.rest(row);
            let complement = (others[row].0 * scale[row] - low.of(row, rest)) - high.of(row, rest);
            let difference = high.of(row, T::SCALE) + (low.of(row, T::SCALE) - peak[row] * scale[row]);
            if peak[row] > others[row].0 { complement } else { difference }
        },
    );
    rows.set(&argmax, &complement);
    rows.each(
        #[inline(always)]
        |row| {
            let ((nll, lost), after) = softmax.nll(row);
            let ((weight, weight_lost), after) = unscaled_weight(mass[row], after);
            let nll = (weight * nll + (weight * lost + weight_lost * nll)) * after;
            let (sum, error) = two_sum(value[row].0, if mass[row].0 == zero { zero } else { nll });
            sum + if error.is_finite() { error + value[row].1 } else { zero }
        },
    )
}

/// sum_c a_c (-ln p_c) of each row, as above, of scores that are probabilities.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
pub(crate) fn probability_sum<T: Real, const L: usize, const R: usize, S: Access<T>>(
    rows: &mut RowBlock<'_, T, L, R, S>,
    coefficient: impl Fn(u32, T) -> T,
) -> [T; R] {
    let targets = rows.targets();
    let sums = unscaled_sum(
        rows,
        #[inline(always)]
        |factor, column, row, score, q| {
            let a = coefficient(column, targets.at(column, row, q)) * factor;
            let term = probability_nll(score, score.ln());
            if a == T::zero() { a } else { a * term }
        },
    );
    sums.map(|sum| sum.0)
}

/// The sum over each row of `term(factor, column, row, score, target)`, in two numbers. The terms are multiplied by a
/// factor against the loss of subnormal digits, but where the sum would overflow.
#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "rows are below R, and the compiler sees it")]
fn unscaled_sum<T: Real, const L: usize, const R: usize, S: Access<T>>(
    rows: &mut RowBlock<'_, T, L, R, S>,
    term: impl Fn(T, u32, usize, T, T) -> T,
) -> [(T, T); R] {
    let mut sums = [(T::infinity(), T::zero()); R];
    for (factor, back) in [(T::SCALE, T::UNSCALE), (T::one(), T::one())] {
        if sums.iter().all(|sum| sum.0.is_finite()) {
            break;
        }
        let found = rows.sum(
            #[inline(always)]
            |column, row, score, q| {
                scalar();
                (term(factor, column, row, score, q), score)
            },
        );
        for (sum, (high, low)) in sums.iter_mut().zip(found) {
            *sum = if sum.0.is_finite() { *sum } else { (high * back, low * back) };
        }
    }
    sums
}

/// The coefficient of a column of each row.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
#[allow(clippy::indexing_slicing, reason = "rows are below R, and the compiler sees it")]
fn peaks<T: Real, const L: usize, const R: usize, S: Access<T>>(
    rows: &RowBlock<'_, T, L, R, S>,
    columns: &[u32; R],
    coefficient: impl Fn(u32, T) -> T,
) -> [T; R] {
    let targets = rows.target_at(columns);
    rows.each(
        #[inline(always)]
        |row| coefficient(columns[row], targets[row]),
    )
}

/// 1 / p, at most 1e12.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
pub(crate) fn reciprocal<T: Real>(probability: T) -> T {
    let floor = T::of(1e-12);
    if probability > floor { probability.recip() } else { T::of(1e12) }
}
