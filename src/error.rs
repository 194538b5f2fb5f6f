//! The one error type.

use core::fmt;

/// Why a call was refused: which item, which value, what was expected.
///
/// Values are given as `f64`, whatever type the loss runs in. Indices count from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error {
    /// A label that is no class and is not ignored.
    LabelOutOfRange {
        /// The item, or pixel, that bears it.
        index: usize,
        /// The label.
        label: i64,
        /// The number of classes: labels run from 0 to `classes - 1`.
        classes: usize,
    },
    /// A label that is neither -1 nor 1, where a loss takes signs, and is not ignored.
    NotASign {
        /// The item that bears it.
        index: usize,
        /// The label.
        label: i64,
    },
    /// A buffer whose length does not fit the others.
    LengthMismatch {
        /// Which buffer.
        what: &'static str,
        /// The length that fits.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// A score, given as a probability or its logarithm, that cannot be one.
    NotAProbability {
        /// The item, or pixel.
        index: usize,
        /// The position in its row.
        column: usize,
        /// The number found.
        value: f64,
    },
    /// A target outside 0 to 1.
    TargetOutOfRange {
        /// The item.
        index: usize,
        /// The position in its row.
        column: usize,
        /// The number found.
        value: f64,
    },
    /// A target that is infinite or NaN.
    NonFiniteTarget {
        /// The item.
        index: usize,
        /// The number found.
        value: f64,
    },
    /// A target distribution whose sum is further than 1e-3 from 1.
    NotNormalized {
        /// The item.
        index: usize,
        /// The sum found.
        sum: f64,
    },
    /// A score, given as a variance, that is below 0.
    NegativeVariance {
        /// The item.
        index: usize,
        /// The position in its row.
        column: usize,
        /// The number found.
        value: f64,
    },
    /// A vector of zeros, where a loss was told to refuse it.
    ZeroVector {
        /// The item.
        index: usize,
        /// Which of its vectors.
        vector: usize,
    },
    /// A score that is NaN.
    NonFiniteScore {
        /// The item, or pixel.
        index: usize,
        /// The position in its row.
        column: usize,
        /// The score.
        value: f64,
    },
    /// A loss that is infinite or NaN, such as that of an infinite score with the wrong label.
    NonFiniteLoss {
        /// The item, or image.
        index: usize,
        /// The loss.
        value: f64,
    },
    /// A term of an exact sum that is infinite or NaN.
    NonFiniteTerm {
        /// The term.
        value: f64,
    },
    /// The sum of the losses or of their weights, a loss times its weight, or a gradient, exceeds the largest number of the
    /// type; or a counter is full.
    Overflow,
    /// A mean over nothing: no items, all items ignored, or all weights 0.
    NothingToAverage,
    /// A metric that is 0 / 0, and was told to refuse it.
    ZeroDivision {
        /// Which metric.
        metric: &'static str,
        /// The class of which it was taken, or the one that makes it so.
        class: usize,
    },
    /// A parameter, or a weight, outside its domain.
    Parameter {
        /// The parameter's name.
        name: &'static str,
        /// The position, for a parameter that is a list.
        index: usize,
        /// The value found.
        value: f64,
        /// What was expected.
        expected: &'static str,
    },
    /// A setting that the loss does not have, or of another kind than the loss wants.
    Unsupported {
        /// The setting.
        name: &'static str,
        /// What was expected.
        expected: &'static str,
    },
    /// Scratch with fewer entries than the sort needs.
    ScratchTooSmall {
        /// Entries needed.
        needed: usize,
        /// Entries found.
        found: usize,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::LabelOutOfRange { index, label, classes } => {
                write!(f, "item {index}: label {label} is not one of the {classes} classes")
            }
            Self::NotASign { index, label } => write!(f, "item {index}: label {label} is not -1 or 1"),
            Self::LengthMismatch { what, expected, found } => {
                write!(f, "{what}: length {found}, expected {expected}")
            }
            Self::NotAProbability { index, column, value } => {
                write!(f, "item {index}, column {column}: score {value} is not a probability")
            }
            Self::TargetOutOfRange { index, column, value } => {
                write!(f, "item {index}, column {column}: target {value} is not from 0 to 1")
            }
            Self::NonFiniteTarget { index, value } => write!(f, "item {index}: target {value} is not finite"),
            Self::NotNormalized { index, sum } => {
                write!(f, "item {index}: the target distribution sums to {sum}, expected 1")
            }
            Self::NegativeVariance { index, column, value } => {
                write!(f, "item {index}, column {column}: variance {value} is below 0")
            }
            Self::ZeroVector { index, vector } => write!(f, "item {index}: vector {vector} is zero"),
            Self::NonFiniteScore { index, column, value } => {
                write!(f, "item {index}, column {column}: score {value} is not a number")
            }
            Self::NonFiniteLoss { index, value } => write!(f, "item {index}: the loss is {value}"),
            Self::NonFiniteTerm { value } => write!(f, "a term of a sum is {value}"),
            Self::Overflow => write!(f, "a sum of losses or weights, or a gradient, overflows"),
            Self::NothingToAverage => {
                write!(f, "nothing to average: no items, all ignored, or all weights 0")
            }
            Self::ZeroDivision { metric, class } => write!(f, "{metric}: 0 / 0, of class {class}"),
            Self::Parameter { name, index, value, expected } => {
                write!(f, "{name}[{index}]: {value}, expected {expected}")
            }
            Self::Unsupported { name, expected } => write!(f, "{name}: expected {expected}"),
            Self::ScratchTooSmall { needed, found } => {
                write!(f, "scratch: {found} entries, needed {needed}")
            }
        }
    }
}

impl core::error::Error for Error {}
