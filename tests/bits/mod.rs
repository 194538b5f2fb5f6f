//! Random batches, and the digests of what comes of them: one source for the host, the boards and another package.
#![allow(dead_code, reason = "each program uses its part of this")]

mod batch;
pub mod coded_metrics;
pub mod codes;
mod configure;
mod digest;
mod lines;
pub mod metrics;
pub mod part;
mod random;

pub use batch::Room;
pub use lines::{Line, check, line};

#[cfg(not(target_os = "none"))]
pub mod host;
