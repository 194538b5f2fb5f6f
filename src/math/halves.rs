//! Products of some digits more than one number has.

use crate::Real;

/// A number in two parts, the first of half of the digits: the product of two first parts is exact. Cheaper than
/// [`two_product`](super::two_product), which has all digits, most of all where floats are software.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Halves<T> {
    pub high: T,
    pub low: T,
}

impl<T: Real> Halves<T> {
    /// Of a number.
    #[inline(always)]
    pub(crate) fn of(number: T) -> Self {
        let high = head(number);
        Self { high, low: number - high }
    }

    /// Of the sum of a number and a smaller one.
    #[inline(always)]
    pub(crate) fn of_sum(number: T, error: T) -> Self {
        let high = head(number + error);
        Self { high, low: (number - high) + error }
    }

    /// The nearest number.
    #[inline(always)]
    pub(crate) fn number(self) -> T {
        self.high + self.low
    }

    /// The product and what it lacks.
    #[inline(always)]
    pub(crate) fn times(self, other: Self) -> (T, T) {
        (self.high * other.high, self.high * other.low + self.low * other.number())
    }
}

/// The first half of the digits.
#[inline(always)]
fn head<T: Real>(number: T) -> T {
    let tail = T::SIGNIFICAND_BITS / 2 + 1;
    T::from_bits(number.to_bits() >> tail << tail)
}
