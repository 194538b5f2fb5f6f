//! Radix sort, the least significant digit first: as many moves as a key has digits, however many items there are.

use super::Item;

/// Bits of a digit. With 11, an `f32`'s key has three; four digits of 8 bits took 1.3 times as long, two of 16
/// bits 0.9 times, with 32 times the counters.
const DIGIT: usize = 11;
const VALUES: usize = 1 << DIGIT;

/// The counters are 48 KiB of stack, which boards do not have; and below some hundred items clearing them takes
/// longer than a merge sort.
pub(super) const fn is_faster(n: usize) -> bool {
    cfg!(target_pointer_width = "64") && n >= 1024
}

/// Moves the items to where their digit belongs, digit by digit.
#[inline(never)]
#[allow(clippy::large_stack_arrays, reason = "only where a stack has megabytes")]
pub(super) fn sort<'a, I: Item>(items: &'a mut [I], spare: &'a mut [I]) -> &'a mut [I] {
    let mut counts = [[0_u32; VALUES]; (u64::BITS as usize).div_ceil(DIGIT)];
    let digits = (8 * size_of::<I::Key>()).div_ceil(DIGIT);
    for &item in &*items {
        for (number, counts) in counts.iter_mut().enumerate().take(digits) {
            if let Some(count) = counts.get_mut(digit(item, number)) {
                *count = count.wrapping_add(1);
            }
        }
    }
    let (mut from, mut to) = (items, spare);
    for (number, places) in counts.iter_mut().enumerate().take(digits) {
        if pass(from, to, number, places) {
            core::mem::swap(&mut from, &mut to);
        }
    }
    from
}

#[inline(always)]
fn digit<I: Item>(item: I, number: usize) -> usize {
    item.digit(DIGIT * number) & (VALUES - 1)
}

/// Moves the items by one digit, but for one that they all share.
#[inline]
fn pass<I: Item>(source: &[I], target: &mut [I], number: usize, places: &mut [u32; VALUES]) -> bool {
    let shared =
        |&item: &I| places.get(digit(item, number)).is_some_and(|&count| count as usize == source.len());
    if source.first().is_none_or(shared) {
        return false;
    }
    let mut start = 0_u32;
    for place in places.iter_mut().rev() {
        start = start.wrapping_add(core::mem::replace(place, start));
    }
    for &item in source {
        if let Some(place) = places.get_mut(digit(item, number)) {
            if let Some(slot) = target.get_mut(*place as usize) {
                *slot = item;
            }
            *place = place.wrapping_add(1);
        }
    }
    true
}
