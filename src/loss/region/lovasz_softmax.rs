//! Lovász softmax.

use crate::lanes::scalar;
use crate::loss::loss;
use crate::math::{
    BLOCK, LovaszSum, Marked, Planes, Replace, SoftmaxKeys, copy, deal, entry, exponential, foreground,
    fraction, mirrored, pieces, pieces_mut, pixel, softmax_key, two_sum, word,
};
use crate::parameter::{Classes, Domain};
use crate::shape::{IGNORED, Image, Pixels, RegionLoss, Scores, item_range};
use crate::sort::{Entry, Item, Sort};
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
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn image(&self, image: Image<'_, T>) -> T {
        let Image { scores, original, columns, labels, scratch, sort, scale } = image;
        match scores {
            Scores::Read(scores) => self.value(scores, columns, &labels, scratch, sort),
            Scores::Replace(buffer) => {
                self.gradient(buffer, original, columns, &labels, scratch, sort, scale)
            }
        }
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
    /// The key of the probability that a score stands for.
    #[inline(always)]
    fn key(&self, score: T, max: T, rest: T) -> T::Bits {
        if self.from == Input::Logits { softmax_key(exponential(score, max), rest) } else { given_key(score) }
    }

    /// Whether the mean takes a class in.
    fn selects(&self, class: usize, is_present: bool) -> bool {
        match self.classes {
            Classes::All => true,
            Classes::Present => is_present,
            Classes::List(list) => list.contains(&class),
        }
    }

    /// Sorts words of a key and a mark, in the order of the pixels: they need no index. That leaves room for what
    /// each pixel's softmax takes of all its scores; an insertion sort has none, and computes it again. What room is
    /// left takes the words of more classes, from one walk through the scores.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn value(
        &self,
        scores: &[T],
        columns: usize,
        labels: &Pixels<'_, T>,
        scratch: &mut [Entry<T>],
        sort: Sort,
    ) -> T {
        let pixels = labels.count();
        let room = scratch.as_flattened_mut();
        let spare = sort.entries(pixels).wrapping_sub(pixels);
        let (spare, room) = room.split_at_mut_checked(spare).unwrap_or_default();
        let is_kept = self.from == Input::Logits && room.len() >= pixels.saturating_mul(3);
        let kept = if is_kept { pixels } else { 0 };
        let (maxima, room) = room.split_at_mut_checked(kept).unwrap_or_default();
        let (rests, planes) = room.split_at_mut_checked(kept).unwrap_or_default();
        if is_kept {
            keep(scores, columns, planes, maxima, rests);
        }
        let (mut has_void, mut is_nan) = (false, false);
        let mut sum = LovaszSum::new(sort);
        let mut selected = 0;
        let together = planes.len().checked_div(pixels).unwrap_or(0).max(1);
        for first in (0..columns).step_by(together) {
            for start in (0..pixels).step_by(BLOCK) {
                let count = pixels.wrapping_sub(start).min(BLOCK);
                let own = labels.classes::<BLOCK>(start);
                let mut softmax = SoftmaxKeys::<T, BLOCK>::none();
                if is_kept {
                    copy(&mut softmax.max, maxima.get(start..).unwrap_or_default());
                    copy(&mut softmax.rest, rests.get(start..).unwrap_or_default());
                } else if self.from == Input::Logits {
                    let kept = softmax.max.iter_mut().zip(&mut softmax.rest);
                    for (pixel, (max, rest)) in (start..pixels).zip(kept) {
                        let one = SoftmaxKeys::<T, 1>::of(row(scores, columns, pixel), 1);
                        ([*max], [*rest]) = (one.max, one.rest);
                    }
                }
                for (rest, &own) in softmax.rest.iter().zip(&own).take(count) {
                    is_nan |= rest.has_nan_bits() & (own != IGNORED);
                    has_void |= own == IGNORED;
                }
                for (class, plane) in (first..columns).zip(pieces_mut(planes, pixels).take(together)) {
                    let words = plane.get_mut(start..).unwrap_or_default();
                    let mut at = start.wrapping_mul(columns).wrapping_add(class);
                    for word in words.iter_mut().take(count) {
                        *word = scores.get(at).copied().unwrap_or_default();
                        at = at.wrapping_add(columns);
                    }
                    let known = softmax.max.iter().zip(&softmax.rest).zip(&own);
                    let class = u32::try_from(class).unwrap_or(IGNORED);
                    for (word, ((&max, &rest), &own)) in words.iter_mut().zip(known) {
                        scalar();
                        *word = error_word(self.key(*word, max, rest), class, own);
                    }
                }
            }
            for (class, plane) in (first..columns).zip(pieces_mut(planes, pixels).take(together)) {
                let count = if has_void { compact(plane) } else { pixels };
                let words = plane.get_mut(..count).unwrap_or_default();
                let foreground = foreground(words);
                if self.selects(class, foreground != 0) {
                    selected += 1;
                    sum.add(words, spare, foreground, fraction::<T>, |_, _| {});
                }
            }
        }
        if is_nan { T::nan() } else { sum.value() / T::of_count(selected.max(1)) }
    }

    /// Turns the scores where the gradient goes into words of a key and a mark, and these, plane by plane, into the
    /// slopes of the loss.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    #[allow(clippy::too_many_arguments, reason = "an image's parts, each lent for itself")]
    fn gradient(
        &self,
        buffer: &mut [T],
        original: Option<&[T]>,
        columns: usize,
        labels: &Pixels<'_, T>,
        scratch: &mut [Entry<T>],
        sort: Sort,
        scale: T,
    ) -> T {
        let pixels = labels.count();
        let (sorting, kept) = scratch.split_at_mut_checked(sort.entries(pixels)).unwrap_or_default();
        let is_in_place = self.from == Input::Logits && original.is_none();
        let (peaks, means) = kept.split_at_mut_checked(pixels).filter(|_| is_in_place).unwrap_or_default();
        let planes = Planes::new(pixels, columns, sorting.len().saturating_mul(2));
        let mut words =
            ToWords { from: self.from, labels: *labels, peaks: &mut *peaks, is_nan: false, has_void: false };
        planes.split(buffer, original, sorting.as_flattened_mut(), &mut words);
        if words.is_nan {
            return T::nan();
        }
        let has_void = words.has_void;
        let mut round = |show: &mut dyn FnMut(&mut T, usize, usize, T)| {
            self.round(buffer, planes, columns, has_void, sorting, sort, show)
        };
        let (value, selected);
        if is_in_place {
            (value, selected) = round(&mut |_, pixel, class, slope| {
                if let Some([key, index]) = peaks.get_mut(pixel) {
                    *key = if T::to_index(index.key()) == class { slope } else { *key };
                }
            });
            means.fill([T::zero(); 2]);
            round(&mut |word, pixel, _, slope| {
                if let (Some([peak, _]), Some([mean, lost])) = (peaks.get(pixel), means.get_mut(pixel)) {
                    let (sum, error) = two_sum(*mean, (slope - *peak) * probability(*word));
                    *mean = sum;
                    *lost = *lost + error;
                }
            });
            round(&mut |word, pixel, _, slope| {
                if let (Some([peak, _]), Some([mean, lost])) = (peaks.get(pixel), means.get(pixel)) {
                    *word = probability(*word) * ((slope - *peak) - (*mean + *lost));
                }
            });
        } else {
            (value, selected) =
                self.round(buffer, planes, columns, has_void, sorting, sort, |word, _, _, slope| {
                    *word = slope;
                });
        }
        let share = T::of_count(selected.max(1));
        let logits = original.filter(|_| self.from == Input::Logits);
        let mut gradient = ToGradient { logits, columns, labels: *labels, share, scale };
        planes.join(buffer, sorting.as_flattened_mut(), &mut gradient);
        value / share
    }

    /// Sorts each plane of words, and shows each word with its pixel, its class and the slope of the loss. Gives the
    /// sum over the classes, and their number.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    #[allow(clippy::too_many_arguments, reason = "an image's parts, each lent for itself")]
    fn round(
        &self,
        buffer: &mut [T],
        planes: Planes,
        columns: usize,
        has_void: bool,
        scratch: &mut [Entry<T>],
        sort: Sort,
        mut show: impl FnMut(&mut T, usize, usize, T),
    ) -> (T, usize) {
        let (items, spare) = scratch.split_at_mut_checked(planes.pixels()).unwrap_or_default();
        let mut sum = LovaszSum::new(sort);
        let mut selected = 0;
        for class in 0..columns {
            let (mut count, mut own) = (0, 0_u32);
            planes.each(buffer, class, |start, words| {
                own = own.wrapping_add(foreground(words));
                let slots = items.get_mut(count..).unwrap_or_default();
                if has_void {
                    let is_valid = |(_, word): &(usize, &mut T)| word.to_bits() != void::<T>().to_bits();
                    let words = words.iter_mut().enumerate().filter(is_valid);
                    for (slot, (offset, word)) in slots.iter_mut().zip(words) {
                        *slot = entry(word.key(), start.wrapping_add(offset), word.is_own());
                        count = count.wrapping_add(1);
                    }
                } else {
                    for (offset, (slot, word)) in slots.iter_mut().zip(words.iter()).enumerate() {
                        *slot = entry(word.key(), start.wrapping_add(offset), word.is_own());
                    }
                    count = count.wrapping_add(words.len());
                }
            });
            let items = items.get_mut(..count).unwrap_or_default();
            if self.selects(class, own != 0) {
                selected += 1;
                sum.add(items, spare, own, fraction::<T>, |entry, slope| {
                    let pixel = pixel(entry);
                    if let Some(word) = buffer.get_mut(planes.at(pixel, class)) {
                        show(word, pixel, class, slope);
                    }
                });
            } else {
                planes.each(buffer, class, |start, words| {
                    for (pixel, word) in (start..).zip(words) {
                        show(word, pixel, class, T::zero());
                    }
                });
            }
        }
        (sum.value(), selected)
    }
}

/// Turns scores into words of an error's key and a mark of the pixel's own class, and notes the likeliest class.
struct ToWords<'a, T> {
    from: Input,
    labels: Pixels<'a, T>,
    peaks: &'a mut [Entry<T>],
    is_nan: bool,
    has_void: bool,
}

impl<T: Real> Replace<T> for ToWords<'_, T> {
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn replace<const L: usize>(&mut self, pixel: usize, count: usize, scores: &mut [T], _: &mut [T]) {
        let own = self.labels.classes::<L>(pixel);
        let is_logits = self.from == Input::Logits;
        let softmax =
            if is_logits { SoftmaxKeys::<T, L>::replace(scores, count) } else { SoftmaxKeys::none() };
        for (rest, own) in softmax.rest.iter().zip(own).take(count) {
            self.is_nan |= rest.has_nan_bits() & (own != IGNORED);
            self.has_void |= own == IGNORED;
        }
        for (peak, argmax) in self.peaks.iter_mut().skip(pixel).zip(softmax.argmax) {
            *peak = entry(T::from_index(0), argmax as usize, false);
        }
        for (class, scores) in (0..).zip(pieces_mut(scores, count)) {
            for ((score, &rest), &own) in scores.iter_mut().zip(&softmax.rest).zip(&own) {
                scalar();
                let key = if is_logits { softmax_key(*score, rest) } else { given_key(*score) };
                *score = error_word(key, class, own);
            }
        }
    }
}

/// Divides slopes among the classes, and takes them through the softmax of the logits: p (g - ⟨g, p⟩). Both
/// terms are taken relative to the likeliest class's g: where it has nearly all of the probability, the
/// difference of the two would be lost otherwise.
struct ToGradient<'a, T> {
    logits: Option<&'a [T]>,
    columns: usize,
    labels: Pixels<'a, T>,
    share: T,
    scale: T,
}

impl<T: Real> Replace<T> for ToGradient<'_, T> {
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn replace<const L: usize>(&mut self, pixel: usize, count: usize, slopes: &mut [T], room: &mut [T]) {
        if let Some(logits) = self.logits {
            let first = pixel.wrapping_mul(self.columns);
            let rows = logits.get(first..first.wrapping_add(slopes.len())).unwrap_or_default();
            if L == 1 {
                let softmax = SoftmaxKeys::<T, L>::of(rows, 1);
                through_softmax(slopes, rows, count, &softmax, |score, max, rest| {
                    fraction(softmax_key(exponential(score, max), rest))
                });
            } else {
                let room = room.get_mut(..rows.len()).unwrap_or_default();
                deal(rows, self.columns, room);
                let softmax = SoftmaxKeys::<T, L>::replace(room, count);
                for room in pieces_mut(room, count) {
                    for (e, &rest) in room.iter_mut().zip(&softmax.rest) {
                        *e = fraction(softmax_key(*e, rest));
                    }
                }
                through_softmax(slopes, room, count, &softmax, |probability, _, _| probability);
            }
        }
        let own = self.labels.classes::<L>(pixel);
        for slopes in pieces_mut(slopes, count) {
            for (slope, &own) in slopes.iter_mut().zip(&own) {
                scalar();
                let share = (*slope / self.share * self.scale).to_bits();
                *slope = T::from_bits(if own == IGNORED { T::from_index(0) } else { share });
            }
        }
    }
}

#[cfg_attr(not(target_arch = "arm"), inline(always))]
fn through_softmax<T: Real, const L: usize>(
    slopes: &mut [T],
    given: &[T],
    count: usize,
    softmax: &SoftmaxKeys<T, L>,
    probability: impl Fn(T, T, T) -> T,
) {
    let (mut peaks, mut means, mut lost) = ([T::zero(); L], [T::zero(); L], [T::zero(); L]);
    for (lane, (peak, &argmax)) in peaks.iter_mut().zip(&softmax.argmax).enumerate().take(count) {
        let slope = slopes.get((argmax as usize).wrapping_mul(count).wrapping_add(lane));
        *peak = slope.copied().unwrap_or_default();
    }
    for (slopes, given) in pieces(slopes, count).zip(pieces(given, count)) {
        let softmax = softmax.max.iter().zip(&softmax.rest);
        let means = means.iter_mut().zip(&mut lost);
        let pixels = slopes.iter().zip(given).zip(softmax).zip(&peaks).zip(means);
        for ((((&slope, &given), (&max, &rest)), &peak), (mean, lost)) in pixels {
            scalar();
            let (sum, error) = two_sum(*mean, (slope - peak) * probability(given, max, rest));
            *mean = sum;
            *lost = *lost + error;
        }
    }
    for (mean, lost) in means.iter_mut().zip(lost) {
        scalar();
        *mean = *mean + lost;
    }
    for (slopes, given) in pieces_mut(slopes, count).zip(pieces(given, count)) {
        let softmax = softmax.max.iter().zip(&softmax.rest);
        let pixels = slopes.iter_mut().zip(given).zip(softmax).zip(&peaks).zip(&means);
        for ((((slope, &given), (&max, &rest)), &peak), &mean) in pixels {
            scalar();
            *slope = probability(given, max, rest) * ((*slope - peak) - mean);
        }
    }
}

/// Keeps what each pixel's softmax takes of all its scores.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
fn keep<T: Real>(scores: &[T], columns: usize, room: &mut [T], maxima: &mut [T], rests: &mut [T]) {
    let size = columns.saturating_mul(BLOCK);
    if BLOCK > 1 && room.len() >= size {
        let kept = pieces_mut(maxima, BLOCK).zip(pieces_mut(rests, BLOCK));
        for (rows, (maxima, rests)) in pieces(scores, size).zip(kept) {
            let block = room.get_mut(..rows.len()).unwrap_or_default();
            let count = deal(rows, columns, block);
            let softmax = SoftmaxKeys::<T, BLOCK>::of(block, count);
            copy(maxima, &softmax.max);
            copy(rests, &softmax.rest);
        }
    } else {
        for (row, (max, rest)) in pieces(scores, columns).zip(maxima.iter_mut().zip(rests)) {
            let softmax = SoftmaxKeys::<T, 1>::of(row, 1);
            ([*max], [*rest]) = (softmax.max, softmax.rest);
        }
    }
}

/// The key of a probability that is given.
#[inline(always)]
fn given_key<T: Real>(p: T) -> T::Bits {
    // -0 is a probability, too.
    let (own, complement) = (p.abs().to_bits(), T::one() - p);
    if complement < p { mirrored::<T>(complement.to_bits()) } else { own }
}

/// The error of a class, and whether it is the pixel's own; [`void`] for an ignored pixel.
#[inline(always)]
fn error_word<T: Real>(probability: T::Bits, class: u32, own: u32) -> T {
    let is_own = own == class;
    let word = word::<T>(if is_own { mirrored::<T>(probability) } else { probability }, is_own).to_bits();
    T::from_bits(if own == IGNORED { void::<T>().to_bits() } else { word })
}

/// Moves the words of pixels that are not ignored to the front; how many there are.
fn compact<T: Real>(words: &mut [T]) -> usize {
    let mut count = 0;
    for index in 0..words.len() {
        let word = words.get(index).copied().unwrap_or_default();
        if let Some(slot) = words.get_mut(count) {
            *slot = word;
        }
        count += usize::from(word.to_bits() != void::<T>().to_bits());
    }
    count
}

/// The probability of a class, from that.
#[inline(always)]
fn probability<T: Real>(word: T) -> T {
    fraction(if word.is_own() { mirrored::<T>(word.key()) } else { word.key() })
}

/// What stands for an ignored pixel: beyond the largest key, that of 1.
#[inline(always)]
fn void<T: Real>() -> T {
    word(mirrored::<T>(T::from_index(0)) + T::from_index(1), false)
}

#[inline(always)]
fn row<T>(scores: &[T], columns: usize, pixel: usize) -> &[T] {
    item_range(pixel, columns).and_then(|range| scores.get(range)).unwrap_or_default()
}
