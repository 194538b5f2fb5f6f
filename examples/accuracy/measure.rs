//! What is measured, over which inputs, and the worst that was found.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::ulp::{are_within, ulps};

/// How many of the inputs are tried: each is a part of the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// What `cargo test` tries, in a debug build.
    Test,
    /// What the example tries.
    Sample,
    /// All 2^32 numbers where one number is the input; more of the random inputs elsewhere.
    Exhaustive,
}

impl Extent {
    /// One of the three.
    pub fn of<T>(self, [test, sample, exhaustive]: [T; 3]) -> T {
        match self {
            Self::Test => test,
            Self::Sample => sample,
            Self::Exhaustive => exhaustive,
        }
    }
}

/// In what an error is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// The last place of the true result.
    Ulp,
    /// 2^-24 of the sum of the magnitudes of the terms that make the result.
    Terms,
}

/// A line of the table.
#[derive(Clone, Debug)]
pub struct Quantity {
    pub name: String,
    pub real: &'static str,
    pub what: &'static str,
    pub unit: Unit,
    /// The largest error allowed, where the project promises one.
    pub limit: Option<f64>,
    /// Whether [`Extent::Exhaustive`] tries all numbers.
    pub of_one_number: bool,
}

impl Quantity {
    pub fn new(name: impl Into<String>, what: &'static str, unit: Unit, limit: Option<f64>) -> Self {
        Self { name: name.into(), real: "f32", what, unit, limit, of_one_number: false }
    }

    /// The same of a function of one number.
    pub fn of_one_number(self) -> Self {
        Self { of_one_number: true, ..self }
    }
}

/// The largest error, and the input that gives it.
#[derive(Clone, Debug, Default)]
pub struct Worst {
    pub error: f64,
    pub at: String,
}

impl Worst {
    /// Of equal errors the first is kept.
    #[inline]
    pub fn see(&mut self, error: f64, at: impl FnOnce() -> String) {
        if error > self.error || error.is_nan() {
            *self = Self { error, at: at() };
        }
    }

    /// Sees numbers one after the other, in ULP of the truth.
    #[inline]
    pub fn see_each(&mut self, found: &[f32], truth: &[f64], at: impl Fn(usize) -> String) {
        if are_within(self.error, found, truth) {
            return;
        }
        let mut worst = (self.error, None);
        for (index, (&found, &truth)) in found.iter().zip(truth).enumerate() {
            let error = ulps(found, truth);
            if error > worst.0 || error.is_nan() {
                worst = (error, Some(index));
            }
        }
        if let (error, Some(index)) = worst {
            self.see(error, || at(index));
        }
    }
}

/// Quantities that are measured together, on the same inputs.
pub struct Group {
    pub quantities: Vec<Quantity>,
    /// Measures them over one of [`PIECES`] parts of the inputs.
    pub measure: Box<dyn Fn(Extent, usize) -> Vec<Worst> + Sync>,
}

/// Parts that threads take one after the other. They are put together in order, so that the result does not depend
/// on the number of threads.
pub const PIECES: usize = 64;

impl Group {
    /// The worst of each quantity.
    pub fn run(&self, extent: Extent) -> Vec<Worst> {
        let next = AtomicUsize::new(0);
        let pieces = Mutex::new(vec![Vec::new(); PIECES]);
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let piece = next.fetch_add(1, Ordering::Relaxed);
                        if piece >= PIECES {
                            return;
                        }
                        let found = (self.measure)(extent, piece);
                        pieces.lock().unwrap_or_else(PoisonError::into_inner)[piece] = found;
                    }
                });
            }
        });
        let mut worst = vec![Worst::default(); self.quantities.len()];
        for piece in pieces.into_inner().unwrap_or_else(PoisonError::into_inner) {
            for (worst, found) in worst.iter_mut().zip(piece) {
                worst.see(found.error, || found.at);
            }
        }
        worst
    }
}

/// Numbers with their bits: a few, where there are many.
pub fn show(numbers: &[f32]) -> String {
    let mut text = String::new();
    for (index, number) in numbers.iter().take(4).enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        let _ = write!(text, "{comma}{number:e} ({:#010x})", number.to_bits());
    }
    if numbers.len() > 4 { text + ", ..." } else { text }
}
