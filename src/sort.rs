//! Stable descending sorts of (key, index) pairs in the caller's memory.

use crate::Real;

/// A sort key and the index it came from: what the Lovász losses order. 8 bytes for `f32`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Entry<T> {
    pub(crate) key: T,
    pub(crate) index: u32,
}

/// How the caller's scratch is used. Both orders are the same: keys descending, ties by lowest index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Sort {
    /// N entries, O(N²) moves: for small images and small memories.
    Insertion,
    /// 2N entries, O(N log N) moves.
    Merge,
}

impl Sort {
    /// Entries that a sort of `n` needs.
    #[must_use]
    pub const fn entries(self, n: usize) -> usize {
        match self {
            Self::Insertion => n,
            Self::Merge => n.saturating_mul(2),
        }
    }

    /// Sorts the first `n` entries, keys that are less behind others; the second half of the scratch is only used by the merge sort.
    pub(crate) fn run<T: Real>(self, scratch: &mut [Entry<T>], n: usize, less: impl Fn(T, T) -> bool) {
        match (self, scratch.split_at_mut_checked(n)) {
            (Self::Merge, Some((entries, spare))) => merge(entries, spare, &less),
            (Self::Insertion, Some((entries, _))) => insertion(entries, &less),
            (_, None) => {}
        }
    }
}

/// Moves every entry up past the smaller ones before it.
fn insertion<T: Real>(entries: &mut [Entry<T>], less: &impl Fn(T, T) -> bool) {
    for end in 1..entries.len() {
        let Some((last, sorted)) = entries.get_mut(..=end).and_then(<[_]>::split_last_mut) else { return };
        let moving = *last;
        let mut hole = last;
        for entry in sorted.iter_mut().rev() {
            if less(entry.key, moving.key) {
                *hole = *entry;
                hole = entry;
            } else {
                break;
            }
        }
        *hole = moving;
    }
}

/// Merges runs of 1, 2, 4, ... entries, back and forth between the two buffers.
fn merge<T: Real>(entries: &mut [Entry<T>], spare: &mut [Entry<T>], less: &impl Fn(T, T) -> bool) {
    let n = entries.len();
    let Some(spare) = spare.get_mut(..n) else { return };
    let (mut from, mut to) = (entries, spare);
    let mut run = 1;
    let mut swapped = false;
    while run < n {
        merge_pass(from, to, run, less);
        core::mem::swap(&mut from, &mut to);
        swapped = !swapped;
        run = run.saturating_mul(2);
    }
    if swapped {
        // The result stands in the spare half: bring it home.
        for (home, &sorted) in to.iter_mut().zip(from.iter()) {
            *home = sorted;
        }
    }
}

/// Merges neighbouring sorted runs of a length into runs of twice the length.
fn merge_pass<T: Real>(
    mut source: &[Entry<T>],
    mut target: &mut [Entry<T>],
    run: usize,
    less: &impl Fn(T, T) -> bool,
) {
    while !source.is_empty() {
        let (left, rest) = source.split_at_checked(run).unwrap_or((source, &[]));
        let (right, rest) = rest.split_at_checked(run).unwrap_or((rest, &[]));
        let length = left.len().saturating_add(right.len());
        let Some((merged, free)) = target.split_at_mut_checked(length) else { return };
        merge_runs(left, right, merged, less);
        (source, target) = (rest, free);
    }
}

/// Of equal keys the left one comes first: that makes the sort stable.
fn merge_runs<T: Real>(
    mut left: &[Entry<T>],
    mut right: &[Entry<T>],
    target: &mut [Entry<T>],
    less: &impl Fn(T, T) -> bool,
) {
    for slot in target {
        match (left.split_first(), right.split_first()) {
            (Some((l, rest)), Some((r, _))) if !less(l.key, r.key) => {
                *slot = *l;
                left = rest;
            }
            (_, Some((r, rest))) => {
                *slot = *r;
                right = rest;
            }
            (Some((l, rest)), None) => {
                *slot = *l;
                left = rest;
            }
            (None, None) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::{Entry, Sort};

    /// Keys of few values: many ties, in no order.
    fn entries(n: u16, values: u16) -> Vec<Entry<f32>> {
        let key = |index: u16| (index.wrapping_mul(40_503) >> 3) % values;
        (0..n).map(|index| Entry { key: f32::from(key(index)) - 3.0, index: index.into() }).collect()
    }

    #[test]
    fn both_sorts_equal_the_stable_sort_of_slices() {
        for (n, values) in (0..150).flat_map(|n| [1, 2, 7, 1000].map(|values| (n, values))) {
            let given = entries(n, values);
            let mut expected = given.clone();
            expected.sort_by(|a, b| b.key.total_cmp(&a.key));
            for sort in [Sort::Insertion, Sort::Merge] {
                let mut scratch = given.clone();
                scratch.resize(sort.entries(given.len()), Entry { key: f32::MAX, index: u32::MAX });
                sort.run(&mut scratch, given.len(), |a, b| a < b);
                assert_eq!(scratch.get(..given.len()), Some(&expected[..]), "{sort:?} of {n}");
            }
        }
    }
}
