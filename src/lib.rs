#![no_std]
#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]
//!
//! # How the crate is built
mod error;
mod lanes;
pub mod loss;
mod math;
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
