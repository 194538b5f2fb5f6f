//! Metrics of classifiers, segmentations and regressions: [streams](crate::stream::Stream) of items, whose parts merge.

mod argmax;
mod brier;
mod calibration;
mod confusion;
mod counts;
mod coverage;
mod histogram;
mod log_loss;
mod mean;
mod options;
mod percentage;
mod ranking;
mod ratio;
mod regression;
mod table;
mod top_k;

pub use argmax::argmax;
pub use brier::BrierScore;
pub use calibration::CalibrationError;
pub use confusion::{ConfusionMatrix, ConfusionSlice};
pub use coverage::Coverage;
pub use histogram::ScoreHistogram;
pub use log_loss::LogLoss;
pub use options::{Average, Disagreement, ZeroDivision};
pub use percentage::MeanAbsolutePercentageError;
pub use ranking::{RankedScores, Ranking};
pub use regression::{MeanAbsoluteError, R2Score, RootMeanSquaredError};
pub use top_k::{TopKAccuracy, rank};
