//! The elementary functions, the same bits everywhere: branch-free, without tables or fused multiply-add. Beside them,
//! what losses are made of, in forms that keep full relative accuracy.

mod binary;
mod binary_float;
mod difference;
mod divergence;
mod excess;
mod exp;
mod exp_m1;
mod halves;
mod hyperbolic;
mod ln;
mod ln_1p;
mod ln_sigmoid;
mod log_sum_exp;
mod lovasz;
mod nll;
mod odds;
mod overlap;
mod polynomial;
mod relative_entropy;
mod sides;
mod sigmoid;
mod softmax;
mod softmax_parts;
mod softmax_table;
mod softplus;
mod two_float;
mod vectors;

pub use exp::exp;
pub use exp_m1::exp_m1;
pub use ln::ln;
pub use ln_1p::ln_1p;
pub use ln_sigmoid::ln_sigmoid;
pub use log_sum_exp::log_sum_exp;
pub use sigmoid::sigmoid;
pub use softmax::softmax;
pub use softmax_table::{ByteCode, SoftmaxTable};
pub use softplus::softplus;

pub(crate) use binary::{binary_nll, label_nll, probability_nll, skip_zero};
pub(crate) use difference::{Difference, sign};
pub(crate) use divergence::{Pair, divergence};
pub(crate) use excess::weighted_excess;
pub(crate) use exp::{
    Exponential, RowExponential, exp_parts, exp_scaled, exp_scaled_factors, exp_scaled_halves, scaled,
};
pub(crate) use halves::Halves;
pub(crate) use hyperbolic::{Hyperbolic, ln_cosh};
pub(crate) use ln::{Logarithm, ln_parts};
pub(crate) use lovasz::{
    BLOCK, ByClass, LovaszSum, Marked, entry, negated, ordered, pieces, pixel, unordered,
};
pub(crate) use nll::{class_nll, probability_sum, reciprocal, weighted_nll};
pub(crate) use odds::Odds;
pub(crate) use overlap::OverlapSums;
pub(crate) use relative_entropy::relative_entropy;
pub(crate) use sides::Sides;
pub(crate) use softmax::{ScaledProbabilities, Softmax};
pub(crate) use softmax_parts::SoftmaxParts;
pub(crate) use two_float::{
    power, product_of_parts, rounded, two_difference, two_product, two_quotient, two_sum,
};
pub(crate) use vectors::{Length, Norm, Parts, negated_parts, square_of_parts, sum, sum_of_parts};
