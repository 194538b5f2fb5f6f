//! The weighted negative log-likelihood of a row, which categorical losses share.

use super::exponentials::{Exponentials, largest};
use super::probability_nll;
use crate::lanes::{Sum, scalar};
use crate::shape::Scores;
use crate::{Input, Real};

/// sum_c a_c * -ln p_c, where p is the softmax of the scores, the scores, or their exponentials, and
/// a_c is `coefficient(c)`. Scores that are to be replaced become the gradient. Terms whose
/// coefficient is 0 are skipped, so a score of -inf is legal there.
#[inline]
pub(crate) fn weighted_nll<T: Real>(
    mut scores: Scores<'_, T>,
    from: Input,
    coefficient: impl Fn(usize) -> T,
) -> T {
    let zero = T::zero();
    let mut value = Sum::default();
    match from {
        Input::Logits => {}
        Input::Probabilities => {
            scores.replace(|class, probability| {
                let a = coefficient(class);
                if a == zero {
                    return zero;
                }
                value.add(a * probability_nll(probability, probability.ln()));
                -(a * reciprocal(probability))
            });
            return value.value();
        }
        Input::LogProbabilities => {
            scores.replace(|class, ln_probability| {
                let a = coefficient(class);
                if a == zero {
                    return zero;
                }
                value.add(a * -ln_probability);
                -a
            });
            return value.value();
        }
    }

    // -ln p_c = (max - x_c) + ln(1 + tail): both terms are at least 0, so nothing cancels.
    let (argmax, max) = largest(scores.as_slice());
    let mut others = Sum::default();
    let mut peak = zero;
    for (class, &score) in scores.as_slice().iter().enumerate() {
        scalar();
        let a = coefficient(class);
        if a == zero {
            continue;
        }
        if class == argmax {
            peak = a;
        } else {
            others.add(a);
            value.add(a * (max - score));
        }
    }
    let others = others.value();
    let mass = others + peak;
    let exponentials = Exponentials::relative_to((argmax, max), &mut scores);
    let tail = exponentials.tail();
    value.add(mass * tail.ln_1p());

    if scores.are_replaced() {
        let sum = exponentials.sum();
        // At a confident right answer p - a is a difference of near equals; the complement is not.
        let complement = peak > others;
        scores.replace(|class, e| {
            if class == argmax && complement {
                others - mass * (tail / sum)
            } else {
                mass * (e / sum) - coefficient(class)
            }
        });
    }
    value.value()
}

/// 1 / p, at most 1e12.
#[inline]
pub(crate) fn reciprocal<T: Real>(probability: T) -> T {
    let floor = T::of(1e-12);
    if probability > floor { probability.recip() } else { T::of(1e12) }
}
