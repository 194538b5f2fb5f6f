//! Metrics of classifiers and segmentations: [streams](crate::stream::Stream) of items, whose parts merge.

mod argmax;
mod confusion;
mod counts;
mod histogram;
mod options;
mod ranking;
mod ratio;
mod table;
mod top_k;

pub use argmax::argmax;
pub use confusion::{ConfusionMatrix, ConfusionSlice};
pub use histogram::ScoreHistogram;
pub use options::{Average, Disagreement, ZeroDivision};
pub use ranking::{RankedScores, Ranking};
pub use top_k::{TopKAccuracy, rank};
