//! The one driver: walks the items of a batch, whatever their shape, and reduces their losses.

use super::batch::check_length;
use super::scores::{Scores, Source, item_range};
use crate::lanes::scalar;
use crate::reduce::Total;
use crate::{Error, Real};

/// What becomes of the items' losses, and so of the gradient's scale.
#[derive(Debug)]
pub(crate) enum Reduction<'v, T> {
    Mean,
    Sum,
    None(&'v mut [T]),
}

/// A batch as the driver sees it.
pub(crate) struct Work<'a, T> {
    pub source: Source<'a, T>,
    /// Scores an item.
    pub width: usize,
    pub items: usize,
    /// What divides value and gradient: ln 2 for bits.
    pub divisor: Option<T>,
    pub weights: Option<&'a [T]>,
}

/// Evaluates every item. `prepare` checks an item and gives its share of the mean's denominator, or
/// `None` if it is ignored; `evaluate` gives its loss and replaces its scores by the gradient.
/// Ignored items get gradient 0.
///
/// All that `prepare` refuses is refused before the first write. When `evaluate` refuses, or a loss is
/// not finite, the gradient and the values are zeroed.
#[inline]
pub(crate) fn drive<T: Real>(
    mut work: Work<'_, T>,
    mut reduction: Reduction<'_, T>,
    prepare: impl Fn(usize, &[T]) -> Result<Option<T>, Error>,
    evaluate: impl FnMut(usize, Scores<'_, T>) -> Result<Option<T>, Error>,
) -> Result<Total<T>, Error> {
    let total = survey(&mut work, &reduction, prepare)?;
    let mut scale = T::one();
    if let Reduction::Mean = reduction {
        let weight = total.weight.value();
        if weight == T::zero() {
            return Err(Error::NothingToAverage);
        }
        if !weight.is_finite() {
            return Err(Error::Overflow);
        }
        scale = scale / weight;
    }
    if let Some(divisor) = work.divisor {
        scale = scale / divisor;
    }
    let done = walk(&mut work, &mut reduction, total, scale, evaluate);
    if done.is_err() {
        if let Some(gradient) = work.source.gradient() {
            clear(gradient);
        }
        if let Reduction::None(values) = reduction {
            clear(values);
        }
    }
    done
}

/// The pass that writes nothing: checks lengths, weights and items, and counts.
#[inline]
fn survey<T: Real>(
    work: &mut Work<'_, T>,
    reduction: &Reduction<'_, T>,
    prepare: impl Fn(usize, &[T]) -> Result<Option<T>, Error>,
) -> Result<Total<T>, Error> {
    let scores = work.items.saturating_mul(work.width);
    check_length("scores", scores, work.source.as_slice().len())?;
    if let Some(gradient) = work.source.gradient() {
        check_length("gradient", scores, gradient.len())?;
    }
    if let Some(weights) = work.weights {
        check_length("weights", work.items, weights.len())?;
        check_weights(weights)?;
    }
    if let Reduction::None(values) = reduction {
        check_length("values", work.items, values.len())?;
    }
    let mut total = Total::default();
    for index in 0..work.items {
        scalar();
        let range = item_range(index, work.width);
        let Some(item) = range.and_then(|range| work.source.as_slice().get(range)) else { break };
        if let Some(share) = prepare(index, item)? {
            total.valid = total.valid.saturating_add(1);
            total.weight.add(share);
        } else {
            total.ignored = total.ignored.saturating_add(1);
        }
    }
    Ok(total)
}

/// Sample weights are finite and at least 0.
fn check_weights<T: Real>(weights: &[T]) -> Result<(), Error> {
    for (index, &weight) in weights.iter().enumerate() {
        scalar();
        if !(weight >= T::zero() && weight.is_finite()) {
            let expected = "a finite sample weight, at least 0";
            return Err(Error::Parameter { name: "weights", index, value: weight.to_double(), expected });
        }
    }
    Ok(())
}

/// The pass that evaluates.
#[inline]
fn walk<T: Real>(
    work: &mut Work<'_, T>,
    reduction: &mut Reduction<'_, T>,
    mut total: Total<T>,
    scale: T,
    mut evaluate: impl FnMut(usize, Scores<'_, T>) -> Result<Option<T>, Error>,
) -> Result<Total<T>, Error> {
    for index in 0..work.items {
        scalar();
        let Some(scores) = work.source.item(index, work.width) else { break };
        let loss = evaluate(index, scores)?;
        let mut value = loss.unwrap_or_default();
        if !value.is_finite() {
            return Err(Error::NonFiniteLoss { index, value: value.to_double() });
        }
        let mut scale = if loss.is_some() { scale } else { T::zero() };
        if let Some(divisor) = work.divisor {
            value = value / divisor;
        }
        if let Some(&weight) = work.weights.and_then(|weights| weights.get(index)) {
            value = value * weight;
            scale = scale * weight;
        }
        total.loss.add(value);
        if let Reduction::None(values) = reduction {
            if let Some(slot) = values.get_mut(index) {
                *slot = value;
            }
        }
        if let Some(Scores::Replace(gradient)) = work.source.again(index, work.width) {
            rescale(gradient, scale)?;
        }
    }
    if !matches!(reduction, Reduction::None(_)) {
        total.sum()?;
    }
    Ok(total)
}

/// Multiplies by the scale; a scale of 0 clears, NaN and all. Refuses what is beyond the type.
fn rescale<T: Real>(gradient: &mut [T], scale: T) -> Result<(), Error> {
    if scale == T::zero() {
        clear(gradient);
        return Ok(());
    }
    let mut finite = true;
    for entry in gradient {
        scalar();
        *entry = *entry * scale;
        finite &= entry.is_finite();
    }
    if finite { Ok(()) } else { Err(Error::Overflow) }
}

fn clear<T: Real>(buffer: &mut [T]) {
    for number in buffer {
        *number = T::zero();
    }
}
