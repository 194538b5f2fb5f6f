//! Regions whose loss is a ratio of sums over the pixels: what streams, and what the batch calls build on.

use num_traits::float::FloatCore;

use super::access::{Access, Feed, View};
use super::batch::{Flat, check_length};
use super::region::{Image, Images, RegionLoss, Regions};
use super::scores::{Input, refuse_nan};
use crate::lanes::{Sum, vectorized};
use crate::loss::Loss;
use crate::math::OverlapSums;
use crate::parameter::Classes;
use crate::sort::Sort;
use crate::{Error, Real};

/// A loss of how far predictions p overlap a region of targets t: for each class
///
/// ```text
/// E / (κ I + E + s),   E = α Σ p (1 - t) + β Σ (1 - p) t, or Σ (p - t)²,   I = Σ p t
/// ```
/// averaged over classes. Every such loss is a [`RegionLoss`], which needs no scratch. It streams, too: a picture that
/// is larger than the memory is counted piece by piece, and its gradient written piece by piece in a second pass.
///
/// ```
/// use microloss::{Counts, OverlapLoss, Regions, Scratch, region::Dice};
/// let lines = [[0.9_f32, 0.2, 0.1], [0.8, 0.7, 0.4]];
/// let labels = [[1_u8, 0, 0], [1, 1, 0]];
/// let mut counts = Counts::<f32, 1>::new();
/// for (line, labels) in lines.iter().zip(&labels) {
///     Dice::new().count(&mut counts, Regions::slices(line, 1, 3, &labels[..], Scratch::none()))?;
/// }
/// let value = Dice::new().value(&counts)?;
/// assert!((value - 0.213_114_4).abs() < 1e-6, "{value}");
/// for (line, labels) in lines.iter().zip(&labels) {
///     let mut gradient = [0.0; 3];
///     let line = Regions::slices(line, 1, 3, &labels[..], Scratch::none());
///     Dice::new().gradient(&counts, line.gradient(&mut gradient))?;
/// }
/// # Ok::<(), microloss::Error>(())
/// ```
pub trait OverlapLoss: Loss {
    /// `f32` or `f64`.
    type Number: Real;

    /// What the loss makes of the sums.
    fn overlap(&self) -> Overlap<'_, Self::Number>;

    /// Adds all pixels of a batch to what was counted of a region. Pieces counted one after the other are the whole, to
    /// the last bit.
    ///
    /// # Errors
    /// See [`Error`]; what was counted is then as it was.
    fn count<S: Flat<Self::Number> + ?Sized, F: Feed<Self::Number>, const C: usize>(
        &self,
        counts: &mut Counts<Self::Number, C>,
        batch: Regions<'_, Self::Number, S, F>,
    ) -> Result<(), Error> {
        let (pixels, batch) = open::<_, _, _, _, C>(self, batch)?;
        let overlap = self.overlap();
        let (scores, labels) = (batch.source.view(), pixels.labels(0));
        let ignored = pixels.survey(overlap.from, scores)?;
        if scores.has_nan() {
            labels.each(scores, C, refuse_nan)?;
        }
        vectorized(
            #[inline(always)]
            || {
                for (class, sums) in counts.classes.iter_mut().enumerate() {
                    overlap.add(sums, scores, C, class, labels);
                }
            },
        );
        counts.valid = counts.valid.saturating_add(labels.count().saturating_sub(ignored));
        counts.ignored = counts.ignored.saturating_add(ignored);
        Ok(())
    }

    /// The loss of the region that was counted.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] if no pixel was; [`Error::NonFiniteLoss`] where parameters are too large.
    fn value<const C: usize>(&self, counts: &Counts<Self::Number, C>) -> Result<Self::Number, Error> {
        if counts.valid == 0 {
            return Err(Error::NothingToAverage);
        }
        let (overlap, mut losses) = (self.overlap(), Sum::default());
        for (class, sums) in counts.classes.iter().enumerate() {
            if overlap.selects(class, sums.is_present()) {
                losses.add_parts(overlap.loss(sums, class));
            }
        }
        let value = mean(losses, counts.share(&overlap));
        if value.is_finite() {
            Ok(value)
        } else {
            Err(Error::NonFiniteLoss { index: 0, value: value.to_double() })
        }
    }

    /// The gradient of [`value`](Self::value) with respect to the scores of a batch, which may be a piece of the region.
    ///
    /// # Errors
    /// See [`Error`]; [`Error::Unsupported`] for a batch that has no place for the gradient.
    fn gradient<S: Flat<Self::Number> + ?Sized, F: Feed<Self::Number>, const C: usize>(
        &self,
        counts: &Counts<Self::Number, C>,
        batch: Regions<'_, Self::Number, S, F>,
    ) -> Result<(), Error> {
        let (pixels, mut batch) = open::<_, _, _, _, C>(self, batch)?;
        let (overlap, labels) = (self.overlap(), pixels.labels(0));
        pixels.survey(overlap.from, batch.source.view())?;
        let scores = batch.source.view();
        let refused = if scores.has_nan() { labels.each(scores, C, refuse_nan) } else { Ok(()) };
        let Some(gradient) = batch.source.slots() else {
            return Err(Error::Unsupported { name: "gradient", expected: "a place to write it" });
        };
        check_length("gradient", labels.count().saturating_mul(C), gradient.len())?;
        let share = counts.share(&overlap);
        let written = refused.map(|()| {
            vectorized(
                #[inline(always)]
                || {
                    for (class, sums) in counts.classes.iter().enumerate() {
                        let is_selected = overlap.selects(class, sums.is_present());
                        let slopes = overlap.slopes(sums, class, if is_selected { share } else { 0 });
                        overlap.replace(slopes, &mut batch.source, [C, class], labels);
                    }
                },
            );
        });
        let Some(gradient) = batch.source.slots() else { return written };
        let written = written.and_then(|()| {
            if gradient.iter().all(|entry| entry.is_finite()) { Ok(()) } else { Err(Error::Overflow) }
        });
        if written.is_err() {
            gradient.fill(Self::Number::default());
        }
        written
    }
}

/// What an [`OverlapLoss`] makes of the sums over a region's pixels, in the letters of its formula.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Overlap<'a, T> {
    /// What the scores are: probabilities, or logits of one class.
    pub from: Input,
    /// The classes that are averaged over. One score a pixel is of one class, that of the labels 1.
    pub classes: Classes<'a>,
    /// What the loss of each class is multiplied by.
    pub weights: Option<&'a [T]>,
    /// κ.
    pub shared: T,
    /// α, that of false positives.
    pub excess: T,
    /// β, that of false negatives.
    pub missing: T,
    /// s.
    pub smooth: T,
    /// Whether errors are squared; α and β are 1 then, and κ is 2.
    pub is_squared: bool,
}

impl<T: Real> Overlap<'_, T> {
    fn selects(&self, class: usize, is_present: bool) -> bool {
        self.classes.take_in(class, is_present)
    }
}

/// What was counted of a region of C scores a pixel: sums of the predictions in and out of each class. They are exact
/// where predictions and targets are 0 or 1; else each carries its rounding, and is as good as in twice the digits.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Counts<T, const C: usize> {
    classes: [OverlapSums<T>; C],
    valid: usize,
    ignored: usize,
}

impl<T: Real, const C: usize> Default for Counts<T, C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Real, const C: usize> Counts<T, C> {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { classes: [OverlapSums::new(); C], valid: 0, ignored: 0 }
    }

    /// Adds what was counted elsewhere. The order of the parts may change the last place of a sum that is not exact.
    #[must_use]
    pub fn merge(mut self, other: &Self) -> Self {
        for (sums, other) in self.classes.iter_mut().zip(&other.classes) {
            sums.merge(other);
        }
        self.valid = self.valid.saturating_add(other.valid);
        self.ignored = self.ignored.saturating_add(other.ignored);
        self
    }

    /// Pixels counted.
    #[must_use]
    pub const fn valid(&self) -> usize {
        self.valid
    }

    /// Pixels ignored.
    #[must_use]
    pub const fn ignored(&self) -> usize {
        self.ignored
    }

    /// The classes that the mean is over.
    fn share(&self, overlap: &Overlap<'_, T>) -> usize {
        let sums = self.classes.iter().enumerate();
        sums.filter(|(class, sums)| overlap.selects(*class, sums.is_present())).count()
    }
}

fn mean<T: Real>(losses: Sum<T>, share: usize) -> T {
    losses.value() / T::of_count(share.max(1))
}

/// All pixels of a batch as one image, and the batch in slices.
type Piece<'a, T, F> = (Images<'a, T>, Regions<'a, T, [T], F>);

/// A batch as one region of C scores a pixel, in slices.
fn open<'a, T: Real, L: OverlapLoss<Number = T>, S: Flat<T> + ?Sized, F: Feed<T>, const C: usize>(
    loss: &L,
    batch: Regions<'a, T, S, F>,
) -> Result<Piece<'a, T, F>, Error> {
    if batch.weights.is_some() {
        return Err(Error::Unsupported { name: "weights", expected: "none: pixels are of one region" });
    }
    check_length("columns", C, batch.columns)?;
    let batch = batch.into_slices();
    let pixels = Images::of(loss, batch.columns, batch.targets, batch.targets.len(), batch.ignore_index)?;
    check_length("scores", batch.targets.len().saturating_mul(C), batch.source.view().len())?;
    batch.source.check(C)?;
    Ok((pixels, batch))
}

impl<T: Real, L: OverlapLoss<Number = T>> RegionLoss<T> for L {
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn image<S: Access<T>>(&self, image: Image<'_, T, S>) -> T {
        let Image { mut scores, columns, labels, .. } = image;
        let overlap = self.overlap();
        let selects = |class: usize| overlap.classes.take_in(class, labels.has(columns, class));
        let share = (0..columns).filter(|&class| selects(class)).count();
        let mut losses = Sum::default();
        for class in 0..columns {
            let mut sums = OverlapSums::new();
            let is_selected = selects(class);
            if is_selected {
                overlap.add(&mut sums, scores.view(), columns, class, labels);
                losses.add_parts(overlap.loss(&sums, class));
            }
            if scores.are_replaced() {
                let slopes = overlap.slopes(&sums, class, if is_selected { share } else { 0 });
                overlap.replace(slopes, &mut scores, [columns, class], labels);
            }
        }
        mean(losses, share)
    }

    fn input(&self) -> Input {
        self.overlap().from
    }

    fn classes(&self, columns: usize) -> Result<usize, Error> {
        if columns > 1 && self.overlap().from == Input::Logits {
            return Err(Error::Unsupported { name: "from", expected: "probabilities, of several classes" });
        }
        Ok(columns.max(2))
    }

    fn takes_numbers(&self, columns: usize) -> bool {
        columns == 1
    }

    fn entries(&self, _sort: Sort, _pixels: usize, _in_place: bool) -> usize {
        0
    }

    fn steepest(&self) -> T {
        T::infinity()
    }
}
