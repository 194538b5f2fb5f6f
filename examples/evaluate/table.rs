//! The file: a header, and rows of targets and scores.

use std::fmt::Display;
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

use csv::{ReaderBuilder, StringRecord, Trim};
use microloss::{Real, Targets};

use super::Result;
use super::parameters::number;

/// The predictions of a file, with what is needed to say where something stands.
pub struct Table<T> {
    file: String,
    /// All columns' names, the targets' first.
    names: Vec<String>,
    /// Columns of targets; `None` is one column of labels. Vectors may stand without either.
    target_columns: Option<usize>,
    labels: Vec<i64>,
    targets: Vec<T>,
    /// Row after row.
    pub scores: Vec<T>,
    /// The line of each row; the header's comes first.
    lines: Vec<usize>,
}

impl<T: Real + FromStr> Table<T> {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self> {
        let file = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| format!("{file}: {error}"))?;
        let text = std::str::from_utf8(&bytes).map_err(|error| {
            let (before, _) = bytes.split_at(error.valid_up_to());
            format!("{file}: line {}: not UTF-8", 1 + newlines(before))
        })?;
        let mut table = Self {
            file,
            names: Vec::new(),
            target_columns: None,
            labels: Vec::new(),
            targets: Vec::new(),
            scores: Vec::new(),
            lines: Vec::new(),
        };
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(Trim::All)
            .from_reader(text.as_bytes());
        let mut record = StringRecord::new();
        let (mut line, mut counted) = (1, 0);
        while reader.read_record(&mut record).map_err(|error| format!("{}: {error}", table.file))? {
            // The reader's own count is late after a CRLF or a blank line: both stand before the record.
            let start = record.position().and_then(|position| usize::try_from(position.byte()).ok());
            let (read, rest) = text.as_bytes().split_at_checked(start.unwrap_or(0)).unwrap_or_default();
            let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            line += newlines(read.get(counted..).unwrap_or_default())
                + newlines(rest.get(..blank).unwrap_or_default());
            counted = read.len() + blank;
            table.lines.push(line);
            if table.names.is_empty() { table.header(&record)? } else { table.row(&record)? }
        }
        if table.names.is_empty() {
            return Err(format!("{}: line 1: expected a header, found nothing", table.file));
        }
        Ok(table)
    }

    fn header(&mut self, record: &StringRecord) -> Result<()> {
        self.names = record.iter().map(str::to_owned).collect();
        let is_label = |name: &String| name == "label";
        let is_target = |name: &String| name.starts_with("target");
        let targets = if self.names.first().is_some_and(is_label) {
            1
        } else {
            let targets = self.names.iter().take_while(|name| is_target(name)).count();
            self.target_columns = Some(targets);
            targets
        };
        if targets == 0 && self.names.first().is_none_or(|name| name != "a0") {
            return Err(self.at_header(0, "expected `label`, `target` or `a0`: targets come first"));
        }
        let late = self.names.iter().skip(targets).position(|name| is_label(name) || is_target(name));
        if let Some(late) = late {
            let message = "expected a score: one `label`, or `target` columns, come first";
            return Err(self.at_header(targets + late, message));
        }
        if self.names.len() == targets {
            return Err(self.at_header(targets - 1, "expected a score column after it"));
        }
        Ok(())
    }

    fn row(&mut self, record: &StringRecord) -> Result<()> {
        let row = self.rows() - 1;
        let expected = self.names.len();
        if record.len() != expected {
            let message = format!("{} fields, expected {expected}", record.len());
            return Err(self.at(row, record.len().min(expected), message));
        }
        let targets = self.target_column_range().end;
        for (column, field) in record.iter().enumerate() {
            if column >= targets {
                self.scores.push(number(field).map_err(|message| self.at(row, column, message))?);
            } else if self.target_columns.is_some() {
                self.targets.push(number(field).map_err(|message| self.at(row, column, message))?);
            } else {
                self.labels.push(label(field).map_err(|message| self.at(row, column, message))?);
            }
        }
        Ok(())
    }
}

impl<T: Real> Table<T> {
    /// Rows, the header not counted.
    pub fn rows(&self) -> usize {
        self.lines.len().saturating_sub(1)
    }

    /// The labels or targets.
    pub fn targets(&self) -> Targets<'_, T> {
        if self.target_columns.is_some() { self.targets[..].into() } else { self.labels[..].into() }
    }

    /// The labels; none where there are targets.
    pub fn labels(&self) -> &[i64] {
        &self.labels
    }

    /// The scores of a row.
    pub fn row_scores(&self, row: usize) -> &[T] {
        self.scores.chunks(self.score_names().len().max(1)).nth(row).unwrap_or_default()
    }

    /// The targets as numbers, those of ignored rows left out.
    pub fn target_numbers(&self, ignore_index: Option<i64>) -> impl Iterator<Item = T> {
        let labels = self.labels.iter().filter(move |label| Some(**label) != ignore_index);
        let labels = labels.map(|&label| if label == 0 { T::zero() } else { T::one() });
        self.targets.iter().copied().chain(labels)
    }

    /// Columns of targets; `None` is one column of labels.
    pub const fn target_columns(&self) -> Option<usize> {
        self.target_columns
    }

    /// The scores' names.
    pub fn score_names(&self) -> &[String] {
        self.names.get(self.target_column_range().end..).unwrap_or_default()
    }

    /// The components of each of so many vectors, whose columns are `a0`, `a1`…, `b0`, `b1`….
    pub fn dimension(&self, vectors: usize) -> Result<usize> {
        let names = self.score_names();
        let dimension = names.iter().take_while(|name| name.starts_with('a')).count().max(1);
        let letters = (b'a'..).map(char::from).take(vectors);
        let expected = letters.flat_map(|letter| (0..dimension).map(move |index| format!("{letter}{index}")));
        let first = self.target_column_range().end;
        for (column, expected) in expected.enumerate() {
            match names.get(column) {
                Some(found) if *found == expected => {}
                Some(_) => {
                    return Err(self.at_header(first + column, format_args!("expected {expected} here")));
                }
                None => {
                    let last = first + names.len().saturating_sub(1);
                    return Err(self.at_header(last, format_args!("expected {expected} after it")));
                }
            }
        }
        if names.len() > vectors * dimension {
            let message = format_args!("expected {vectors} vectors of {dimension} numbers");
            return Err(self.at_header(first + vectors * dimension, message));
        }
        Ok(dimension)
    }

    fn target_column_range(&self) -> Range<usize> {
        0..self.target_columns.unwrap_or(1)
    }

    /// The message, with the place of a target.
    pub fn at_target(&self, row: usize, column: usize, message: impl Display) -> String {
        self.at(row, column, message)
    }

    /// The message, with the place of a score.
    pub fn at_score(&self, row: usize, column: usize, message: impl Display) -> String {
        self.at(row, self.target_column_range().end + column, message)
    }

    /// The message, with the header's place, and the column that it is about.
    pub fn at_header(&self, column: usize, message: impl Display) -> String {
        self.place(self.lines.first().copied(), column, message)
    }

    /// The message, with the file.
    pub fn at_file(&self, message: impl Display) -> String {
        format!("{}: {message}", self.file)
    }

    fn at(&self, row: usize, column: usize, message: impl Display) -> String {
        self.place(self.lines.get(row + 1).copied(), column, message)
    }

    fn place(&self, line: Option<usize>, column: usize, message: impl Display) -> String {
        let name = match self.names.get(column) {
            Some(name) if !name.is_empty() => name.clone(),
            _ => (column + 1).to_string(),
        };
        format!("{}: line {}, column {name}: {message}", self.file, line.unwrap_or_default())
    }
}

fn label(field: &str) -> Result<i64> {
    field.parse().map_err(|_| {
        if field.is_empty() {
            "a label is missing".to_owned()
        } else {
            format!("{field:?} is not an integer of at most 64 bits")
        }
    })
}

fn newlines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte == b'\n').count()
}
