//! Losses of a row of scores against a class or a distribution.

mod cross_entropy;
mod focal_multiclass;
mod kl_divergence;

pub use cross_entropy::CrossEntropy;
pub use focal_multiclass::{FocalMulticlass, inverse_frequency};
pub use kl_divergence::KlDivergence;
