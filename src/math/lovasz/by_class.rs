//! The Lovász loss of an image with a score for each class: the mean over the classes.

use super::keys::{error_word, fraction, given_key, void};
use super::planes::{BLOCK, copy, deal, pieces_mut};
use super::softmax_keys::{SoftmaxKeys, SumOfExponentials, exponential, softmax_key};
use super::{LovaszSum, foreground};
use crate::lanes::scalar;
use crate::parameter::Classes;
use crate::shape::{IGNORED, Pixels, View, item_range};
use crate::sort::{Entry, Sort};
use crate::{Input, Real};

/// What is asked of an image.
#[derive(Clone, Copy)]
pub(crate) struct ByClass<'a, T> {
    pub from: Input,
    /// The classes that are averaged over.
    pub classes: Classes<'a>,
    pub columns: usize,
    pub labels: Pixels<'a, T>,
    pub sort: Sort,
}

impl<T: Real> ByClass<'_, T> {
    /// The key of the probability that a score stands for.
    #[inline(always)]
    fn key(&self, score: T, max: T, sum: SumOfExponentials<T>) -> T::Bits {
        if self.from == Input::Logits { softmax_key(exponential(score, max), sum) } else { given_key(score) }
    }

    /// Whether the mean takes a class in.
    pub(super) fn selects(&self, class: usize, is_present: bool) -> bool {
        self.classes.take_in(class, is_present)
    }

    /// Sorts words of a key and a mark, in the order of the pixels: they need no index. That leaves room for what
    /// each pixel's softmax takes of all its scores; an insertion sort has none, and computes it again. What room is
    /// left takes the words of more classes, from one walk through the scores.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn value(&self, scores: impl View<T>, scratch: &mut [Entry<T>]) -> T {
        let Self { columns, labels, sort, .. } = *self;
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
                        let one = row(scores, columns, pixel)
                            .map_or_else(SoftmaxKeys::none, |row| SoftmaxKeys::<T, 1>::of(row, 1));
                        ([*max], [*rest]) = (one.max, one.rest);
                    }
                }
                softmax.invert();
                for (rest, &own) in softmax.rest.iter().zip(&own).take(count) {
                    is_nan |= rest.has_nan_bits() & (own != IGNORED);
                    has_void |= own == IGNORED;
                }
                for (class, plane) in (first..columns).zip(pieces_mut(planes, pixels).take(together)) {
                    let words = plane.get_mut(start..).unwrap_or_default();
                    let mut at = start.wrapping_mul(columns).wrapping_add(class);
                    for word in words.iter_mut().take(count) {
                        *word = scores.get(at, class).unwrap_or_default();
                        at = at.wrapping_add(columns);
                    }
                    let known = softmax.max.iter().zip(softmax.sums()).zip(&own);
                    let class = u32::try_from(class).unwrap_or(IGNORED);
                    for (word, ((&max, sum), &own)) in words.iter_mut().zip(known) {
                        scalar();
                        *word = error_word(self.key(*word, max, sum), class, own);
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
}

/// Keeps what each pixel's softmax takes of all its scores.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
fn keep<T: Real>(scores: impl View<T>, columns: usize, room: &mut [T], maxima: &mut [T], rests: &mut [T]) {
    let size = columns.saturating_mul(BLOCK);
    if BLOCK > 1 && room.len() >= size {
        let kept = pieces_mut(maxima, BLOCK).zip(pieces_mut(rests, BLOCK));
        for (rows, (maxima, rests)) in scores.parts(size).zip(kept) {
            let block = room.get_mut(..rows.len()).unwrap_or_default();
            let count = deal(rows, columns, block);
            let softmax = SoftmaxKeys::<T, BLOCK>::of(&*block, count);
            copy(maxima, &softmax.max);
            copy(rests, &softmax.rest);
        }
    } else {
        for (row, (max, rest)) in scores.parts(columns).zip(maxima.iter_mut().zip(rests)) {
            let softmax = SoftmaxKeys::<T, 1>::of(row, 1);
            ([*max], [*rest]) = (softmax.max, softmax.rest);
        }
    }
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

#[inline(always)]
fn row<T: Real, V: View<T>>(scores: V, columns: usize, pixel: usize) -> Option<V> {
    item_range(pixel, columns).and_then(|range| scores.part(range, 0))
}
