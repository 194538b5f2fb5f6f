//! The figures that are committed: `tests/accuracy/figures.txt`, a line a quantity.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use super::measure::{Extent, Quantity, Unit};

const HEAD: &str = "\
# The largest errors measured, rounded up: of the inputs that `cargo test` tries, of the sample, of all.
# MICROLOSS_BLESS=1 cargo test --test accuracy
# MICROLOSS_BLESS=1 cargo run --release --example accuracy, and again with -- --exhaustive
";

/// A line of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    pub name: String,
    pub real: String,
    pub what: String,
    pub unit: String,
    /// For each extent, in thousandths rounded up.
    errors: [Option<f64>; 3],
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures(pub Vec<Figure>);

/// As it is committed: in thousandths, rounded up.
pub fn rounded(error: f64) -> f64 {
    (error * 1000.0).ceil() / 1000.0
}

fn path() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "accuracy", "figures.txt"].iter().collect()
}

impl Figure {
    /// The figure of the largest extent that was tried.
    pub fn largest(&self) -> f64 {
        self.errors.iter().rev().flatten().copied().next().unwrap_or(f64::INFINITY)
    }

    /// Whether all numbers were tried.
    pub fn is_of_all(&self, quantity: &Quantity) -> bool {
        quantity.of_one_number && Extent::Exhaustive.of(self.errors).is_some()
    }

    /// The function or loss, without its parameters.
    pub fn loss(&self) -> &str {
        self.name.split(',').next().unwrap_or(&self.name)
    }

    pub fn is(&self, quantity: &Quantity) -> bool {
        self.name == quantity.name
            && self.real == quantity.real
            && self.what == quantity.what
            && self.unit == quantity.unit.name()
    }
}

impl Figures {
    /// What is committed; nothing where there is no file.
    pub fn read() -> Self {
        let text = fs::read_to_string(path()).unwrap_or_default();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Self(
            lines
                .map(|line| Self::line(line).unwrap_or_else(|| panic!("tests/accuracy/figures.txt: {line}")))
                .collect(),
        )
    }

    fn line(line: &str) -> Option<Figure> {
        let fields: Vec<&str> = line.split('|').map(str::trim).collect();
        let [name, real, what, unit, test, sample, exhaustive] = fields[..] else { return None };
        let number = |text: &str| if text == "-" { Some(None) } else { text.parse().ok().map(Some) };
        let errors = [number(test)?, number(sample)?, number(exhaustive)?];
        let [name, real, what, unit] = [name, real, what, unit].map(str::to_owned);
        Some(Figure { name, real, what, unit, errors })
    }

    pub fn write(&self) {
        let mut text = HEAD.to_owned();
        for Figure { name, real, what, unit, errors } in &self.0 {
            let [test, sample, exhaustive] =
                errors.map(|error| error.map_or_else(|| "-".to_owned(), |error| format!("{error:.3}")));
            let _ = writeln!(
                text,
                "{name:<42} | {real} | {what:<8} | {unit:<5} | {test:>7} | {sample:>7} | {exhaustive:>7}"
            );
        }
        fs::create_dir_all(path().parent().expect("a folder")).expect("the folder can be made");
        fs::write(path(), text).expect("the figures can be written");
    }

    /// The committed figure of a quantity.
    pub fn of(&self, quantity: &Quantity, extent: Extent) -> Option<f64> {
        self.0.iter().find(|figure| figure.is(quantity)).and_then(|figure| extent.of(figure.errors))
    }

    /// Those of an extent, where they were measured: in the order given, and without quantities that are gone, if they are
    /// `whole`; else each in its place. Those of the other extents stay as they are.
    pub fn renew<'a>(
        &self,
        extent: Extent,
        whole: bool,
        found: impl Iterator<Item = (&'a Quantity, f64)>,
    ) -> Self {
        let mut renewed = if whole { Vec::new() } else { self.0.clone() };
        for (quantity, error) in found {
            let old = self.0.iter().position(|figure| figure.is(quantity));
            let mut errors = old.and_then(|old| self.0.get(old)).map_or([None; 3], |figure| figure.errors);
            errors[extent.of([0, 1, 2])] = Some(rounded(error));
            let [real, what, unit] = [quantity.real, quantity.what, quantity.unit.name()].map(str::to_owned);
            let figure = Figure { name: quantity.name.clone(), real, what, unit, errors };
            match old {
                Some(old) if !whole => renewed[old] = figure,
                _ => renewed.push(figure),
            }
        }
        Self(renewed)
    }
}

impl Unit {
    pub fn name(self) -> &'static str {
        match self {
            Self::Ulp => "ULP",
            Self::Terms => "terms",
        }
    }
}
