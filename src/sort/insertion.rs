//! Insertion sort: nothing but the items themselves.

use super::Item;

/// Moves every item up past the smaller ones before it.
pub(super) fn sort<I: Item>(items: &mut [I]) {
    for end in 1..items.len() {
        let Some((last, sorted)) = items.get_mut(..=end).and_then(<[_]>::split_last_mut) else { return };
        let moving = *last;
        let mut hole = last;
        for item in sorted.iter_mut().rev() {
            if item.key() < moving.key() {
                *hole = *item;
                hole = item;
            } else {
                break;
            }
        }
        *hole = moving;
    }
}
