//! Evaluators: states of streams, in memory of the caller.

use crate::call::refuse;
use crate::constants::status;
use crate::fault::{Details, Fault};
use crate::memory::{Buffer, Ledger, List};
use microloss_core::Error;
use microloss_core::stream::{Evaluator, State};

/// The memory of a state, of which C only knows the size.
#[repr(C)]
pub struct Memory<const N: usize>([u64; N]);

/// A stream of which no bits are illegal.
///
/// # Safety
/// All fields of it, and of theirs, must be numbers.
pub unsafe trait Plain: State {
    /// Bytes of a state that is saved.
    const BYTES: usize;
}

/// The state in the memory.
const fn at<S: Plain, const N: usize>(memory: *mut Memory<N>) -> Buffer<Evaluator<S>> {
    const {
        assert!(
            size_of::<Evaluator<S>>() <= size_of::<Memory<N>>()
                && align_of::<Evaluator<S>>() <= align_of::<Memory<N>>(),
            "C knows another size"
        );
    }
    Buffer { data: memory.cast(), length: 1 }
}

/// The one entry of a slice, which `Ledger` refuses where it would be none.
fn one<T>(slice: Option<T>) -> Result<T, Fault> {
    slice.ok_or(Fault::Pointer { name: "state", status: status::NULL_POINTER })
}

/// # Safety
/// The memory must be that of a state, which nobody else touches during `'a`.
unsafe fn write<'a, S: Plain, const N: usize>(
    state: *mut Memory<N>,
    ledger: &mut Ledger,
) -> Result<&'a mut Evaluator<S>, Fault> {
    // SAFETY: it fits (`at`), and no bits are illegal (`Plain`); the rest is the promise of this function.
    let slice = unsafe { ledger.write("state", at::<S, N>(state)) }?;
    one(slice.and_then(|slice| slice.first_mut()))
}

/// # Safety
/// The memory must be that of a state, which nobody writes to during `'a`.
unsafe fn read<'a, S: Plain, const N: usize>(
    state: *const Memory<N>,
    name: &'static str,
    ledger: &mut Ledger,
) -> Result<&'a Evaluator<S>, Fault> {
    // SAFETY: as in `write`.
    let slice = unsafe { ledger.read(name, at::<S, N>(state.cast_mut()).as_list()) }?;
    one(slice.and_then(|slice| slice.first()))
}

/// Says what became of a call.
///
/// # Safety
/// `error` must be NULL or, if it is aligned, may be written.
unsafe fn finish(result: Result<(), Fault>, error: *mut Details) -> i32 {
    match result {
        Ok(()) => status::OK,
        // SAFETY: the promise of this function.
        Err(fault) => unsafe { refuse(fault, error) },
    }
}

/// Makes a state of a stream.
///
/// # Safety
/// Pointers that are not refused must be to memory of their types.
pub unsafe fn init<S: Plain, A, const N: usize>(
    state: *mut Memory<N>,
    error: *mut Details,
    arguments: impl FnOnce(&mut Ledger) -> Result<A, Fault>,
    make: impl FnOnce(A) -> Result<S, Error>,
) -> i32 {
    let run = || {
        let mut ledger = Ledger::new();
        let stream = make(arguments(&mut ledger)?)?;
        // SAFETY: the promise of this function.
        *unsafe { write::<S, N>(state, &mut ledger) }? = Evaluator::new(stream);
        Ok(())
    };
    // SAFETY: the promise of this function.
    unsafe { finish(run(), error) }
}

/// Adds an item, or counts that it is refused.
///
/// # Safety
/// Pointers that are not refused must be to memory of their types.
pub unsafe fn add<S: Plain, A, const N: usize>(
    state: *mut Memory<N>,
    error: *mut Details,
    arguments: impl FnOnce(&mut Ledger) -> Result<A, Fault>,
    add: impl FnOnce(&mut S, A) -> Result<(), Error>,
) -> i32 {
    let run = || {
        let mut ledger = Ledger::new();
        let arguments = arguments(&mut ledger);
        // SAFETY: the promise of this function.
        let state = unsafe { write::<S, N>(state, &mut ledger) }?;
        match arguments {
            Ok(arguments) => Ok(state.add_with(|stream| add(stream, arguments))?),
            Err(fault) => {
                // Any error is counted, and this one goes nowhere.
                let _ = state.take(Err(Error::Overflow));
                Err(fault)
            }
        }
    };
    // SAFETY: the promise of this function.
    unsafe { finish(run(), error) }
}

/// Adds what a call gave, or counts that the call refused it.
///
/// # Safety
/// As of `add`.
pub unsafe fn take<S: Plain, A, const N: usize>(
    state: *mut Memory<N>,
    given: i32,
    error: *mut Details,
    arguments: impl FnOnce(&mut Ledger) -> Result<A, Fault>,
    add_item: impl FnOnce(&mut S, A) -> Result<(), Error>,
) -> i32 {
    if given == status::OK {
        // SAFETY: the promise of this function.
        return unsafe { add(state, error, arguments, add_item) };
    }
    // SAFETY: the promise of this function.
    match unsafe { write::<S, N>(state, &mut Ledger::new()) } {
        Ok(state) => {
            // Any error is counted; the caller has this one.
            let _ = state.take(Err(Error::Overflow));
            given
        }
        // SAFETY: the promise of this function.
        Err(fault) => unsafe { refuse(fault, error) },
    }
}

/// Takes all that another has taken.
///
/// # Safety
/// Pointers that are not refused must be to memory of their types.
pub unsafe fn merge<S: Plain, const N: usize>(
    state: *mut Memory<N>,
    other: *const Memory<N>,
    error: *mut Details,
) -> i32 {
    let run = || {
        let mut ledger = Ledger::new();
        // SAFETY: the promise of this function, for both.
        let other = unsafe { read::<S, N>(other, "other", &mut ledger) }?;
        // SAFETY: as before.
        Ok(unsafe { write::<S, N>(state, &mut ledger) }?.merge(other)?)
    };
    // SAFETY: the promise of this function.
    unsafe { finish(run(), error) }
}

/// Reads a result off it.
///
/// # Safety
/// Pointers that are not refused must be to memory of their types.
pub unsafe fn value<S: Plain, A, V: Copy, const N: usize>(
    state: *const Memory<N>,
    value: *mut V,
    error: *mut Details,
    arguments: impl FnOnce(&mut Ledger) -> Result<A, Fault>,
    read_off: impl FnOnce(&S, A) -> Result<V, Error>,
) -> i32 {
    let run = || {
        let mut ledger = Ledger::new();
        let arguments = arguments(&mut ledger)?;
        // SAFETY: the promise of this function.
        let state = unsafe { read::<S, N>(state, "state", &mut ledger) }?;
        // SAFETY: the promise of this function. Numbers have no illegal bits.
        let slice = unsafe { ledger.write("value", Buffer { data: value, length: 1 }) }?;
        let found = read_off(state.stream(), arguments)?;
        slice.unwrap_or_default().fill(found);
        Ok(())
    };
    // SAFETY: the promise of this function.
    unsafe { finish(run(), error) }
}

/// Reads a count; 0 off no state.
///
/// # Safety
/// A pointer that is not refused must be to a state.
pub unsafe fn count<S: Plain, const N: usize>(
    state: *const Memory<N>,
    count: impl FnOnce(&Evaluator<S>) -> u64,
) -> u64 {
    // SAFETY: the promise of this function.
    unsafe { read::<S, N>(state, "state", &mut Ledger::new()) }.map_or(0, count)
}

/// Refuses all lengths but that of a state that is saved.
fn check_length<S: Plain>(found: usize) -> Result<(), Fault> {
    if found == S::BYTES {
        return Ok(());
    }
    Err(Error::LengthMismatch { what: "bytes", expected: S::BYTES, found }.into())
}

/// Writes a state as bytes, as every target and Rust do.
///
/// # Safety
/// Pointers that are not refused must be to memory of their types and lengths.
pub unsafe fn save<S: Plain, const N: usize>(
    state: *const Memory<N>,
    bytes: Buffer<u8>,
    error: *mut Details,
) -> i32 {
    let run = || {
        let mut ledger = Ledger::new();
        // SAFETY: the promise of this function, for both.
        let state = unsafe { read::<S, N>(state, "state", &mut ledger) }?;
        // SAFETY: as before.
        let bytes = unsafe { ledger.write("bytes", bytes) }?.unwrap_or_default();
        check_length::<S>(bytes.len())?;
        // As many as the length says.
        postcard::to_slice(state, bytes).map(|_| ()).map_err(|_| Error::Overflow.into())
    };
    // SAFETY: the promise of this function.
    unsafe { finish(run(), error) }
}

/// Reads a state from bytes.
///
/// # Safety
/// Pointers that are not refused must be to memory of their types and lengths.
pub unsafe fn load<S: Plain, const N: usize>(
    state: *mut Memory<N>,
    bytes: List<u8>,
    error: *mut Details,
) -> i32 {
    let run = || {
        let mut ledger = Ledger::new();
        // SAFETY: the promise of this function, for both.
        let bytes = unsafe { ledger.read("bytes", bytes) }?.unwrap_or_default();
        // SAFETY: as before.
        let state = unsafe { write::<S, N>(state, &mut ledger) }?;
        check_length::<S>(bytes.len())?;
        let refused = |_| Fault::Pointer { name: "bytes", status: status::NOT_A_STATE };
        *state = postcard::from_bytes(bytes).map_err(refused)?;
        Ok(())
    };
    // SAFETY: the promise of this function.
    unsafe { finish(run(), error) }
}
