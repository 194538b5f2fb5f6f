//! Lovász softmax.

use crate::lanes::scalar;
use crate::loss::loss;
use crate::math::{Exponentials, Order, complement, error, error_key};
use crate::parameter::{Classes, Domain};
use crate::shape::{Image, Pixels, RegionLoss, Scores, item_range};
use crate::sort::Entry;
use crate::{Error, Input, Real};

loss! {
    /// Lovász softmax: a surrogate of the Jaccard loss (1 - IoU), averaged over classes.
    ///
    /// ```text
    /// l = mean over classes c of Σ_k e_π(k) w_k,   e_i = |[t_i = c] - p_ic|,   π sorts e in falling order
    /// ```
    /// with the weights w of [`LovaszHinge`](super::LovaszHinge), the class being the foreground.
    /// # Gradient
    /// With respect to p_ic `sign(p_ic - [t_i = c]) w / classes`, then through the softmax. Of equal errors the
    /// lowest index comes first.
    /// # Domain
    /// Logits: all numbers. Probabilities: 0 to 1.
    /// # Parameters
    /// `from`: logits or probabilities. `classes`: those present in the image's labels (default), all, or a list.
    /// # Cost
    /// A sort of the N pixels for each class: N entries of scratch for an insertion sort, 2 N for a merge sort.
    /// Exponentials are recomputed instead of stored: N C² for the value, 4 N C with a gradient. In place from
    /// logits the gradient takes 2 N entries more, and sorts each class three times.
    /// # Accuracy
    /// At most 2 ULP (value) and 5 (gradient) in f32, 1 and 4 in f64: `tests/golden.rs`. That of the gradient holds
    /// for the order of the errors as computed: errors closer than their own rounding may change places.
    /// # Errors
    /// Those of the batch calls: see [`RegionLoss`].
    /// # Reference
    /// Berman et al. 2018, arXiv 1705.08790. kornia's equals `classes` all; segmentation-models-pytorch's present.
    /// # Examples
    /// ```
    /// use microloss::{Entry, RegionLoss, Regions, region::LovaszSoftmax};
    /// let scores = [[[2.0_f32, 0.1, -1.0], [0.3, 1.0, 0.0], [0.0, 0.2, 0.9]]]; // one image of three pixels
    /// let mut scratch = [[Entry::default(); 3]; 2];
    /// let value = LovaszSoftmax::new().mean(Regions::multi_class(&scores, &[[0_u8, 1, 2]], &mut scratch))?;
    /// assert!((value - 0.387_464).abs() < 1e-6, "{value}");
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct LovaszSoftmax['a, T] = "lovasz_softmax",
        "Surrogate of 1 - mean IoU over classes", [59], logarithmic: false {
        /// What the scores are: logits or probabilities.
        from: Input = Input::Logits, Domain::Inputs(&[Input::Logits, Input::Probabilities]);
        /// The classes that are averaged over.
        classes: Classes<'a> = Classes::Present, Domain::Classes;
    }
}

impl<T: Real> RegionLoss<T> for LovaszSoftmax<'_, T> {
    fn image(&self, image: Image<'_, T>) -> T {
        let Image { scores, original, columns, labels, scratch, sort } = image;
        let selected = (0..columns).filter(|&class| self.selects(class, &labels)).count();
        let share = T::of_count(selected.max(1));
        let mut order = Order::new(labels, scratch, sort);
        match scores {
            Scores::Read(scores) => {
                for class in (0..columns).filter(|&class| self.selects(class, &labels)) {
                    order.by(|pixel| {
                        self.key(row(scores, columns, pixel), class, labels.class(pixel) == Some(class))
                    });
                    order.walk(class, |_| {});
                }
            }
            Scores::Replace(buffer) => {
                match original {
                    _ if self.from != Input::Logits => self.by_columns(&mut order, buffer, columns, share),
                    Some(original) => {
                        become_errors(buffer, columns, &labels, |_, _| {});
                        self.by_columns(&mut order, buffer, columns, share);
                        through_softmax(buffer, original, columns, &labels);
                    }
                    None => self.in_place(&mut order, buffer, columns, share),
                }
                for pixel in (0..labels.count()).filter(|&pixel| labels.class(pixel).is_none()) {
                    for slot in row_mut(buffer, columns, pixel) {
                        *slot = T::zero();
                    }
                }
            }
        }
        order.value.value() / share
    }

    fn input(&self) -> Input {
        self.from
    }

    fn classes(&self, columns: usize) -> Result<usize, Error> {
        Ok(columns)
    }

    fn extra_entries(&self, pixels: usize) -> usize {
        if self.from == Input::Logits { pixels.saturating_mul(2) } else { 0 }
    }
}

impl<T: Real> LovaszSoftmax<'_, T> {
    fn selects(&self, class: usize, labels: &Pixels<'_, T>) -> bool {
        match self.classes {
            Classes::All => true,
            Classes::Present => (0..labels.count()).any(|pixel| labels.class(pixel) == Some(class)),
            Classes::List(list) => list.contains(&class),
        }
    }

    /// The key of a pixel's error for a class, from its scores.
    fn key(&self, scores: &[T], class: usize, is_own: bool) -> T {
        if self.from != Input::Logits {
            return self.stored(scores.get(class).copied().unwrap_or_else(T::nan), is_own);
        }
        let row = Exponentials::of(&mut Scores::Read(scores));
        let score = scores.get(class).copied().unwrap_or_else(T::nan);
        softmax_key(&row, class, row.term(class, score), is_own)
    }

    /// The key of a pixel's error for a class, from what stands in the gradient's buffer.
    fn stored(&self, slot: T, is_own: bool) -> T {
        match self.from {
            Input::Logits => slot,
            _ if is_own => error_key(T::one() - slot, slot),
            // -0 is a probability, too.
            _ => slot.abs(),
        }
    }

    /// Turns each column into the gradient with respect to its probabilities, once it is sorted.
    fn by_columns(&self, order: &mut Order<'_, T>, buffer: &mut [T], columns: usize, share: T) {
        let labels = order.labels;
        for class in 0..columns {
            if !self.selects(class, &labels) {
                for pixel in 0..labels.count() {
                    set(buffer, columns, pixel, class, T::zero());
                }
                continue;
            }
            order.by(|pixel| {
                self.stored(slot(buffer, columns, pixel, class), labels.class(pixel) == Some(class))
            });
            order.walk(class, |ranked| {
                set(buffer, columns, ranked.pixel, class, ranked.gradient(share));
            });
        }
    }

    /// Turns logits into the gradient without other memory than two entries a pixel: the slope of its likeliest
    /// class, and the mean slope. A round of sorts finds each, a third spends the errors.
    fn in_place(&self, order: &mut Order<'_, T>, buffer: &mut [T], columns: usize, share: T) {
        let labels = order.labels;
        let pixels = labels.count();
        let scratch = core::mem::take(&mut order.scratch);
        let sorting = scratch.len().saturating_sub(pixels.saturating_mul(2));
        let Some((scratch, slopes)) = scratch.split_at_mut_checked(sorting) else { return };
        let Some((peaks, means)) = slopes.split_at_mut_checked(pixels) else { return };
        order.scratch = scratch;
        become_errors(buffer, columns, &labels, |pixel, argmax| {
            if let (Some(peak), Ok(index)) = (peaks.get_mut(pixel), u32::try_from(argmax)) {
                *peak = Entry { key: T::zero(), index };
            }
        });
        for mean in &mut *means {
            mean.key = T::zero();
        }
        for class in (0..columns).filter(|&class| self.selects(class, &labels)) {
            order.by(|pixel| slot(buffer, columns, pixel, class));
            order.walk(class, |ranked| {
                if let Some(peak) = peaks.get_mut(ranked.pixel).filter(|peak| peak.index as usize == class) {
                    peak.key = ranked.gradient(share);
                }
            });
        }
        let value = order.value;
        for spend in [false, true] {
            for class in 0..columns {
                let selected = self.selects(class, &labels);
                order.by(|pixel| if selected { slot(buffer, columns, pixel, class) } else { T::zero() });
                order.walk(class, |ranked| {
                    let pixel = ranked.pixel;
                    let (Some(peak), Some(mean)) = (peaks.get(pixel), means.get_mut(pixel)) else { return };
                    let own = if selected { ranked.gradient(share) } else { T::zero() };
                    let stored = slot(buffer, columns, pixel, class);
                    let probability = probability(stored, ranked.is_own);
                    if spend {
                        set(buffer, columns, pixel, class, probability * ((own - peak.key) - mean.key));
                    } else {
                        mean.key = mean.key + (own - peak.key) * probability;
                    }
                });
            }
        }
        order.value = value;
    }
}

/// Turns logits into probabilities, and the pixel's own class into the key of its error. Shows each pixel's
/// likeliest class.
fn become_errors<T: Real>(
    buffer: &mut [T],
    columns: usize,
    labels: &Pixels<'_, T>,
    mut show: impl FnMut(usize, usize),
) {
    for pixel in 0..labels.count() {
        let Some(class) = labels.class(pixel) else { continue };
        let mut row = Scores::Replace(row_mut(buffer, columns, pixel));
        let exponentials = Exponentials::of(&mut row);
        show(pixel, exponentials.argmax);
        row.replace(|index, e| softmax_key(&exponentials, index, e, index == class));
    }
}

/// Takes a gradient with respect to probabilities through the softmax of the logits: p (g - ⟨g, p⟩). Both
/// terms are taken relative to the likeliest class's g: where it has nearly all of the probability, the
/// difference of the two would be lost otherwise.
fn through_softmax<T: Real>(buffer: &mut [T], logits: &[T], columns: usize, labels: &Pixels<'_, T>) {
    for pixel in 0..labels.count() {
        let Some(class) = labels.class(pixel) else { continue };
        let logits = row(logits, columns, pixel);
        let exponentials = Exponentials::of(&mut Scores::Read(logits));
        let probability = |index: usize| {
            let e = exponentials.term(index, logits.get(index).copied().unwrap_or_else(T::nan));
            let is_own = index == class;
            probability(softmax_key(&exponentials, index, e, is_own), is_own)
        };
        let peak = slot(buffer, columns, pixel, exponentials.argmax);
        let gradient = row_mut(buffer, columns, pixel);
        let mut mean = T::zero();
        for (index, &own) in gradient.iter().enumerate() {
            scalar();
            mean = mean + (own - peak) * probability(index);
        }
        for (index, slot) in gradient.iter_mut().enumerate() {
            scalar();
            *slot = probability(index) * ((*slot - peak) - mean);
        }
    }
}

/// The key of the error of a class that has e.
fn softmax_key<T: Real>(row: &Exponentials<T>, class: usize, e: T, is_own: bool) -> T {
    let p = e / row.sum();
    // No other class than the likeliest can have more than half.
    if !is_own && class != row.argmax {
        return p;
    }
    let (complement, _) = row.complement(class, e);
    if is_own { error_key(complement, p) } else { error_key(p, complement) }
}

/// The probability of a class, from the key of its error.
fn probability<T: Real>(key: T, is_own: bool) -> T {
    if is_own { complement(key) } else { error(key) }
}

fn row<T>(scores: &[T], columns: usize, pixel: usize) -> &[T] {
    item_range(pixel, columns).and_then(|range| scores.get(range)).unwrap_or(&[])
}

fn row_mut<T>(scores: &mut [T], columns: usize, pixel: usize) -> &mut [T] {
    item_range(pixel, columns).and_then(|range| scores.get_mut(range)).unwrap_or(&mut [])
}

fn slot<T: Real>(scores: &[T], columns: usize, pixel: usize, class: usize) -> T {
    row(scores, columns, pixel).get(class).copied().unwrap_or_else(T::nan)
}

fn set<T: Real>(scores: &mut [T], columns: usize, pixel: usize, class: usize, value: T) {
    if let Some(slot) = row_mut(scores, columns, pixel).get_mut(class) {
        *slot = value;
    }
}
