//! Losses of a row of scores against a class or a distribution.

mod brier;
mod cross_entropy;
mod focal_multiclass;
mod jensen_shannon;
mod kl_divergence;

pub use brier::Brier;
pub use cross_entropy::CrossEntropy;
pub use focal_multiclass::{FocalMulticlass, inverse_frequency};
pub use jensen_shannon::JensenShannon;
pub use kl_divergence::KlDivergence;
