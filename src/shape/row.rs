//! Rows: C scores, and a class or a distribution over the classes.

use super::batch::{Batch, Flat, Layout, check_length, reductions};
use super::drive::{Reduction, Work, drive};
use super::scores::{Input, Scores, Source, refuse_nan};
use super::target::{RowItem, Targets, check_distribution};
use crate::loss::Loss;
use crate::reduce::Total;
use crate::{Error, Real};

/// The target of one row.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RowTarget<'a, T> {
    /// The index of the right class.
    Class(usize),
    /// A probability for each class.
    Distribution(&'a [T]),
}

impl<T: Real> RowTarget<'_, T> {
    /// Whether it is a target for rows of this many classes.
    #[inline]
    #[must_use]
    pub fn fits(&self, classes: usize) -> bool {
        match self {
            Self::Class(class) => *class < classes,
            Self::Distribution(distribution) => distribution.len() == classes,
        }
    }

    /// The probability of a class.
    #[inline]
    #[must_use]
    pub fn probability(&self, class: usize) -> T {
        match self {
            Self::Class(target) if *target == class => T::one(),
            Self::Class(_) => T::zero(),
            Self::Distribution(distribution) => distribution.get(class).copied().unwrap_or_default(),
        }
    }
}

/// A loss of a row of scores against a class or a distribution.
pub trait RowLoss<T: Real>: Loss {
    /// The loss of one row; scores that are to be replaced become its gradient. Follows IEEE: NaN in,
    /// NaN out, and NaN for a target of another number of classes. Checks nothing else: the batch calls do.
    fn row(&self, scores: Scores<'_, T>, target: RowTarget<'_, T>) -> T;

    /// What the scores are.
    fn input(&self) -> Input;

    /// Whether a distribution may be the target.
    fn takes_distributions(&self) -> bool {
        true
    }

    /// What an item adds to the mean's denominator, besides its sample weight; `None` is 1 without
    /// regard to sample weights.
    fn share(&self, _target: RowTarget<'_, T>) -> Option<T> {
        None
    }

    reductions!(Rows, PerRow);
}

/// Marks a batch of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PerRow;

/// A batch of rows: N rows of C scores, with a label or a distribution each.
///
/// ```
/// use microloss::{Rows, RowLoss, row::CrossEntropy};
/// let logits = [[0.2_f32, 1.5, -0.3], [1.0, 0.1, 0.4]];
/// let mut gradient = [[0.0; 3]; 2];
/// let value = CrossEntropy::new().mean(Rows::new(&logits, &[1_u8, 0]).gradient(&mut gradient))?;
/// assert!((value - 0.516_860_4).abs() < 1e-6, "{value}");
/// # Ok::<(), microloss::Error>(())
/// ```
///
/// Lengths that disagree do not compile:
/// ```compile_fail,E0308
/// use microloss::Rows;
/// let batch = Rows::new(&[[0.2_f32, 1.5, -0.3]], &[1_u8, 0]);
/// ```
/// ```compile_fail,E0308
/// use microloss::Rows;
/// let mut gradient = [[0.0_f32; 2]; 1];
/// let batch = Rows::new(&[[0.2_f32, 1.5, -0.3]], &[1_u8]).gradient(&mut gradient);
/// ```
pub type Rows<'a, T, S> = Batch<'a, T, S, PerRow>;

impl<T: Real, const C: usize, const N: usize> Layout<T, PerRow> for [[T; C]; N] {
    type Items = [T; N];
}
impl<T: Real> Layout<T, PerRow> for [T] {
    type Items = Self;
}

impl<'a, T: Real, const C: usize, const N: usize> Batch<'a, T, [[T; C]; N], PerRow> {
    /// Scores that are only read.
    pub fn new<Y: RowItem<T, C>>(scores: &'a [[T; C]; N], targets: &'a [Y; N]) -> Self {
        Self::with(Source::Read(scores.as_flattened()), C, Y::erase(targets), PerRow)
    }

    /// Scores that become the gradient.
    pub fn in_place<Y: RowItem<T, C>>(scores: &'a mut [[T; C]; N], targets: &'a [Y; N]) -> Self {
        Self::with(Source::InPlace(scores.as_flattened_mut()), C, Y::erase(targets), PerRow)
    }
}

impl<'a, T: Real> Batch<'a, T, [T], PerRow> {
    /// Scores in a slice, row after row, that are only read.
    pub fn slices(scores: &'a [T], classes: usize, targets: impl Into<Targets<'a, T>>) -> Self {
        Self::with(Source::Read(scores), classes, targets.into(), PerRow)
    }

    /// Scores in a slice, row after row, that become the gradient.
    pub fn slices_in_place(scores: &'a mut [T], classes: usize, targets: impl Into<Targets<'a, T>>) -> Self {
        Self::with(Source::InPlace(scores), classes, targets.into(), PerRow)
    }
}

/// The row's target, checked; `None` if it is ignored.
#[inline]
fn target<'a, T: Real>(
    targets: &Targets<'a, T>,
    index: usize,
    classes: usize,
    ignore_index: Option<i64>,
) -> Result<Option<RowTarget<'a, T>>, Error> {
    if let Some(distribution) = targets.distribution(index, classes) {
        check_distribution(index, distribution)?;
        return Ok(Some(RowTarget::Distribution(distribution)));
    }
    Ok(targets.class(index, classes, ignore_index)?.map(RowTarget::Class))
}

fn run<T: Real, L: RowLoss<T>, S: Flat<T> + ?Sized>(
    loss: &L,
    rows: Rows<'_, T, S>,
    reduction: Reduction<'_, T>,
) -> Result<Total<T>, Error> {
    rows.check_ignore()?;
    let divisor = rows.divisor(L::INFO.logarithmic);
    let Batch { source, columns, targets, weights, ignore_index, .. } = rows;
    let labels = targets.are_labels();
    if !labels && !loss.takes_distributions() {
        return Err(Error::Unsupported { name: "targets", expected: "class labels" });
    }
    let items = if labels { targets.len() } else { targets.len().checked_div(columns).unwrap_or(0) };
    check_length("targets", if labels { items } else { items.wrapping_mul(columns) }, targets.len())?;
    if columns == 0 {
        return Err(Error::LengthMismatch { what: "classes", expected: 1, found: 0 });
    }
    loss.check(columns)?;
    let input = loss.input();
    drive(
        Work { source, width: columns, items, divisor, weights },
        reduction,
        |index, scores| {
            let Some(target) = target(&targets, index, columns, ignore_index)? else { return Ok(None) };
            input.check(index, scores)?;
            let weight = weights.and_then(|weights| weights.get(index)).copied();
            Ok(Some(match (loss.share(target), weight) {
                (Some(share), Some(weight)) => share * weight,
                (Some(share), None) => share,
                (None, _) => T::one(),
            }))
        },
        |index, scores| {
            let Some(target) = target(&targets, index, columns, ignore_index)? else { return Ok(None) };
            refuse_nan(index, scores.as_slice())?;
            Ok(Some(loss.row(scores, target)))
        },
    )
}
