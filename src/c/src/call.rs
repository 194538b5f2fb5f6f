//! One call of a loss, whatever its shape: pointers are checked, the crate is called, results are written.

use crate::batch::{Batch, Reduction, Source, check_results};
use crate::fault::{Details, Fault};
use crate::memory::{Ledger, check};
use crate::total::Total;
use microloss_core::{ElementLoss, Elements, PairLoss, Pairs, Real, RegionLoss, Regions, RowLoss, Rows};

/// What came of a batch.
pub struct Outcome<T> {
    pub value: Option<T>,
    pub total: Option<microloss_core::Total<T>>,
}

/// The options, or none for NULL.
///
/// # Safety
/// A pointer that is not refused must be NULL or to options, which nobody writes to during `'o`.
unsafe fn options<'o, O>(options: *const O) -> Result<Option<&'o O>, Fault> {
    if options.is_null() {
        return Ok(None);
    }
    check(options, "options")?;
    // SAFETY: not NULL and aligned; the rest is the promise of this function. Options have no illegal bits.
    Ok(Some(unsafe { &*options }))
}

/// Writes the results, and says what became of the call.
///
/// # Safety
/// `value`, `total` and `error` must be NULL or aligned pointers that may be written; `total` to a total.
#[inline(never)]
pub unsafe fn finish<T: Real>(
    result: Result<Outcome<T>, Fault>,
    (value, total, error): (*mut T, *mut Total<T>, *mut Details),
) -> i32 {
    match result {
        Ok(outcome) => {
            if let (Some(found), false) = (outcome.value, value.is_null()) {
                // SAFETY: not NULL; the rest is the promise of this function.
                unsafe { value.write(found) };
            }
            if let (Some(found), false) = (outcome.total, total.is_null()) {
                // SAFETY: not NULL; the rest is the promise of this function.
                unsafe { (*total).merge(found) };
            }
            0
        }
        // SAFETY: the promise of this function.
        Err(fault) => unsafe { refuse(fault, error) },
    }
}

/// Says why a call is refused.
///
/// # Safety
/// `error` must be NULL or, if it is aligned, may be written.
#[inline(always)]
pub unsafe fn refuse(fault: Fault, error: *mut Details) -> i32 {
    let failure = Details::from(fault);
    if !error.is_null() && error.is_aligned() {
        // SAFETY: not NULL and aligned; the rest is the promise of this function.
        unsafe { error.write(failure) };
    }
    failure.status()
}

/// The call of a shape: `$make` is what the batch is made with beside scores.
macro_rules! shape {
    ($name:ident, $trait:ident [$($width:ident)?], $batch:ident,
        $weighted:ident => ($($argument:expr),*)) => {
        /// # Safety
        /// Each pointer that is not refused must be NULL where the header allows that, or to memory of its type and
        /// length that nobody else touches during the call.
        pub unsafe fn $name<T: Real, O, L: $trait<T $(, $width)?> $(, const $width: usize)?>(
            options_at: *const O,
            batch: *const Batch<T>,
            value: *mut T,
            error: *mut Details,
            loss: impl FnOnce(Option<&O>, &mut Ledger) -> Result<L, Fault>,
        ) -> i32 {
            let mut total = core::ptr::null_mut();
            let run = || -> Result<Outcome<T>, Fault> {
                // SAFETY: the promise of this function.
                let raw = unsafe { Batch::at(batch) }?;
                check_results(&raw, value)?;
                total = raw.total;
                let mut ledger = Ledger::new();
                // SAFETY: the promise of this function.
                let loss = loss(unsafe { options(options_at) }?, &mut ledger)?;
                // SAFETY: the promise of this function.
                let $weighted = unsafe { raw.check(&mut ledger) }?;
                let mut batch = match $weighted.source {
                    Source::Read(scores) => $batch::slices(scores, $($argument),*),
                    Source::Copy(scores, gradient) => $batch::slices(scores, $($argument),*).gradient(gradient),
                    Source::InPlace(scores) => $batch::slices_in_place(scores, $($argument),*),
                };
                batch = batch.unit($weighted.unit);
                if let Some(label) = $weighted.ignore_index {
                    batch = batch.ignore_index(label);
                }
                if let Some(weights) = $weighted.weights {
                    batch = batch.weights(weights);
                }
                let (value, total) = match $weighted.reduction {
                    Reduction::Mean => (Some(loss.mean(batch)?), None),
                    Reduction::Sum => {
                        let total = loss.total(batch)?;
                        (Some(total.sum()?), Some(total))
                    }
                    Reduction::None(values) => {
                        loss.each(batch, values)?;
                        (None, None)
                    }
                };
                Ok(Outcome { value, total })
            };
            let result = run();
            // SAFETY: the promise of this function, and `check_results` where there is a result.
            unsafe { finish(result, (value, total, error)) }
        }
    };
}

shape!(element, ElementLoss [K], Elements, checked => (checked.columns, checked.targets));
shape!(row, RowLoss [], Rows, checked => (checked.columns, checked.targets));
shape!(pair, PairLoss [], Pairs, checked => (checked.columns, checked.targets));
shape!(region, RegionLoss [], Regions, checked => (checked.columns, checked.pixels, checked.targets, checked.scratch));

/// Entries of scratch that a loss of regions wants for a batch; more than there can be if that cannot be said.
///
/// # Safety
/// As of a call, but buffers of the batch are not touched.
pub unsafe fn scratch<T: Real, O, L: RegionLoss<T>>(
    options_at: *const O,
    batch: *const Batch<T>,
    loss: impl FnOnce(Option<&O>, &mut Ledger) -> Result<L, Fault>,
) -> usize {
    let run = || -> Result<usize, Fault> {
        // SAFETY: the promise of this function.
        let (sort, pixels, in_place) = unsafe { Batch::at(batch) }?.sorting()?;
        // SAFETY: the promise of this function.
        let loss = loss(unsafe { options(options_at) }?, &mut Ledger::new())?;
        Ok(loss.entries(sort, pixels, in_place))
    };
    run().unwrap_or(usize::MAX)
}
