//! Why a call was refused, as C is told.

use core::ptr;

use crate::constants::status;
use microloss_core::Error;

/// A name or an expectation, which no NUL ends.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Text {
    data: *const u8,
    length: usize,
}

impl Text {
    const NONE: Self = Self { data: ptr::null(), length: 0 };

    const fn of(text: &'static str) -> Self {
        Self { data: text.as_ptr(), length: text.len() }
    }
}

/// What an error names: fields that its status does not speak of are 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Details {
    status: i32,
    name: Text,
    expected: Text,
    index: usize,
    column: usize,
    value: f64,
    label: i64,
    wanted: usize,
    found: usize,
}

/// An error of the crate, or of what only C can do wrong.
pub enum Fault {
    Refused(Error),
    /// A pointer, and what is wrong with it.
    Pointer {
        name: &'static str,
        status: i32,
    },
    /// A constant that the setting does not have.
    Choice {
        name: &'static str,
        found: i32,
    },
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl Details {
    const fn of(status: i32) -> Self {
        let (name, expected) = (Text::NONE, Text::NONE);
        Self { status, name, expected, index: 0, column: 0, value: 0.0, label: 0, wanted: 0, found: 0 }
    }

    const fn named(status: i32, name: &'static str) -> Self {
        Self { name: Text::of(name), ..Self::of(status) }
    }

    pub const fn status(&self) -> i32 {
        self.status
    }
}

impl From<Fault> for Details {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(error) => error.into(),
            Fault::Pointer { name, status } => Self::named(status, name),
            Fault::Choice { name, found } => {
                Self { label: found.into(), ..Self::named(status::UNKNOWN_CHOICE, name) }
            }
        }
    }
}

impl From<Error> for Details {
    fn from(error: Error) -> Self {
        match error {
            Error::LabelOutOfRange { index, label, classes } => {
                Self { index, label, wanted: classes, ..Self::of(status::LABEL_OUT_OF_RANGE) }
            }
            Error::NotASign { index, label } => Self { index, label, ..Self::of(status::NOT_A_SIGN) },
            Error::LengthMismatch { what, expected, found } => {
                Self { wanted: expected, found, ..Self::named(status::LENGTH_MISMATCH, what) }
            }
            Error::NotAProbability { index, column, value } => {
                Self { index, column, value, ..Self::of(status::NOT_A_PROBABILITY) }
            }
            Error::TargetOutOfRange { index, column, value } => {
                Self { index, column, value, ..Self::of(status::TARGET_OUT_OF_RANGE) }
            }
            Error::NonFiniteTarget { index, value } => {
                Self { index, value, ..Self::of(status::NON_FINITE_TARGET) }
            }
            Error::NotNormalized { index, sum } => {
                Self { index, value: sum, ..Self::of(status::NOT_NORMALIZED) }
            }
            Error::NegativeVariance { index, column, value } => {
                Self { index, column, value, ..Self::of(status::NEGATIVE_VARIANCE) }
            }
            Error::ZeroVector { index, vector } => {
                Self { index, column: vector, ..Self::of(status::ZERO_VECTOR) }
            }
            Error::NonFiniteScore { index, column, value } => {
                Self { index, column, value, ..Self::of(status::NON_FINITE_SCORE) }
            }
            Error::NonFiniteLoss { index, value } => {
                Self { index, value, ..Self::of(status::NON_FINITE_LOSS) }
            }
            Error::NonFiniteTerm { value } => Self { value, ..Self::of(status::NON_FINITE_TERM) },
            Error::ZeroDivision { metric, class } => {
                Self { index: class, ..Self::named(status::ZERO_DIVISION, metric) }
            }
            Error::Overflow => Self::of(status::OVERFLOW),
            Error::NothingToAverage => Self::of(status::NOTHING_TO_AVERAGE),
            Error::Parameter { name, index, value, expected } => {
                Self { index, value, expected: Text::of(expected), ..Self::named(status::PARAMETER, name) }
            }
            Error::Unsupported { name, expected } => {
                Self { expected: Text::of(expected), ..Self::named(status::UNSUPPORTED, name) }
            }
            Error::ScratchTooSmall { needed, found } => {
                Self { wanted: needed, found, ..Self::of(status::SCRATCH_TOO_SMALL) }
            }
            _ => Self::of(status::OTHER),
        }
    }
}
