//! Codes that are read, and the numbers of a gradient that are written.

use super::{Code, Dequantize, Quantized};
use crate::sealed::Sealed;
use crate::shape::access::{Access, Feed, View};
use crate::shape::batch::{Batch, Flat};
use crate::shape::scores::{Scores, item_range};
use crate::{Error, Real};

/// Codes, and where the gradient goes.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Dequantized<'a, T, Q, D> {
    codes: Quantized<'a, [Q], D>,
    gradient: &'a mut [T],
}

impl<'a, T: Real, S: Flat<T> + ?Sized, K, Q: Code, D: Dequantize<T>>
    Batch<'a, T, S, K, Quantized<'a, [Q], D>>
{
    /// Writes the gradient here, with respect to the numbers that the codes stand for.
    pub fn gradient(self, gradient: &'a mut S) -> Batch<'a, T, S, K, Dequantized<'a, T, Q, D>> {
        let Self { source: codes, columns, targets, weights, ignore_index, unit, kind, arrangement } = self;
        let source = Dequantized { codes, gradient: gradient.flat_mut() };
        Batch { source, columns, targets, weights, ignore_index, unit, kind, arrangement }
    }
}

impl<T, Q, D> Sealed for Dequantized<'_, T, Q, D> {}

impl<T: Real, Q: Code, D: Dequantize<T>> Access<T> for Dequantized<'_, T, Q, D> {
    type View<'b>
        = Quantized<'b, [Q], D>
    where
        Self: 'b;

    #[inline(always)]
    fn view(&self) -> Quantized<'_, [Q], D> {
        self.codes
    }

    #[inline(always)]
    fn slots(&mut self) -> Option<&mut [T]> {
        Some(self.gradient)
    }

    #[inline(always)]
    fn apart(&mut self) -> (Option<Quantized<'_, [Q], D>>, Option<&mut [T]>) {
        (Some(self.codes), Some(self.gradient))
    }

    #[inline(always)]
    fn are_replaced(&self) -> bool {
        true
    }
}

impl<T: Real, Q: Code, D: Dequantize<T>> Feed<T> for Dequantized<'_, T, Q, D> {
    type Item<'b>
        = Scores<'b, T>
    where
        Self: 'b;
    type Part<'b>
        = Dequantized<'b, T, Q, D>
    where
        Self: 'b;

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn items(&mut self, first: usize, count: usize, width: usize, columns: usize) -> Option<Scores<'_, T>> {
        let range = first.checked_mul(width)?..first.checked_add(count)?.checked_mul(width)?;
        let gradient = self.gradient.get_mut(range.clone())?;
        let codes = View::<T>::part(self.codes, range, 0)?;
        codes.write(columns, gradient);
        Some(Scores::Replace(gradient))
    }

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn again(&mut self, index: usize, width: usize) -> Option<Scores<'_, T>> {
        Some(Scores::Replace(self.gradient.get_mut(item_range(index, width)?)?))
    }

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn part(&mut self, index: usize, width: usize) -> Option<Dequantized<'_, T, Q, D>> {
        let range = item_range(index, width)?;
        let codes = View::<T>::part(self.codes, range.clone(), 0)?;
        Some(Dequantized { codes, gradient: self.gradient.get_mut(range)? })
    }

    #[inline(always)]
    fn is_in_place(&self) -> bool {
        false
    }

    #[inline(always)]
    fn check(&self, columns: usize) -> Result<(), Error> {
        self.codes.by.check(columns)
    }
}
