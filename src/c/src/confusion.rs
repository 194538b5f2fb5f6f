//! The confusion matrix, of a number of classes that is known at run time only.

use crate::call::refuse;
use crate::constants::status;
use crate::fault::{Details, Fault};
use crate::memory::{Buffer, Ledger, List};
use microloss_core::Error;
use microloss_core::metric::ConfusionSlice;

/// `microloss_confusion_matrix` of the header, which says what the fields are.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Matrix {
    counts: Buffer<u32>,
    classes: usize,
    taken: u64,
    rejected: u64,
}

impl Matrix {
    /// # Safety
    /// The counts must be memory of their length, which nobody else touches during `'a`.
    unsafe fn slice<'a>(&self, ledger: &mut Ledger) -> Result<ConfusionSlice<'a>, Fault> {
        // SAFETY: the promise of this function.
        let counts = unsafe { ledger.write("counts", self.counts) }?.unwrap_or_default();
        Ok(ConfusionSlice::new(counts, self.classes)?)
    }
}

fn one<T>(slice: Option<T>, name: &'static str) -> Result<T, Fault> {
    slice.ok_or(Fault::Pointer { name, status: status::NULL_POINTER })
}

/// # Safety
/// A pointer that is not refused must be to a matrix, which nobody else touches during `'a`.
unsafe fn write<'a>(matrix: *mut Matrix, ledger: &mut Ledger) -> Result<&'a mut Matrix, Fault> {
    // SAFETY: the promise of this function. Numbers and pointers have no illegal bits.
    let slice = unsafe { ledger.write("state", Buffer { data: matrix, length: 1 }) }?;
    one(slice.and_then(|slice| slice.first_mut()), "state")
}

/// # Safety
/// A pointer that is not refused must be to a matrix, which nobody writes to during the call.
unsafe fn read(matrix: *const Matrix, name: &'static str, ledger: &mut Ledger) -> Result<Matrix, Fault> {
    // SAFETY: the promise of this function. Numbers and pointers have no illegal bits.
    let slice = unsafe { ledger.read(name, List { data: matrix, length: 1 }) }?;
    one(slice.and_then(|slice| slice.first()), name).copied()
}

/// # Safety
/// `error` must be NULL or, if it is aligned, may be written.
unsafe fn finish(result: Result<(), Fault>, error: *mut Details) -> i32 {
    match result {
        Ok(()) => status::OK,
        // SAFETY: the promise of this function.
        Err(fault) => unsafe { refuse(fault, error) },
    }
}

/// Adds an item, or counts that it is refused.
///
/// # Safety
/// Pointers that are not refused must be to memory of their types and lengths.
pub unsafe fn add<A>(
    matrix: *mut Matrix,
    error: *mut Details,
    arguments: impl FnOnce(&mut Ledger) -> Result<A, Fault>,
    add: impl FnOnce(&mut ConfusionSlice<'_>, A) -> Result<(), Error>,
) -> i32 {
    let run = || {
        let mut ledger = Ledger::new();
        let arguments = arguments(&mut ledger);
        // SAFETY: the promise of this function.
        let matrix = unsafe { write(matrix, &mut ledger) }?;
        // SAFETY: as before.
        let slice = unsafe { matrix.slice(&mut ledger) };
        let taken = arguments.and_then(|arguments| Ok(add(&mut slice?, arguments)?));
        let count = if taken.is_ok() { &mut matrix.taken } else { &mut matrix.rejected };
        *count = count.saturating_add(1);
        taken
    };
    // SAFETY: the promise of this function.
    unsafe { finish(run(), error) }
}

/// Takes all that another has taken.
///
/// # Safety
/// Pointers that are not refused must be to memory of their types and lengths.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn microloss_confusion_matrix_merge(
    state: *mut Matrix,
    other: *const Matrix,
    error: *mut Details,
) -> i32 {
    let run = || {
        let mut ledger = Ledger::new();
        // SAFETY: the promise of this function, for all three.
        let other = unsafe { read(other, "other", &mut ledger) }?;
        // SAFETY: as before.
        let more = unsafe { ledger.read("other", other.counts.as_list()) }?;
        // SAFETY: as before.
        let matrix = unsafe { write(state, &mut ledger) }?;
        // SAFETY: as before.
        unsafe { matrix.slice(&mut ledger) }?.merge(more.unwrap_or_default())?;
        matrix.taken = matrix.taken.saturating_add(other.taken);
        matrix.rejected = matrix.rejected.saturating_add(other.rejected);
        Ok(())
    };
    // SAFETY: the promise of this function.
    unsafe { finish(run(), error) }
}

/// Reads a result off it.
///
/// # Safety
/// Pointers that are not refused must be to memory of their types and lengths.
pub unsafe fn value<A, V: Copy>(
    matrix: *const Matrix,
    value: *mut V,
    error: *mut Details,
    arguments: impl FnOnce(&mut Ledger) -> Result<A, Fault>,
    read_off: impl FnOnce(&ConfusionSlice<'_>, A) -> Result<V, Error>,
) -> i32 {
    let run = || {
        let mut ledger = Ledger::new();
        let arguments = arguments(&mut ledger)?;
        // SAFETY: the promise of this function.
        let matrix = unsafe { read(matrix, "state", &mut ledger) }?;
        // SAFETY: as before.
        let slice = unsafe { matrix.slice(&mut ledger) }?;
        // SAFETY: as before. Numbers have no illegal bits.
        let place = unsafe { ledger.write("value", Buffer { data: value, length: 1 }) }?;
        let found = read_off(&slice, arguments)?;
        place.unwrap_or_default().fill(found);
        Ok(())
    };
    // SAFETY: the promise of this function.
    unsafe { finish(run(), error) }
}
