//! Merge sort: back and forth between the items and as many spare ones.

use super::{Item, insertion};

/// Runs of this length are sorted by insertion.
const RUN: usize = 8;

/// Merges runs of 8, 16, 32, ... items.
pub(super) fn sort<'a, I: Item>(items: &'a mut [I], spare: &'a mut [I]) -> &'a mut [I] {
    for run in items.chunks_mut(RUN) {
        insertion::sort(run);
    }
    let n = items.len();
    let (mut from, mut to) = (items, spare);
    let mut run = RUN;
    while run < n {
        pass(from, to, run);
        core::mem::swap(&mut from, &mut to);
        run = run.saturating_mul(2);
    }
    from
}

/// Merges neighbouring sorted runs of a length into runs of twice the length.
fn pass<I: Item>(mut source: &[I], mut target: &mut [I], run: usize) {
    while !source.is_empty() {
        let (left, rest) = source.split_at_checked(run).unwrap_or((source, &[]));
        let (right, rest) = rest.split_at_checked(run).unwrap_or((rest, &[]));
        let length = left.len().saturating_add(right.len());
        let Some((merged, free)) = target.split_at_mut_checked(length) else { return };
        merge(left, right, merged);
        (source, target) = (rest, free);
    }
}

/// Of equal keys the left one comes first: that makes the sort stable.
fn merge<I: Item>(mut left: &[I], mut right: &[I], target: &mut [I]) {
    for slot in target {
        match (left.split_first(), right.split_first()) {
            (Some((l, rest)), Some((r, _))) if l.key() >= r.key() => {
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
