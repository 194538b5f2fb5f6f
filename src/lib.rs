#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
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
//!   goes. [`Elements`], [`Rows`], [`Regions`] and [`Pairs`] make it, from arrays (the compiler checks lengths) or slices
//!   (the call does). An array is a shell: all of it runs through the slice code, compiled once for `f32` and
//!   once for `f64`.
//! - A loss is one file under `loss/<shape>/` and one line of the [`registry`]. It implements the one required
//!   method of its shape's trait ([`ElementLoss`] for one element, [`RowLoss`] for a block of rows, [`RegionLoss`]
//!   for an image, [`PairLoss`] for a pair or triplet of vectors), without checks, loops over a batch or reductions. Its parameters are one line each of the
//!   `loss!` macro, from which come its setters, their checks, and its access by name ([`loss::Configure`]).
//! - `shape/drive.rs` is the one loop over items, whatever their shape: a first pass refuses what can be
//!   refused before anything is written, and finds the mean's denominator; a second evaluates, a block at a time.
//! - `shape/block.rs` is what a loss of rows sees: [`RowBlock`], of R rows in L lanes. On the host short rows
//!   stand side by side, a row a lane (R = L), and the columns of long ones are dealt to the lanes, as many rows together
//!   as the nearest cache holds; on boards there is one row (R = 1), whose scores come one after the other where there are no
//!   vectors. A loss is written once for all, and the bits of a row do not hang on where it stands.
//! - `shape/access.rs` is how scores are read and replaced, whatever they are stored as: a batch has them as a [`Feed`], a loss sees
//!   an [`Access`]. Numbers are read as slices, and [`Quantized`] codes one by one; what is not there, such as a gradient of codes
//!   that are only read, is not compiled.
//! - Gradients are made in place: an item's scores become its gradient. The form that keeps the scores copies
//!   an item first.
//! - A region loss that is a ratio of sums is an [`OverlapLoss`]: it names its weights, and is a [`RegionLoss`] for it.
//!   [`Counts`] are its sums, which pieces of a picture add to one after the other.
//! - `math/` has one function a file: branch-free, with the error of its polynomial beside the coefficients, which
//!   `tests/kernels/polynomials.py` finds and checks. [`Real`] is the door to them; `pow` alone is `libm`'s.
//! - Sums add four terms plainly, then carry the rounding of every step, in 16 lanes (a short row: in one), which a
//!   fixed tree brings together. No order hangs on the width of a vector.
//! - `sort/` orders integer keys, stable, in the caller's scratch: by insertion, by merging, or by digits (radix).
//!   The order is the same; which one runs is a matter of memory and speed.
//! - `metric/` has one family a file. A metric is a [`stream::Stream`]: its state has counters and exact sums, so parts merge in any
//!   order; results are quotients that are rounded once (`metric/ratio.rs`, [`ExactSum`]). What a confusion matrix gives is read off a
//!   table of any number of classes (`metric/table.rs`), compiled once for each type.
//! - `src/c` is another package: the C interface, which has the `unsafe` that pointers need. Its `generate/` writes the
//!   functions and the header from the [`registry`], so a loss needs nothing there.
//!
//! One source serves every vector unit:
//!
//! - `lanes.rs` is the one place where the unit is chosen: `vectorized` compiles the loop it is given once for each,
//!   and runs it on the widest. What that loop calls must be inlined into it.
//! - On boards the same functions stay calls, or code would not fit: hence
//!   `cfg_attr(not(target_arch = "arm"), inline(always))`.
//! - Helium flushes subnormals, and its compares are not those of the scalar unit. So a loop over floats that may be
//!   turned into vectors never depends on a subnormal operand or result: numbers are scaled so that they stay
//!   normal, NaN is asked of the bits, and where neither helps `lanes::scalar()`, an empty barrier on Arm, keeps the
//!   loop out of the vector unit.
//! - No fused multiply-add, no reassociation, no function of the platform: compare, select and IEEE arithmetic.
//!   `tests/bits.rs` and `tests/board.rs` hold all builds and boards to one list of digests.
//!
//! What the design document of the project proposed otherwise: weights, ignored labels and the unit belong to
//! the batch, not to each loss, because every loss treats them alike; and one driver serves all shapes.

mod error;
mod exact_sum;
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
pub mod stream;

pub use error::Error;
pub use exact_sum::{ExactProducts, ExactSum, Limbs};
pub use loss::{element, pair, region, row};
pub use real::Real;
pub use reduce::Total;
pub use shape::*;
pub use sort::{Entry, Sort};

mod sealed {
    /// Keeps a trait to the types that it is implemented for here.
    pub trait Sealed {}
}
