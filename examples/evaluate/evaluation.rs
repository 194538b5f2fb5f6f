//! One loss on one file: a visitor of the registry, so that a new loss needs nothing here.

use std::str::FromStr;

use microloss::loss::{Configure, Loss};
use microloss::parameter::Value;
use microloss::registry::{Visitor, visit};
use microloss::{
    ElementLoss, Elements, Entry, Error, PairLoss, Pairs, Real, RegionLoss, Regions, RowLoss, Rows, Scratch,
    Sort, TargetKind, Unit,
};

use super::Result;
use super::arguments::{Job, Reduction};
use super::failure::{Indices, describe};
use super::parameters::{Setting, Settings};
use super::table::Table;

/// What came out.
pub struct Outcome<'a, T> {
    pub loss: &'static str,
    pub parameters: Vec<Shown<'a, T>>,
    pub ignore_index: Option<i64>,
    /// Rows of the file.
    pub items: usize,
    pub ignored: usize,
    pub values: Values<T>,
    /// Row after row; empty if it was not asked for.
    pub gradient: Vec<T>,
}

/// A parameter as the loss was evaluated with it.
pub struct Shown<'a, T> {
    pub name: &'static str,
    pub value: Value<'a, T>,
    pub is_default: bool,
}

/// The reduced value, or one an item.
pub enum Values<T> {
    One(T),
    Each(Vec<T>),
}

/// Evaluates a loss.
pub fn evaluate<'a, T: Real + FromStr>(
    settings: &'a Settings<T>,
    table: &'a Table<T>,
    job: &Job,
) -> Result<Outcome<'a, T>> {
    let evaluation = Evaluation {
        settings,
        table,
        unit: job.unit,
        reduction: job.reduction,
        with_gradient: job.gradient.is_some(),
    };
    visit(settings.loss, evaluation).unwrap_or_else(|| Err(format!("--loss {}: no such loss", settings.loss)))
}

struct Evaluation<'a, T> {
    settings: &'a Settings<T>,
    table: &'a Table<T>,
    unit: Unit,
    reduction: Reduction,
    with_gradient: bool,
}

/// Evaluates a batch, whatever its shape: completes it, reduces it, and gives values and gradient.
macro_rules! reduce {
    ($evaluation:ident, $loss:ident, $batch:expr, $items:expr, $indices:expr) => {
        reduce!($evaluation, $loss, $batch, $items, $indices, |error| error)
    };
    ($evaluation:ident, $loss:ident, $batch:expr, $items:expr, $indices:expr, $locate:expr) => {{
        let mut gradient = $evaluation.gradient();
        let mut batch = $batch.unit($evaluation.unit);
        if let Some(label) = $evaluation.settings.ignore_index {
            batch = batch.ignore_index(label);
        }
        if $evaluation.with_gradient {
            batch = batch.gradient(&mut gradient[..]);
        }
        let values = match $evaluation.reduction {
            Reduction::Mean => $loss.mean(batch).map(Values::One),
            Reduction::Sum => $loss.sum(batch).map(Values::One),
            Reduction::None => {
                let mut values = vec![T::zero(); $items];
                $loss.each(batch, &mut values[..]).map(|_| Values::Each(values))
            }
        };
        (values.map_err(|error| describe($evaluation.table, $indices, $locate(error)))?, gradient)
    }};
}

impl<'a, T: Real> Visitor<'a, T> for Evaluation<'a, T> {
    type Output = Result<Outcome<'a, T>>;

    fn element<L: ElementLoss<T, K> + Configure<'a, T>, const K: usize>(self, default: L) -> Self::Output {
        let table = self.table;
        let columns = table.target_columns().unwrap_or(1);
        match (L::TARGETS, table.target_columns()) {
            (TargetKind::Numbers, None) => return Err(self.wants_targets::<L>()),
            (TargetKind::Signs, Some(_)) => return Err(self.wants_labels::<L>()),
            _ => {}
        }
        if table.score_names().len() != K * columns {
            let expected = match (K, table.target_columns()) {
                (1, None) => "one score",
                (1, _) => "as many scores as targets",
                _ => "a mean and a variance for each target",
            };
            return Err(self.wrong_columns::<L>(expected));
        }
        let loss = self.configure(default, columns)?;
        let batch = Elements::slices(&table.scores, columns, table.targets());
        let outcome = reduce!(self, loss, batch, table.scores.len() / K, Indices::Scores(K));
        let fitted = loss.fit(table.target_numbers(self.settings.ignore_index));
        Ok(self.outcome(default, fitted, outcome))
    }

    fn row<L: RowLoss<T> + Configure<'a, T>>(self, default: L) -> Self::Output {
        let table = self.table;
        let columns = table.score_names().len();
        match table.target_columns() {
            Some(_) if !default.takes_distributions() => return Err(self.wants_labels::<L>()),
            Some(targets) if targets != columns => {
                return Err(self.wrong_columns::<L>("as many scores as targets"));
            }
            _ => {}
        }
        let loss = self.configure(default, columns)?;
        let batch = Rows::slices(&table.scores, columns, table.targets());
        let outcome = reduce!(self, loss, batch, table.rows(), Indices::Rows);
        Ok(self.outcome(default, loss, outcome))
    }

    fn region<L: RegionLoss<T> + Configure<'a, T>>(self, default: L) -> Self::Output {
        let table = self.table;
        let columns = table.score_names().len();
        let takes_targets = default.takes_numbers(columns);
        if table.target_columns().is_some_and(|targets| targets != 1 || !takes_targets) {
            return Err(self.wants_labels::<L>());
        }
        if default.classes(columns).is_err() {
            return Err(self.wrong_columns::<L>("one score"));
        }
        let loss = self.configure(default, columns)?;
        let pixels = table.rows();
        let mut entries = vec![Entry::default(); default.entries(Sort::Merge, pixels, false)];
        let scratch = Scratch::merge(&mut entries);
        let batch = Regions::slices(&table.scores, columns, pixels, table.targets(), scratch);
        // With room for its gradient the softmax stores what it would compute again for every class.
        let evaluation = Self { with_gradient: true, ..self };
        let wrong_pixel = |error| match error {
            Error::NonFiniteLoss { value, .. } => {
                let alone = |row: &usize| evaluation.pixel_is_refused(&loss, *row);
                (0..pixels).find(alone).map_or(error, |index| Error::NonFiniteLoss { index, value })
            }
            error => error,
        };
        let outcome = reduce!(evaluation, loss, batch, pixels.min(1), Indices::Rows, wrong_pixel);
        Ok(evaluation.outcome(default, loss, outcome))
    }

    fn pair<L: PairLoss<T> + Configure<'a, T>>(self, default: L) -> Self::Output {
        let table = self.table;
        match (L::TARGETS, table.target_columns()) {
            (Some(_), None) | (None, Some(0)) => {}
            (Some(_), Some(_)) => return Err(self.wants_labels::<L>()),
            (None, _) => {
                return Err(
                    table.at_header(0, format_args!("{} takes no labels: a0 comes first", L::INFO.name))
                );
            }
        }
        let dimension = table.dimension(L::VECTORS)?;
        let loss = self.configure(default, dimension)?;
        let batch = Pairs::slices(&table.scores, dimension, table.targets());
        let outcome = reduce!(self, loss, batch, table.rows(), Indices::Rows);
        Ok(self.outcome(default, loss, outcome))
    }
}

impl<'a, T: Real> Evaluation<'a, T> {
    /// Whether the loss of a pixel is not finite even as an image of its own.
    fn pixel_is_refused<L: RegionLoss<T>>(&self, loss: &L, row: usize) -> bool {
        let scores = self.table.row_scores(row);
        let label = self.table.labels().get(row..=row).unwrap_or_default();
        let mut entries = [Entry::default(); 1];
        let batch = Regions::slices(scores, scores.len(), 1, label, Scratch::insertion(&mut entries));
        let batch = match self.settings.ignore_index {
            Some(label) => batch.ignore_index(label),
            None => batch,
        };
        matches!(loss.sum(batch), Err(Error::NonFiniteLoss { .. }))
    }

    /// Sets the parameters, and refuses those that do not fit the file.
    fn configure<L: Configure<'a, T>>(&self, mut loss: L, columns: usize) -> Result<L> {
        for setting in &self.settings.parameters {
            loss = loss.set(setting.name, setting.value()).map_err(|error| refused(setting, error))?;
        }
        if let (Some(label), Some(_)) = (self.settings.ignore_index, self.table.target_columns()) {
            return Err(format!("--param ignore_index={label}: {}", self.wants_labels::<L>()));
        }
        loss.check(columns).map_err(|error| {
            let name = match error {
                Error::LengthMismatch { what, .. } => what,
                Error::Parameter { name, .. } | Error::Unsupported { name, .. } => name,
                _ => "",
            };
            match self.settings.parameters.iter().find(|setting| setting.name == name) {
                Some(setting) => refused(setting, error),
                None => error.to_string(),
            }
        })?;
        Ok(loss)
    }

    /// Room for the gradient, if it is wanted.
    fn gradient(&self) -> Vec<T> {
        if self.with_gradient { vec![T::zero(); self.table.scores.len()] } else { Vec::new() }
    }

    fn outcome<L: Configure<'a, T>>(
        &self,
        default: L,
        loss: L,
        (values, gradient): (Values<T>, Vec<T>),
    ) -> Outcome<'a, T> {
        let parameters = L::INFO.parameters.iter().filter_map(|parameter| {
            let value = loss.get(parameter.name)?;
            let is_default = default.get(parameter.name) == Some(value);
            Some(Shown { name: parameter.name, value, is_default })
        });
        let ignore_index = self.settings.ignore_index;
        let labels = self.table.labels().iter();
        Outcome {
            loss: L::INFO.name,
            parameters: parameters.collect(),
            ignore_index,
            items: self.table.rows(),
            ignored: labels.filter(|label| Some(**label) == ignore_index).count(),
            values,
            gradient,
        }
    }

    fn wants_labels<L: Loss>(&self) -> String {
        self.table.at_header(0, format_args!("{} takes labels here, not targets", L::INFO.name))
    }

    fn wants_targets<L: Loss>(&self) -> String {
        self.table.at_header(0, format_args!("{} takes targets here, not labels", L::INFO.name))
    }

    fn wrong_columns<L: Loss>(&self, expected: &str) -> String {
        let found = self.table.score_names().len();
        let targets = match self.table.target_columns() {
            Some(targets) => format!("{targets} targets"),
            None => "a label".to_owned(),
        };
        self.table.at_header(
            self.table.target_columns().unwrap_or(1),
            format_args!("{} takes {expected}, found {found} with {targets}", L::INFO.name),
        )
    }
}

/// What is wrong with a parameter.
fn refused<T>(setting: &Setting<T>, error: Error) -> String {
    let why = match error {
        Error::Parameter { expected, .. } | Error::Unsupported { expected, .. } => {
            format!("expected {expected}")
        }
        Error::LengthMismatch { expected, found, .. } => format!("length {found}, expected {expected}"),
        other => other.to_string(),
    };
    format!("--param {}={}: {why}", setting.name, setting.text)
}
