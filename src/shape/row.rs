//! Rows: C scores, and a class or a distribution over the classes.

use core::array;
use core::borrow::Borrow;

use super::access::{Access, Feed, ReadScores, View};
use super::batch::{Batch, Flat, Layout, check_length, reductions};
use super::block::{LONG, RowBlock, RowTargets};
use super::drive::{Block, Reduction, Survey, Work, drive};
use super::quantized::{Code, Codes, Dequantize, Quantized};
use super::scores::{Input, Scores, Source, item_range, refuse_nan};
use super::target::{IGNORED, RowItem, Targets, check_distribution};
use crate::lanes::{LANES, Sum, all_finite, scalar, vectorized};
use crate::loss::Loss;
use crate::reduce::Total;
use crate::{Error, Real};

/// A loss of a row of scores against a class or a distribution.
pub trait RowLoss<T: Real>: Loss {
    /// The loss of each row of a block; where the gradient is wanted, it replaces the scores. Follows IEEE: NaN in,
    /// NaN out. Checks nothing: the batch calls do.
    fn rows<const L: usize, const R: usize, S: Access<T>>(
        &self,
        rows: &mut RowBlock<'_, T, L, R, S>,
    ) -> [T; R];

    /// The loss of one row, as [`rows`](Self::rows) gives it; NaN for a target of another number of classes.
    fn row<S: Access<T>>(&self, scores: S, target: RowTargets<'_, T, 1>) -> T {
        let columns = scores.view().len();
        let fits = match target {
            RowTargets::Classes([class]) => usize::try_from(class).is_ok_and(|class| class < columns),
            RowTargets::Distributions(distribution) => distribution.len() == columns,
        };
        if fits { one(self, scores, target, T::one()).0 } else { T::nan() }
    }

    /// What the scores are.
    fn input(&self) -> Input;

    /// Whether a distribution may be the target.
    fn takes_distributions(&self) -> bool {
        true
    }

    /// What divides the mean over rows with labels; with distributions it is always the number of rows.
    fn denominator(&self) -> Denominator<'_, T> {
        Denominator::Items
    }

    reductions!(Rows, PerRow);
}

/// What divides the mean over rows.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Denominator<'a, T> {
    /// Their number.
    Items,
    /// The sum of their sample weights times the weights of their classes.
    Weights(Option<&'a [T]>),
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
pub type Rows<'a, T, S, F = Source<'a, T>> = Batch<'a, T, S, PerRow, F>;

impl<T: Real, const C: usize, const N: usize> Layout<T, PerRow> for [[T; C]; N] {
    type Items = [T; N];
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

impl<'a, T: Real, Q: Code, D: Dequantize<T>, const C: usize, const N: usize>
    Batch<'a, T, [[T; C]; N], PerRow, Quantized<'a, [Q], D>>
{
    /// Scores as codes.
    pub fn quantized<Y: RowItem<T, C>>(scores: Quantized<'a, [[Q; C]; N], D>, targets: &'a [Y; N]) -> Self
    where
        [[Q; C]; N]: Codes<Code = Q>,
    {
        Self::with(scores.flat(), C, Y::erase(targets), PerRow)
    }
}

impl<'a, T: Real, F: Feed<T>> Batch<'a, T, [T], PerRow, F> {
    /// One row.
    pub(crate) fn one(scores: impl ReadScores<T, Feed = F>, label: &'a [usize; 1]) -> Self {
        let columns = scores.view().len();
        Self::with(scores.feed(), columns, Targets::from(&label[..]), PerRow)
    }
}

impl<'a, T: Real, Q: Code, D: Dequantize<T>> Batch<'a, T, [T], PerRow, Quantized<'a, [Q], D>> {
    /// Scores as codes in a slice, row after row.
    pub fn quantized_slices(
        scores: Quantized<'a, [Q], D>,
        classes: usize,
        targets: impl Into<Targets<'a, T>>,
    ) -> Self {
        Self::with(scores, classes, targets.into(), PerRow)
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

fn run<T: Real, L: RowLoss<T>, S: Flat<T> + ?Sized, F: Feed<T>>(
    loss: &L,
    rows: Rows<'_, T, S, F>,
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
    if u32::try_from(columns).is_err() {
        return Err(Error::LengthMismatch { what: "classes", expected: u32::MAX as usize, found: columns });
    }
    loss.check(columns)?;
    let reader = Reader { targets, columns, ignore_index };
    let work = Work { source, columns, width: columns, items, divisor, weights };
    vectorized(
        #[inline(always)]
        || {
            if !TOGETHER {
                return drive(
                    work,
                    reduction,
                    #[inline(always)]
                    |source| reader.survey(loss, source.view(), items, weights),
                    #[inline(always)]
                    |source, block| one_by_one(loss, reader, source, block),
                );
            }
            if columns >= LONG {
                return drive(
                    work,
                    reduction,
                    #[inline(always)]
                    |source| reader.survey(loss, source.view(), items, weights),
                    #[inline(always)]
                    |source, block| {
                        Together::<T, LONG_ROWS>::new().evaluate::<L, F, LANES>(loss, reader, source, block)
                    },
                );
            }
            let mut together = Together::<T, SHORT_ROWS>::new();
            drive(
                work,
                reduction,
                #[inline(always)]
                |source| reader.survey(loss, source.view(), items, weights),
                #[inline(always)]
                |source, block| together.evaluate::<L, F, SHORT_ROWS>(loss, reader, source, block),
            )
        },
    )
}

/// The targets of a batch of rows.
#[derive(Clone, Copy)]
struct Reader<'a, T> {
    targets: Targets<'a, T>,
    columns: usize,
    ignore_index: Option<i64>,
}

impl<'a, T: Real> Reader<'a, T> {
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn survey<L: RowLoss<T>>(
        &self,
        loss: &L,
        scores: impl View<T>,
        items: usize,
        weights: Option<&[T]>,
    ) -> Result<Survey<T>, Error> {
        let labels = self.targets.are_labels();
        let ignored = self.targets.survey(self.columns, self.ignore_index)?;
        let input = loss.input();
        if !labels || input != Input::Logits {
            for (index, scores) in scores.parts(self.columns.max(1)).enumerate() {
                if let Some(distribution) = self.targets.distribution(index, self.columns) {
                    check_distribution(index, distribution)?;
                }
                if ignored == 0 || self.targets.label(index) != self.ignore_index {
                    input.check(index, scores)?;
                }
            }
        }
        let mut weight = Sum::default();
        match loss.denominator() {
            Denominator::Weights(of_class) if labels && (of_class.is_some() || weights.is_some()) => {
                let one = T::one();
                for index in 0..items {
                    scalar();
                    let Ok(Some(class)) = self.targets.class(index, self.columns, self.ignore_index) else {
                        continue;
                    };
                    let of_class = of_class.and_then(|weights| weights.get(class)).copied().unwrap_or(one);
                    let of_item = weights.and_then(|weights| weights.get(index)).copied().unwrap_or(one);
                    weight.add(of_class * of_item);
                }
            }
            _ => weight.add(T::of_count(items.saturating_sub(ignored))),
        }
        Ok(Survey { ignored, weight })
    }

    /// The target of one row; `None` if it is ignored.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn one(&self, index: usize) -> Option<RowTargets<'a, T, 1>> {
        if let Some(distribution) = self.targets.distribution(index, self.columns) {
            return Some(RowTargets::Distributions(distribution));
        }
        let [class] = self.targets.classes(index, self.ignore_index);
        (class != IGNORED).then_some(RowTargets::Classes([class]))
    }
}

/// The loss of one row, and whether its gradient is finite.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
fn one<T: Real, L: RowLoss<T>, S: Access<T>>(
    loss: &L,
    scores: S,
    targets: RowTargets<'_, T, 1>,
    scale: T,
) -> (T, bool) {
    let columns = scores.view().len();
    let mut rows = RowBlock::<T, LANES, 1, S>::new(scores, columns, targets, [scale]);
    let [loss] = loss.rows(&mut rows);
    (loss, rows.is_finite())
}

/// One row after the other.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
fn one_by_one<T: Real, L: RowLoss<T>, F: Feed<T>>(
    loss: &L,
    reader: Reader<'_, T>,
    source: &mut F,
    block: &mut Block<T, 1>,
) -> Result<(), Error> {
    let items = block.values.iter_mut().zip(&block.scale).enumerate().take(block.count);
    for (offset, (value, &scale)) in items {
        let index = block.start.wrapping_add(offset);
        let Some(mut scores) = source.items(index, 1, reader.columns, reader.columns) else { break };
        let Some(targets) = reader.one(index) else {
            *value = T::zero();
            if let Some(gradient) = scores.slots() {
                gradient.fill(T::zero());
            }
            continue;
        };
        refuse_nan(index, scores.view())?;
        let (loss, finite) = one(loss, scores, targets, scale);
        *value = loss;
        if !value.is_finite() {
            return Err(Error::NonFiniteLoss { index, value: value.to_double() });
        }
        if !finite {
            return Err(Error::Overflow);
        }
    }
    Ok(())
}

/// Rows are evaluated together where there is memory for it.
const TOGETHER: bool = !cfg!(target_arch = "arm");

/// Short rows that are evaluated together: two vectors of them, so that one does not wait for the other.
const SHORT_ROWS: usize = 2 * LANES;

/// Long rows that are evaluated together: so few that they stay in the nearest cache.
const LONG_ROWS: usize = LANES / 2;

/// Columns that rows side by side have at most.
const SIDE: usize = if TOGETHER { LONG } else { 0 };

/// R rows that are evaluated together.
struct Together<T, const R: usize> {
    /// Short rows, side by side.
    scores: [[T; R]; SIDE],
    targets: [[T; R]; SIDE],
}

impl<T: Real, const R: usize> Together<T, R> {
    #[inline(always)]
    fn new() -> Self {
        Self { scores: [[T::zero(); R]; SIDE], targets: [[T::zero(); R]; SIDE] }
    }

    /// In `W` lanes: as many as rows if these are to stand side by side.
    #[inline(always)]
    fn evaluate<L: RowLoss<T>, F: Feed<T>, const W: usize>(
        &mut self,
        loss: &L,
        reader: Reader<'_, T>,
        source: &mut F,
        block: &mut Block<T, R>,
    ) -> Result<(), Error> {
        let (start, columns) = (block.start, reader.columns);
        let range = start.wrapping_mul(columns)..start.wrapping_add(block.count).wrapping_mul(columns);
        let Some(given) = source.view().part(range.clone(), 0) else { return Ok(()) };
        let mut classes: [u32; R] = reader.targets.classes(start, reader.ignore_index);
        if !reader.targets.are_labels() {
            classes = [0; R];
        }
        let nan = first_nan(start, given, columns, &classes);
        let count = nan.as_ref().map_or(block.count, |(row, _)| *row);
        for class in classes.iter_mut().skip(count) {
            *class = IGNORED;
        }
        let live = classes.map(|class| class != IGNORED);
        let mut targets = RowTargets::Classes(classes.map(|class| if class == IGNORED { 0 } else { class }));
        let distributions = match reader.targets {
            Targets::Values(values) => values.get(range.clone()),
            _ => None,
        };
        let finite = if W == R {
            deal(given, columns, &live, &mut self.scores);
            if let Some(distributions) = distributions {
                deal(distributions, columns, &live, &mut self.targets);
                let targets_of_lanes = self.targets.as_flattened().get(..columns * R);
                targets = RowTargets::Distributions(targets_of_lanes.unwrap_or(&[]));
            }
            let lanes = self.scores.as_flattened_mut().get_mut(..columns * R).unwrap_or(&mut []);
            let wanted = source.are_replaced();
            let scores = if wanted { Scores::Replace(lanes) } else { Scores::Read(lanes) };
            evaluate(loss, RowBlock::<T, W, R>::new(scores, columns, targets, block.scale), &live, block)
        } else {
            if let Some(distributions) = distributions {
                targets = RowTargets::Distributions(distributions);
            }
            let Some(mut scores) = source.items(start, block.count, columns, columns) else { return Ok(()) };
            if let Some(scores) = scores.slots() {
                clear(scores, columns, &live);
            }
            evaluate(loss, RowBlock::<T, W, R, _>::new(scores, columns, targets, block.scale), &live, block)
        };
        if nan.is_some() || !finite {
            if let Some(row) = block.values.iter().position(|value| !value.is_finite()) {
                let value = block.values.get(row).copied().unwrap_or_default().to_double();
                return Err(Error::NonFiniteLoss { index: start.wrapping_add(row), value });
            }
            return Err(nan.map_or(Error::Overflow, |(_, error)| error));
        }
        if let Some(gradient) = source.slots().and_then(|gradient| gradient.get_mut(range)) {
            if W == R {
                collect(&self.scores, &live, gradient, columns);
            } else {
                clear(gradient, columns, &live);
            }
        }
        Ok(())
    }
}

/// The losses of a block of rows, 0 for those that do not count; whether they and the gradient are finite.
#[inline(always)]
fn evaluate<T: Real, L: RowLoss<T>, S: Access<T>, const W: usize, const R: usize>(
    loss: &L,
    mut rows: RowBlock<'_, T, W, R, S>,
    live: &[bool; R],
    block: &mut Block<T, R>,
) -> bool {
    let losses = loss.rows(&mut rows);
    for (value, (&loss, &live)) in block.values.iter_mut().zip(losses.iter().zip(live)) {
        *value = if live { loss } else { T::zero() };
    }
    all_finite(&block.values) && rows.is_finite()
}

/// The first row that counts and has a NaN.
#[inline(always)]
fn first_nan<T: Real, const R: usize>(
    start: usize,
    rows: impl View<T>,
    columns: usize,
    classes: &[u32; R],
) -> Option<(usize, Error)> {
    if !rows.has_nan() {
        return None;
    }
    let mut rows = rows.parts(columns.max(1)).zip(classes).enumerate();
    rows.find_map(|(row, (scores, &class))| {
        let refused = refuse_nan(start.wrapping_add(row), scores).err().filter(|_| class != IGNORED);
        refused.map(|error| (row, error))
    })
}

/// Zeroes rows that do not count.
#[inline(always)]
fn clear<T: Real, const R: usize>(rows: &mut [T], columns: usize, live: &[bool; R]) {
    for (row, _) in rows.chunks_mut(columns.max(1)).zip(live).filter(|(_, live)| !**live) {
        row.fill(T::zero());
    }
}

/// Deals rows to lanes; a lane without a row of its own is 0. A function of its own: vector units are slow at it.
#[inline(never)]
#[allow(clippy::indexing_slicing, reason = "a lane is less than R, and the compiler sees it")]
fn deal<T: Real, const R: usize>(
    rows: impl View<T>,
    columns: usize,
    live: &[bool; R],
    lanes: &mut [[T; R]; SIDE],
) {
    for (lane, &live) in live.iter().enumerate() {
        let row = item_range(lane, columns).and_then(|range| rows.part(range, 0)).filter(|_| live);
        match row {
            Some(row) => {
                let (fours, _) = lanes.as_chunks_mut::<4>();
                for (number, lanes) in fours.iter_mut().enumerate().take(columns / 4) {
                    if let Some(numbers) = row.chunks::<4, 1>(number) {
                        let [numbers] = numbers.borrow();
                        for (lanes, &number) in lanes.iter_mut().zip(numbers) {
                            lanes[lane] = number;
                        }
                    }
                }
                for (column, lanes) in lanes.iter_mut().enumerate().take(columns).skip(columns / 4 * 4) {
                    lanes[lane] = row.get(column, column).unwrap_or_default();
                }
            }
            None => {
                for lanes in lanes.iter_mut().take(columns) {
                    lanes[lane] = T::zero();
                }
            }
        }
    }
}

/// Brings the lanes back to rows. A function of its own, as [`deal`].
#[inline(never)]
#[allow(clippy::indexing_slicing, reason = "a lane is less than R, and the compiler sees it")]
fn collect<T: Real, const R: usize>(
    lanes: &[[T; R]; SIDE],
    live: &[bool; R],
    rows: &mut [T],
    columns: usize,
) {
    for (lane, (row, &live)) in rows.chunks_exact_mut(columns).zip(live).enumerate() {
        if live {
            let (slots, rest) = row.as_chunks_mut::<4>();
            let (fours, _) = lanes.as_chunks::<4>();
            for (slots, lanes) in slots.iter_mut().zip(fours) {
                *slots = array::from_fn(|column| lanes[column][lane]);
            }
            for (slot, lanes) in rest.iter_mut().zip(lanes.iter().skip(columns / 4 * 4)) {
                *slot = lanes[lane];
            }
        } else {
            row.fill(T::zero());
        }
    }
}
