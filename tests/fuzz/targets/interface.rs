//! What all functions of C take or give, laid out as C lays it out.

#![allow(dead_code, reason = "each target uses its part of this")]

use microloss::Error;

use crate::constants::status;

/// A list, a buffer, or text.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct List {
    pub(crate) data: usize,
    pub(crate) length: usize,
}

impl List {
    pub(crate) const NONE: Self = Self { data: 0, length: 0 };

    pub(crate) fn of<T>(slice: &[T]) -> Self {
        Self { data: slice.as_ptr().expose_provenance(), length: slice.len() }
    }

    pub(crate) fn of_mut<T>(slice: &mut [T]) -> Self {
        Self { data: slice.as_mut_ptr().expose_provenance(), length: slice.len() }
    }

    /// Text of the library, which lives as long as it.
    pub(crate) fn text(self) -> &'static str {
        if self.data == 0 {
            return "";
        }
        // SAFETY: the header says so.
        let bytes = unsafe {
            core::slice::from_raw_parts(core::ptr::with_exposed_provenance(self.data), self.length)
        };
        core::str::from_utf8(bytes).expect("text")
    }
}

/// `microloss_error`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Details {
    pub(crate) status: i32,
    pub(crate) name: List,
    pub(crate) expected: List,
    pub(crate) index: usize,
    pub(crate) column: usize,
    pub(crate) value: f64,
    pub(crate) label: i64,
    pub(crate) wanted: usize,
    pub(crate) found: usize,
}

impl Details {
    pub(crate) const NONE: Self = Self {
        status: -1,
        name: List::NONE,
        expected: List::NONE,
        index: 0,
        column: 0,
        value: 0.0,
        label: 0,
        wanted: 0,
        found: 0,
    };

    /// As Rust has it; what only C can do wrong as what is refused before anything is written.
    pub(crate) fn error(&self) -> Error {
        let Self { index, column, value, label, wanted, found, .. } = *self;
        match self.status {
            status::NON_FINITE_SCORE => Error::NonFiniteScore { index, column, value },
            status::NON_FINITE_LOSS => Error::NonFiniteLoss { index, value },
            status::OVERFLOW => Error::Overflow,
            status::LENGTH_MISMATCH => {
                Error::LengthMismatch { what: self.name.text(), expected: wanted, found }
            }
            status::SCRATCH_TOO_SMALL => Error::ScratchTooSmall { needed: wanted, found },
            other => {
                assert!((1..=status::OTHER).contains(&other), "{self:?}");
                Error::Parameter {
                    name: self.name.text(),
                    index: other as usize,
                    value: label as f64,
                    expected: self.expected.text(),
                }
            }
        }
    }
}
