//! Parameters of losses, drawn at random.

use microloss::loss::Configure;
use microloss::parameter::{Classes, Domain, Kind as ParameterKind, Value};
use microloss::{Error, Real};

use super::random::{Float, Kind, Random};

/// The parameters that are lists.
pub struct Lists<T, const N: usize> {
    numbers: [T; N],
    classes: [usize; 8],
}

impl<T: Real, const N: usize> Lists<T, N> {
    pub const fn new(number: T) -> Self {
        Self { numbers: [number; N], classes: [0; 8] }
    }
}

/// A legal value for a parameter.
fn number<T: Float>(random: &mut Random, domain: Domain) -> T {
    match domain {
        Domain::Unit => {
            let kind = random.one_of([Kind::Plain, Kind::Ties, Kind::Wide, Kind::Subnormal]);
            random.probability(kind, false)
        }
        Domain::OpenUnit => {
            let kind = random.one_of([Kind::Plain, Kind::Ties, Kind::Wide, Kind::Subnormal]);
            let number: T = random.probability(kind, false);
            if number == T::zero() || number >= T::one() { T::of(0.5) } else { number }
        }
        Domain::Cosine => {
            let number: T = random.probability(Kind::Plain, false);
            number + number - T::one()
        }
        Domain::OneOrTwo => T::of_count(1 + random.below(2)),
        Domain::Positive => {
            let weight = random.weight();
            if weight == T::zero() { T::one() } else { weight }
        }
        _ => random.weight(),
    }
}

/// The loss with some parameters changed.
pub fn configure<'a, T: Float, L: Configure<'a, T>, const N: usize>(
    mut loss: L,
    random: &mut Random,
    columns: usize,
    lists: &'a mut Lists<T, N>,
) -> Result<L, Error> {
    let Lists { numbers, classes } = lists;
    let (step, mut count) = (1 + random.below(2), 0);
    for (slot, class) in classes.iter_mut().zip((random.below(columns)..columns).step_by(step)) {
        *slot = class;
        count += 1;
    }
    let is_list = |kind| matches!(kind, ParameterKind::PerClass | ParameterKind::PerColumn);
    if let Some(parameter) = L::INFO.parameters.iter().find(|parameter| is_list(parameter.kind)) {
        for slot in &mut numbers[..columns] {
            *slot = number(random, parameter.domain);
        }
    }
    let (list, classes) = (&numbers[..columns], &classes[..count]);
    for parameter in L::INFO.parameters {
        let (is_default, is_plain) = (random.one_in(3), random.one_in(3));
        let value = match (parameter.kind, parameter.domain) {
            _ if is_default => continue,
            (ParameterKind::OptionalNumber | ParameterKind::PerClass, _) if is_plain => Value::None,
            (ParameterKind::PerClass, _) => Value::Numbers(list),
            (ParameterKind::PerColumn, _) if !is_plain => Value::Numbers(list),
            (ParameterKind::Input, Domain::Inputs(inputs)) => {
                Value::Input(inputs[random.below(inputs.len())])
            }
            (ParameterKind::Classes, _) => {
                Value::Classes(random.one_of([Classes::Present, Classes::All, Classes::List(classes)]))
            }
            (ParameterKind::Flag, _) => Value::Flag(random.one_in(2)),
            (_, domain) => Value::Number(number(random, domain)),
        };
        loss = loss.set(parameter.name, value)?;
    }
    Ok(loss)
}
