//! Metrics of classifiers and segmentations: [streams](crate::stream::Stream) of items, whose parts merge.

mod argmax;
mod confusion;
mod options;
mod ratio;
mod table;

pub use argmax::argmax;
pub use confusion::{ConfusionMatrix, ConfusionSlice};
pub use options::{Average, Disagreement, ZeroDivision};
