//! From a row of scores to classes.

use crate::lanes::scalar;
use crate::{Error, ReadScores, Real, View};

/// The class of the largest score; of equal ones the first, as in NumPy.
///
/// # Errors
/// [`Error::NonFiniteScore`] for NaN (infinities are ordered); [`Error::LengthMismatch`] for a row without scores.
/// # Examples
/// ```
/// assert_eq!(microloss::metric::argmax(&[0.5_f32, 2.0, 2.0])?, 1);
/// # Ok::<(), microloss::Error>(())
/// ```
pub fn argmax<T: Real>(scores: impl ReadScores<T>) -> Result<usize, Error> {
    argmax_of(0, scores.row()?)
}

/// The same, of the item at `index`.
pub(crate) fn argmax_of<T: Real>(index: usize, scores: impl View<T>) -> Result<usize, Error> {
    let Some(first) = scores.get(0, 0) else {
        return Err(Error::LengthMismatch { what: "scores", expected: 1, found: 0 });
    };
    let (mut best, mut largest) = (0, first);
    for (column, score) in scores.row().enumerate() {
        scalar();
        if score.has_nan_bits() {
            return Err(Error::NonFiniteScore { index, column, value: score.to_double() });
        }
        if score > largest {
            (best, largest) = (column, score);
        }
    }
    Ok(best)
}

/// The same error, of the item at `index`: to find that may take longer than to take an item.
#[cold]
pub(crate) fn at(error: Error, index: usize) -> Error {
    match error {
        Error::LabelOutOfRange { label, classes, .. } => Error::LabelOutOfRange { index, label, classes },
        Error::NonFiniteScore { column, value, .. } => Error::NonFiniteScore { index, column, value },
        Error::NotAProbability { column, value, .. } => Error::NotAProbability { index, column, value },
        other => other,
    }
}
