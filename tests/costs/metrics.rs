//! The metrics, totals and tables whose flash and stack are measured.

/// Their types.
pub const METRICS: [&str; 15] = [
    "ConfusionMatrix",
    "TopKAccuracy",
    "ScoreHistogram",
    "RankedScores",
    "LogLoss",
    "BrierScore",
    "CalibrationError",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "RootMeanSquaredError",
    "R2Score",
    "Coverage",
    "ExactTotal",
    "CompensatedTotal",
    "SoftmaxTable",
];
