//! Parameters by name: what the command line says, as the losses take it, and back.

use std::str::FromStr;

use microloss::parameter::{Classes, Kind, Parameter, Value};
use microloss::registry::LOSSES;
use microloss::{Input, Real};

use super::Result;
use super::arguments::Request;

const INPUTS: [(&str, Input); 5] = [
    ("logits", Input::Logits),
    ("probabilities", Input::Probabilities),
    ("log_probabilities", Input::LogProbabilities),
    ("variances", Input::Variances),
    ("log_variances", Input::LogVariances),
];

/// A loss and its parameters, which may borrow from here.
pub struct Settings<T> {
    pub loss: &'static str,
    pub parameters: Vec<Setting<T>>,
    /// The one parameter that is the batch's, not the loss's.
    pub ignore_index: Option<i64>,
}

/// One parameter.
pub struct Setting<T> {
    pub name: &'static str,
    /// As it was written.
    pub text: String,
    value: Owned<T>,
}

enum Owned<T> {
    None,
    Number(T),
    Numbers(Vec<T>),
    Input(Input),
    Classes(Classes<'static>),
    ClassList(Vec<usize>),
    Flag(bool),
}

impl<T: Real> Setting<T> {
    pub fn value(&self) -> Value<'_, T> {
        match &self.value {
            Owned::None => Value::None,
            Owned::Number(number) => Value::Number(*number),
            Owned::Numbers(numbers) => Value::Numbers(numbers),
            Owned::Input(input) => Value::Input(*input),
            Owned::Classes(classes) => Value::Classes(*classes),
            Owned::ClassList(classes) => Value::Classes(Classes::List(classes)),
            Owned::Flag(flag) => Value::Flag(*flag),
        }
    }
}

/// Finds the loss and reads its parameters.
pub fn parse<T: Real + FromStr>(request: &Request) -> Result<Settings<T>> {
    let Some((_, info)) = LOSSES.iter().find(|(_, info)| info.name == request.loss) else {
        return Err(format!("--loss {}: no such loss; --list names them", request.loss));
    };
    let mut settings = Settings { loss: info.name, parameters: Vec::new(), ignore_index: None };
    for (key, text) in &request.parameters {
        let refused = |why: String| format!("--param {key}={text}: {why}");
        let text = text.trim();
        if key == "ignore_index" {
            if text != "none" {
                let label = text.parse().map_err(|_| refused("expected an integer or none".to_owned()))?;
                settings.ignore_index = Some(label);
            }
            continue;
        }
        let Some(parameter) = info.parameters.iter().find(|parameter| parameter.name == key) else {
            return Err(refused(format!("{} has no parameter {key}", info.name)));
        };
        let value = value(parameter, text).map_err(refused)?;
        settings.parameters.push(Setting { name: parameter.name, text: text.to_owned(), value });
    }
    Ok(settings)
}

fn value<T: Real + FromStr>(parameter: &Parameter, text: &str) -> Result<Owned<T>> {
    let numbers = || text.split(',').map(number).collect::<Result<Vec<_>>>().map(Owned::Numbers);
    let expected = || format!("expected {}", describe(parameter));
    match parameter.kind {
        Kind::OptionalNumber | Kind::PerClass if text == "none" => Ok(Owned::None),
        Kind::Number | Kind::OptionalNumber => number(text).map(Owned::Number),
        Kind::PerClass => numbers(),
        Kind::PerColumn if text.contains(',') => numbers(),
        Kind::PerColumn => number(text).map(Owned::Number),
        Kind::Input => {
            let input = INPUTS.iter().find(|(word, _)| *word == text).ok_or_else(expected)?;
            Ok(Owned::Input(input.1))
        }
        Kind::Classes => match text {
            "present" => Ok(Owned::Classes(Classes::Present)),
            "all" => Ok(Owned::Classes(Classes::All)),
            list => {
                let classes = list.split(',').map(|class| class.trim().parse());
                classes.collect::<std::result::Result<_, _>>().map(Owned::ClassList).map_err(|_| expected())
            }
        },
        Kind::Flag => text.parse().map(Owned::Flag).map_err(|_| expected()),
        _ => Err("this program cannot set it".to_owned()),
    }
}

/// What a parameter's value may be.
pub fn describe(parameter: &Parameter) -> String {
    let (kind, domain) = (parameter.kind.describe(), parameter.domain.describe());
    match parameter.kind {
        Kind::Number | Kind::Input | Kind::Flag => domain.to_owned(),
        Kind::OptionalNumber => format!("{domain}, or none"),
        Kind::Classes => kind.to_owned(),
        _ => format!("{kind}: {domain}"),
    }
}

/// The nearest number of the type; infinite only if the text says so.
pub fn number<T: Real + FromStr>(text: &str) -> Result<T> {
    let text = text.trim();
    let Ok(number) = text.parse::<T>() else {
        return Err(if text.is_empty() {
            "a number is missing".to_owned()
        } else {
            format!("{text:?} is not a number")
        });
    };
    let is_word = text.trim_start_matches(['+', '-']).starts_with(char::is_alphabetic);
    if number.is_infinite() && !is_word {
        return Err(format!("{text} is beyond the largest {}", std::any::type_name::<T>()));
    }
    Ok(number)
}

/// A parameter's value in JSON.
pub fn json<T: Real>(value: Value<'_, T>) -> String {
    match value {
        Value::Classes(Classes::Present) => "\"present\"".to_owned(),
        Value::Classes(Classes::All) => "\"all\"".to_owned(),
        Value::Classes(Classes::List(classes)) => list(classes.iter().map(ToString::to_string)),
        Value::Input(input) => {
            let word = INPUTS.iter().find(|(_, other)| *other == input).map_or("", |(word, _)| word);
            format!("\"{word}\"")
        }
        Value::Flag(flag) => flag.to_string(),
        Value::Number(number) => decimal(number),
        Value::Numbers(numbers) => list(numbers.iter().map(|&number| decimal(number))),
        _ => "null".to_owned(),
    }
}

/// The shortest decimal that reads back as the same number; JSON reads it too.
pub fn decimal<T: Real>(number: T) -> String {
    format!("{number:?}")
}

/// A list in JSON.
pub fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}
