//! Stable descending sorts by integer keys, in the caller's memory.

mod insertion;
mod merge;
mod radix;

/// Room for a sort key and the index it came from: what the Lovász losses order. 8 bytes for `f32`.
pub type Entry<T> = [T; 2];

/// How the caller's scratch is used. The order is the same: keys descending, ties by lowest index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Sort {
    /// N entries, O(N²) moves: for small images and small memories.
    Insertion,
    /// 2N entries, O(N log N) moves; O(N) for large images on 64-bit hosts, which sort by digits, with 48 KiB of stack.
    Merge,
}

/// What is sorted.
pub(crate) trait Item: Copy {
    /// An unsigned integer.
    type Key: PartialOrd;

    fn key(self) -> Self::Key;
    /// The low bits of the shifted key.
    fn digit(self, shift: usize) -> usize;
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

    /// Sorts the items, with as many spare ones for [`Merge`](Self::Merge), and says where they stand now.
    pub(crate) fn run<'a, I: Item>(self, items: &'a mut [I], spare: &'a mut [I]) -> &'a mut [I] {
        let spare = spare.get_mut(..items.len());
        match (self, spare) {
            (Self::Merge, Some(spare)) if radix::is_faster(items.len()) => radix::sort(items, spare),
            (Self::Merge, Some(spare)) => merge::sort(items, spare),
            _ => {
                insertion::sort(items);
                items
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "keys of fewer bits")]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::{Item, insertion, merge, radix};

    impl Item for (u32, u32) {
        type Key = u32;
        fn key(self) -> u32 {
            self.0
        }
        #[allow(clippy::cast_possible_truncation, reason = "digits are cut off after this")]
        fn digit(self, shift: usize) -> usize {
            (self.0 >> shift) as usize
        }
    }

    impl Item for (u64, u32) {
        type Key = u64;
        fn key(self) -> u64 {
            self.0
        }
        fn digit(self, shift: usize) -> usize {
            (self.0 >> shift) as usize
        }
    }

    /// Every sort against the stable one of slices.
    fn check<K>(keys: &[K])
    where
        (K, u32): Item<Key = K> + core::fmt::Debug + PartialEq,
        K: Copy + Ord + Default,
    {
        let given: Vec<(K, u32)> = keys.iter().copied().zip(0..).collect();
        let mut expected = given.clone();
        expected.sort_by_key(|entry| core::cmp::Reverse(entry.0));
        let spare = || std::vec![(K::default(), u32::MAX); given.len()];
        let mut items = given.clone();
        insertion::sort(&mut items);
        assert_eq!(items, expected, "insertion");
        assert_eq!(merge::sort(&mut given.clone(), &mut spare()), expected, "merge");
        assert_eq!(radix::sort(&mut given.clone(), &mut spare()), expected, "radix");
    }

    /// Keys of few values have many ties; those of few bits have digits that are all the same.
    #[test]
    fn every_sort_is_the_stable_sort_of_slices() {
        let mut state = 1_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state ^ (state >> 33)
        };
        for n in (0..70).chain([127, 128, 500, 1025]) {
            for mask in [0, 1, 7, 0x7ff, 0xff_f800, 0x8000_0001, 0xffff_ffff, 1 << 63 | 0x3ff << 20, u64::MAX]
            {
                let keys: Vec<u64> = (0..n).map(|_| random() & mask).collect();
                check(&keys);
                check(&keys.iter().map(|&key| (key >> 3) as u32).collect::<Vec<_>>());
                check(&keys.iter().map(|&key| key as u32).collect::<Vec<_>>());
            }
        }
    }
}
