//! The README's tables.

use std::fmt::Write as _;

use super::figures::{Figure, Figures};
use super::known;
use super::measure::Quantity;

/// The answers of others and of this crate, then the largest errors, a row for each function and loss.
pub fn tables(figures: &Figures, quantities: &[Quantity]) -> String {
    let mut text =
        "\n| in `f32` | true | others | microloss | error, ULP |\n|---|---|---|---|---|\n".to_owned();
    for known in known::all() {
        let (question, others, error) = (known.question, known.others, tenths(known.error()));
        let _ =
            writeln!(text, "| {question} | {:.8e} | {others} | {:.8e} | {error} |", known.truth, known.found);
    }
    text += "\n| function or loss | type | inputs | measured in | value | gradient | limit |\n|---|---|---|---|---|---|---|\n";
    for row in rows(figures, quantities) {
        let cell = |error: Option<f64>| error.map_or_else(|| "-".to_owned(), tenths);
        let Row { name, real, inputs, unit, limit, errors: [value, gradient] } = row;
        let (value, gradient) = (cell(value), cell(gradient));
        let _ = writeln!(text, "| `{name}` | {real} | {inputs} | {unit} | {value} | {gradient} | {limit} |");
    }
    text + "\n"
}

/// With one digit after the point, rounded up.
fn tenths(error: f64) -> String {
    format!("{:.1}", (error * 10.0).ceil() / 10.0)
}

/// Variants of a loss together, as far as they are measured alike and have the same limit.
struct Row {
    name: String,
    real: String,
    inputs: &'static str,
    unit: String,
    limit: f64,
    /// Of the value and of the gradient.
    errors: [Option<f64>; 2],
}

/// What has a limit; quantities and figures stand in the same order.
fn rows(figures: &Figures, quantities: &[Quantity]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for figure in &figures.0 {
        let Some(quantity) = quantities.iter().find(|quantity| figure.is(quantity)) else { continue };
        let Some(limit) = quantity.limit else { continue };
        let inputs = if figure.is_of_all(quantity) { "all" } else { "sample" };
        let Figure { real, what, unit, .. } = figure;
        let name = figure.loss();
        let same = |row: &&mut Row| {
            row.name == name
                && row.real == *real
                && row.inputs == inputs
                && row.unit == *unit
                && row.limit == limit
        };
        let index = usize::from(what == "gradient");
        if let Some(row) = rows.iter_mut().find(same) {
            let error = &mut row.errors[index];
            *error = Some(error.map_or(figure.largest(), |error| error.max(figure.largest())));
        } else {
            let mut errors = [None; 2];
            errors[index] = Some(figure.largest());
            let (name, real, unit) = (name.to_owned(), real.clone(), unit.clone());
            rows.push(Row { name, real, inputs, unit, limit, errors });
        }
    }
    rows
}
