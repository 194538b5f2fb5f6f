//! What is printed, and the gradient's file.

use std::fmt::Write;
use std::fs::File;
use std::path::Path;

use microloss::Real;

use super::Result;
use super::arguments::Format;
use super::evaluation::{Outcome, Values};
use super::parameters::{decimal, json, list};
use super::table::Table;

/// The outcomes as text.
pub fn render<T: Real>(outcomes: &[Outcome<'_, T>], format: Format) -> String {
    match format {
        Format::Json => outcomes.iter().map(object).collect(),
        Format::Table => table(outcomes),
    }
}

/// One object on a line. Every string in it is a name of the registry or a number: nothing to escape.
fn object<T: Real>(outcome: &Outcome<'_, T>) -> String {
    let Outcome { loss, items, ignored, ignore_index, .. } = outcome;
    let parameters: String =
        outcome.parameters.iter().map(|p| format!("\"{}\":{},", p.name, json(p.value))).collect();
    let ignore_index = ignore_index.map_or("null".to_owned(), |label| label.to_string());
    let hex = |value: T| format!("\"{}\"", hex(value));
    let (value, hex) = match &outcome.values {
        Values::One(value) => (decimal(*value), hex(*value)),
        Values::Each(values) => {
            (list(values.iter().map(|&value| decimal(value))), list(values.iter().map(|&value| hex(value))))
        }
    };
    format!(
        "{{\"loss\":\"{loss}\",\"params\":{{{parameters}\"ignore_index\":{ignore_index}}},\"items\":{items},\"ignored\":{ignored},\"value\":{value},\"hex\":{hex}}}\n"
    )
}

/// The bits.
fn hex<T: Real>(value: T) -> String {
    let (bits, digits) = value.to_hex_bits();
    format!("0x{bits:0digits$x}")
}

/// Aligned columns, a line a value.
fn table<T: Real>(outcomes: &[Outcome<'_, T>]) -> String {
    let mut lines = vec![["loss", "params", "items", "ignored", "value", "bits"].map(str::to_owned)];
    for outcome in outcomes {
        let values = match &outcome.values {
            Values::One(value) => std::slice::from_ref(value),
            Values::Each(values) => values,
        };
        for &value in values {
            lines.push([
                outcome.loss.to_owned(),
                changed_parameters(outcome),
                outcome.items.to_string(),
                outcome.ignored.to_string(),
                decimal(value),
                hex(value),
            ]);
        }
    }
    let mut widths = [0; 6];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for [loss, parameters, items, ignored, value, bits] in &lines {
        let [l, p, n, i, v, _] = widths;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{loss:l$}  {parameters:p$}  {items:>n$}  {ignored:>i$}  {value:v$}  {bits}");
    }
    text
}

/// The parameters that are not what they are by default.
fn changed_parameters<T: Real>(outcome: &Outcome<'_, T>) -> String {
    let changed = outcome.parameters.iter().filter(|parameter| !parameter.is_default);
    let changed = changed.map(|parameter| {
        let value = json(parameter.value);
        let value = if value == "null" { "none" } else { value.trim_matches(['"', '[', ']']) };
        format!("{}={value}", parameter.name)
    });
    let ignored = outcome.ignore_index.map(|label| format!("ignore_index={label}"));
    changed.chain(ignored).collect::<Vec<_>>().join(" ")
}

/// Writes a row an item and a column a score.
pub fn write_gradient<T: Real>(path: &Path, table: &Table<T>, outcome: &Outcome<'_, T>) -> Result<()> {
    let names = table.score_names();
    let failed = |error: &dyn std::error::Error| format!("--gradient {}: {error}", path.display());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(names).map_err(|error| failed(&error))?;
    for row in outcome.gradient.chunks(names.len().max(1)) {
        writer.write_record(row.iter().map(|&number| decimal(number))).map_err(|error| failed(&error))?;
    }
    let text = writer.into_inner().map_err(|error| failed(&error))?;
    // A file that stood there before is kept until there is something to put into it.
    let is_new = !path.exists();
    let written = File::options().write(true).create(true).truncate(true).open(path).and_then(|mut file| {
        let written = std::io::Write::write_all(&mut file, &text);
        if written.is_err() && is_new {
            // The write's failure is what is reported.
            let _ = std::fs::remove_file(path);
        }
        written
    });
    written.map_err(|error| failed(&error))
}
