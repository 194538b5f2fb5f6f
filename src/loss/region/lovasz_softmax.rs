//! Lovász softmax.

use crate::lanes::{LANES, scalar};
use crate::loss::loss;
use crate::math::{
    Marked, Planes, Ranking, Replace, SoftmaxKeys, classes, classes_mut, copy, deal, entry, fraction,
    mirrored, pixel, word,
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
    #[inline(always)]
    fn image(&self, image: Image<'_, T>) -> T {
        let Image { scores, original, columns, labels, scratch, sort } = image;
        match scores {
            Scores::Read(scores) => self.value(scores, columns, &labels, scratch, sort),
            Scores::Replace(buffer) => self.gradient(buffer, original, columns, &labels, scratch, sort),
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
    /// Whether the mean takes a class in.
    fn selects(&self, class: usize, is_present: bool) -> bool {
        match self.classes {
            Classes::All => true,
            Classes::Present => is_present,
            Classes::List(list) => list.contains(&class),
        }
    }

    /// Sorts words of a key and a mark, in the order of the pixels: they need no index. That leaves room for what
    /// each pixel's softmax takes of all its scores; an insertion sort has none, and computes it again.
    #[inline(always)]
    fn value(
        &self,
        scores: &[T],
        columns: usize,
        labels: &Pixels<'_, T>,
        scratch: &mut [Entry<T>],
        sort: Sort,
    ) -> T {
        let pixels = labels.count();
        let scratch = scratch.as_flattened_mut();
        let (words, room) = scratch.split_at_mut_checked(sort.entries(pixels)).unwrap_or_default();
        let (maxima, rests) = room.split_at_mut_checked(pixels).unwrap_or_default();
        let rests = rests.get_mut(..pixels).unwrap_or_default();
        let is_kept = !rests.is_empty() && self.from == Input::Logits;
        if is_kept {
            keep(scores, columns, words, maxima, rests);
        }
        let mut is_nan = false;
        let mut ranking = Ranking::new(pixels, words, sort);
        let mut selected = 0;
        for class in 0..columns {
            for start in (0..pixels).step_by(LANES) {
                let own = labels.classes::<LANES>(start);
                let mut column = [T::zero(); LANES];
                for (lane, slot) in column.iter_mut().enumerate() {
                    let row = row(scores, columns, start.wrapping_add(lane));
                    *slot = row.get(class).copied().unwrap_or_default();
                }
                let keys = if self.from == Input::Logits {
                    let mut softmax = SoftmaxKeys::<T, LANES>::default();
                    if is_kept {
                        softmax.max = lanes(maxima, start);
                        softmax.rest = lanes(rests, start);
                    } else {
                        let kept = softmax.max.iter_mut().zip(&mut softmax.rest);
                        for (pixel, (max, rest)) in (start..pixels).zip(kept) {
                            let one = SoftmaxKeys::<T, 1>::of(row(scores, columns, pixel));
                            ([*max], [*rest]) = (one.max, one.rest);
                        }
                    }
                    for (rest, own) in softmax.rest.iter().zip(own) {
                        is_nan |= rest.has_nan_bits() & (own != IGNORED);
                    }
                    softmax.keys(&column)
                } else {
                    given_keys(&column)
                };
                for (key, own) in keys.into_iter().zip(own) {
                    ranking.push(error_word(key, own as usize == class), own != IGNORED);
                }
            }
            if self.selects(class, ranking.has_foreground()) {
                selected += 1;
                ranking.walk(fraction::<T>, |_, _| {});
            } else {
                ranking.clear();
            }
        }
        if is_nan { T::nan() } else { ranking.value() / T::of_count(selected.max(1)) }
    }

    /// Turns the scores where the gradient goes into words of a key and a mark, and these, plane by plane, into the
    /// slopes of the loss.
    #[inline(always)]
    fn gradient(
        &self,
        buffer: &mut [T],
        original: Option<&[T]>,
        columns: usize,
        labels: &Pixels<'_, T>,
        scratch: &mut [Entry<T>],
        sort: Sort,
    ) -> T {
        let pixels = labels.count();
        let (sorting, kept) = scratch.split_at_mut_checked(sort.entries(pixels)).unwrap_or_default();
        let is_in_place = self.from == Input::Logits && original.is_none();
        let (peaks, means) = kept.split_at_mut_checked(pixels).filter(|_| is_in_place).unwrap_or_default();
        let planes = Planes::new(pixels, columns, sorting.len().saturating_mul(2));
        let mut words = ToWords { from: self.from, labels: *labels, peaks: &mut *peaks, is_nan: false };
        planes.split(buffer, sorting.as_flattened_mut(), &mut words);
        if words.is_nan {
            return T::nan();
        }
        let mut ranking = Ranking::new(pixels, &mut *sorting, sort);
        let (value, selected);
        if is_in_place {
            selected = self.round(buffer, planes, columns, &mut ranking, |_, pixel, class, slope| {
                if let Some([key, index]) = peaks.get_mut(pixel) {
                    *key = if T::to_index(index.key()) == class { slope } else { *key };
                }
            });
            value = ranking.value();
            means.fill([T::zero(); 2]);
            self.round(buffer, planes, columns, &mut ranking, |word, pixel, _, slope| {
                if let (Some([peak, _]), Some([mean, _])) = (peaks.get(pixel), means.get_mut(pixel)) {
                    *mean = *mean + (slope - *peak) * probability(*word);
                }
            });
            self.round(buffer, planes, columns, &mut ranking, |word, pixel, _, slope| {
                if let (Some([peak, _]), Some([mean, _])) = (peaks.get(pixel), means.get(pixel)) {
                    *word = probability(*word) * ((slope - *peak) - *mean);
                }
            });
        } else {
            selected = self.round(buffer, planes, columns, &mut ranking, |word, _, _, slope| *word = slope);
            value = ranking.value();
        }
        let share = T::of_count(selected.max(1));
        let logits = original.filter(|_| self.from == Input::Logits);
        let mut gradient = ToGradient { logits, columns, labels: *labels, share };
        planes.join(buffer, sorting.as_flattened_mut(), &mut gradient);
        value / share
    }

    /// Sorts each plane of words, and shows each word with the slope of the loss.
    #[inline(always)]
    fn round(
        &self,
        buffer: &mut [T],
        planes: Planes,
        columns: usize,
        ranking: &mut Ranking<'_, T, Entry<T>>,
        mut show: impl FnMut(&mut T, usize, usize, T),
    ) -> usize {
        let mut selected = 0;
        for class in 0..columns {
            planes.each(buffer, class, |start, words| {
                for (pixel, word) in (start..).zip(words) {
                    let is_void = word.to_bits() == void::<T>().to_bits();
                    ranking.push(entry(word.key(), pixel, word.is_own() & !is_void), !is_void);
                }
            });
            if self.selects(class, ranking.has_foreground()) {
                selected += 1;
                ranking.walk(fraction::<T>, |entry, slope| {
                    let pixel = pixel(entry);
                    if let Some(word) = buffer.get_mut(planes.at(pixel, class)) {
                        show(word, pixel, class, slope);
                    }
                });
            } else {
                ranking.clear();
                planes.each(buffer, class, |start, words| {
                    for (pixel, word) in (start..).zip(words) {
                        show(word, pixel, class, T::zero());
                    }
                });
            }
        }
        selected
    }
}

/// Turns scores into words of an error's key and a mark of the pixel's own class, and notes the likeliest class.
struct ToWords<'a, T> {
    from: Input,
    labels: Pixels<'a, T>,
    peaks: &'a mut [Entry<T>],
    is_nan: bool,
}

impl<T: Real> Replace<T> for ToWords<'_, T> {
    #[inline(always)]
    fn replace<const L: usize>(&mut self, pixel: usize, scores: &mut [T], _: &mut [T]) {
        let own = self.labels.classes::<L>(pixel);
        let softmax =
            if self.from == Input::Logits { SoftmaxKeys::<T, L>::of(scores) } else { SoftmaxKeys::default() };
        for (rest, own) in softmax.rest.iter().zip(own) {
            self.is_nan |= rest.has_nan_bits() & (own != IGNORED);
        }
        for (peak, argmax) in self.peaks.iter_mut().skip(pixel).zip(softmax.argmax) {
            *peak = entry(T::from_index(0), argmax, false);
        }
        for (class, scores) in classes_mut::<T, L>(scores).enumerate() {
            let keys = if self.from == Input::Logits { softmax.keys(scores) } else { given_keys(scores) };
            for ((score, key), own) in scores.iter_mut().zip(keys).zip(own) {
                let word = error_word(key, own as usize == class);
                *score = T::from_bits(if own == IGNORED { void::<T>() } else { word }.to_bits());
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
}

#[allow(clippy::indexing_slicing, reason = "lanes are below L, and the compiler sees it")]
impl<T: Real> Replace<T> for ToGradient<'_, T> {
    #[inline(always)]
    fn replace<const L: usize>(&mut self, pixel: usize, slopes: &mut [T], room: &mut [T]) {
        if let Some(logits) = self.logits {
            let logits = if L == 1 {
                row(logits, self.columns, pixel)
            } else {
                let first = pixel.wrapping_mul(self.columns);
                let rows = logits.get(first..).unwrap_or_default();
                deal(rows.get(..slopes.len()).unwrap_or(rows), self.columns, room);
                &*room
            };
            through_softmax::<T, L>(slopes, logits);
        }
        let own = self.labels.classes::<L>(pixel);
        for slopes in classes_mut::<T, L>(slopes) {
            for lane in 0..L {
                scalar();
                slopes[lane] = if own[lane] == IGNORED { T::zero() } else { slopes[lane] / self.share };
            }
        }
    }
}

#[allow(clippy::indexing_slicing, reason = "lanes are below L, and the compiler sees it")]
#[inline(always)]
fn through_softmax<T: Real, const L: usize>(slopes: &mut [T], logits: &[T]) {
    let softmax = SoftmaxKeys::<T, L>::of(logits);
    let (mut peaks, mut means) = ([T::zero(); L], [T::zero(); L]);
    for lane in 0..L {
        let peak = slopes.get(softmax.argmax[lane].wrapping_mul(L).wrapping_add(lane));
        peaks[lane] = peak.copied().unwrap_or_default();
    }
    for (slopes, logits) in classes::<T, L>(slopes).zip(classes::<T, L>(logits)) {
        let keys = softmax.keys(logits);
        for lane in 0..L {
            scalar();
            means[lane] = means[lane] + (slopes[lane] - peaks[lane]) * fraction::<T>(keys[lane]);
        }
    }
    for (slopes, logits) in classes_mut::<T, L>(slopes).zip(classes::<T, L>(logits)) {
        let keys = softmax.keys(logits);
        for lane in 0..L {
            scalar();
            slopes[lane] = fraction::<T>(keys[lane]) * ((slopes[lane] - peaks[lane]) - means[lane]);
        }
    }
}

/// Keeps what each pixel's softmax takes of all its scores.
#[inline(always)]
fn keep<T: Real>(scores: &[T], columns: usize, room: &mut [T], maxima: &mut [T], rests: &mut [T]) {
    let size = columns.saturating_mul(LANES);
    if let Some(block) = room.get_mut(..size).filter(|_| !cfg!(target_arch = "arm")) {
        let kept = maxima.chunks_mut(LANES).zip(rests.chunks_mut(LANES));
        for (rows, (maxima, rests)) in scores.chunks(size.max(1)).zip(kept) {
            deal(rows, columns, block);
            let softmax = SoftmaxKeys::<T, LANES>::of(block);
            copy(maxima, &softmax.max);
            copy(rests, &softmax.rest);
        }
    } else {
        for (row, (max, rest)) in scores.chunks(columns.max(1)).zip(maxima.iter_mut().zip(rests)) {
            let softmax = SoftmaxKeys::<T, 1>::of(row);
            ([*max], [*rest]) = (softmax.max, softmax.rest);
        }
    }
}

/// The numbers from a position on.
#[inline(always)]
fn lanes<T: Real>(numbers: &[T], start: usize) -> [T; LANES] {
    let mut lanes = [T::zero(); LANES];
    copy(&mut lanes, numbers.get(start..).unwrap_or_default());
    lanes
}

/// The keys of probabilities that are given.
#[inline(always)]
fn given_keys<T: Real, const L: usize>(probabilities: &[T; L]) -> [T::Bits; L] {
    let mut keys = [T::from_index(0); L];
    for (key, &p) in keys.iter_mut().zip(probabilities) {
        scalar();
        // -0 is a probability, too.
        let (own, complement) = (p.abs().to_bits(), T::one() - p);
        *key = if complement < p { mirrored::<T>(complement.to_bits()) } else { own };
    }
    keys
}

/// The error of a class, and whether it is the pixel's own.
#[inline(always)]
fn error_word<T: Real>(probability: T::Bits, is_own: bool) -> T {
    word(if is_own { mirrored::<T>(probability) } else { probability }, is_own)
}

/// The probability of a class, from that.
#[inline(always)]
fn probability<T: Real>(word: T) -> T {
    fraction(if word.is_own() { mirrored::<T>(word.key()) } else { word.key() })
}

/// What stands for an ignored pixel: no word, as it is beyond the largest key.
#[inline(always)]
fn void<T: Real>() -> T {
    T::min_value()
}

#[inline(always)]
fn row<T>(scores: &[T], columns: usize, pixel: usize) -> &[T] {
    item_range(pixel, columns).and_then(|range| scores.get(range)).unwrap_or_default()
}
