//! Nanoseconds an element of every loss of the registry, in f32: value, and value with gradient.
//!
//! `cargo bench --bench throughput --features simd` prints the medians; words after `--` pick losses by name.
//! Compare figures only within one run, as machines are noisy: the first line times a bare sum of exponentials.

use std::hint::black_box;
use std::time::Instant;

use microloss::loss::Configure;
use microloss::registry::{LOSSES, Visitor, visit};
use microloss::{
    ElementLoss, Elements, Entry, Error, Input, PairLoss, Pairs, RegionLoss, Regions, RowLoss, Rows, Scratch,
    TargetKind, Targets,
};

const RUNS: usize = 15;

/// Deterministic numbers.
struct Random(u32);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0 >> 8
    }

    fn scores(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.next() as f32 / (1 << 21) as f32 - 4.0).collect()
    }

    fn labels(&mut self, count: usize, classes: usize) -> Vec<u8> {
        (0..count).map(|_| (self.next() as usize % classes.min(256)) as u8).collect()
    }
}

/// Median nanoseconds an element; the gradient is asked for if there is room for it.
fn median(elements: usize, room: usize, call: &mut dyn FnMut(&mut [f32]) -> Result<f32, Error>) -> f64 {
    let mut gradient = vec![0.0; room];
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            black_box(call(black_box(&mut gradient)).expect("a legal batch"));
            start.elapsed().as_secs_f64() * 1e9 / elements as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

fn line(
    name: &str,
    batch: &str,
    [elements, scores]: [usize; 2],
    mut call: impl FnMut(&mut [f32]) -> Result<f32, Error>,
) {
    let value = median(elements, 0, &mut call);
    let gradient = median(elements, scores, &mut call);
    println!("{name:<24} {batch:>24}  {value:>8.3}  {gradient:>8.3}");
}

/// Completes a batch with the gradient, if there is room for one.
macro_rules! with_gradient {
    ($batch:expr, $gradient:ident) => {
        if $gradient.is_empty() { $batch } else { $batch.gradient($gradient) }
    };
}

/// Times one loss.
struct Timed;

impl<'a> Visitor<'a, f32> for Timed {
    type Output = ();

    fn element<L: ElementLoss<f32, K> + Configure<'a, f32>, const K: usize>(self, loss: L) {
        let count = 1_000_000;
        let mut random = Random(1);
        let mut scores = random.scores(count * K);
        if loss.input() == Input::Variances {
            scores.iter_mut().for_each(|score| *score = score.abs());
        }
        let (labels, numbers) = (random.labels(count, 2), random.scores(count));
        let signs: Vec<i8> = labels.iter().map(|&label| if label == 0 { -1 } else { 1 }).collect();
        let targets = match L::TARGETS {
            TargetKind::Binary => Targets::from(&labels[..]),
            TargetKind::Numbers => Targets::from(&numbers[..]),
            TargetKind::Signs => Targets::from(&signs[..]),
        };
        line(L::INFO.name, "1 000 000", [count, count * K], |gradient| {
            loss.mean(with_gradient!(Elements::slices(&scores, 1, targets), gradient))
        });
    }

    fn row<L: RowLoss<f32> + Configure<'a, f32>>(self, loss: L) {
        for (rows, classes, name) in [(1024, 1000, "1024 x 1000"), (65_536, 10, "65 536 x 10")] {
            let mut random = Random(1);
            let (scores, labels) = (random.scores(rows * classes), random.labels(rows, classes));
            line(L::INFO.name, name, [scores.len(); 2], |gradient| {
                loss.mean(with_gradient!(Rows::slices(&scores, classes, &labels[..]), gradient))
            });
        }
        let log_probabilities = loss.set("from", microloss::parameter::Value::Input(Input::LogProbabilities));
        if let (true, Ok(loss)) = (loss.takes_distributions(), log_probabilities) {
            let (rows, classes) = (1000, 1000);
            let mut random = Random(1);
            let normalized = |scores: &[f32]| -> Vec<f64> {
                let exponentials: Vec<f64> = scores.iter().map(|&score| f64::from(score).exp()).collect();
                let sum: f64 = exponentials.iter().sum();
                exponentials.iter().map(|e| e / sum).collect()
            };
            let mut distributions = |f: fn(f64) -> f64| -> Vec<f32> {
                let scores = random.scores(rows * classes);
                scores.chunks(classes).flat_map(normalized).map(|p| f(p) as f32).collect()
            };
            let (scores, targets) = (distributions(f64::ln), distributions(|p| p));
            line(L::INFO.name, "1000 x 1000, soft, ln p", [scores.len(); 2], |gradient| {
                loss.mean(with_gradient!(Rows::slices(&scores, classes, &targets[..]), gradient))
            });
        }
    }

    fn region<L: RegionLoss<f32> + Configure<'a, f32>>(self, loss: L) {
        let columns = if loss.classes(21).is_ok() { 21 } else { 1 };
        let pixels = 512 * 512;
        let mut random = Random(1);
        let (mut scores, labels) = (random.scores(pixels * columns), random.labels(pixels, columns.max(2)));
        if loss.input() == Input::Probabilities {
            scores.iter_mut().for_each(|score| *score = (*score + 4.0) / 8.0);
        }
        let mut entries = vec![Entry::default(); 4 * pixels];
        line(L::INFO.name, &format!("512 x 512 x {columns}"), [scores.len(); 2], |gradient| {
            let scratch = Scratch::merge(&mut entries);
            let batch = Regions::slices(&scores, columns, pixels, &labels[..], scratch);
            loss.mean(with_gradient!(batch, gradient))
        });
    }

    fn pair<L: PairLoss<f32> + Configure<'a, f32>>(self, loss: L) {
        let (items, dimension) = (4096, 128);
        let mut random = Random(1);
        let scores = random.scores(items * L::VECTORS * dimension);
        let labels: Vec<i8> =
            random.labels(items, 2).iter().map(|&label| if label == 0 { -1 } else { 1 }).collect();
        let targets = if L::TARGETS.is_some() { Targets::I8(&labels) } else { Targets::none() };
        line(
            L::INFO.name,
            &format!("{items} x {} x {dimension}", L::VECTORS),
            [scores.len(); 2],
            |gradient| loss.mean(with_gradient!(Pairs::slices(&scores, dimension, targets), gradient)),
        );
    }
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    println!("{:<24} {:>24}  {:>8}  {:>8}", "ns an element, f32", "batch", "value", "+ gradient");
    let scores = Random(1).scores(1_000_000);
    let mut exponentials = |_: &mut [f32]| Ok(scores.iter().map(|&score| microloss::math::exp(score)).sum());
    println!(
        "{:<24} {:>24}  {:>8.3}",
        "exp, one by one",
        "1 000 000",
        median(scores.len(), 0, &mut exponentials)
    );
    for (_, info) in LOSSES {
        if wanted.is_empty() || wanted.iter().any(|word| info.name == word) {
            visit(info.name, Timed).expect("a name of the registry");
        }
    }
}
