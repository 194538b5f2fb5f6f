//! The accuracy of the crate, measured: shared by `examples/accuracy.rs` and `tests/accuracy.rs`.
#![allow(
    dead_code,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "indices and bits are small; each program uses its part"
)]

mod divergence;
mod element;
mod family;
pub mod figures;
pub mod function;
mod inputs;
mod known;
mod limits;
pub mod measure;
mod overlap;
mod pair;
pub mod readme;
mod region;
mod regression;
pub mod report;
mod row;
pub mod ulp;
mod wide;

use measure::Group;

/// All that is measured of the functions and losses whose name is wanted.
pub fn groups(wanted: impl Fn(&str) -> bool) -> Vec<Group> {
    let mut groups = function::groups(&wanted);
    groups.extend(regression::groups(&wanted));
    groups.extend(element::groups(&wanted));
    groups.extend(row::groups(&wanted));
    groups.extend(divergence::groups(&wanted));
    groups.extend(region::groups(&wanted));
    groups.extend(pair::groups(&wanted));
    groups
}
