//! Elements: one score and one target, in one column or, for several labels an item, in several.

use core::cell::Cell;

use super::access::{Feed, View};
use super::batch::{Batch, Flat, Layout, check_length, reductions};
use super::drive::{Block, Reduction, Survey, Work, drive};
use super::quantized::{Code, Codes, Dequantize, Quantized};
use super::scores::{Input, Source, refuse_nan};
use super::target::{Target, TargetKind, Targets};
use crate::lanes::{FLUSHES, LANES, Sum, VECTORS, all_finite, extent, scalar, scalar_lane, vectorized};
use crate::loss::Loss;
use crate::reduce::Total;
use crate::{Error, Real};

/// A loss of one target and its score; or of the K scores that a target has together.
pub trait ElementLoss<T: Real, const K: usize = 1>: Loss {
    /// What the targets are.
    const TARGETS: TargetKind = TargetKind::Binary;

    /// The loss and its derivatives with respect to the scores. Follows IEEE: NaN in, NaN out, but where a weight of 0
    /// skips the score. Checks nothing: the batch calls do. `input` is that of the loss, which the batch calls know when they are
    /// compiled; `column` is the label's position among several.
    fn element(&self, input: Input, scores: [T; K], target: T, column: usize) -> (T, [T; K]);

    /// The same for a target that is 0 or 1, where that costs less.
    #[inline(always)]
    fn labelled(&self, input: Input, scores: [T; K], target: T, column: usize) -> (T, [T; K]) {
        self.element(input, scores, target, column)
    }

    /// Whether [`labelled`](Self::labelled) of logits in one column has the same bits where subnormal numbers are taken for
    /// 0, and gives those that it gives whole: it may then run in vectors that flush, as Helium's do.
    fn bears_flushing(&self) -> bool {
        false
    }

    /// What the scores are.
    fn input(&self) -> Input {
        Input::Logits
    }

    /// The loss with those parameters filled in that are computed from a batch's targets.
    #[must_use]
    fn fit(&self, _targets: impl Iterator<Item = T>) -> Self {
        *self
    }

    reductions!(Elements, PerElement<K>, K);
}

/// Marks a batch of elements, with K scores each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PerElement<const K: usize = 1>;

/// A batch of elements: N scores with a target each, or N times K scores for losses that take several together.
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
pub type Elements<'a, T, S, const K: usize = 1, F = Source<'a, T>> = Batch<'a, T, S, PerElement<K>, F>;

impl<T: Real, const N: usize> Layout<T, PerElement> for [T; N] {
    type Items = Self;
}
impl<T: Real, const L: usize, const N: usize> Layout<T, PerElement> for [[T; L]; N] {
    type Items = Self;
}
impl<T: Real, const N: usize> Layout<T, PerElement<2>> for [[T; 2]; N] {
    type Items = [T; N];
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

impl<'a, T: Real, const K: usize, const N: usize> Batch<'a, T, [[T; K]; N], PerElement<K>> {
    /// Several scores a target, such as a mean and a variance, that are only read.
    pub fn several<Y: Target<T>>(scores: &'a [[T; K]; N], targets: &'a [Y; N]) -> Self {
        Self::with(Source::Read(scores.as_flattened()), 1, Y::erase(targets), PerElement)
    }

    /// Several scores a target, that become the gradient.
    pub fn several_in_place<Y: Target<T>>(scores: &'a mut [[T; K]; N], targets: &'a [Y; N]) -> Self {
        Self::with(Source::InPlace(scores.as_flattened_mut()), 1, Y::erase(targets), PerElement)
    }
}

impl<'a, T: Real, Q: Code, D: Dequantize<T>, const N: usize>
    Batch<'a, T, [T; N], PerElement, Quantized<'a, [Q], D>>
where
    [Q; N]: Codes<Code = Q>,
{
    /// Scores as codes.
    pub fn quantized<Y: Target<T>>(scores: Quantized<'a, [Q; N], D>, targets: &'a [Y; N]) -> Self {
        Self::with(scores.flat(), 1, Y::erase(targets), PerElement)
    }
}

impl<'a, T: Real, Q: Code, D: Dequantize<T>, const L: usize, const N: usize>
    Batch<'a, T, [[T; L]; N], PerElement, Quantized<'a, [Q], D>>
where
    [[Q; L]; N]: Codes<Code = Q>,
{
    /// Several labels an item, each with its score as a code. A column is a label.
    pub fn multi_label_quantized<Y: Target<T>>(
        scores: Quantized<'a, [[Q; L]; N], D>,
        targets: &'a [[Y; L]; N],
    ) -> Self {
        Self::with(scores.flat(), L, Y::erase(targets.as_flattened()), PerElement)
    }
}

impl<'a, T: Real, Q: Code, D: Dequantize<T>, const K: usize, const N: usize>
    Batch<'a, T, [[T; K]; N], PerElement<K>, Quantized<'a, [Q], D>>
where
    [[Q; K]; N]: Codes<Code = Q>,
{
    /// Several scores a target, such as a mean and a variance, as codes. A column is one of them.
    pub fn several_quantized<Y: Target<T>>(
        scores: Quantized<'a, [[Q; K]; N], D>,
        targets: &'a [Y; N],
    ) -> Self {
        Self::with(scores.flat(), 1, Y::erase(targets), PerElement)
    }
}

impl<'a, T: Real, Q: Code, D: Dequantize<T>, const K: usize>
    Batch<'a, T, [T], PerElement<K>, Quantized<'a, [Q], D>>
{
    /// Scores as codes in a slice, for `labels` targets an item.
    pub fn quantized_slices(
        scores: Quantized<'a, [Q], D>,
        labels: usize,
        targets: impl Into<Targets<'a, T>>,
    ) -> Self {
        Self::with(scores, labels, targets.into(), PerElement)
    }
}

impl<'a, T: Real, const K: usize> Batch<'a, T, [T], PerElement<K>> {
    /// Scores in a slice, for `labels` targets an item, that are only read.
    pub fn slices(scores: &'a [T], labels: usize, targets: impl Into<Targets<'a, T>>) -> Self {
        Self::with(Source::Read(scores), labels, targets.into(), PerElement)
    }

    /// Scores in a slice, for `labels` targets an item, that become the gradient.
    pub fn slices_in_place(scores: &'a mut [T], labels: usize, targets: impl Into<Targets<'a, T>>) -> Self {
        Self::with(Source::InPlace(scores), labels, targets.into(), PerElement)
    }
}

fn run<T: Real, L: ElementLoss<T, K>, S: Flat<T> + ?Sized, F: Feed<T>, const K: usize>(
    loss: &L,
    elements: Elements<'_, T, S, K, F>,
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
    let reader = Reader { targets, kind: L::TARGETS, ignore_index };
    let work = Work { source, columns: columns.saturating_mul(K), width: K, items, divisor, weights };
    vectorized(
        #[inline(always)]
        || {
            let fitted = Cell::new(*loss);
            drive(
                work,
                reduction,
                #[inline(always)]
                |source| {
                    let survey = reader.survey::<K>(input, columns, source.view())?;
                    let starts = (0..items).step_by(BLOCK);
                    let targets = starts.flat_map(|start| reader.read(start));
                    fitted.set(loss.fit(targets.filter(|target: &T| !target.is_nan())));
                    Ok(survey)
                },
                #[inline(always)]
                |source, block| evaluate(&fitted.get(), input, columns, reader, source, block),
            )
        },
    )
}

/// Elements that are evaluated together: with vectors it pays to do many.
const BLOCK: usize = match (VECTORS, cfg!(target_arch = "arm")) {
    (false, _) => LANES,
    (true, true) => 4 * LANES,
    (true, false) => 16 * LANES,
};

/// The targets of a batch of elements.
#[derive(Clone, Copy)]
struct Reader<'a, T> {
    targets: Targets<'a, T>,
    kind: TargetKind,
    ignore_index: Option<i64>,
}

impl<'a, T: Real> Reader<'a, T> {
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn survey<const K: usize>(
        &self,
        input: Input,
        columns: usize,
        scores: impl View<T>,
    ) -> Result<Survey<T>, Error> {
        let ignored = self.targets.survey_kind(self.kind, self.ignore_index)?;
        if input != Input::Logits {
            for (index, scores) in scores.items::<K>(columns).enumerate() {
                if ignored == 0 || self.targets.label(index) != self.ignore_index {
                    input.check(index, scores)?;
                }
            }
        }
        let valid = self.targets.len().saturating_sub(ignored);
        let mut weight = Sum::default();
        weight.add(T::of_count(valid));
        Ok(Survey { ignored, weight })
    }

    /// The targets of a full block of elements, where they are numbers.
    #[inline(always)]
    fn numbers(&self, start: usize) -> Option<&'a [T; BLOCK]> {
        let Targets::Values(values) = self.targets else { return None };
        values.get(start..)?.first_chunk()
    }

    /// The targets of a block of elements; NaN for those that are ignored, and past the end.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn read(&self, start: usize) -> [T; BLOCK] {
        self.targets.numbers(self.kind, start, self.ignore_index)
    }
}

#[cfg_attr(not(target_arch = "arm"), inline(always))]
fn evaluate<T: Real, L: ElementLoss<T, K>, F: Feed<T>, const K: usize>(
    loss: &L,
    input: Input,
    columns: usize,
    reader: Reader<'_, T>,
    source: &mut F,
    block: &mut Block<T, BLOCK>,
) -> Result<(), Error> {
    let wanted = source.are_replaced();
    let mut room = None;
    let scores = source.view().block::<K, BLOCK>(block.start, columns, &mut room);
    let read;
    let targets = if let Some(targets) = reader.numbers(block.start) {
        targets
    } else {
        read = reader.read(block.start);
        &read
    };
    let labelled = reader.targets.are_labels();
    let lanes = Lanes { scores, targets };
    let mut gradient = if wanted { Some([[T::zero(); K]; BLOCK]) } else { None };
    // With vectors it pays to compile a loop for each of the common cases.
    let apart = !cfg!(target_arch = "arm") && columns == 1;
    let in_flushing = FLUSHES && columns == 1 && loss.bears_flushing();
    match input {
        Input::Logits if labelled && (apart || in_flushing) => lanes.run::<FLUSHES>(
            block,
            gradient.as_mut(),
            #[inline(always)]
            |_, scores, target| loss.labelled(Input::Logits, scores, target, 0),
        ),
        Input::Logits if apart => lanes.run::<false>(
            block,
            gradient.as_mut(),
            #[inline(always)]
            |_, scores, target| loss.element(Input::Logits, scores, target, 0),
        ),
        Input::Probabilities if apart && labelled => lanes.run::<false>(
            block,
            gradient.as_mut(),
            #[inline(always)]
            |_, scores, target| loss.labelled(Input::Probabilities, scores, target, 0),
        ),
        _ => {
            let start = block.start;
            lanes.run::<false>(
                block,
                gradient.as_mut(),
                #[inline(always)]
                |lane, scores, target| {
                    let column = if columns == 1 {
                        0
                    } else {
                        start.wrapping_add(lane).checked_rem(columns).unwrap_or(0)
                    };
                    if labelled {
                        loss.labelled(input, scores, target, column)
                    } else {
                        loss.element(input, scores, target, column)
                    }
                },
            );
        }
    }
    let count = extent(block.count, BLOCK);
    if !all_finite(block.values.get(..count).unwrap_or(&[])) {
        return Err(first_refused(scores, targets, block));
    }
    if let (Some(slots), Some(gradient)) = (source.slots(), &gradient) {
        let slots = slots.as_chunks_mut::<K>().0.get_mut(block.start..).unwrap_or(&mut []);
        for (slot, derivatives) in slots.iter_mut().zip(gradient) {
            *slot = *derivatives;
        }
        if !all_finite(gradient.as_flattened()) {
            return Err(Error::Overflow);
        }
    }
    Ok(())
}

/// The elements of a block, a lane each.
struct Lanes<'a, T, const K: usize> {
    scores: &'a [[T; K]; BLOCK],
    targets: &'a [T; BLOCK],
}

impl<T: Real, const K: usize> Lanes<'_, T, K> {
    /// The losses of a block, and where wanted its gradient; 0 where the target is NaN. `FLUSHING` lets vectors do it that
    /// take subnormal numbers for 0.
    #[inline(always)]
    fn run<const FLUSHING: bool>(
        &self,
        block: &mut Block<T, BLOCK>,
        gradient: Option<&mut [[T; K]; BLOCK]>,
        f: impl Fn(usize, [T; K], T) -> (T, [T; K]),
    ) {
        let Self { scores, targets } = self;
        let Some(gradient) = gradient else {
            let nowhere = &mut [[T::zero(); K]; BLOCK];
            each_lane::<T, K, false, FLUSHING>(scores, targets, block, nowhere, f);
            return;
        };
        each_lane::<T, K, true, FLUSHING>(scores, targets, block, gradient, f);
        if FLUSHING {
            // What is scaled may be subnormal.
            for (derivatives, &scale) in gradient.iter_mut().zip(&block.scale).take(scalar_lane(BLOCK)) {
                scalar();
                *derivatives = derivatives.map(|derivative| derivative * scale);
            }
        }
    }
}

#[inline(always)]
fn each_lane<T: Real, const K: usize, const WANTED: bool, const FLUSHING: bool>(
    scores: &[[T; K]; BLOCK],
    targets: &[T; BLOCK],
    block: &mut Block<T, BLOCK>,
    gradient: &mut [[T; K]; BLOCK],
    f: impl Fn(usize, [T; K], T) -> (T, [T; K]),
) {
    let items = scores.iter().zip(targets).zip(&block.scale);
    let results = block.values.iter_mut().zip(gradient);
    let count = extent(block.count, BLOCK);
    for (lane, (((&scores, &target), &scale), (value, gradient))) in
        items.zip(results).enumerate().take(count)
    {
        if !FLUSHING {
            scalar();
        }
        let counts = !target.has_nan_bits();
        let (loss, derivatives) = f(lane, scores, target);
        // A weight of 0 may have skipped the score.
        let is_nan = scores.iter().fold(false, |found, score| found | score.has_nan_bits());
        *value = if !counts {
            T::zero()
        } else if is_nan {
            T::nan()
        } else {
            loss
        };
        if WANTED {
            *gradient = derivatives.map(
                #[inline(always)]
                |derivative| {
                    let scaled = if FLUSHING { derivative } else { derivative * scale };
                    if counts { scaled } else { T::zero() }
                },
            );
        }
    }
}

/// Refuses the first element that counts and whose loss is not finite, or NaN because a score is.
#[cold]
fn first_refused<T: Real, const K: usize>(
    scores: &[[T; K]; BLOCK],
    targets: &[T; BLOCK],
    block: &Block<T, BLOCK>,
) -> Error {
    for ((lane, scores), (target, value)) in scores.iter().enumerate().zip(targets.iter().zip(&block.values))
    {
        scalar();
        let index = block.start.wrapping_add(lane);
        if let (false, Err(error)) = (target.is_nan(), refuse_nan(index, scores.as_slice())) {
            return error;
        }
        if !value.is_finite() {
            return Error::NonFiniteLoss { index, value: value.to_double() };
        }
    }
    Error::Overflow
}
