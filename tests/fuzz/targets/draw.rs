//! A batch for any loss of the registry, of arbitrary bytes.

use microloss::parameter::{Domain, Kind, Parameter};
use microloss::registry::LOSSES;
use microloss::{Input, Sign, Sort, TargetKind, Targets, Unit};

use crate::bytes::{Bytes, Number};
use crate::call::{Answers, Facts, Problem, Reduction, Setting, facts};

/// The targets of a batch, of any type.
#[derive(Clone, Debug)]
pub(crate) enum Owned<T> {
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
    Usize(Vec<usize>),
    I8(Vec<i8>),
    I16(Vec<i16>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    Signs(Vec<Sign>),
    Values(Vec<T>),
}

impl<T> Owned<T> {
    #[allow(dead_code, reason = "C has its own")]
    pub(crate) fn targets(&self) -> Targets<'_, T> {
        match self {
            Self::U8(labels) => Targets::U8(labels),
            Self::U16(labels) => Targets::U16(labels),
            Self::U32(labels) => Targets::U32(labels),
            Self::Usize(labels) => Targets::Usize(labels),
            Self::I8(labels) => Targets::I8(labels),
            Self::I16(labels) => Targets::I16(labels),
            Self::I32(labels) => Targets::I32(labels),
            Self::I64(labels) => Targets::I64(labels),
            Self::Signs(signs) => Targets::Signs(signs),
            Self::Values(values) => Targets::Values(values),
        }
    }

    /// The labels, as the widest type has them; empty if they are none.
    pub(crate) fn labels(&self) -> Vec<i64> {
        fn wide<L: Copy + TryInto<i64>>(labels: &[L]) -> Vec<i64> {
            labels.iter().map(|&label| label.try_into().unwrap_or(i64::MAX)).collect()
        }
        match self {
            Self::U8(labels) => wide(labels),
            Self::U16(labels) => wide(labels),
            Self::U32(labels) => wide(labels),
            Self::Usize(labels) => wide(labels),
            Self::I8(labels) => wide(labels),
            Self::I16(labels) => wide(labels),
            Self::I32(labels) => wide(labels),
            Self::I64(labels) => wide(labels),
            Self::Signs(signs) => {
                signs.iter().map(|&sign| if sign == Sign::Positive { 1 } else { -1 }).collect()
            }
            Self::Values(_) => Vec::new(),
        }
    }
}

/// A batch, and the lengths of the buffers that results go to.
#[derive(Clone, Debug)]
pub(crate) struct Case<T> {
    /// Its `answers` are `Answers::None`: `targets` are the targets.
    pub(crate) problem: Problem<T>,
    pub(crate) targets: Owned<T>,
    pub(crate) gradient: usize,
    pub(crate) values: usize,
    pub(crate) scratch: usize,
}

impl<T: Number> Case<T> {
    pub(crate) fn draw(bytes: &mut Bytes<'_>) -> Self {
        let (shape, info) = LOSSES[bytes.below(LOSSES.len())];
        let facts = facts(info.name);
        let is_long = bytes.one_in(32);
        let mut columns = if is_long { 62 + bytes.below(20) } else { 1 + bytes.below(6) };
        if facts.is_binary && shape == "region" && !bytes.odd() {
            columns = 1;
        }
        if bytes.odd() {
            columns = [0, 1, 2, 1 << 31, 1 << 32, usize::MAX / 2, usize::MAX][bytes.below(7)];
        }
        let is_large = bytes.one_in(8);
        let mut pixels = 1 + bytes.below(if is_large { 40 } else { 9 });
        if bytes.odd() {
            pixels = [0, 1, 1 << 31, usize::MAX / 2, usize::MAX][bytes.below(5)];
        }
        let are_many = bytes.one_in(8);
        let groups = bytes.below(if are_many { 36 } else { 4 });
        let wide = columns.min(90);
        let per_group = match shape {
            "element" => wide,
            "region" => pixels.min(90),
            _ => 1,
        };
        let items = groups * per_group;
        let is_binary = facts.is_binary || columns == 1;
        let targets = Self::targets(bytes, &facts, shape, (items, wide, is_binary));
        let width = match shape {
            "element" => facts.scores,
            "pair" => facts.scores * wide,
            _ => wide,
        };
        let mut problem = Problem::new(info.name, columns, Vec::new(), Answers::None);
        problem.pixels = pixels;
        for parameter in info.parameters {
            if let Some(setting) = setting(bytes, parameter, wide) {
                problem = problem.with(parameter.name, setting);
            }
        }
        let length = bytes.length(items * width);
        let (input, is_fair) = (problem.input(), bytes.odd());
        problem.scores = bytes.list(length, |bytes| match input {
            _ if is_fair => bytes.number(),
            Input::Logits | Input::LogVariances => bytes.number(),
            Input::Variances => bytes.number::<T>(),
            Input::Probabilities => bytes.part(),
            Input::LogProbabilities => -bytes.number::<T>().abs(),
        });
        if input == Input::Variances && !bytes.odd() {
            problem.scores.iter_mut().skip(1).step_by(2).for_each(|variance| *variance = variance.abs());
        }
        // Ties, and rows that are alike.
        if bytes.one_in(8) {
            for at in 1..problem.scores.len() {
                if bytes.one_in(2) {
                    let other = bytes.below(at);
                    problem.scores[at] = problem.scores[other];
                }
            }
        }
        if bytes.one_in(4) {
            problem.ignore_index = Some(match bytes.below(4) {
                0 => targets.labels().first().copied().unwrap_or(0),
                1 => 255,
                2 => -100,
                _ => bytes.bits() as i64,
            });
        }
        if bytes.one_in(4) {
            let count = if shape == "region" { groups } else { items };
            let length = bytes.length(count);
            problem.weights = Some(bytes.list(length, Bytes::size));
        }
        problem.unit = if bytes.one_in(3) { Unit::Bits } else { Unit::Nats };
        problem.sort = if bytes.one_in(2) { Sort::Insertion } else { Sort::Merge };
        problem.reduction = [Reduction::Mean, Reduction::Sum, Reduction::None][bytes.below(3)];
        let gradient = bytes.length(problem.scores.len());
        let values = bytes.length(if shape == "region" { groups } else { items });
        let room = 4 * problem.pixels.min(90);
        let scratch = if bytes.one_in(8) { bytes.below(room + 2) } else { room };
        Self { problem, targets, gradient, values, scratch }
    }

    /// Targets for these many items; of a kind that the loss takes, or in an odd run of any.
    fn targets(
        bytes: &mut Bytes<'_>,
        facts: &Facts,
        shape: &str,
        (items, columns, is_binary): (usize, usize, bool),
    ) -> Owned<T> {
        let (is_odd, is_soft) = (bytes.odd(), bytes.one_in(3));
        let count = if facts.has_targets || is_odd { bytes.length(items) } else { 0 };
        let wants_numbers = !facts.takes_labels || (facts.takes_numbers && is_soft);
        if wants_numbers != is_odd {
            if facts.targets == TargetKind::Numbers || bytes.odd() {
                return Owned::Values(bytes.list(count, |bytes| {
                    let number = bytes.number::<T>();
                    if number.is_finite() || is_odd { number } else { T::zero() }
                }));
            }
            if shape != "row" {
                return Owned::Values(bytes.list(count, Bytes::part));
            }
            let rows = bytes.list(count, |bytes| bytes.distribution::<T>(columns));
            let mut flat = rows.concat();
            flat.truncate(bytes.length(count * columns).min(flat.len()));
            return Owned::Values(flat);
        }
        let classes = if is_binary || shape == "pair" { 2 } else { columns.max(1) };
        let is_sign = facts.targets == TargetKind::Signs;
        let labels = bytes.list(count, |bytes| match bytes.odd() {
            true if bytes.one_in(2) => bytes.bits() as i64,
            true => [-1, 0, 2, 255, classes as i64, -100, i64::MIN, i64::MAX][bytes.below(8)],
            false if is_sign => [-1, 1][bytes.below(2)],
            false => bytes.below(classes) as i64,
        });
        macro_rules! cast {
            ($type:ty) => {
                labels.iter().map(|&label| label as $type).collect()
            };
        }
        // Signs have no unsigned type.
        match bytes.below(9) {
            0 => Owned::I8(cast!(i8)),
            1 => Owned::I16(cast!(i16)),
            2 => Owned::I32(cast!(i32)),
            3 => Owned::I64(cast!(i64)),
            4 if is_sign || is_odd => Owned::Signs(
                labels.iter().map(|&label| if label < 1 { Sign::Negative } else { Sign::Positive }).collect(),
            ),
            5 if !is_sign || is_odd => Owned::U16(cast!(u16)),
            6 if !is_sign || is_odd => Owned::U32(cast!(u32)),
            7 if !is_sign || is_odd => Owned::Usize(cast!(usize)),
            8 if !is_sign || is_odd => Owned::U8(cast!(u8)),
            _ => Owned::I8(cast!(i8)),
        }
    }
}

/// A setting of this kind, often legal; `None` leaves the default.
fn setting<T: Number>(bytes: &mut Bytes<'_>, parameter: &Parameter, columns: usize) -> Option<Setting<T>> {
    if bytes.one_in(2) {
        return None;
    }
    let kind = if bytes.odd() {
        let kinds = [
            Kind::Number,
            Kind::OptionalNumber,
            Kind::PerClass,
            Kind::PerColumn,
            Kind::Input,
            Kind::Classes,
            Kind::Flag,
        ];
        kinds[bytes.below(kinds.len())]
    } else {
        parameter.kind
    };
    let is_none = bytes.one_in(3);
    let list = |bytes: &mut Bytes<'_>| {
        let length = bytes.length(columns);
        Setting::Numbers(bytes.list(length, |bytes| number(bytes, parameter.domain)))
    };
    Some(match kind {
        Kind::OptionalNumber | Kind::PerClass if is_none => Setting::None,
        Kind::PerColumn if is_none => Setting::Number(number(bytes, parameter.domain)),
        Kind::PerClass | Kind::PerColumn => list(bytes),
        Kind::Input => {
            let all = [
                Input::Logits,
                Input::Probabilities,
                Input::LogProbabilities,
                Input::Variances,
                Input::LogVariances,
            ];
            match parameter.domain {
                Domain::Inputs(inputs) if !bytes.odd() => Setting::Input(inputs[bytes.below(inputs.len())]),
                _ => Setting::Input(all[bytes.below(all.len())]),
            }
        }
        Kind::Classes => match bytes.below(3) {
            0 => Setting::Present,
            1 => Setting::All,
            _ if bytes.odd() => {
                let length = bytes.below(6);
                Setting::Classes(bytes.list(length, |bytes| match bytes.one_in(4) {
                    true => bytes.bits() as usize,
                    false => bytes.below(columns + 1),
                }))
            }
            _ => {
                let first = bytes.below(columns);
                Setting::Classes((first..columns).step_by(1 + bytes.below(3)).collect())
            }
        },
        Kind::Flag => Setting::Flag(bytes.one_in(2)),
        _ => Setting::Number(number(bytes, parameter.domain)),
    })
}

/// A number of the domain, its ends and what is far out included; in an odd run any.
fn number<T: Number>(bytes: &mut Bytes<'_>, domain: Domain) -> T {
    if bytes.odd() {
        return bytes.number();
    }
    match domain {
        Domain::Unit => bytes.part(),
        Domain::OpenUnit => bytes.part::<T>().max(T::min_positive_value()).min(T::one() - T::epsilon()),
        Domain::Cosine => bytes.part::<T>() * T::of(if bytes.one_in(2) { 1.0 } else { -1.0 }),
        Domain::OneOrTwo => T::of(1.0 + bytes.below(2) as f64),
        Domain::Positive => bytes.size::<T>().max(T::of(1e-45)).max(T::min_positive_value()),
        _ => bytes.size(),
    }
}
