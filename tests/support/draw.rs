//! Random problems for any loss of the registry: its parameters are drawn from their declared domains.

#![allow(dead_code, reason = "each test uses its part of this")]

use microloss::parameter::{Domain, Kind, Parameter};
use microloss::{Input, Sort, TargetKind, Unit};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::call::{Answers, Problem, Setting, entry, facts};

const GROUPS: usize = 5;
const PIXELS: usize = 6;
const COLUMNS: usize = 4;
const SCORES: usize = GROUPS * PIXELS * COLUMNS;

/// Scores are multiples of this: their sums and differences are exact, in f32 too.
const GRAIN: f64 = 1.0 / 1024.0;

/// The label that is ignored, where one is.
pub(crate) const VOID: i32 = 255;

/// Random numbers, from which a problem for any loss can be made.
#[derive(Clone, Debug)]
pub(crate) struct Draw {
    /// Rows, images, or items of several labels.
    groups: usize,
    pixels: usize,
    columns: usize,
    scores: Vec<i32>,
    labels: Vec<usize>,
    parts: Vec<u16>,
    choices: Vec<u16>,
}

/// All draws.
pub(crate) fn draws() -> impl Strategy<Value = Draw> {
    (
        (1..=GROUPS, 1..=PIXELS, 2..=COLUMNS),
        vec(-6 * 1024..=6 * 1024_i32, SCORES),
        vec(0..60_usize, GROUPS * PIXELS),
        vec(1..=63_u16, SCORES),
        vec(0..720_u16, 32),
    )
        .prop_map(|((groups, pixels, columns), scores, labels, parts, choices)| Draw {
            groups,
            pixels,
            columns,
            scores,
            labels,
            parts,
            choices,
        })
}

impl Draw {
    /// The sum over a batch for this loss, with random parameters and options.
    pub(crate) fn problem(&self, loss: &str) -> Problem<f64> {
        let mut choices = Choices { left: &self.choices };
        let facts = facts(loss);
        let (shape, info) = entry(loss);
        let several_labels = shape == "element" && choices.one_in(2);
        let is_binary = facts.is_binary || (facts.may_be_binary && choices.one_in(2));
        let columns = if is_binary && !several_labels { 1 } else { self.columns };
        let per_group = match shape {
            "element" => columns,
            "region" => self.pixels,
            _ => 1,
        };
        let items = self.groups * per_group;
        let classes = if is_binary || shape == "pair" { 2 } else { columns };

        let may_be_soft = facts.takes_numbers && (shape != "region" || is_binary);
        let is_soft = may_be_soft && (!facts.takes_labels || choices.one_in(3));
        let answers = if facts.targets == TargetKind::Numbers {
            let numbers = self.scores.iter().rev().zip(&self.parts).take(items);
            Answers::Numbers(
                numbers.map(|(&score, &part)| f64::from(score + i32::from(part % 2)) * GRAIN).collect(),
            )
        } else if !is_soft {
            let labels: Vec<i32> =
                self.labels.iter().take(items).map(|label| (label % classes) as i32).collect();
            facts.answers(&labels)
        } else if is_binary {
            Answers::Numbers(self.parts.iter().take(items).map(|&part| f64::from(part - 1) / 62.0).collect())
        } else {
            Answers::Numbers(self.parts.chunks(columns).take(items).flat_map(distribution).collect())
        };
        let width = if shape == "element" { facts.scores } else { columns * facts.scores };
        let scores = self.scores.iter().take(items * width).map(|&score| f64::from(score) * GRAIN).collect();
        let mut problem = Problem::new(loss, columns, scores, answers);
        problem.pixels = self.pixels;

        for parameter in info.parameters {
            // Of several classes only some inputs are legal.
            let is_default =
                parameter.kind == Kind::Input && facts.may_be_binary && !facts.is_binary && !is_binary;
            if is_default {
                continue;
            }
            if let Some(setting) = self.setting(parameter, columns, &mut choices) {
                problem = problem.with(parameter.name, setting);
            }
        }
        match problem.input() {
            Input::Logits | Input::LogVariances => {}
            // From 0.5 on.
            Input::Variances => problem.scores.iter_mut().skip(1).step_by(2).for_each(|x| *x = x.abs() + 0.5),
            // From 0.05 to 0.95, and their logarithms.
            Input::Probabilities => problem.scores.iter_mut().for_each(|x| *x = (*x + 7.0) / 16.0 + 0.05),
            Input::LogProbabilities => problem.scores.iter_mut().for_each(|x| *x = (*x - 6.0) / 4.0),
        }
        if !is_soft && choices.one_in(3) {
            self.ignore_some(&mut problem, &mut choices);
        }
        if shape != "region" && choices.one_in(3) {
            problem.weights =
                Some(self.parts.iter().rev().take(items).map(|&part| f64::from(part / 8) / 2.0).collect());
        }
        if choices.one_in(3) {
            problem.unit = Unit::Bits;
        }
        if choices.one_in(2) {
            problem.sort = Sort::Insertion;
        }
        problem.reduced(crate::call::Reduction::Sum)
    }

    /// Makes some labels void: by a label outside the classes, or by one of them.
    fn ignore_some(&self, problem: &mut Problem<f64>, choices: &mut Choices<'_>) {
        let Answers::Labels(labels) = &mut problem.answers else { return };
        if choices.one_in(3) {
            problem.ignore_index = Some(0);
            return;
        }
        problem.ignore_index = Some(VOID.into());
        for (label, draw) in labels.iter_mut().zip(&self.labels) {
            if draw % 5 == 4 {
                *label = VOID;
            }
        }
    }

    /// A legal setting; `None` leaves the default.
    fn setting(
        &self,
        parameter: &Parameter,
        columns: usize,
        choices: &mut Choices<'_>,
    ) -> Option<Setting<f64>> {
        if choices.one_in(3) {
            return None;
        }
        let is_none = choices.one_in(3);
        let list = |choices: &mut Choices<'_>| {
            let mut numbers: Vec<f64> = (0..columns).map(|_| number(parameter.domain, choices)).collect();
            numbers[0] = numbers[0].max(0.5); // never all 0
            Setting::Numbers(numbers)
        };
        Some(match parameter.kind {
            Kind::Number => Setting::Number(number(parameter.domain, choices)),
            Kind::OptionalNumber | Kind::PerClass if is_none => Setting::None,
            Kind::OptionalNumber => Setting::Number(number(parameter.domain, choices)),
            Kind::PerClass => list(choices),
            Kind::PerColumn if is_none => Setting::Number(number(parameter.domain, choices)),
            Kind::PerColumn => list(choices),
            Kind::Input => {
                let Domain::Inputs(inputs) = parameter.domain else { panic!("{parameter:?}") };
                Setting::Input(inputs[choices.below(inputs.len())])
            }
            Kind::Classes => match choices.below(3) {
                0 => Setting::Present,
                1 => Setting::All,
                _ => {
                    let first = choices.below(columns);
                    let list = (first..columns).step_by(1 + choices.below(2));
                    Setting::Classes(list.collect())
                }
            },
            Kind::Flag if parameter.name == "zero_is_error" => return None,
            Kind::Flag => Setting::Flag(choices.one_in(2)),
            kind => panic!("draw.rs cannot draw {kind:?}"),
        })
    }
}

/// A number of the domain, its ends included; others have many digits.
fn number(domain: Domain, choices: &mut Choices<'_>) -> f64 {
    let step = choices.below(9) as f64;
    match domain {
        Domain::Unit => step / 8.0,
        Domain::OpenUnit => (step + 0.5) / 9.0,
        Domain::Cosine => step / 4.0 - 1.0,
        Domain::OneOrTwo => 1.0 + step % 2.0,
        Domain::NonNegative | Domain::Weights => step * 0.7,
        Domain::Positive => (step + 1.0) * 0.35,
        domain => panic!("draw.rs has no numbers of {domain:?}"),
    }
}

/// Numbers as a distribution, with zeros.
fn distribution(parts: &[u16]) -> Vec<f64> {
    let parts: Vec<u16> = parts.iter().map(|&part| if part < 12 { 0 } else { part }).collect();
    let sum: u16 = parts.iter().sum();
    if sum == 0 {
        return vec![1.0 / parts.len() as f64; parts.len()];
    }
    parts.iter().map(|&part| f64::from(part) / f64::from(sum)).collect()
}

/// Choices, one after the other.
struct Choices<'a> {
    left: &'a [u16],
}

impl Choices<'_> {
    fn below(&mut self, count: usize) -> usize {
        let (&first, rest) = self.left.split_first().expect("enough choices");
        self.left = rest;
        usize::from(first) % count
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}
