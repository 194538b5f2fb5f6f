//! The functions that losses are made of, in forms that keep full relative accuracy.

mod binary;
mod exponentials;
mod logistic;
mod lovasz;
mod nll;
mod two_float;

pub(crate) use binary::{binary_nll, probability_nll, skip_zero};
pub(crate) use exponentials::Exponentials;
pub(crate) use logistic::Logistic;
pub(crate) use lovasz::{JaccardWeights, Order, complement, error, error_key};
pub(crate) use nll::{reciprocal, weighted_nll};
pub(crate) use two_float::{power, two_difference, two_product, two_quotient, two_sum};
