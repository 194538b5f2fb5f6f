//! Reads the golden vectors. The format stands at the head of `tests/golden/generate.py`.

#![allow(dead_code, reason = "each test uses its part of this")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use microloss::parameter::Kind;
use microloss::{Input, Sort, Unit};

use crate::call::{Answers, Problem, Reduction, Setting, entry};

/// A problem with its true results.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) number: usize,
    pub(crate) problem: Problem<f64>,
    /// One, or one an item.
    pub(crate) value: Vec<f64>,
    /// The sum of the magnitudes of the terms that make the value.
    pub(crate) terms: Vec<f64>,
    pub(crate) gradient: Vec<f64>,
    pub(crate) gradient_terms: Vec<f64>,
}

/// Where the vectors of a loss lie.
pub(crate) fn path(loss: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(loss).with_extension("txt")
}

/// All cases of a loss.
pub(crate) fn read(loss: &str) -> Vec<Case> {
    let path = path(loss);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (mut cases, mut block) = (Vec::new(), Vec::new());
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        if line == "end" {
            cases.push(case(loss, &block));
            block.clear();
        } else {
            block.push(line.split_once(' ').unwrap_or_else(|| panic!("{}: {line}", path.display())));
        }
    }
    assert!(block.is_empty(), "{}: the last case has no end", path.display());
    cases
}

fn case(loss: &str, block: &[(&str, &str)]) -> Case {
    let line: HashMap<&str, &str> = block.iter().copied().filter(|(key, _)| *key != "param").collect();
    let known = [
        "case",
        "unit",
        "reduction",
        "columns",
        "pixels",
        "ignore_index",
        "scores",
        "labels",
        "targets",
        "sample_weights",
        "value",
        "terms",
        "gradient",
        "gradient_terms",
    ];
    assert!(line.keys().all(|key| known.contains(key)), "unknown line among {:?}", line.keys());
    let text = |key: &str| *line.get(key).unwrap_or_else(|| panic!("{loss}: a case without {key}"));
    let list = |key: &str| numbers(text(key), ' ');
    let answers = match line.get("labels") {
        Some(labels) => Answers::Labels(integers(labels, ' ')),
        None if line.contains_key("targets") => Answers::Numbers(list("targets")),
        None => Answers::None,
    };
    let mut problem = Problem::new(loss, integer(text("columns")), list("scores"), answers);
    problem.parameters =
        block.iter().filter(|(key, _)| *key == "param").map(|(_, text)| parameter(loss, text)).collect();
    if line.contains_key("pixels") {
        problem.pixels = integer(text("pixels"));
    }
    problem.ignore_index = line.get("ignore_index").map(|text| integer(text));
    problem.weights = line.get("sample_weights").map(|text| numbers(text, ' '));
    problem.unit = match text("unit") {
        "nats" => Unit::Nats,
        "bits" => Unit::Bits,
        other => panic!("unit {other}"),
    };
    problem.reduction = match text("reduction") {
        "mean" => Reduction::Mean,
        "sum" => Reduction::Sum,
        "none" => Reduction::None,
        other => panic!("reduction {other}"),
    };
    let number: usize = integer(text("case"));
    problem.sort = if number.is_multiple_of(2) { Sort::Insertion } else { Sort::Merge };
    let (value, terms) = (list("value"), list("terms"));
    Case { number, problem, value, terms, gradient: list("gradient"), gradient_terms: list("gradient_terms") }
}

/// `key=value`, read as the loss's parameter wants it.
fn parameter(loss: &str, text: &str) -> (&'static str, Setting<f64>) {
    let (key, value) = text.split_once('=').unwrap_or_else(|| panic!("param {text}"));
    let parameter = entry(loss).1.parameters.iter().find(|parameter| parameter.name == key);
    let parameter = parameter.unwrap_or_else(|| panic!("{loss} has no parameter {key}"));
    let setting = match (parameter.kind, value) {
        (Kind::OptionalNumber | Kind::PerClass, "none") => Setting::None,
        (Kind::Number | Kind::OptionalNumber, _) => Setting::Number(number(value)),
        (Kind::PerColumn, _) if !value.contains(',') => Setting::Number(number(value)),
        (Kind::PerClass | Kind::PerColumn, _) => Setting::Numbers(numbers(value, ',')),
        (Kind::Input, "logits") => Setting::Input(Input::Logits),
        (Kind::Input, "probabilities") => Setting::Input(Input::Probabilities),
        (Kind::Input, "log_probabilities") => Setting::Input(Input::LogProbabilities),
        (Kind::Input, "variances") => Setting::Input(Input::Variances),
        (Kind::Input, "log_variances") => Setting::Input(Input::LogVariances),
        (Kind::Flag, "true" | "false") => Setting::Flag(value == "true"),
        (Kind::Classes, "present") => Setting::Present,
        (Kind::Classes, "all") => Setting::All,
        (Kind::Classes, _) => Setting::Classes(integers(value, ',')),
        (kind, _) => panic!("{text} is no {kind:?}"),
    };
    (parameter.name, setting)
}

fn integer<I: std::str::FromStr>(text: &str) -> I {
    text.parse().unwrap_or_else(|_| panic!("{text} is no integer"))
}

fn integers<I: std::str::FromStr>(text: &str, separator: char) -> Vec<I> {
    text.split(separator).map(integer).collect()
}

fn numbers(text: &str, separator: char) -> Vec<f64> {
    text.split(separator).map(number).collect()
}

/// A hexadecimal float as C prints it, `inf` or `-inf`; exact.
pub(crate) fn number(text: &str) -> f64 {
    parse(text).unwrap_or_else(|| panic!("{text} is no hexadecimal float"))
}

fn parse(text: &str) -> Option<f64> {
    let (negative, magnitude) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let size = if magnitude == "inf" { f64::INFINITY } else { magnitude_of(magnitude.strip_prefix("0x")?)? };
    Some(if negative { -size } else { size })
}

/// `1.8p+3`: at most 53 bits, so that each step is exact.
fn magnitude_of(text: &str) -> Option<f64> {
    let (digits, exponent) = text.split_once('p')?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let significand = u64::from_str_radix(&format!("{whole}{fraction}"), 16).ok()?;
    assert!(significand < 1 << 53, "{text} has more than 53 bits");
    let mut exponent = exponent.parse::<i32>().ok()? - 4 * i32::try_from(fraction.len()).ok()?;
    let mut size = significand as f64;
    while exponent > 0 {
        size *= 2.0;
        exponent -= 1;
    }
    // Trailing zero bits are taken off first, so that halving stays exact down to the smallest number.
    let mut rest = significand;
    while exponent < 0 && rest != 0 && rest % 2 == 0 {
        rest /= 2;
        size = rest as f64;
        exponent += 1;
    }
    while exponent < 0 && size != 0.0 {
        size /= 2.0;
        exponent += 1;
    }
    Some(size)
}
