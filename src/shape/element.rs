//! Elements: one score and one target, in one column or, for several labels an item, in several.

use super::batch::{Batch, Flat, Layout, check_length, reductions};
use super::drive::{Reduction, Work, drive};
use super::scores::{Input, Scores, Source, refuse_nan};
use super::target::{Target, Targets};
use crate::loss::Loss;
use crate::reduce::Total;
use crate::{Error, Real};

/// A loss of one score against one target.
pub trait ElementLoss<T: Real>: Loss {
    /// The loss and its derivative with respect to the score. Follows IEEE: NaN in, NaN out. Checks
    /// nothing: the batch calls do. `column` is the label's position among several.
    fn element(&self, score: T, target: T, column: usize) -> (T, T);

    /// What the scores are.
    fn input(&self) -> Input;

    /// The loss with those parameters filled in that are computed from a batch's targets.
    #[must_use]
    fn fit(&self, _targets: impl Iterator<Item = T>) -> Self {
        *self
    }

    reductions!(Elements, PerElement);
}

/// Marks a batch of elements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PerElement;

/// A batch of elements: N scores with a label 0 or 1, or a soft one from 0 to 1, each.
///
/// ```
/// use microloss::{Elements, ElementLoss, element::BinaryCrossEntropy};
/// let mut scores = [2.0_f32, -1.0, 0.5];
/// let value = BinaryCrossEntropy::new().mean(Elements::in_place(&mut scores, &[1_u8, 0, 0]))?;
/// assert!((value - 0.471_422).abs() < 1e-5, "{value}"); // and `scores` is the gradient
/// # Ok::<(), microloss::Error>(())
/// ```
///
/// Lengths that disagree do not compile:
/// ```compile_fail,E0308
/// use microloss::Elements;
/// let batch = Elements::new(&[2.0_f32, -1.0], &[1_u8, 0, 0]);
/// ```
pub type Elements<'a, T, S> = Batch<'a, T, S, PerElement>;

impl<T: Real, const N: usize> Layout<T, PerElement> for [T; N] {
    type Items = Self;
}
impl<T: Real, const L: usize, const N: usize> Layout<T, PerElement> for [[T; L]; N] {
    type Items = Self;
}
impl<T: Real> Layout<T, PerElement> for [T] {
    type Items = Self;
}

impl<'a, T: Real, const N: usize> Batch<'a, T, [T; N], PerElement> {
    /// Scores that are only read.
    pub fn new<Y: Target<T>>(scores: &'a [T; N], targets: &'a [Y; N]) -> Self {
        Self::with(Source::Read(scores), 1, Y::erase(targets), PerElement)
    }

    /// Scores that become the gradient.
    pub fn in_place<Y: Target<T>>(scores: &'a mut [T; N], targets: &'a [Y; N]) -> Self {
        Self::with(Source::InPlace(scores), 1, Y::erase(targets), PerElement)
    }
}

impl<'a, T: Real, const L: usize, const N: usize> Batch<'a, T, [[T; L]; N], PerElement> {
    /// Several labels an item, each with its score; scores are only read.
    pub fn multi_label<Y: Target<T>>(scores: &'a [[T; L]; N], targets: &'a [[Y; L]; N]) -> Self {
        Self::with(Source::Read(scores.as_flattened()), L, Y::erase(targets.as_flattened()), PerElement)
    }

    /// Several labels an item, each with its score; scores become the gradient.
    pub fn multi_label_in_place<Y: Target<T>>(scores: &'a mut [[T; L]; N], targets: &'a [[Y; L]; N]) -> Self {
        let targets = Y::erase(targets.as_flattened());
        Self::with(Source::InPlace(scores.as_flattened_mut()), L, targets, PerElement)
    }
}

impl<'a, T: Real> Batch<'a, T, [T], PerElement> {
    /// Scores in a slice, `labels` of them an item, that are only read.
    pub fn slices(scores: &'a [T], labels: usize, targets: impl Into<Targets<'a, T>>) -> Self {
        Self::with(Source::Read(scores), labels, targets.into(), PerElement)
    }

    /// Scores in a slice, `labels` of them an item, that become the gradient.
    pub fn slices_in_place(scores: &'a mut [T], labels: usize, targets: impl Into<Targets<'a, T>>) -> Self {
        Self::with(Source::InPlace(scores), labels, targets.into(), PerElement)
    }
}

/// The element's target, checked; `None` if it is ignored.
#[inline]
fn target<T: Real>(
    targets: &Targets<'_, T>,
    index: usize,
    ignore_index: Option<i64>,
) -> Result<Option<T>, Error> {
    if let Some(soft) = targets.soft(index)? {
        return Ok(Some(soft));
    }
    let class = targets.class(index, 2, ignore_index)?;
    Ok(class.map(|class| if class == 0 { T::zero() } else { T::one() }))
}

fn run<T: Real, L: ElementLoss<T>, S: Flat<T> + ?Sized>(
    loss: &L,
    elements: Elements<'_, T, S>,
    reduction: Reduction<'_, T>,
) -> Result<Total<T>, Error> {
    elements.check_ignore()?;
    let divisor = elements.divisor(L::INFO.logarithmic);
    let Batch { source, columns, targets, weights, ignore_index, .. } = elements;
    let items = targets.len();
    match items.checked_rem(columns) {
        None => return Err(Error::LengthMismatch { what: "columns", expected: 1, found: 0 }),
        Some(0) => {}
        Some(extra) => check_length("targets", items.wrapping_sub(extra), items)?,
    }
    loss.check(columns)?;
    let input = loss.input();
    let resolve = |index| target(&targets, index, ignore_index);
    let loss = loss.fit((0..items).filter_map(|index| resolve(index).ok().flatten()));
    drive(
        Work { source, width: 1, items, divisor, weights },
        reduction,
        |index, scores| {
            let Some(_) = resolve(index)? else { return Ok(None) };
            input.check(index, scores)?;
            Ok(Some(T::one()))
        },
        |index, mut scores: Scores<'_, T>| {
            let Some(target) = resolve(index)? else { return Ok(None) };
            refuse_nan(index, scores.as_slice())?;
            let mut value = T::zero();
            let column = if columns == 1 { 0 } else { index.checked_rem(columns).unwrap_or(0) };
            scores.replace(|_, score| {
                let (loss, gradient) = loss.element(score, target, column);
                value = loss;
                gradient
            });
            Ok(Some(value))
        },
    )
}
