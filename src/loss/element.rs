//! Losses of one score, or a few together, against one target.

mod balanced_cross_entropy;
mod binary_cross_entropy;
mod focal;
mod gaussian_nll;
mod hinge;
mod huber;
mod log_cosh;
mod mean_absolute_error;
mod mean_squared_error;
mod quantile;
mod smooth_l1;

pub use balanced_cross_entropy::BalancedCrossEntropy;
pub use binary_cross_entropy::BinaryCrossEntropy;
pub use focal::Focal;
pub use gaussian_nll::GaussianNll;
pub use hinge::Hinge;
pub use huber::Huber;
pub use log_cosh::LogCosh;
pub use mean_absolute_error::MeanAbsoluteError;
pub use mean_squared_error::MeanSquaredError;
pub use quantile::Quantile;
pub use smooth_l1::SmoothL1;
