//! The one driver: walks the items of a batch, whatever their shape, and reduces their losses.

use super::access::{Feed, View};
use super::batch::check_length;
use crate::lanes::{DealtSum, Sum, extent, scalar};
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
pub(crate) struct Work<'a, T, F> {
    pub source: F,
    /// Scores in a row.
    pub columns: usize,
    /// Scores an item.
    pub width: usize,
    pub items: usize,
    /// What divides value and gradient: ln 2 for bits.
    pub divisor: Option<T>,
    pub weights: Option<&'a [T]>,
}

/// What a first look at the items found: their number, less the ignored, and what divides the mean.
pub(crate) struct Survey<T> {
    pub ignored: usize,
    pub weight: Sum<T>,
}

/// Items that are evaluated together: the first `count` of B.
pub(crate) struct Block<T, const B: usize> {
    pub start: usize,
    pub count: usize,
    /// What each item's gradient is to be multiplied by.
    pub scale: [T; B],
    /// The items' losses: 0 if ignored, and past the last item. At first those of the block before.
    pub values: [T; B],
}

/// Evaluates every item. `survey` refuses what can be refused before anything is written; `evaluate` replaces
/// the scores of a block by the gradient, 0 for ignored items, gives the losses, and refuses those that are not finite.
///
/// When `evaluate` refuses, the gradient and the values are zeroed.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
pub(crate) fn drive<T: Real, F: Feed<T>, const B: usize>(
    mut work: Work<'_, T, F>,
    mut reduction: Reduction<'_, T>,
    survey: impl FnOnce(&F) -> Result<Survey<T>, Error>,
    evaluate: impl FnMut(&mut F, &mut Block<T, B>) -> Result<(), Error>,
) -> Result<Total<T>, Error> {
    check(&mut work, &reduction)?;
    let Survey { ignored, weight } = survey(&work.source)?;
    let mut total = Total { weight, ignored, valid: work.items.saturating_sub(ignored), ..Total::default() };
    let is_mean = matches!(reduction, Reduction::Mean);
    let scale = gradient_scale(&total, work.divisor, is_mean)?;
    let walked = walk(&mut work, &mut reduction, scale, evaluate).and_then(|loss| {
        total.loss = loss;
        if is_mean && !total.has_mean() { Err(Error::Overflow) } else { Ok(()) }
    });
    match walked {
        Ok(()) => Ok(total),
        Err(error) => {
            clear(&mut work, reduction);
            Err(error)
        }
    }
}

/// What every gradient is multiplied by.
fn gradient_scale<T: Real>(total: &Total<T>, divisor: Option<T>, is_mean: bool) -> Result<T, Error> {
    let mut scale = T::one();
    if is_mean {
        let weight = total.weight.value();
        if weight == T::zero() {
            return Err(Error::NothingToAverage);
        }
        if !weight.is_finite() {
            return Err(Error::Overflow);
        }
        scale = scale / weight;
    }
    Ok(divisor.map_or(scale, |divisor| scale / divisor))
}

#[cold]
fn clear<T: Real, F: Feed<T>>(work: &mut Work<'_, T, F>, reduction: Reduction<'_, T>) {
    if let Some(gradient) = work.source.slots() {
        gradient.fill(T::zero());
    }
    if let Reduction::None(values) = reduction {
        values.fill(T::zero());
    }
}

/// Lengths and sample weights.
fn check<T: Real, F: Feed<T>>(work: &mut Work<'_, T, F>, reduction: &Reduction<'_, T>) -> Result<(), Error> {
    let scores = work.items.saturating_mul(work.width);
    check_length("scores", scores, work.source.view().len())?;
    work.source.check(work.columns)?;
    if let Some(gradient) = work.source.slots() {
        check_length("gradient", scores, gradient.len())?;
    }
    if let Some(weights) = work.weights {
        check_length("weights", work.items, weights.len())?;
        check_weights(weights)?;
    }
    if let Reduction::None(values) = reduction {
        check_length("values", work.items, values.len())?;
    }
    Ok(())
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
#[cfg_attr(not(target_arch = "arm"), inline(always))]
fn walk<T: Real, F: Feed<T>, const B: usize>(
    work: &mut Work<'_, T, F>,
    reduction: &mut Reduction<'_, T>,
    scale: T,
    mut evaluate: impl FnMut(&mut F, &mut Block<T, B>) -> Result<(), Error>,
) -> Result<Sum<T>, Error> {
    let mut sum = DealtSum::new();
    let mut start = 0;
    let mut block = Block { start, count: 0, scale: [scale; B], values: [T::zero(); B] };
    while start < work.items {
        let count = work.items.wrapping_sub(start).min(B);
        (block.start, block.count) = (start, count);
        let weights = work.weights.and_then(|weights| weights.get(start..)).unwrap_or(&[]);
        for (slot, &weight) in block.scale.iter_mut().zip(weights) {
            scalar();
            *slot = scale * weight;
        }
        evaluate(&mut work.source, &mut block)?;
        let values = block.values.get_mut(..extent(count, B)).unwrap_or(&mut []);
        settle(&mut sum, start, values, weights, work.divisor);
        if let Reduction::None(all) = reduction {
            let mut finite = true;
            for (slot, &value) in all.get_mut(start..).unwrap_or(&mut []).iter_mut().zip(&block.values) {
                scalar();
                *slot = value;
                finite &= value.is_finite();
            }
            // A finite loss, in its unit and times its weight, may be none.
            if !finite {
                return Err(Error::Overflow);
            }
        }
        start = start.saturating_add(B);
    }
    let sum = sum.total();
    if !matches!(reduction, Reduction::None(_)) && !sum.value().is_finite() {
        return Err(Error::Overflow);
    }
    Ok(sum)
}

/// Brings the losses of items to their unit and weights, and adds them.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
fn settle<T: Real>(sum: &mut DealtSum<T>, start: usize, values: &mut [T], weights: &[T], divisor: Option<T>) {
    if let Some(divisor) = divisor {
        for value in values.iter_mut() {
            scalar();
            *value = *value / divisor;
        }
    }
    for (value, &weight) in values.iter_mut().zip(weights) {
        scalar();
        *value = *value * weight;
    }
    sum.extend(start, values);
}
