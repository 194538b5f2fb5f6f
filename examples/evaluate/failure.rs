//! Errors of the library, told in the file's lines and columns.

use microloss::{Error, Real};

use super::table::Table;

/// How the library's indices count.
#[derive(Clone, Copy)]
pub enum Indices {
    /// Elements: score after score.
    Scores,
    /// Rows, or pixels.
    Rows,
}

/// The error as a message.
pub fn describe<T: Real>(table: &Table<T>, indices: Indices, error: Error) -> String {
    let columns = table.score_names().len();
    let place = |index: usize, column: usize| match indices {
        Indices::Scores => (index.checked_div(columns).unwrap_or(0), index.checked_rem(columns).unwrap_or(0)),
        Indices::Rows => (index, column),
    };
    // The library speaks in f64: 1.2 as f32 is 1.2000000476837158.
    let number = T::of;
    match error {
        Error::LabelOutOfRange { index, label, classes } => {
            let (row, _) = place(index, 0);
            let last = classes.saturating_sub(1);
            table.at_target(row, 0, format_args!("label {label} is not from 0 to {last}"))
        }
        Error::TargetOutOfRange { index, column, value } => {
            let (row, column) = place(index, column);
            table.at_target(row, column, format_args!("target {} is not from 0 to 1", number(value)))
        }
        Error::NotNormalized { index, sum } => {
            let (row, _) = place(index, 0);
            table.at_target(row, 0, format_args!("the targets sum to {}, expected 1", number(sum)))
        }
        Error::NotAProbability { index, column, value } => {
            let (row, column) = place(index, column);
            table.at_score(
                row,
                column,
                format_args!("{} is no probability, or logarithm of one", number(value)),
            )
        }
        Error::NonFiniteScore { index, column, value } => {
            let (row, column) = place(index, column);
            table.at_score(row, column, format_args!("score {value} is not a number"))
        }
        Error::NonFiniteLoss { index, value } => {
            let (row, column) = place(index, 0);
            let infinite = match indices {
                Indices::Scores => column,
                Indices::Rows => infinite_column(table, row),
            };
            table.at_score(row, infinite, format_args!("the loss is {value}"))
        }
        other => table.at_file(other),
    }
}

/// The score that makes a row's loss infinite: the first infinite one.
fn infinite_column<T: Real>(table: &Table<T>, row: usize) -> usize {
    table.row_scores(row).iter().position(|score| score.is_infinite()).unwrap_or(0)
}
