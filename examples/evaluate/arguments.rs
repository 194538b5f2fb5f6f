//! The arguments.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::{Arg, Parser, ValueExt};
use microloss::Unit;
use microloss::registry::LOSSES;

use super::Result;
use super::parameters::describe;

/// What is to be done.
pub enum Command {
    Help,
    List,
    Evaluate(Job),
}

/// A file and the losses to evaluate on it.
pub struct Job {
    pub losses: Vec<Request>,
    /// `f64` instead of `f32`.
    pub double: bool,
    pub unit: Unit,
    pub reduction: Reduction,
    pub format: Format,
    /// Where the gradient goes.
    pub gradient: Option<PathBuf>,
    pub file: PathBuf,
}

/// A loss by name, and its parameters as they were written.
pub struct Request {
    pub loss: String,
    pub parameters: Vec<(String, String)>,
}

#[derive(Clone, Copy)]
pub enum Reduction {
    Mean,
    Sum,
    None,
}

#[derive(Clone, Copy)]
pub enum Format {
    Table,
    Json,
}

/// An option that takes one of a few words, and may be given once.
struct Choice<'a, T> {
    option: &'a str,
    words: &'a [(&'a str, T)],
    chosen: Option<T>,
}

impl<'a, T: Copy> Choice<'a, T> {
    const fn new(option: &'a str, words: &'a [(&'a str, T)]) -> Self {
        Self { option, words, chosen: None }
    }

    fn choose(&mut self, value: OsString) -> Result<()> {
        let Self { option, words, .. } = self;
        let Some((_, choice)) = words.iter().find(|(word, _)| value == *word) else {
            let legal: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            return Err(format!("--{option} {}: expected {}", value.to_string_lossy(), legal.join(", ")));
        };
        once(&mut self.chosen, *choice, &format!("--{option}"))
    }

    /// What was chosen: by default the first.
    fn get(&self) -> Option<T> {
        self.chosen.or_else(|| self.words.first().map(|(_, default)| *default))
    }
}

fn once<T>(slot: &mut Option<T>, value: T, what: &str) -> Result<()> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("{what} is given twice")),
    }
}

/// Reads the arguments.
pub fn parse(mut parser: Parser) -> Result<Command> {
    let mut double = Choice::new("type", &[("f32", false), ("f64", true)]);
    let mut unit = Choice::new("unit", &[("nats", Unit::Nats), ("bits", Unit::Bits)]);
    let reductions = [("mean", Reduction::Mean), ("sum", Reduction::Sum), ("none", Reduction::None)];
    let mut reduction = Choice::new("reduction", &reductions);
    let mut format = Choice::new("format", &[("table", Format::Table), ("json", Format::Json)]);
    let (mut losses, mut gradient, mut file) = (Vec::<Request>::new(), None, None);
    let mut list = false;
    while let Some(argument) = parser.next().map_err(refused)? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Long("list") => list = true,
            Arg::Long("loss") => {
                let loss = parser.value().and_then(ValueExt::string).map_err(refused)?;
                losses.push(Request { loss, parameters: Vec::new() });
            }
            Arg::Long("param") => {
                let text = parser.value().and_then(ValueExt::string).map_err(refused)?;
                let Some((key, value)) = text.split_once('=') else {
                    return Err(format!("--param {text}: expected KEY=VALUE"));
                };
                let Some(request) = losses.last_mut() else {
                    return Err(format!("--param {text}: expected a --loss before it"));
                };
                if request.parameters.iter().any(|(other, _)| other == key) {
                    return Err(format!("--param {text}: {key} is given twice for {}", request.loss));
                }
                request.parameters.push((key.to_owned(), value.to_owned()));
            }
            Arg::Long("type") => double.choose(parser.value().map_err(refused)?)?,
            Arg::Long("unit") => unit.choose(parser.value().map_err(refused)?)?,
            Arg::Long("reduction") => reduction.choose(parser.value().map_err(refused)?)?,
            Arg::Long("format") => format.choose(parser.value().map_err(refused)?)?,
            Arg::Long("gradient") => {
                once(&mut gradient, parser.value().map_err(refused)?.into(), "--gradient")?;
            }
            Arg::Value(value) => once(&mut file, value.into(), "the file")?,
            other => return Err(refused(other.unexpected())),
        }
    }
    if list {
        return Ok(Command::List);
    }
    let Some(file) = file else { return Err("expected a file: see --help".to_owned()) };
    if losses.is_empty() {
        return Err("expected a --loss: --list names them".to_owned());
    }
    if gradient.is_some() && losses.len() != 1 {
        return Err(format!("--gradient: expected exactly one --loss, found {}", losses.len()));
    }
    let (double, unit) = (double.get().unwrap_or_default(), unit.get().unwrap_or_default());
    let (reduction, format) =
        (reduction.get().unwrap_or(Reduction::Mean), format.get().unwrap_or(Format::Table));
    Ok(Command::Evaluate(Job { losses, double, unit, reduction, format, gradient, file }))
}

fn refused(error: lexopt::Error) -> String {
    format!("{error}: see --help")
}

/// What `--help` prints.
pub fn help() -> String {
    let mut text = String::from(
        "\
Evaluates losses on the predictions of a CSV file; without arguments, on bundled ones.

evaluate [--loss NAME]... [--param KEY=VALUE]... [--type f32|f64] [--unit nats|bits]
         [--reduction mean|sum|none] [--format table|json] [--gradient OUT.csv] FILE.csv
evaluate --list     the losses' names, one a line

FILE.csv has a header. Its first column is `label`, an integer, or its first columns begin with
`target`, a number a class; every other column is a score. Regression: `target,prediction`, Gaussian
likelihoods `target,mean,variance`. `inf`, `-inf` and `nan` are numbers.
One file is one image. Vectors are columns a0, a1, ..., b0, b1, ... and for triplets of anchor,
positive and negative c0, c1, ..., without a label.

--loss NAME         a loss to evaluate; may be repeated
--param KEY=VALUE   a parameter of the --loss before it; lists are comma-separated
--type              f32 or f64: f32
--unit              nats or bits, for losses made of logarithms: nats
--reduction         mean, sum, or none for a value an item: mean
--format            table, or json for an object a loss a line: table
--gradient OUT.csv  writes the gradient of the one --loss: a row an item, a column a score

Losses, with the keys that --param takes; all take ignore_index, a label to leave out:
",
    );
    for (_, loss) in LOSSES {
        text += &format!("\n{}: {}\n", loss.name, loss.summary);
        for parameter in loss.parameters {
            text += &format!("  {:<16} {}\n", parameter.name, describe(parameter));
        }
    }
    text
}
