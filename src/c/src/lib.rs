//! The C interface of microloss. `microloss.h` says what it is for; this is how it is kept sound.
//!
//! Everything that the crate does is safe code. What C adds are pointers, and only `memory.rs` makes slices of them,
//! after NULL, alignment, length and overlap are checked: what is left to the caller is that a buffer is as long as said.
//! No value from C is trusted to be a legal one: constants are integers, flags are bytes. There is no global state.
//!
//! For each loss of the registry `build.rs` writes its options, how they are read, and its functions, one for each type
//! of number: a call of `call.rs`. So it does for each evaluator of its list: calls of `evaluator.rs`.
#![cfg_attr(target_os = "none", no_std)]
#![deny(unsafe_op_in_unsafe_fn)]
#![warn(clippy::undocumented_unsafe_blocks, clippy::missing_safety_doc)]

use microloss_core::stream::Stream as _;

mod batch;
mod call;
mod confusion;
#[allow(dead_code, reason = "the header alone needs them as a list")]
mod constants;
mod evaluator;
mod fault;
mod memory;
mod options;
mod ranking;
mod total;

include!(concat!(env!("OUT_DIR"), "/losses.rs"));
include!(concat!(env!("OUT_DIR"), "/evaluators.rs"));

/// The message of a status, which a NUL ends and which is never freed.
#[unsafe(no_mangle)]
pub extern "C" fn microloss_message(status: i32) -> *const core::ffi::c_char {
    constants::message(status).as_ptr()
}

/// A library without `std` must say what a panic does. None can be reached, and this proves it for whatever is linked: its
/// function exists nowhere.
#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        safe fn microloss_panic_is_reachable() -> !;
    }
    microloss_panic_is_reachable()
}
