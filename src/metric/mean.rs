//! The mean of numbers, without rounding until it is read.

use crate::exact_sum::ExactSum;
use crate::stream::Words;
use crate::{Error, Real};

/// An exact sum, and the number of items in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Mean<T: Real> {
    sum: ExactSum<T>,
    items: u64,
}

impl<T: Real> Mean<T> {
    pub(crate) const fn new() -> Self {
        Self { sum: ExactSum::new(), items: 0 }
    }

    /// Adds one item, which is a sum.
    pub(crate) fn add<const N: usize>(&mut self, terms: [T; N]) -> Result<(), Error> {
        let mut next = *self;
        next.items = self.items.checked_add(1).ok_or(Error::Overflow)?;
        for term in terms {
            next.sum.add(term)?;
        }
        *self = next;
        Ok(())
    }

    pub(crate) fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let items = self.items.checked_add(other.items).ok_or(Error::Overflow)?;
        self.sum.merge(&other.sum)?;
        self.items = items;
        Ok(())
    }

    /// Correctly rounded.
    pub(crate) fn value(&self) -> Result<T, Error> {
        self.sum.mean(self.items)
    }

    /// The mean, correctly rounded, and what that rounding left, rounded.
    pub(crate) fn parts(&self) -> Result<(T, T), Error> {
        let value = self.value()?;
        let (mut rest, mut rounded) = (self.sum, ExactSum::new());
        rounded.add(value)?;
        rest.subtract(&rounded.times(self.items)?)?;
        Ok((value, rest.mean(self.items)?))
    }

    pub(crate) const fn items(&self) -> u64 {
        self.items
    }

    /// The index of the next item.
    pub(crate) fn index(&self) -> usize {
        usize::try_from(self.items).unwrap_or(usize::MAX)
    }

    /// Whether so many terms an item, whose sum is not below 0, can be here.
    pub(crate) fn is_possible(&self, terms: u64) -> bool {
        !self.sum.is_negative() && self.sum.can_have(self.items.saturating_mul(terms))
    }
}

impl<T: Real> Words for Mean<T> {
    fn each_word(&mut self, visit: &mut impl FnMut(&mut u32)) {
        self.sum.each_word(visit);
        self.items.each_word(visit);
    }
}

/// What streams of means have alike: the empty one, merging, and their words.
macro_rules! mean_stream {
    ($type:ident, $name:literal, item $item:ty = |$self:ident, $pattern:pat_param| $add:expr, terms $terms:expr) => {
        impl<T: Real> Default for $type<T> {
            fn default() -> Self {
                Self::new()
            }
        }

        impl<T: Real> $type<T> {
            /// Of no items.
            #[must_use]
            pub const fn new() -> Self {
                Self { mean: Mean::new() }
            }

            /// Items taken.
            #[must_use]
            pub const fn items(&self) -> u64 {
                self.mean.items()
            }
        }

        impl<T: Real> Stream for $type<T> {
            type Item = $item;

            fn add(&mut $self, $pattern: $item) -> Result<(), Error> {
                $add
            }

            fn merge(&mut self, other: &Self) -> Result<(), Error> {
                self.mean.merge(&other.mean)
            }
        }

        impl<T: Real> Words for $type<T> {
            fn each_word(&mut self, visit: &mut impl FnMut(&mut u32)) {
                self.mean.each_word(visit);
            }
        }

        impl<T: Real> State for $type<T> {
            const TAG: u32 = tag($name, &[size_of::<T>()]);

            fn is_possible(&self) -> bool {
                self.mean.is_possible($terms)
            }
        }
    };
}

pub(crate) use mean_stream;

/// Refuses a prediction or a target that is not finite.
pub(crate) fn check_finite<T: Real>(index: usize, target: T, predicted: T) -> Result<(), Error> {
    if !target.is_finite() {
        return Err(Error::NonFiniteTarget { index, value: target.to_double() });
    }
    if !predicted.is_finite() {
        return Err(Error::NonFiniteScore { index, column: 0, value: predicted.to_double() });
    }
    Ok(())
}
