//! Small legal batches for every loss, and the promise that a refused one keeps its buffers as it must.

#![allow(dead_code, reason = "each test uses its part of this")]

use microloss::registry::LOSSES;
use microloss::{Error, Input, Targets};

use crate::call::{self, Buffers, Form, Problem, Reduction, Setting, facts};
use crate::ulp::bits;

/// What stands in a buffer before the call; a call that must not touch it leaves it.
pub(crate) const FILLING: f64 = 7.25;

pub(crate) const FORMS: [Form; 3] = [Form::Value, Form::Gradient, Form::InPlace];
pub(crate) const REDUCTIONS: [Reduction; 3] = [Reduction::Mean, Reduction::Sum, Reduction::None];

/// What a refused call does to gradient and values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Buffer {
    Untouched,
    Zeroed,
}

/// Expects this error in all forms and reductions. NaN equals NaN.
pub(crate) fn refuses(problem: &Problem<f64>, error: &Error, buffer: Buffer) {
    for reduction in REDUCTIONS {
        refuses_reduced(&problem.reduced(reduction), error, buffer);
    }
}

pub(crate) fn refuses_reduced(problem: &Problem<f64>, error: &Error, buffer: Buffer) {
    for form in FORMS {
        let before = Buffers::of(problem, form, FILLING);
        refuses_with(problem, problem.answers.targets(), form, before, error, buffer);
    }
}

pub(crate) fn refuses_with(
    problem: &Problem<f64>,
    targets: Targets<'_, f64>,
    form: Form,
    before: Buffers<f64>,
    error: &Error,
    buffer: Buffer,
) {
    let context = format!("{} {form:?} {:?}", problem.loss, problem.reduction);
    let mut after = before.clone();
    let found = problem.call_with(targets, form, &mut after).expect_err(&context);
    assert_eq!(format!("{found:?}"), format!("{error:?}"), "{context}");
    let (gradient, values) = match buffer {
        Buffer::Untouched => (before.gradient, before.values),
        Buffer::Zeroed => {
            // A value-only call is given no gradient, and mean and sum are given no values.
            let zeros = vec![0.0; before.gradient.len()];
            let gradient = if form == Form::Value { before.gradient } else { zeros };
            let zeros = vec![0.0; before.values.len()];
            (gradient, if problem.reduction == Reduction::None { zeros } else { before.values })
        }
    };
    assert_eq!(bits(&after.gradient), bits(&gradient), "{context}: gradient");
    assert_eq!(bits(&after.values), bits(&values), "{context}: values");
}

/// A small legal batch of three items, or of one image of three pixels, with labels.
pub(crate) fn batch(loss: &str) -> Problem<f64> {
    let (columns, facts) = (columns(loss), facts(loss));
    let scores: [f64; 9] = match call::inputs(loss)[0] {
        Input::Probabilities => [0.2, 0.3, 0.5, 0.6, 0.1, 0.3, 0.25, 0.5, 0.25],
        _ => [0.5, -0.25, 0.75, 0.1, 0.2, -0.3, 0.9, 0.0, -1.5],
    };
    let mut scores = scores[..3 * columns * facts.scores].to_vec();
    if call::inputs(loss)[0] == Input::Variances {
        scores.iter_mut().for_each(|score| *score = score.abs());
    }
    Problem::new(loss, columns, scores, facts.answers(&[1, 0, 1]))
}

/// The same from probabilities, for losses that take them.
pub(crate) fn probabilities(loss: &str) -> Problem<f64> {
    let scores = [0.2, 0.3, 0.5, 0.6, 0.1, 0.3, 0.25, 0.5, 0.25];
    let scores = scores[..3 * columns(loss)].to_vec();
    Problem { scores, ..batch(loss) }.with("from", Setting::Input(Input::Probabilities))
}

pub(crate) fn columns(loss: &str) -> usize {
    if facts(loss).may_be_binary { 1 } else { 3 }
}

/// The number of classes that labels may name.
pub(crate) fn classes(loss: &str) -> usize {
    columns(loss).max(2)
}

pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    LOSSES.iter().map(|(_, info)| info.name)
}

pub(crate) fn taking(input: Input) -> impl Iterator<Item = &'static str> {
    names().filter(move |name| call::inputs(name).contains(&input))
}

pub(crate) fn regions() -> impl Iterator<Item = &'static str> {
    names().filter(|name| call::entry(name).0 == "region")
}
