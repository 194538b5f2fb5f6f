//! Losses of one score against one target.

mod balanced_cross_entropy;
mod binary_cross_entropy;
mod focal;

pub use balanced_cross_entropy::BalancedCrossEntropy;
pub use binary_cross_entropy::BinaryCrossEntropy;
pub use focal::Focal;
