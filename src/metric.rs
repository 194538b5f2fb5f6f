//! Metrics of classifiers and segmentations.

mod confusion;

pub use confusion::ConfusionMatrix;
