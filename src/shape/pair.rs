//! Pairs and triplets: an item is two or three vectors, with a label or without.

use core::array;

use super::access::{Access, Feed, View};
use super::batch::{Batch, Flat, Layout, check_length, reductions};
use super::block::padded;
use super::drive::{Block, Reduction, Survey, Work, drive};
use super::quantized::{Code, Codes, Dequantize, Quantized};
use super::scores::{Input, Source, item_range, refuse_nan};
use super::target::{Target, TargetKind, Targets};
use crate::lanes::{LANES, Sum, VECTORS, all_finite, chunk, extent, rolled, scalar, vectorized};
use crate::loss::Loss;
use crate::reduce::Total;
use crate::{Error, Real};

/// A loss of vectors against vectors.
pub trait PairLoss<T: Real>: Loss {
    /// Vectors of an item.
    const VECTORS: usize;
    /// What the targets are; none, where the vectors' order says which is which.
    const TARGETS: Option<TargetKind>;

    /// The loss of one item; where the gradient is wanted, it replaces the vectors. Follows IEEE: NaN in, NaN out. Checks
    /// nothing: the batch calls do.
    fn vectors<S: Access<T>>(&self, vectors: Vectors<T, S>) -> T;

    /// What the scores are.
    fn input(&self) -> Input {
        Input::Logits
    }

    /// Whether a vector of zeros is an error.
    fn refuses_zero(&self) -> bool {
        false
    }

    reductions!(Pairs, PerPair);
}

/// The vectors of one item as a loss sees them.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Vectors<T, S> {
    /// The components, vector after vector, or where their gradient goes.
    pub scores: S,
    /// Components of a vector.
    pub dimension: usize,
    /// The target; NaN if the loss has none.
    pub target: T,
    /// What the gradient is to be multiplied by.
    pub scale: T,
}

#[allow(clippy::indexing_slicing, reason = "a lane is less than LANES, and the compiler sees it")]
impl<T: Real, S: Access<T>> Vectors<T, S> {
    /// Calls `f` with the same component of each of the K vectors, in the lane that is its turn. Where there are vectors, the
    /// last lanes may be beyond the last component, which `f` is told.
    #[inline(always)]
    pub(crate) fn each<const K: usize>(&self, mut f: impl FnMut(usize, bool, [T; K])) {
        for start in (0..self.dimension).step_by(LANES) {
            let mut components = [[T::zero(); LANES]; K];
            let count = self.read(start, &mut components);
            chunk();
            for lane in 0..extent(count, LANES) {
                scalar();
                let is_there = cfg!(target_arch = "arm") || lane < count;
                f(lane, is_there, array::from_fn(|vector| components[vector][lane]));
            }
        }
    }

    /// Calls `f` with the same component of each of the K vectors; what it returns, times the scale, replaces them, where
    /// that is wanted.
    #[inline(always)]
    pub fn replace<const K: usize>(&mut self, f: impl Fn([T; K]) -> [T; K]) {
        if !self.scores.are_replaced() {
            return;
        }
        for start in (0..self.dimension).step_by(LANES) {
            let mut components = [[T::zero(); LANES]; K];
            let count = self.read(start, &mut components);
            chunk();
            for lane in 0..extent(count, LANES) {
                scalar();
                let entries = f(array::from_fn(|vector| components[vector][lane]));
                for (components, entry) in components.iter_mut().zip(entries) {
                    components[lane] = entry * self.scale;
                }
            }
            let Some(slots) = self.scores.slots() else { return };
            let mut at = start;
            for entries in &components {
                let slots = slots.get_mut(at..at.wrapping_add(count)).unwrap_or(&mut []);
                for (slot, &entry) in slots.iter_mut().zip(entries) {
                    rolled();
                    *slot = entry;
                }
                at = at.wrapping_add(self.dimension);
            }
        }
    }

    /// Reads the components of each of the K vectors from `start` on, at most [`LANES`]: how many these are.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn read<const K: usize>(&self, start: usize, to: &mut [[T; LANES]; K]) -> usize {
        let count = self.dimension.wrapping_sub(start).min(LANES);
        let mut at = start;
        for components in to {
            if let Some(part) = self.scores.view().part(at..at.wrapping_add(count), start) {
                if VECTORS {
                    *components = padded(part, 0);
                } else {
                    for (component, number) in components.iter_mut().zip(part.row()) {
                        rolled();
                        *component = number;
                    }
                }
            }
            at = at.wrapping_add(self.dimension);
        }
        count
    }
}

/// Marks a batch of pairs, or triplets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PerPair {
    /// Vectors of an item; a slice has as many as the loss takes.
    vectors: Option<usize>,
}

/// A batch of pairs or triplets: N items of K vectors, of D numbers each, in that order.
///
/// ```
/// use microloss::{PairLoss, Pairs, Sign, pair::CosineEmbedding};
/// let pairs = [[[1.0_f32, 0.0], [0.6, 0.8]], [[0.0, 1.0], [0.6, 0.8]]];
/// let labels = [Sign::Positive, Sign::Negative];
/// let mut gradient = [[[0.0; 2]; 2]; 2];
/// let value = CosineEmbedding::new().mean(Pairs::new(&pairs, &labels).gradient(&mut gradient))?;
/// assert!((value - 0.6).abs() < 1e-6, "{value}");
/// # Ok::<(), microloss::Error>(())
/// ```
///
/// Lengths that disagree do not compile:
/// ```compile_fail,E0308
/// use microloss::Pairs;
/// let batch = Pairs::new(&[[[1.0_f32, 0.0], [0.6, 0.8]]], &[1_i8, -1]);
/// ```
pub type Pairs<'a, T, S, F = Source<'a, T>> = Batch<'a, T, S, PerPair, F>;

impl<T: Real, const D: usize, const K: usize, const N: usize> Layout<T, PerPair> for [[[T; D]; K]; N] {
    type Items = [T; N];
}

impl<'a, T: Real, const D: usize, const K: usize, const N: usize> Batch<'a, T, [[[T; D]; K]; N], PerPair> {
    /// Vectors that are only read.
    pub fn new<Y: Target<T>>(vectors: &'a [[[T; D]; K]; N], labels: &'a [Y; N]) -> Self {
        Self { targets: Y::erase(labels), ..Self::unlabelled(vectors) }
    }

    /// Vectors that become the gradient.
    pub fn in_place<Y: Target<T>>(vectors: &'a mut [[[T; D]; K]; N], labels: &'a [Y; N]) -> Self {
        Self { targets: Y::erase(labels), ..Self::unlabelled_in_place(vectors) }
    }

    /// Vectors that are only read, for a loss without labels.
    pub fn unlabelled(vectors: &'a [[[T; D]; K]; N]) -> Self {
        let source = Source::Read(vectors.as_flattened().as_flattened());
        Self::with(source, D, Targets::none(), PerPair { vectors: Some(K) })
    }

    /// Vectors that become the gradient, for a loss without labels.
    pub fn unlabelled_in_place(vectors: &'a mut [[[T; D]; K]; N]) -> Self {
        let source = Source::InPlace(vectors.as_flattened_mut().as_flattened_mut());
        Self::with(source, D, Targets::none(), PerPair { vectors: Some(K) })
    }
}

impl<'a, T: Real, Q: Code, A: Dequantize<T>, const D: usize, const K: usize, const N: usize>
    Batch<'a, T, [[[T; D]; K]; N], PerPair, Quantized<'a, [Q], A>>
where
    [[[Q; D]; K]; N]: Codes<Code = Q>,
{
    /// Vectors as codes. A column of theirs is a component.
    pub fn quantized<Y: Target<T>>(vectors: Quantized<'a, [[[Q; D]; K]; N], A>, labels: &'a [Y; N]) -> Self {
        Self { targets: Y::erase(labels), ..Self::unlabelled_quantized(vectors) }
    }

    /// Vectors as codes, for a loss without labels.
    pub fn unlabelled_quantized(vectors: Quantized<'a, [[[Q; D]; K]; N], A>) -> Self {
        Self::with(vectors.flat(), D, Targets::none(), PerPair { vectors: Some(K) })
    }
}

impl<'a, T: Real, Q: Code, A: Dequantize<T>> Batch<'a, T, [T], PerPair, Quantized<'a, [Q], A>> {
    /// Vectors as codes in a slice, of `dimension` numbers each. A loss without labels takes [`Targets::none`].
    pub fn quantized_slices(
        scores: Quantized<'a, [Q], A>,
        dimension: usize,
        targets: impl Into<Targets<'a, T>>,
    ) -> Self {
        Self::with(scores, dimension, targets.into(), PerPair { vectors: None })
    }
}

impl<'a, T: Real> Batch<'a, T, [T], PerPair> {
    /// Vectors in a slice, of `dimension` numbers each, that are only read. A loss without labels takes
    /// [`Targets::none`].
    pub fn slices(scores: &'a [T], dimension: usize, targets: impl Into<Targets<'a, T>>) -> Self {
        Self::with(Source::Read(scores), dimension, targets.into(), PerPair { vectors: None })
    }

    /// Vectors in a slice, of `dimension` numbers each, that become the gradient.
    pub fn slices_in_place(
        scores: &'a mut [T],
        dimension: usize,
        targets: impl Into<Targets<'a, T>>,
    ) -> Self {
        Self::with(Source::InPlace(scores), dimension, targets.into(), PerPair { vectors: None })
    }
}

fn run<T: Real, L: PairLoss<T>, S: Flat<T> + ?Sized, F: Feed<T>>(
    loss: &L,
    pairs: Pairs<'_, T, S, F>,
    reduction: Reduction<'_, T>,
) -> Result<Total<T>, Error> {
    run_slices(loss, pairs.into_slices(), reduction)
}

/// The same, whatever the arrangement was: compiled once for all.
fn run_slices<T: Real, L: PairLoss<T>, F: Feed<T>>(
    loss: &L,
    pairs: Pairs<'_, T, [T], F>,
    reduction: Reduction<'_, T>,
) -> Result<Total<T>, Error> {
    pairs.check_ignore()?;
    let divisor = pairs.divisor(L::INFO.logarithmic);
    let Batch { source, columns: dimension, targets, weights, ignore_index, kind, .. } = pairs;
    check_length("vectors", L::VECTORS, kind.vectors.unwrap_or(L::VECTORS))?;
    if dimension == 0 {
        return Err(Error::LengthMismatch { what: "columns", expected: 1, found: 0 });
    }
    let width = dimension.saturating_mul(L::VECTORS);
    let items = match L::TARGETS {
        Some(_) => targets.len(),
        None if targets.is_empty() => source.view().len().checked_div(width).unwrap_or(0),
        None => return Err(Error::Unsupported { name: "targets", expected: "none" }),
    };
    loss.check(dimension)?;
    vectorized(
        #[inline(always)]
        || {
            drive(
                Work { source, columns: dimension, width, items, divisor, weights },
                reduction,
                #[inline(always)]
                |source| {
                    let kind = L::TARGETS.unwrap_or_default();
                    let ignored =
                        if L::TARGETS.is_some() { targets.survey_kind(kind, ignore_index)? } else { 0 };
                    if loss.refuses_zero() {
                        let is_valid = |index: usize| ignored == 0 || targets.label(index) != ignore_index;
                        refuse_zero(source.view(), L::VECTORS, dimension, is_valid)?;
                    }
                    let mut weight = Sum::default();
                    weight.add(T::of_count(items.saturating_sub(ignored)));
                    Ok(Survey { ignored, weight })
                },
                #[inline(always)]
                |source, block: &mut Block<T, LANES>| {
                    let kind = L::TARGETS.unwrap_or_default();
                    let targets: [T; LANES] = targets.numbers(kind, block.start, ignore_index);
                    block.values = [T::zero(); LANES];
                    let results = block.values.iter_mut().zip(&block.scale).zip(&targets);
                    for (offset, ((value, &scale), &target)) in results.enumerate().take(block.count) {
                        let index = block.start.wrapping_add(offset);
                        let Some(mut scores) = source.items(index, 1, width, dimension) else { break };
                        if L::TARGETS.is_some() && target.has_nan_bits() {
                            if let Some(gradient) = scores.slots() {
                                gradient.fill(T::zero());
                            }
                            continue;
                        }
                        refuse_nan(index, scores.view())?;
                        *value = loss.vectors(Vectors { scores, dimension, target, scale });
                        if !value.is_finite() {
                            return Err(Error::NonFiniteLoss { index, value: value.to_double() });
                        }
                        if let Some(mut scores) = source.again(index, width)
                            && let Some(gradient) = scores.slots()
                            && !all_finite(gradient)
                        {
                            return Err(Error::Overflow);
                        }
                    }
                    Ok(())
                },
            )
        },
    )
}

/// Refuses a vector of zeros in an item that counts.
fn refuse_zero<T: Real>(
    scores: impl View<T>,
    vectors: usize,
    dimension: usize,
    is_valid: impl Fn(usize) -> bool,
) -> Result<(), Error> {
    let mut number = 0_usize;
    while let Some(vector) = item_range(number, dimension).and_then(|range| scores.part(range, 0)) {
        let index = number.checked_div(vectors).unwrap_or(0);
        if is_valid(index) && vector.row().all(|component| component == T::zero()) {
            return Err(Error::ZeroVector { index, vector: number.checked_rem(vectors).unwrap_or(0) });
        }
        number = number.wrapping_add(1);
    }
    Ok(())
}
