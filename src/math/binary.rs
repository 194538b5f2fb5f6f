//! The negative log-likelihood of two classes, which binary losses weight in their own ways.

use super::exp::unscale;
use super::{Odds, Sides, rounded};
use crate::lanes::FLUSHES;
use crate::{Input, Real};

/// `negative * -ln(1 - p) + positive * -ln p` and its derivative with respect to the score, where p is
/// the sigmoid of the score, or the score itself. A term whose coefficient is 0 is skipped.
#[inline(always)]
pub(crate) fn binary_nll<T: Real>(score: T, from: Input, negative: T, positive: T) -> (T, T) {
    let zero = T::zero();
    if from == Input::Probabilities {
        let complement = T::one() - score;
        let value = skip_zero(negative, || probability_nll(complement, (-score).ln_1p()))
            + skip_zero(positive, || probability_nll(score, score.ln()));
        let spread = score * complement;
        let floor = T::of(1e-12);
        let spread = if spread > floor { spread } else { floor };
        // Divided before it is weighted: a subnormal probability times a weight below 1 would be lost.
        let gradient = skip_zero(negative, || score / spread) - skip_zero(positive, || complement / spread);
        return (value, gradient);
    }
    // One of the two softplus has |x| beside the logarithm, and one of the two sigmoids is that of -|x|.
    let odds = Odds::of(score);
    let (far, near) = if score > zero { (negative, positive) } else { (positive, negative) };
    let near_value = whole((far + near) * odds.ln_1p_scaled());
    let value = if far == zero { near_value } else { far * score.abs() + near_value };
    let share = odds.share_scaled();
    let rest = whole(near * share);
    let slope = far * (T::one() - share * T::UNSCALE) - rest;
    let gradient = if score > zero { slope } else { zero - slope };
    if FLUSHES && far == zero {
        // The rest may be subnormal: only its bits are whole.
        let is_negative = score > zero && rest.to_bits() > zero.to_bits();
        let sign = if is_negative { (-zero).to_bits() } else { zero.to_bits() };
        return (value, T::from_bits(rest.to_bits() + sign));
    }
    (value, gradient)
}

/// A number of at least 0 that is too large by [`SCALE`](super::Exponential::SCALE), to its right size, subnormal ones too.
#[inline(always)]
fn whole<T: Real>(scaled: T) -> T {
    if FLUSHES { unscale(scaled) } else { scaled * T::UNSCALE }
}

/// The same of a logit with a label 0 or 1, whose weight comes with an error relative to it.
#[inline(always)]
pub(crate) fn label_nll<T: Real>(score: T, label: T, (weight, lost): (T, T)) -> (T, T) {
    let zero = T::zero();
    let sign = if label == zero { -T::one() } else { T::one() };
    let Sides { nll, wrong, after, .. } = Sides::of(sign * score, Odds::share_two);
    let weigh = |(number, error): (T, T)| {
        let number = rounded((number, error + number * lost));
        if weight == zero { zero } else { (weight * number) * after }
    };
    (weigh(nll), zero - sign * weigh(wrong))
}

/// -ln p, given p and ln p; at most 100, so that an int8 model's exact 0 costs a finite amount.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
pub(crate) fn probability_nll<T: Real>(probability: T, ln_probability: T) -> T {
    let bound = T::of(100.0);
    let nll = -ln_probability;
    if probability == T::zero() || nll > bound { bound } else { nll }
}

/// A product whose first factor, where it is 0, wins over whatever the second is: it is not even computed.
#[inline(always)]
pub(crate) fn skip_zero<T: Real>(coefficient: T, factor: impl Fn() -> T) -> T {
    if coefficient == T::zero() { T::zero() } else { coefficient * factor() }
}
