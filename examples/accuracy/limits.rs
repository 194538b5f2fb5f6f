//! The largest errors that the project allows: in ULP, or in 2^-24 of the terms. The one place they stand in.

/// exp, ln, `ln_1p` and `exp_m1` in f32.
pub const BASIC: Option<f64> = Some(1.0);
/// softplus, sigmoid and `ln_sigmoid` in f32.
pub const COMPOSED: Option<f64> = Some(2.0);
/// Every function in f64.
pub const DOUBLE: Option<f64> = Some(1.0);
/// Binary and balanced cross entropy with a hard label.
pub const BINARY: Option<f64> = Some(2.0);
/// Losses of an error or of a sign, and the Gaussian likelihood.
pub const PREDICTED: Option<f64> = Some(2.0);
/// Focal loss with a hard label.
pub const FOCAL: Option<f64> = Some(4.0);
/// Losses of rows with a hard label, and sums of terms that are all positive.
pub const ROW: Option<f64> = Some(4.0);
/// Sums of terms of both signs, in 2^-24 of their magnitudes.
pub const TERMS: Option<f64> = Some(4.0);
/// Divergences of rows whose every term has p and q in it: with logarithms from distributions, or in 2^-24 of the terms.
pub const DIVERGENCE: Option<f64> = Some(6.0);
/// Losses of regions: in ULP, and the gradient of the Lovász softmax in 2^-24 of the magnitudes of its terms.
pub const REGION: Option<f64> = Some(4.0);
/// Losses of vectors, in 2^-24 of their terms.
pub const PAIR: Option<f64> = Some(2.0);
/// What the project reports without a promise.
pub const NONE: Option<f64> = None;
