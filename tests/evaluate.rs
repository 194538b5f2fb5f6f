//! `examples/evaluate.rs` as a program: what it prints, what it refuses, and the data that it carries.

#[path = "evaluate/data.rs"]
mod data;
#[path = "evaluate/program.rs"]
mod program;
#[path = "evaluate/refusals.rs"]
mod refusals;
#[path = "evaluate/values.rs"]
mod values;
