//! The metrics whose flash and stack are measured.

/// Their types.
pub const METRICS: [&str; 9] = [
    "ConfusionMatrix",
    "TopKAccuracy",
    "ScoreHistogram",
    "RankedScores",
    "LogLoss",
    "BrierScore",
    "CalibrationError",
    "MeanAbsoluteError",
    "R2Score",
];
