//! The gradient of the Lovász loss of an image with a score for each class.

use super::by_class::ByClass;
use super::keys::{Marked, entry, error_word, fraction, given_key, pixel, probability, void};
use super::planes::{Planes, Replace, deal, pieces, pieces_mut};
use super::softmax_keys::{SoftmaxKeys, exponential, softmax_key};
use super::{LovaszSum, foreground};
use crate::lanes::scalar;
use crate::math::two_sum;
use crate::shape::{IGNORED, Pixels};
use crate::sort::{Entry, Item};
use crate::{Input, Real};

/// What a round of sorts finds for the gradient in place.
#[derive(Clone, Copy)]
enum Stage {
    /// The slope of each pixel's likeliest class.
    Peaks,
    /// The mean slope of each pixel, relative to that.
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
        original: Option<&[T]>,
        scratch: &mut [Entry<T>],
        scale: T,
    ) -> T {
        let Self { columns, labels, sort, .. } = *self;
        let pixels = labels.count();
        let (sorting, kept) = scratch.split_at_mut_checked(sort.entries(pixels)).unwrap_or_default();
        let is_in_place = self.from == Input::Logits && original.is_none();
        let (peaks, means) = kept.split_at_mut_checked(pixels).filter(|_| is_in_place).unwrap_or_default();
        let planes = Planes::new(pixels, columns, sorting.len().saturating_mul(2));
        let mut words =
            ToWords { from: self.from, labels, peaks: &mut *peaks, is_nan: false, has_void: false };
        planes.split(buffer, original, sorting.as_flattened_mut(), &mut words);
        if words.is_nan {
            return T::nan();
        }
        let has_void = words.has_void;
        let (mut value, mut selected) = (T::zero(), 0);
        if is_in_place {
            means.fill([T::zero(); 2]);
            for stage in [Stage::Peaks, Stage::Means, Stage::Slopes] {
                (value, selected) =
                    self.round(buffer, planes, has_void, sorting, |word, pixel, class, slope| {
                        let (Some([key, index]), Some([mean, lost])) =
                            (peaks.get_mut(pixel), means.get_mut(pixel))
                        else {
                            return;
                        };
                        match stage {
                            Stage::Peaks => {
                                *key = if T::to_index(index.key()) == class { slope } else { *key }
                            }
                            Stage::Means => {
                                let (sum, error) = two_sum(*mean, (slope - *key) * probability(*word));
                                *mean = sum;
                                *lost = *lost + error;
                            }
                            Stage::Slopes => *word = probability(*word) * ((slope - *key) - (*mean + *lost)),
                        }
                    });
            }
        } else {
            (value, selected) = self.round(buffer, planes, has_void, sorting, |word, _, _, slope| {
                *word = slope;
            });
        }
        let share = T::of_count(selected.max(1));
        let logits = original.filter(|_| self.from == Input::Logits);
        let mut gradient = ToGradient { logits, columns, labels, share, scale };
        planes.join(buffer, sorting.as_flattened_mut(), &mut gradient);
        value / share
    }

    /// Sorts each plane of words, and shows each word with its pixel, its class and the slope of the loss. Gives the
    /// sum over the classes, and their number.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn round(
        &self,
        buffer: &mut [T],
        planes: Planes,
        has_void: bool,
        scratch: &mut [Entry<T>],
        mut show: impl FnMut(&mut T, usize, usize, T),
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
