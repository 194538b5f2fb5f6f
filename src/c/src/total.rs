//! Totals: sums of batches, which merge.

use core::marker::PhantomData;
use core::ptr::null_mut;

use crate::call::{Outcome, finish};
use crate::fault::{Details, Fault};
use crate::memory::check;
use microloss_core::{Error, Real};

/// A total of the crate, in memory of which C only knows the size. Zeros are the total of nothing.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Total<T> {
    memory: [u64; 6],
    of: PhantomData<T>,
}

impl<T: Real> Total<T> {
    const FITS: () = assert!(
        size_of::<microloss_core::Total<T>>() <= size_of::<Self>()
            && align_of::<microloss_core::Total<T>>() <= align_of::<Self>(),
        "C knows another size"
    );

    fn get(&self) -> microloss_core::Total<T> {
        const { Self::FITS };
        // SAFETY: it fits, and numbers and counters, of which a total is made, have no illegal bits.
        unsafe { (&raw const self.memory).cast::<microloss_core::Total<T>>().read() }
    }

    /// Adds another.
    pub fn merge(&mut self, other: microloss_core::Total<T>) {
        let merged = self.get().merge(other);
        // SAFETY: it fits (`get`).
        unsafe { (&raw mut self.memory).cast::<microloss_core::Total<T>>().write(merged) };
    }
}

/// # Safety
/// A pointer that is not refused must be to a total.
pub unsafe fn read<T: Real>(
    total: *const Total<T>,
    name: &'static str,
) -> Result<microloss_core::Total<T>, Fault> {
    check(total, name)?;
    // SAFETY: not NULL and aligned; the rest is the promise of this function.
    Ok(unsafe { (*total).get() })
}

/// # Safety
/// Pointers that are not refused must be to memory of their types.
unsafe fn reduce<T: Real>(
    total: *const Total<T>,
    value: *mut T,
    error: *mut Details,
    reduce: impl FnOnce(microloss_core::Total<T>) -> Result<T, Error>,
) -> i32 {
    let run = || {
        check(value, "value")?;
        // SAFETY: the promise of this function.
        let value = reduce(unsafe { read(total, "total") }?)?;
        Ok(Outcome { value: Some(value), total: None })
    };
    // SAFETY: the promise of this function.
    unsafe { finish(run(), (value, null_mut(), error)) }
}

macro_rules! totals {
    ($type:ident, $mean:ident, $sum:ident, $merge:ident, $valid:ident, $ignored:ident) => {
        /// # Safety
        /// Pointers must be as the header says.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $mean(
            total: *const Total<$type>,
            value: *mut $type,
            error: *mut Details,
        ) -> i32 {
            // SAFETY: the promise of this function.
            unsafe { reduce(total, value, error, |total| total.mean()) }
        }

        /// # Safety
        /// Pointers must be as the header says.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $sum(
            total: *const Total<$type>,
            value: *mut $type,
            error: *mut Details,
        ) -> i32 {
            // SAFETY: the promise of this function.
            unsafe { reduce(total, value, error, |total| total.sum()) }
        }

        /// # Safety
        /// Pointers must be as the header says.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $merge(
            total: *mut Total<$type>,
            other: *const Total<$type>,
            error: *mut Details,
        ) -> i32 {
            let run = || {
                check(total, "total")?;
                // SAFETY: the promise of this function.
                let total = Some(unsafe { read(other, "other") }?);
                Ok(Outcome::<$type> { value: None, total })
            };
            // SAFETY: the promise of this function; `run` checks the total.
            unsafe { finish(run(), (null_mut(), total, error)) }
        }

        /// # Safety
        /// Pointers must be as the header says.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $valid(total: *const Total<$type>) -> usize {
            // SAFETY: the promise of this function.
            unsafe { read(total, "total") }.map_or(0, |total| total.valid())
        }

        /// # Safety
        /// Pointers must be as the header says.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $ignored(total: *const Total<$type>) -> usize {
            // SAFETY: the promise of this function.
            unsafe { read(total, "total") }.map_or(0, |total| total.ignored())
        }
    };
}

totals!(
    f32,
    microloss_total_mean_f32,
    microloss_total_sum_f32,
    microloss_total_merge_f32,
    microloss_total_valid_f32,
    microloss_total_ignored_f32
);
totals!(
    f64,
    microloss_total_mean_f64,
    microloss_total_sum_f64,
    microloss_total_merge_f64,
    microloss_total_valid_f64,
    microloss_total_ignored_f64
);
