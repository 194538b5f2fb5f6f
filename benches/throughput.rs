//! Nanoseconds a score of every loss of the registry, in f32: value, and value with gradient.
//!
//! `cargo bench --bench throughput` prints the medians; compare them only within one run, as machines are noisy.

use std::hint::black_box;
use std::time::Instant;

use microloss::loss::Configure;
use microloss::registry::{LOSSES, Visitor, visit};
use microloss::{ElementLoss, Elements, Entry, Error, RegionLoss, Regions, RowLoss, Rows, Scratch};

const SCORES: usize = 60_000;
const RUNS: usize = 15;

/// Names the shape, and gives the medians of both calls.
struct Timed<'a> {
    scores: &'a [f32],
    labels: &'a [u8],
}

impl Timed<'_> {
    /// Median nanoseconds a score; the gradient is asked for if there is room for it.
    fn median(&self, call: &mut dyn FnMut(&mut [f32]) -> Result<f32, Error>, room: usize) -> f64 {
        let mut gradient = vec![0.0; room];
        let mut times: Vec<f64> = (0..RUNS)
            .map(|_| {
                let start = Instant::now();
                black_box(call(black_box(&mut gradient)).expect("a legal batch"));
                start.elapsed().as_secs_f64() * 1e9 / SCORES as f64
            })
            .collect();
        times.sort_by(f64::total_cmp);
        times[RUNS / 2]
    }

    fn both(&self, shape: String, mut call: impl FnMut(&mut [f32]) -> Result<f32, Error>) -> Line {
        let value = self.median(&mut call, 0);
        (shape, value, self.median(&mut call, SCORES))
    }
}

type Line = (String, f64, f64);

/// Completes a batch with the gradient, if there is room for one.
macro_rules! with_gradient {
    ($batch:expr, $gradient:ident) => {
        if $gradient.is_empty() { $batch } else { $batch.gradient($gradient) }
    };
}

impl<'a> Visitor<'a, f32> for Timed<'_> {
    type Output = Vec<Line>;

    fn element<L: ElementLoss<f32> + Configure<'a, f32>>(self, loss: L) -> Vec<Line> {
        vec![self.both(format!("{SCORES}"), |gradient| {
            loss.mean(with_gradient!(Elements::slices(self.scores, 1, self.labels), gradient))
        })]
    }

    fn row<L: RowLoss<f32> + Configure<'a, f32>>(self, loss: L) -> Vec<Line> {
        let line = |classes: usize| {
            let labels = &self.labels[..SCORES / classes];
            self.both(format!("{} x {classes}", labels.len()), |gradient| {
                loss.mean(with_gradient!(Rows::slices(self.scores, classes, labels), gradient))
            })
        };
        vec![line(10), line(1000)]
    }

    fn region<L: RegionLoss<f32> + Configure<'a, f32>>(self, loss: L) -> Vec<Line> {
        let columns = if loss.classes(3).is_ok() { 3 } else { 1 };
        let labels = &self.labels[..SCORES / columns];
        let mut entries = vec![Entry::default(); 2 * labels.len()];
        vec![self.both(format!("{} x {columns}", labels.len()), |gradient| {
            let scratch = Scratch::merge(&mut entries);
            let batch = Regions::slices(self.scores, columns, labels.len(), labels, scratch);
            loss.mean(with_gradient!(batch, gradient))
        })]
    }
}

fn main() {
    let mut state = 1_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    let scores: Vec<f32> = (0..SCORES).map(|_| random() as f32 / (1 << 21) as f32 - 4.0).collect();
    let labels: Vec<u8> = (0..SCORES).map(|_| u8::from(random() % 2 == 0)).collect();
    println!("{:<24} {:>12}  {:>8}  {:>8}", "ns a score, f32", "batch", "value", "+ gradient");
    for (_, info) in LOSSES {
        let timed = Timed { scores: &scores, labels: &labels };
        for (shape, value, gradient) in visit(info.name, timed).expect("a name of the registry") {
            println!("{:<24} {shape:>12}  {value:>8.2}  {gradient:>8.2}", info.name);
        }
    }
}
