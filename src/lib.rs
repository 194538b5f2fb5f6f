#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs, unreachable_pub, missing_debug_implementations, missing_copy_implementations)]
#![warn(clippy::pedantic)]
#![allow(clippy::inline_always, reason = "what a vector unit runs must be inlined into where it is chosen")]
#![allow(
    clippy::needless_bitwise_bool,
    clippy::needless_range_loop,
    reason = "lanes are indices, and do not branch"
)]
#![allow(clippy::doc_markdown, reason = "formulas stand in words, too")]
#![cfg_attr(
    not(test),
    warn(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::allow_attributes_without_reason,
        clippy::std_instead_of_core
    )
)]
#![doc = include_str!("../README.md")]
//!
//! # How the crate is built
//!
//! Values live at run time, shapes live in types, and each thing stands in one place:
//!
//! - [`Batch`] is the data: scores, targets, sample weights, an ignored label, a unit, and where the gradient
//!   goes. [`Elements`], [`Rows`] and [`Regions`] make it, from arrays (the compiler checks lengths) or slices
//!   (the call does). An array is a shell: all of it runs through the slice code, compiled once for `f32` and
//!   once for `f64`.
//! - A loss is one file under `loss/<shape>/` and one line of the [`registry`]. It implements the one required
//!   method of its shape's trait ([`ElementLoss`], [`RowLoss`], [`RegionLoss`]) for a single item, without
//!   checks, loops over a batch or reductions. Its parameters are one line each of the `loss!` macro, from
//!   which come its setters, their checks, and its access by name ([`loss::Configure`]).
//! - `shape/drive.rs` is the one loop over items, whatever their shape: a first pass refuses what can be
//!   refused before anything is written, and finds the mean's denominator; a second evaluates.
//! - Gradients are made in place: an item's scores become its gradient. The form that keeps the scores copies
//!   an item first.
//! - [`Real`] is the only door to elementary functions: today `libm` 0.2 by name (exp, ln, `ln_1p`, pow).
//! - Sums are compensated and run in index order. Loops over floats carry an empty barrier on Arm: Helium
//!   would flush subnormals (`lanes.rs` says how that was seen).
//!
//! What the design document of the project proposed otherwise: weights, ignored labels and the unit belong to
//! the batch, not to each loss, because every loss treats them alike; and one driver serves all shapes.

mod error;
mod lanes;
pub mod loss;
pub mod math;
pub mod metric;
pub mod parameter;
mod real;
mod reduce;
pub mod registry;
mod shape;
mod sort;

pub use error::Error;
pub use loss::{element, region, row};
pub use real::Real;
pub use reduce::Total;
pub use shape::*;
pub use sort::{Entry, Sort};

mod sealed {
    /// Keeps a trait to the types that it is implemented for here.
    pub trait Sealed {}
}
