//! The gradient of the Lovász loss of an image with a score for each class.

use super::by_class::ByClass;
use super::chain;
use super::keys::{Marked, entry, error_word, fraction, given_key, pixel, probability, void};
use super::planes::{Planes, Replace, deal, pieces, pieces_mut};
use super::softmax_keys::{SoftmaxKeys, SumOfExponentials, exponential, softmax_key};
use super::{LovaszSum, foreground};
use crate::lanes::scalar;
use crate::math::Halves;
use crate::shape::{IGNORED, Pixels, View};
use crate::sort::{Entry, Item};
use crate::{Input, Real};

/// What a round of sorts finds for the gradient in place.
#[derive(Clone, Copy)]
enum Stage {
    /// The slope that each pixel's mean is relative to.
    References,
    /// The mean slope of each pixel.
    Means,
    /// The gradient.
    Slopes,
}

impl<T: Real> ByClass<'_, T> {
    /// Turns the scores where the gradient goes into words of a key and a mark, and these, plane by plane, into the
    /// slopes of the loss.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn gradient(
        &self,
        buffer: &mut [T],
        original: Option<impl View<T>>,
        scratch: &mut [Entry<T>],
        scale: T,
    ) -> T {
        let Self { columns, labels, sort, .. } = *self;
        let pixels = labels.count();
        let (sorting, kept) = scratch.split_at_mut_checked(sort.entries(pixels)).unwrap_or_default();
        let is_in_place = self.from == Input::Logits && original.is_none();
        let (known, means) = kept.split_at_mut_checked(pixels).filter(|_| is_in_place).unwrap_or_default();
        let planes = Planes::new(pixels, columns, sorting.len().saturating_mul(2));
        let mut words =
            ToWords { from: self.from, labels, known: &mut *known, is_nan: false, has_void: false };
        planes.split(buffer, original, sorting.as_flattened_mut(), &mut words);
        if words.is_nan {
            return T::nan();
        }
        let has_void = words.has_void;
        let (mut value, mut selected) = (T::zero(), 0);
        if is_in_place {
            means.fill([T::zero(); 2]);
            for stage in [Stage::References, Stage::Means, Stage::Slopes] {
                let factor = chain::factor(scale, T::of_count(selected));
                (value, selected) = self.round(buffer, planes, has_void, sorting, |word, pixel, slope| {
                    let (Some([reference, lost]), Some([mean, low])) =
                        (known.get_mut(pixel), means.get_mut(pixel))
                    else {
                        return;
                    };
                    let p = probability(*word);
                    match stage {
                        Stage::References => *reference = if chain::leads(p) { slope } else { *reference },
                        Stage::Means => (*mean, *low) = chain::add((*mean, *low), p, slope, *reference),
                        Stage::Slopes => {
                            let mean = chain::mean((*mean, *low), *reference, *lost);
                            let factor = chain::pixel_factor(factor, *lost);
                            *word = chain::derivative(p, slope, mean, factor);
                        }
                    }
                });
            }
        } else {
            (value, selected) = self.round(buffer, planes, has_void, sorting, |word, _, slope| {
                *word = slope;
            });
        }
        let share = T::of_count(selected);
        let logits = original.filter(|_| self.from == Input::Logits);
        let factor = (!is_in_place).then(|| chain::factor(scale, share));
        let mut gradient = ToGradient { logits, columns, labels, factor };
        planes.join(buffer, sorting.as_flattened_mut(), &mut gradient);
        value / share
    }

    /// Sorts each plane of words, and shows each word with its pixel and the slope of the loss. Gives the
    /// sum over the classes, and their number.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn round(
        &self,
        buffer: &mut [T],
        planes: Planes,
        has_void: bool,
        scratch: &mut [Entry<T>],
        mut show: impl FnMut(&mut T, usize, T),
    ) -> (T, usize) {
        let (items, spare) = scratch.split_at_mut_checked(planes.pixels()).unwrap_or_default();
        let mut sum = LovaszSum::new(self.sort);
        let mut selected = 0;
        for class in 0..self.columns {
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
                        show(word, pixel, slope);
                    }
                });
            } else {
                planes.each(buffer, class, |start, words| {
                    for (pixel, word) in (start..).zip(words) {
                        show(word, pixel, T::zero());
                    }
                });
            }
        }
        (sum.value(), selected.max(1))
    }
}

/// Turns scores into words of an error's key and a mark of the pixel's own class, and notes what the sums of the
/// softmax lost.
struct ToWords<'a, T> {
    from: Input,
    labels: Pixels<'a, T>,
    known: &'a mut [Entry<T>],
    is_nan: bool,
    has_void: bool,
}

impl<T: Real> Replace<T> for ToWords<'_, T> {
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn replace<const L: usize>(&mut self, pixel: usize, count: usize, scores: &mut [T], room: &mut [T]) {
        let own = self.labels.classes::<L>(pixel);
        let is_logits = self.from == Input::Logits;
        let softmax =
            if is_logits { SoftmaxKeys::<T, L>::replace(scores, room, count) } else { SoftmaxKeys::none() };
        for (rest, own) in softmax.rest.iter().zip(own).take(count) {
            self.is_nan |= rest.has_nan_bits() & (own != IGNORED);
            self.has_void |= own == IGNORED;
        }
        for (known, lost) in self.known.iter_mut().skip(pixel).zip(softmax.lost) {
            *known = [T::zero(), lost];
        }
        for (class, scores) in (0..).zip(pieces_mut(scores, count)) {
            for (score, &own) in scores.iter_mut().zip(&own) {
                scalar();
                let key = if is_logits { score.to_bits() } else { given_key(*score) };
                *score = error_word(key, class, own);
            }
        }
    }
}

/// Takes slopes through the softmax of the logits, and multiplies them by the factor, where that is yet to be done.
struct ToGradient<'a, T, V> {
    logits: Option<V>,
    columns: usize,
    labels: Pixels<'a, T>,
    factor: Option<Halves<T>>,
}

impl<T: Real, V: View<T>> Replace<T> for ToGradient<'_, T, V> {
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn replace<const L: usize>(&mut self, pixel: usize, count: usize, slopes: &mut [T], room: &mut [T]) {
        if let (Some(logits), Some(factor)) = (self.logits, self.factor) {
            let first = pixel.wrapping_mul(self.columns);
            let Some(rows) = logits.part(first..first.wrapping_add(slopes.len()), 0) else { return };
            if L == 1 {
                let softmax = SoftmaxKeys::<T, L>::of(rows, 1);
                through_softmax(slopes, rows, count, &softmax, factor, |score, max, sum| {
                    fraction(softmax_key(exponential(score, max), sum))
                });
            } else {
                let (given, room) = room.split_at_mut_checked(rows.len()).unwrap_or_default();
                deal(rows, self.columns, given);
                let softmax = SoftmaxKeys::<T, L>::replace(given, room, count);
                for key in &mut *given {
                    *key = fraction(key.to_bits());
                }
                through_softmax(slopes, &*given, count, &softmax, factor, |probability, _, _| probability);
            }
        } else if let Some(factor) = self.factor {
            for slope in &mut *slopes {
                scalar();
                *slope = chain::scaled(*slope, factor);
            }
        }
        let own = self.labels.classes::<L>(pixel);
        for slopes in pieces_mut(slopes, count) {
            for (slope, &own) in slopes.iter_mut().zip(&own) {
                scalar();
                *slope = if own == IGNORED { T::zero() } else { *slope };
            }
        }
    }
}

#[cfg_attr(not(target_arch = "arm"), inline(always))]
fn through_softmax<T: Real, const L: usize>(
    slopes: &mut [T],
    given: impl View<T>,
    count: usize,
    softmax: &SoftmaxKeys<T, L>,
    factor: Halves<T>,
    probability: impl Fn(T, T, SumOfExponentials<T>) -> T,
) {
    let softmaxes = || softmax.max.iter().zip(softmax.sums());
    let (mut references, mut means, mut lows) = ([T::zero(); L], [T::zero(); L], [T::zero(); L]);
    let peaks = references.iter_mut().zip(&softmax.argmax).zip(softmaxes());
    for (lane, ((reference, &argmax), (&max, sum))) in peaks.enumerate().take(count) {
        let peak = (argmax as usize).wrapping_mul(count).wrapping_add(lane);
        if let (Some(&slope), Some(given)) = (slopes.get(peak), given.get(peak, argmax as usize)) {
            *reference = if chain::leads(probability(given, max, sum)) { slope } else { T::zero() };
        }
    }
    for (slopes, given) in pieces(slopes, count).zip(given.planes(count)) {
        let sums = means.iter_mut().zip(&mut lows).zip(&references);
        let classes = slopes.iter().zip(given.column()).zip(softmaxes());
        for (((&slope, given), (&max, sum)), ((mean, low), &reference)) in classes.zip(sums) {
            scalar();
            (*mean, *low) = chain::add((*mean, *low), probability(given, max, sum), slope, reference);
        }
    }
    let sums = means.iter_mut().zip(&mut lows);
    for ((mean, low), (&reference, &lost)) in sums.zip(references.iter().zip(&softmax.lost)) {
        scalar();
        (*mean, *low) = chain::mean((*mean, *low), reference, lost);
    }
    for (slopes, given) in pieces_mut(slopes, count).zip(given.planes(count)) {
        let pixels = means.iter().zip(&lows).zip(&softmax.lost);
        let classes = slopes.iter_mut().zip(given.column()).zip(softmaxes());
        for (((slope, given), (&max, sum)), ((&mean, &low), &lost)) in classes.zip(pixels) {
            scalar();
            let factor = chain::pixel_factor(factor, lost);
            *slope = chain::derivative(probability(given, max, sum), *slope, (mean, low), factor);
        }
    }
}
