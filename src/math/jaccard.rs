//! The weights of the Lovász extension of the Jaccard loss.

use crate::Real;

/// Walks pixels in the order of falling error and gives each the increment of the Jaccard loss, from
/// integer counters: 1/(G + B) for foreground, (G - F)/((G + B)(G + B + 1)) for background, where G
/// counts all foreground, F and B what has been walked past. The usual differences of a cumulative sum
/// lose all digits. Without foreground the first pixel has it all.
pub(crate) struct JaccardWeights {
    /// G - F.
    remaining: usize,
    /// G + B.
    union: usize,
}

impl JaccardWeights {
    pub(crate) const fn new(foreground: usize) -> Self {
        Self { remaining: foreground, union: foreground }
    }

    #[inline]
    pub(crate) fn next<T: Real>(&mut self, is_foreground: bool) -> T {
        let union = T::of_count(self.union);
        if is_foreground {
            self.remaining = self.remaining.saturating_sub(1);
            return T::one() / union;
        }
        let first = self.union == 0;
        self.union = self.union.wrapping_add(1);
        if first {
            return T::one();
        }
        T::of_count(self.remaining) / (union * T::of_count(self.union))
    }
}
