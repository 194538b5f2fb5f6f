//! Errors of the library, told in the file's lines and columns.

use microloss::{Error, Real};

use super::table::Table;

/// How the library's indices count.
#[derive(Clone, Copy)]
pub enum Indices {
    /// Elements: target after target, each with so many scores.
    Scores(usize),
    /// Rows, or pixels.
    Rows,
}

/// The error as a message.
pub fn describe<T: Real>(table: &Table<T>, indices: Indices, error: Error) -> String {
    let targets = table.target_columns().unwrap_or(1);
    // The row, and in it the target and the score.
    let place = |index: usize, column: usize| match indices {
        Indices::Scores(width) => {
            let target = index.checked_rem(targets).unwrap_or(0);
            (index.checked_div(targets).unwrap_or(0), target, target * width + column)
        }
        Indices::Rows => (index, column, column),
    };
    // The library speaks in f64: 1.2 as f32 is 1.2000000476837158.
    let number = T::of;
    match error {
        Error::LabelOutOfRange { index, label, classes } => {
            let (row, ..) = place(index, 0);
            let last = classes.saturating_sub(1);
            table.at_target(row, 0, format_args!("label {label} is not from 0 to {last}"))
        }
        Error::TargetOutOfRange { index, column, value } => {
            let (row, column, _) = place(index, column);
            table.at_target(row, column, format_args!("target {} is not from 0 to 1", number(value)))
        }
        Error::NotASign { index, label } => {
            let (row, ..) = place(index, 0);
            table.at_target(row, 0, format_args!("label {label} is not -1 or 1"))
        }
        Error::NonFiniteTarget { index, value } => {
            let (row, column, _) = place(index, 0);
            table.at_target(row, column, format_args!("target {} is not finite", number(value)))
        }
        Error::NegativeVariance { index, column, value } => {
            let (row, _, column) = place(index, column);
            table.at_score(row, column, format_args!("variance {} is below 0", number(value)))
        }
        Error::NotNormalized { index, sum } => {
            let (row, ..) = place(index, 0);
            table.at_target(row, 0, format_args!("the targets sum to {}, expected 1", number(sum)))
        }
        Error::NotAProbability { index, column, value } => {
            let (row, _, column) = place(index, column);
            table.at_score(
                row,
                column,
                format_args!("{} is no probability, or logarithm of one", number(value)),
            )
        }
        Error::NonFiniteScore { index, column, value } => {
            let (row, _, column) = place(index, column);
            table.at_score(row, column, format_args!("score {value} is not a number"))
        }
        Error::NonFiniteLoss { index, value } => {
            let (row, _, column) = place(index, 0);
            let infinite = match indices {
                Indices::Scores(width) => {
                    let scores = table.row_scores(row).iter().enumerate().skip(column).take(width);
                    scores.filter(|(_, score)| score.is_infinite()).map(|(at, _)| at).next().unwrap_or(column)
                }
                Indices::Rows => infinite_column(table, row),
            };
            table.at_score(row, infinite, format_args!("the loss is {value}"))
        }
        Error::ZeroVector { index, vector } => {
            let letter = (b'a'..).map(char::from).nth(vector).unwrap_or_default();
            let first = format!("{letter}0");
            let column = table.score_names().iter().position(|name| *name == first).unwrap_or(0);
            table.at_score(index, column, format_args!("the vector {letter} is zero"))
        }
        other => table.at_file(other),
    }
}

/// The score that makes a row's loss infinite: the first infinite one.
fn infinite_column<T: Real>(table: &Table<T>, row: usize) -> usize {
    table.row_scores(row).iter().position(|score| score.is_infinite()).unwrap_or(0)
}
