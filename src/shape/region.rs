//! Regions: all pixels of one image at once, with scratch to sort them in.

use super::access::{Access, Feed, View};
use super::batch::{Batch, Flat, Layout, check_length, reductions};
use super::drive::{Block, Reduction, Survey, Work, drive};
use super::quantized::{Code, Codes, Dequantize, Quantized};
use super::scores::{Input, Source, item_range, refuse_nan};
use super::target::{IGNORED, Label, TargetKind, Targets};
use crate::lanes::{Sum, all_finite, rolled, scalar, vectorized};
use crate::loss::Loss;
use crate::reduce::Total;
use crate::sort::{Entry, Sort};
use crate::{Error, Real};

/// A loss of an image. A batch of images is averaged over the images; images pooled into one are one.
/// What an image is sorted with is the crate's own, so losses of this shape are not implemented elsewhere.
pub trait RegionLoss<T: Real>: Loss {
    /// The loss of one image; scores that are to be replaced become its gradient. Checks nothing: the
    /// batch calls do.
    fn image<S: Access<T>>(&self, image: Image<'_, T, S>) -> T;

    /// What the scores are.
    fn input(&self) -> Input;

    /// Classes that labels may name, for pixels of this many scores.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] for a number of scores that the loss cannot read.
    fn classes(&self, columns: usize) -> Result<usize, Error>;

    /// Whether the targets of pixels with this many scores may be numbers from 0 to 1.
    fn takes_numbers(&self, _columns: usize) -> bool {
        false
    }

    /// Entries of scratch for an image of so many pixels.
    fn entries(&self, sort: Sort, pixels: usize, in_place: bool) -> usize;

    /// No entry of a gradient is larger.
    fn steepest(&self) -> T {
        T::of(4.0)
    }

    reductions!(Regions, PerRegion<'b, T>);
}

/// One image as a loss sees it.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Image<'a, T, S = Source<'a, T>> {
    /// The scores, pixel after pixel, and where their gradient goes.
    pub scores: S,
    /// Scores a pixel.
    pub columns: usize,
    /// The pixels' labels.
    pub labels: Pixels<'a, T>,
    /// Where to sort.
    pub scratch: &'a mut [Entry<T>],
    /// How to sort.
    pub sort: Sort,
    /// What the gradient is to be multiplied by.
    pub scale: T,
}

/// The labels of an image.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Pixels<'a, T> {
    targets: Targets<'a, T>,
    start: usize,
    count: usize,
    classes: usize,
    ignore_index: Option<i64>,
}

impl<T: Real> Pixels<'_, T> {
    /// Pixels in the image, ignored ones included.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// The class of a pixel; `None` if it is ignored.
    #[inline]
    #[must_use]
    pub fn class(&self, pixel: usize) -> Option<usize> {
        let index = self.start.wrapping_add(pixel);
        self.targets.class(index, self.classes, self.ignore_index).ok().flatten()
    }

    /// The classes of `B` pixels from `first` on: [`IGNORED`] for those that are ignored, and past the end.
    #[inline(always)]
    pub(crate) fn classes<const B: usize>(&self, first: usize) -> [u32; B] {
        let mut classes = self.targets.classes(self.start.wrapping_add(first), self.ignore_index);
        for class in classes.iter_mut().skip(self.count.saturating_sub(first)) {
            *class = IGNORED;
        }
        classes
    }

    /// The targets of `B` pixels from `first` on as numbers, for a class: NaN for those that are ignored, and past the
    /// end. One score a pixel is of the class of the labels 1.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn targets<const B: usize>(&self, first: usize, columns: usize, class: usize) -> [T; B] {
        let mut targets = [T::nan(); B];
        if let Targets::Values(values) = self.targets {
            let values = values.get(self.start.wrapping_add(first)..).unwrap_or(&[]);
            for (target, &value) in targets.iter_mut().zip(values).take(self.count.saturating_sub(first)) {
                *target = value;
            }
            return targets;
        }
        let own = if columns == 1 { 1 } else { u32::try_from(class).unwrap_or(IGNORED) };
        for (target, class) in targets.iter_mut().zip(self.classes::<B>(first)) {
            rolled();
            *target = if class == own { T::one() } else { T::zero() };
            *target = if class == IGNORED { T::nan() } else { *target };
        }
        targets
    }

    /// Whether a pixel is of a class.
    pub(crate) fn has(&self, columns: usize, class: usize) -> bool {
        (0..self.count).any(|pixel| {
            let [target] = self.targets(pixel, columns, class);
            target > T::zero()
        })
    }

    /// Whether a pixel counts.
    fn is_valid(&self, pixel: usize) -> bool {
        !self.targets.are_labels() || self.class(pixel).is_some()
    }

    /// Whether the image has a pixel that counts.
    #[cfg_attr(target_arch = "arm", inline(never))]
    fn has_any(&self) -> bool {
        (0..self.count).any(|pixel| self.is_valid(pixel))
    }

    /// Asks about the scores of each pixel that counts.
    pub(super) fn each<V: View<T>>(
        &self,
        scores: V,
        columns: usize,
        ask: impl Fn(usize, V) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for pixel in (0..self.count).filter(|&pixel| self.is_valid(pixel)) {
            if let Some(row) = item_range(pixel, columns).and_then(|range| scores.part(range, 0)) {
                ask(self.start.wrapping_add(pixel), row)?;
            }
        }
        Ok(())
    }
}

/// The memory that a sort works in.
#[cfg_attr(
    feature = "heapless",
    doc = r#"
A `heapless::Vec` serves as well as a slice of an array:

```
use microloss::{Entry, RegionLoss, Regions, Scratch, region::LovaszHinge};
let mut entries = heapless::Vec::<Entry<f32>, 64>::new();
let scores = [2.0_f32, -1.0, 0.5, -2.0];
entries.resize_default(2 * scores.len()).expect("64 entries are enough");
let scratch = Scratch::merge(&mut entries);
let value = LovaszHinge::new().mean(Regions::slices(&scores, 1, 4, &[1_u8, 0, 0, 1][..], scratch))?;
assert_eq!(value, 1.75);
# Ok::<(), microloss::Error>(())
```
"#
)]
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Scratch<'a, T> {
    entries: &'a mut [Entry<T>],
    sort: Sort,
}

impl<'a, T> Scratch<'a, T> {
    /// Sorts by insertion; wants an entry a pixel of an image.
    pub const fn insertion(entries: &'a mut [Entry<T>]) -> Self {
        Self { entries, sort: Sort::Insertion }
    }

    /// Sorts by merging; wants two entries a pixel of an image. With more, the value of a loss of many classes is
    /// found in fewer walks through the scores.
    pub const fn merge(entries: &'a mut [Entry<T>]) -> Self {
        Self { entries, sort: Sort::Merge }
    }

    /// Nothing: for losses that do not sort.
    #[must_use]
    pub const fn none() -> Self {
        Self { entries: &mut [], sort: Sort::Insertion }
    }

    /// The memory, and how it is to be used.
    pub(crate) const fn into_parts(self) -> (&'a mut [Entry<T>], Sort) {
        (self.entries, self.sort)
    }

    /// Arrays of an entry a pixel: K of them, of which `EXTRA` are not for the sort.
    fn arrays<const N: usize, const K: usize, const EXTRA: usize>(
        entries: &'a mut [[Entry<T>; N]; K],
    ) -> Self {
        const { assert!(K == 0 || K > EXTRA, "the scratch has too few rows of entries") };
        let sort = if K == 1 + EXTRA { Sort::Insertion } else { Sort::Merge };
        Self { entries: entries.as_flattened_mut(), sort }
    }
}

/// Marks a batch of regions, and carries what they need besides scores and labels.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PerRegion<'a, T> {
    pixels: usize,
    scratch: Scratch<'a, T>,
}

/// A batch of images: of one score a pixel ([`binary`](Self::binary)), or of C
/// ([`multi_class`](Self::multi_class)). The loss is averaged over the images; to pool
/// them, hand all their pixels as one image ([`slices`](Self::slices), with the count of all as `pixels`).
///
/// The scratch holds one row of entries for an insertion sort, two for a merge sort:
///
/// ```
/// use microloss::{Entry, RegionLoss, Regions, region::LovaszHinge};
/// let scores = [[2.0_f32, -1.0, 0.5, -2.0]]; // one image of four pixels
/// let labels = [[1_u8, 0, 0, 1]];
/// let mut scratch = [[Entry::default(); 4]; 2];
/// let value = LovaszHinge::new().mean(Regions::binary(&scores, &labels, &mut scratch))?;
/// assert!((value - 1.75).abs() < 1e-6, "{value}");
/// # Ok::<(), microloss::Error>(())
/// ```
///
/// Scratch of another length does not compile:
/// ```compile_fail,E0308
/// use microloss::{Entry, Regions};
/// let mut scratch = [[Entry::default(); 3]; 2];
/// let batch = Regions::binary(&[[2.0_f32, -1.0, 0.5, -2.0]], &[[1_u8, 0, 0, 1]], &mut scratch);
/// ```
pub type Regions<'a, T, S, F = Source<'a, T>> = Batch<'a, T, S, PerRegion<'a, T>, F>;

impl<T: Real, const N: usize, const M: usize> Layout<T, PerRegion<'_, T>> for [[T; N]; M] {
    type Items = [T; M];
}
impl<T: Real, const C: usize, const N: usize, const M: usize> Layout<T, PerRegion<'_, T>>
    for [[[T; C]; N]; M]
{
    type Items = [T; M];
}

impl<'a, T: Real, const N: usize, const M: usize> Batch<'a, T, [[T; N]; M], PerRegion<'a, T>> {
    /// M images of N pixels with a score each, that are only read.
    pub fn binary<L: Label, const K: usize>(
        scores: &'a [[T; N]; M],
        labels: &'a [[L; N]; M],
        scratch: &'a mut [[Entry<T>; N]; K],
    ) -> Self {
        let kind = PerRegion { pixels: N, scratch: Scratch::arrays::<N, K, 0>(scratch) };
        Self::with(Source::Read(scores.as_flattened()), 1, L::erase(labels.as_flattened()), kind)
    }

    /// M images of N pixels with a score each, that become the gradient.
    pub fn binary_in_place<L: Label, const K: usize>(
        scores: &'a mut [[T; N]; M],
        labels: &'a [[L; N]; M],
        scratch: &'a mut [[Entry<T>; N]; K],
    ) -> Self {
        let kind = PerRegion { pixels: N, scratch: Scratch::arrays::<N, K, 0>(scratch) };
        Self::with(Source::InPlace(scores.as_flattened_mut()), 1, L::erase(labels.as_flattened()), kind)
    }
}

impl<'a, T: Real, const C: usize, const N: usize, const M: usize>
    Batch<'a, T, [[[T; C]; N]; M], PerRegion<'a, T>>
{
    /// M images of N pixels with C scores each, that are only read.
    pub fn multi_class<L: Label, const K: usize>(
        scores: &'a [[[T; C]; N]; M],
        labels: &'a [[L; N]; M],
        scratch: &'a mut [[Entry<T>; N]; K],
    ) -> Self {
        let kind = PerRegion { pixels: N, scratch: Scratch::arrays::<N, K, 0>(scratch) };
        let scores = scores.as_flattened().as_flattened();
        Self::with(Source::Read(scores), C, L::erase(labels.as_flattened()), kind)
    }

    /// M images of N pixels with C scores each, that become the gradient; takes two more rows of
    /// scratch: three for an insertion sort, four for a merge sort.
    pub fn multi_class_in_place<L: Label, const K: usize>(
        scores: &'a mut [[[T; C]; N]; M],
        labels: &'a [[L; N]; M],
        scratch: &'a mut [[Entry<T>; N]; K],
    ) -> Self {
        let kind = PerRegion { pixels: N, scratch: Scratch::arrays::<N, K, 2>(scratch) };
        let scores = scores.as_flattened_mut().as_flattened_mut();
        Self::with(Source::InPlace(scores), C, L::erase(labels.as_flattened()), kind)
    }
}

impl<'a, T: Real, Q: Code, D: Dequantize<T>, const N: usize, const M: usize>
    Batch<'a, T, [[T; N]; M], PerRegion<'a, T>, Quantized<'a, [Q], D>>
where
    [[Q; N]; M]: Codes<Code = Q>,
{
    /// M images of N pixels with a score each, as codes.
    pub fn binary_quantized<L: Label, const K: usize>(
        scores: Quantized<'a, [[Q; N]; M], D>,
        labels: &'a [[L; N]; M],
        scratch: &'a mut [[Entry<T>; N]; K],
    ) -> Self {
        let kind = PerRegion { pixels: N, scratch: Scratch::arrays::<N, K, 0>(scratch) };
        Self::with(scores.flat(), 1, L::erase(labels.as_flattened()), kind)
    }
}

impl<'a, T: Real, Q: Code, D: Dequantize<T>, const C: usize, const N: usize, const M: usize>
    Batch<'a, T, [[[T; C]; N]; M], PerRegion<'a, T>, Quantized<'a, [Q], D>>
where
    [[[Q; C]; N]; M]: Codes<Code = Q>,
{
    /// M images of N pixels with C scores each, as codes.
    pub fn multi_class_quantized<L: Label, const K: usize>(
        scores: Quantized<'a, [[[Q; C]; N]; M], D>,
        labels: &'a [[L; N]; M],
        scratch: &'a mut [[Entry<T>; N]; K],
    ) -> Self {
        let kind = PerRegion { pixels: N, scratch: Scratch::arrays::<N, K, 0>(scratch) };
        Self::with(scores.flat(), C, L::erase(labels.as_flattened()), kind)
    }
}

impl<'a, T: Real, Q: Code, D: Dequantize<T>> Batch<'a, T, [T], PerRegion<'a, T>, Quantized<'a, [Q], D>> {
    /// Images as codes in a slice, of `pixels` with `columns` scores each.
    pub fn quantized_slices(
        scores: Quantized<'a, [Q], D>,
        columns: usize,
        pixels: usize,
        labels: impl Into<Targets<'a, T>>,
        scratch: Scratch<'a, T>,
    ) -> Self {
        Self::with(scores, columns, labels.into(), PerRegion { pixels, scratch })
    }
}

impl<'a, T: Real> Batch<'a, T, [T], PerRegion<'a, T>> {
    /// Images in a slice, of `pixels` with `columns` scores each, that are only read.
    pub fn slices(
        scores: &'a [T],
        columns: usize,
        pixels: usize,
        labels: impl Into<Targets<'a, T>>,
        scratch: Scratch<'a, T>,
    ) -> Self {
        Self::with(Source::Read(scores), columns, labels.into(), PerRegion { pixels, scratch })
    }

    /// Images in a slice, of `pixels` with `columns` scores each, that become the gradient.
    pub fn slices_in_place(
        scores: &'a mut [T],
        columns: usize,
        pixels: usize,
        labels: impl Into<Targets<'a, T>>,
        scratch: Scratch<'a, T>,
    ) -> Self {
        Self::with(Source::InPlace(scores), columns, labels.into(), PerRegion { pixels, scratch })
    }
}

fn run<T: Real, L: RegionLoss<T>, S: Flat<T> + ?Sized, F: Feed<T>>(
    loss: &L,
    regions: Regions<'_, T, S, F>,
    reduction: Reduction<'_, T>,
) -> Result<Total<T>, Error> {
    run_slices(loss, regions.into_slices(), reduction)
}

/// The images of a batch.
#[derive(Clone, Copy)]
pub(super) struct Images<'a, T> {
    targets: Targets<'a, T>,
    pixels: usize,
    columns: usize,
    classes: usize,
    ignore_index: Option<i64>,
    count: usize,
}

impl<'a, T: Real> Images<'a, T> {
    /// Refuses shapes and parameters that do not fit.
    pub(super) fn of<L: RegionLoss<T>>(
        loss: &L,
        columns: usize,
        targets: Targets<'a, T>,
        pixels: usize,
        ignore_index: Option<i64>,
    ) -> Result<Self, Error> {
        if !targets.are_labels() {
            if !loss.takes_numbers(columns) {
                return Err(Error::Unsupported { name: "targets", expected: "class labels" });
            }
            if ignore_index.is_some() {
                return Err(Error::Unsupported { name: "ignore_index", expected: "class labels" });
            }
        }
        let count = targets.len().checked_div(pixels).unwrap_or(0);
        check_length("labels", count.wrapping_mul(pixels), targets.len())?;
        if columns == 0 {
            return Err(Error::LengthMismatch { what: "columns", expected: 1, found: 0 });
        }
        if i32::try_from(pixels).is_err() {
            return Err(Error::LengthMismatch { what: "pixels", expected: i32::MAX as usize, found: pixels });
        }
        loss.check(columns)?;
        let classes = loss.classes(columns)?;
        Ok(Self { targets, pixels, columns, classes, ignore_index, count })
    }

    pub(super) const fn labels(&self, index: usize) -> Pixels<'a, T> {
        let Self { targets, pixels, classes, ignore_index, .. } = *self;
        Pixels { targets, start: index.wrapping_mul(pixels), count: pixels, classes, ignore_index }
    }

    /// Refuses targets and scores that are not what they should be; how many pixels are ignored.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(super) fn survey(&self, input: Input, scores: impl View<T>) -> Result<usize, Error> {
        let ignored = if self.targets.are_labels() {
            self.targets.survey(self.classes, self.ignore_index)?
        } else {
            self.targets.survey_kind(TargetKind::Binary, None)?
        };
        if input != Input::Logits {
            let width = self.pixels.saturating_mul(self.columns);
            for index in 0..self.count {
                let image = item_range(index, width).and_then(|range| scores.part(range, 0));
                let Some(image) = image else { break };
                self.labels(index).each(image, self.columns, |number, row| input.check(number, row))?;
            }
        }
        Ok(ignored)
    }
}

/// The same, whatever the arrangement was: compiled once for all.
fn run_slices<T: Real, L: RegionLoss<T>, F: Feed<T>>(
    loss: &L,
    regions: Regions<'_, T, [T], F>,
    reduction: Reduction<'_, T>,
) -> Result<Total<T>, Error> {
    let divisor = regions.divisor(L::INFO.logarithmic);
    let Batch {
        source, columns, targets, weights, ignore_index, kind: PerRegion { pixels, scratch }, ..
    } = regions;
    let images = Images::of(loss, columns, targets, pixels, ignore_index)?;
    let Scratch { entries, sort } = scratch;
    let needed = loss.entries(sort, pixels, source.is_in_place());
    if entries.len() < needed {
        return Err(Error::ScratchTooSmall { needed, found: entries.len() });
    }
    let input = loss.input();
    let steepest = loss.steepest();
    let items = images.count;
    let width = pixels.saturating_mul(columns);
    vectorized(
        #[inline(always)]
        || {
            drive(
                Work { source, columns, width, items, divisor, weights },
                reduction,
                #[inline(always)]
                |source| {
                    images.survey(input, source.view())?;
                    let valid = (0..items).filter(|&index| images.labels(index).has_any()).count();
                    let mut weight = Sum::default();
                    weight.add(T::of_count(valid));
                    Ok(Survey { ignored: items.saturating_sub(valid), weight })
                },
                #[inline(always)]
                |source, block: &mut Block<T, 1>| {
                    let (index, labels) = (block.start, images.labels(block.start));
                    let Some(mut scores) = source.part(index, width) else { return Ok(()) };
                    if !labels.has_any() {
                        block.values = [T::zero()];
                        if let Some(gradient) = scores.slots() {
                            gradient.fill(T::zero());
                        }
                        return Ok(());
                    }
                    if scores.view().has_nan() {
                        labels.each(scores.view(), columns, refuse_nan)?;
                    }
                    let [scale] = block.scale;
                    // What cannot overflow is not looked at again.
                    let is_moderate = scale > T::zero() && scale <= T::max_value() / steepest;
                    let own = if is_moderate { scale } else { T::one() };
                    let scratch = &mut *entries;
                    let image = Image { scores, columns, labels, scratch, sort, scale: own };
                    let value = loss.image(image);
                    if !value.is_finite() {
                        return Err(Error::NonFiniteLoss { index, value: value.to_double() });
                    }
                    block.values = [value];
                    if !is_moderate
                        && let Some(mut scores) = source.again(index, width)
                        && let Some(gradient) = scores.slots()
                    {
                        return rescale(gradient, scale);
                    }
                    Ok(())
                },
            )
        },
    )
}

/// Multiplies by the scale; a scale of 0 clears, NaN and all. Refuses what is beyond the type.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
fn rescale<T: Real>(gradient: &mut [T], scale: T) -> Result<(), Error> {
    if scale == T::zero() {
        gradient.fill(T::zero());
        return Ok(());
    }
    for entry in gradient.iter_mut() {
        scalar();
        *entry = *entry * scale;
    }
    if all_finite(gradient) { Ok(()) } else { Err(Error::Overflow) }
}
