//! How a slice is walked and summed: in index order, compensated, one item at a time.

use crate::Real;
use crate::math::two_sum;

/// Stands in every loop over floats. Helium, which the compiler uses for such loops on Cortex-M55,
/// flushes subnormals where every other unit of the promise keeps them; an empty barrier keeps the
/// loop in the scalar unit. Elsewhere it is nothing.
#[inline]
pub(crate) fn scalar() {
    #[cfg(target_arch = "arm")]
    core::hint::black_box(());
}

/// A compensated sum: the error of 65 536 equal terms is the rounding of the result, not 795 ULP.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Sum<T> {
    high: T,
    low: T,
}

impl<T: Real> Sum<T> {
    #[inline]
    pub(crate) fn add(&mut self, term: T) {
        let (high, error) = two_sum(self.high, term);
        self.high = high;
        self.low = self.low + error;
    }

    #[inline]
    pub(crate) fn merge(&mut self, other: Self) {
        self.add(other.high);
        self.add(other.low);
    }

    /// The sum, rounded once; infinite where it overflowed.
    #[inline]
    pub(crate) fn value(&self) -> T {
        self.parts().0
    }

    /// The sum, rounded once, and what the rounding left.
    #[inline]
    pub(crate) fn parts(&self) -> (T, T) {
        if self.high.is_finite() { two_sum(self.high, self.low) } else { (self.high, T::zero()) }
    }
}
