//! What is counted, a line each.

use core::fmt::{Display, Formatter, Result as Written};
use core::hint::black_box;

use microloss::element::MeanSquaredError;
use microloss::loss::Configure;
use microloss::math::SoftmaxTable;
use microloss::metric::{
    Average, BrierScore, CalibrationError, ConfusionMatrix, Coverage, LogLoss, MeanAbsoluteError,
    MeanAbsolutePercentageError, R2Score, RankedScores, RootMeanSquaredError, ScoreHistogram, TopKAccuracy,
    ZeroDivision,
};
use microloss::parameter::Value;
use microloss::registry::{LOSSES, Visitor, visit};
use microloss::row::CrossEntropy;
use microloss::stream::{CompensatedTotal, ExactTotal, Stream};
use microloss::{
    ElementLoss, Elements, Entry, Error, Input, PairLoss, Pairs, Quantized, RegionLoss, Regions, RowLoss,
    Rows, Scratch, Sign, TargetKind, Targets, Total, math,
};

use crate::board::{self, say};
use crate::counter::Counter;

/// Scores of a batch, and pixels of one at most: what fits into the RAM.
const SCORES: usize = if board::THIS.ram < 32 << 10 { 500 } else { 1000 };
const PIXELS: usize = if board::THIS.ram < 32 << 10 { 250 } else { 1000 };

/// What is read.
struct Data {
    logits: [f32; SCORES],
    /// Positive, with the sum 1.
    predicted: [f32; SCORES],
    target: [f32; SCORES],
    labels: [u8; SCORES],
}

impl Data {
    const NOTHING: Self =
        Self { logits: [0.0; SCORES], predicted: [0.0; SCORES], target: [0.0; SCORES], labels: [0; SCORES] };

    fn fill(&mut self) {
        let mut state = 1_u32;
        let mut uniform = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32
        };
        self.logits.fill_with(|| 8.0 * uniform() - 4.0);
        self.labels.fill_with(|| u8::from(uniform() < 0.5));
        for distribution in [&mut self.predicted, &mut self.target] {
            distribution.fill_with(|| 0.5 + uniform());
            let sum: f32 = distribution.iter().sum();
            distribution.iter_mut().for_each(|number| *number /= sum);
        }
    }
}

/// Batches that are meant to take long, or short: what of a loss hangs on its data shows between them.
const ADVERSARIAL: usize = 9;

impl Data {
    /// One of them: random again, all equal, far apart, next to nothing, sorted either way; labels all 0, or all 1; a distribution
    /// of one class, or with next to nothing in it.
    fn fill_adversarial(&mut self, kind: usize) {
        self.fill();
        let sign = |index: usize| if index.is_multiple_of(2) { 1.0 } else { -1.0 };
        let ramp = |index: usize| 16.0 * index as f32 / SCORES as f32 - 8.0;
        for (index, logit) in self.logits.iter_mut().enumerate() {
            *logit = match kind {
                1 => 0.0,
                2 => 80.0 * sign(index),
                3 => 1e-40 * sign(index),
                4 => ramp(index),
                5 => -ramp(index),
                6 => 1e4 * sign(index / 10),
                _ => *logit,
            };
        }
        match kind {
            1 | 4 => self.labels.fill(0),
            2 | 5 => self.labels.fill(1),
            _ => {}
        }
        for distribution in [&mut self.predicted, &mut self.target] {
            match kind {
                1 => distribution.fill(1.0 / SCORES as f32),
                2 | 7 => {
                    distribution.fill(if kind == 2 { 0.0 } else { 1e-40 });
                    distribution[SCORES / 2] = 1.0;
                }
                _ => {}
            }
        }
    }
}

/// The fewest and the most instructions of each line, value and value with gradient.
#[derive(Clone, Copy)]
struct Extremes {
    name: &'static str,
    size: [usize; 2],
    note: &'static str,
    counts: [[Option<u32>; 2]; 2],
}

/// Counts every loss over the adversarial batches.
#[inline(never)]
fn extremes(counter: Counter, data: &mut Data, results: &mut [f32; SCORES]) {
    let nothing = Extremes { name: "", size: [1, 1], note: "", counts: [[None; 2]; 2] };
    let mut lines = [nothing; 64];
    for kind in 0..ADVERSARIAL {
        data.fill_adversarial(kind);
        let mut slots = lines.iter_mut();
        for (_, info) in LOSSES {
            let mut take = |size, note, counts: [Option<u32>; 2]| {
                let slot = slots.next().expect("a slot for each line");
                (slot.name, slot.size, slot.note) = (info.name, size, note);
                for ([least, most], count) in slot.counts.iter_mut().zip(counts) {
                    *least = least.map_or(count, |least| Some(count.map_or(least, |count| count.min(least))));
                    *most = count.max(*most);
                }
            };
            visit(info.name, Counted { counter, data, gradient: results, take: &mut take });
        }
    }
    for Extremes { name, size, note, counts } in lines.iter().filter(|line| !line.name.is_empty()) {
        let [items, width] = size;
        for (what, [least, most]) in ["value", "gradient"].into_iter().zip(counts) {
            let [least, most] = [least, most].map(|count| Each(*count, items * width));
            say!("{name:<27} {items:>4} x {width:<4} {note:<13} {what:<8} {least} {most}");
        }
    }
}

/// Instructions an element, to the hundredth; a dash for none.
struct Each(Option<u32>, usize);

impl Display for Each {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        let Self(Some(instructions), elements) = *self else { return write!(f, "{:>10}", "-") };
        let hundredths = u64::from(instructions) * 100 / elements as u64;
        write!(f, "{:>7}.{:02}", hundredths / 100, hundredths % 100)
    }
}

fn line(name: &str, [items, width]: [usize; 2], note: &str, [value, gradient]: [Option<u32>; 2]) {
    let [value, gradient] = [value, gradient].map(|count| Each(count, items * width));
    say!("{name:<27} {items:>4} x {width:<4} {note:<13} {value} {gradient}");
}

/// Counts a function over an array.
fn function(
    name: &str,
    counter: Counter,
    from: &[f32; SCORES],
    to: &mut [f32; SCORES],
    f: impl Fn(f32) -> f32,
) {
    let count = counter.count(&mut || {
        let (from, to) = black_box((&from[..], &mut to[..]));
        to.iter_mut().zip(from).for_each(|(to, &from)| *to = f(from));
    });
    line(name, [SCORES, 1], "", [Some(count), None]);
}

/// Items of a stream.
const ITEMS: usize = if board::THIS.ram < 32 << 10 { 10 } else { 50 };

/// Counts what a stream of losses takes for an item, beyond the loss itself, and for its mean.
#[inline(never)]
fn stream<S: Stream<Item = Total<f32>> + Default>(
    name: &str,
    counter: Counter,
    data: &Data,
    mean: impl Fn(&S) -> Result<f32, Error>,
) {
    let loss = MeanSquaredError::new();
    let total =
        |at: usize| loss.total(Elements::new(&[data.logits[at]], &[data.target[at]])).unwrap_or_default();
    let items: [Total<f32>; ITEMS] = core::array::from_fn(total);
    let mut stream = S::default();
    let count = counter.count(&mut || {
        for &item in black_box(&items) {
            let _ = black_box(stream.add(item));
        }
    });
    line(name, [ITEMS, 1], "", [Some(count), None]);
    let count = counter.count(&mut || {
        let _ = black_box(mean(black_box(&stream)));
    });
    line(name, [1, 1], "mean", [Some(count), None]);
}

/// Counts what a metric takes for an item, of as many numbers as `width` says, and for a result.
#[inline(never)]
fn metric<S: Stream + Default, R>(
    name: &str,
    width: usize,
    counter: Counter,
    add: impl Fn(&mut S, usize) -> Result<(), Error>,
    (note, result): (&str, impl Fn(&S) -> R),
) {
    let mut stream = S::default();
    let count = counter.count(&mut || {
        for at in 0..black_box(ITEMS) {
            let _ = black_box(add(&mut stream, at));
        }
    });
    line(name, [ITEMS, width], "", [Some(count), None]);
    let count = counter.count(&mut || {
        black_box(result(black_box(&stream)));
    });
    line(name, [1, 1], note, [Some(count), None]);
}

/// Counts the metrics: of ten classes, of two, and of numbers.
#[inline(never)]
fn metrics(counter: Counter, data: &Data) {
    const CLASSES: usize = 10;
    let class = |at: usize| (at + usize::from(data.labels[at])) % CLASSES;
    let row = |at: usize| &data.logits[at * CLASSES..][..CLASSES];
    let positive = |at: usize| data.labels[at] == 1;
    let pair = |at: usize| (data.target[at], data.predicted[at]);
    let skip = ZeroDivision::Skip;
    metric(
        "ConfusionMatrix",
        CLASSES,
        counter,
        |matrix: &mut ConfusionMatrix<CLASSES>, at| matrix.add_scores(class(at), row(at)),
        ("f1", |matrix: &ConfusionMatrix<CLASSES>| matrix.f1::<f32>(Average::Macro, skip)),
    );
    metric(
        "TopKAccuracy",
        CLASSES,
        counter,
        |top: &mut TopKAccuracy<3>, at| top.add_scores(class(at), row(at)),
        ("accuracy", |top: &TopKAccuracy<3>| top.accuracy::<f32>(3)),
    );
    metric(
        "LogLoss",
        CLASSES,
        counter,
        |loss: &mut LogLoss<f32>, at| loss.add_scores(class(at), row(at), Input::Logits),
        ("perplexity", LogLoss::perplexity),
    );
    metric(
        "BrierScore",
        CLASSES,
        counter,
        |score: &mut BrierScore<f32>, at| score.add_scores(class(at), row(at), Input::Logits),
        ("value", BrierScore::value),
    );
    metric(
        "CalibrationError",
        CLASSES,
        counter,
        |error: &mut CalibrationError<f32, 10>, at| error.add_scores(class(at), row(at), Input::Logits),
        ("expected", CalibrationError::expected),
    );
    metric(
        "ScoreHistogram",
        1,
        counter,
        |histogram: &mut ScoreHistogram<64>, at| histogram.add(data.predicted[at] * 200.0, positive(at)),
        ("auroc", |histogram: &ScoreHistogram<64>| histogram.auroc::<f32>(skip)),
    );
    metric(
        "MeanAbsoluteError",
        1,
        counter,
        |error: &mut MeanAbsoluteError<f32>, at| error.add(pair(at)),
        ("value", MeanAbsoluteError::value),
    );
    metric(
        "RootMeanSquaredError",
        1,
        counter,
        |error: &mut RootMeanSquaredError<f32>, at| error.add(pair(at)),
        ("value", RootMeanSquaredError::value),
    );
    metric(
        "MeanAbsolutePercentageError",
        1,
        counter,
        |error: &mut MeanAbsolutePercentageError<f32>, at| error.add(pair(at)),
        ("value", MeanAbsolutePercentageError::value),
    );
    metric(
        "Coverage",
        1,
        counter,
        |coverage: &mut Coverage, at| coverage.add_quantile(data.target[at], data.predicted[at]),
        ("value", |coverage: &Coverage| coverage.value::<f32>()),
    );
    metric(
        "R2Score",
        1,
        counter,
        |score: &mut R2Score<f32>, at| score.add(pair(at)),
        ("value", |score: &R2Score<f32>| score.value(skip)),
    );
}

/// Counts a loss of the registry.
struct Counted<'d> {
    counter: Counter,
    data: &'d Data,
    gradient: &'d mut [f32; SCORES],
    /// Takes the size of a batch, what else there is to say, and the counts; none of a batch that the loss refuses.
    take: &'d mut dyn FnMut([usize; 2], &'static str, [Option<u32>; 2]),
}

/// Counts the mean of a batch without and with a gradient. The compiler sees the loss and the kind of the batch, as in a
/// firmware, and none of its numbers.
macro_rules! both {
    ($counted:ident, [$items:expr, $width:expr], $note:literal, $loss:expr, $batch:expr) => {
        let mut is_legal = true;
        let mut call = |result: Result<f32, Error>| is_legal &= black_box(result).is_ok();
        let value = $counted.counter.count(&mut || call($loss.mean($batch)));
        let gradient = &mut $counted.gradient[..$items * $width];
        let gradient =
            $counted.counter.count(&mut || call($loss.mean($batch.gradient(black_box(&mut *gradient)))));
        ($counted.take)([$items, $width], $note, [value, gradient].map(|count| is_legal.then_some(count)));
    };
}

/// Calls of their own: together they would take more stack than the smallest board has.
impl<'a> Visitor<'a, f32> for Counted<'_> {
    type Output = ();

    #[inline(never)]
    fn element<L: ElementLoss<f32, K> + Configure<'a, f32>, const K: usize>(self, loss: L) {
        let Data { logits, labels, predicted, target } = self.data;
        let items = SCORES / K;
        let signs = labels.map(|label| if label == 0 { Sign::Negative } else { Sign::Positive });
        // What is predicted is positive, as variances are.
        let scores = if loss.input() == Input::Variances { predicted } else { logits };
        let scores = || black_box(&scores[..items * K]);
        both!(self, [items, K], "", L::default(), {
            let targets = match L::TARGETS {
                TargetKind::Binary => Targets::from(black_box(&labels[..items])),
                TargetKind::Numbers => Targets::from(black_box(&target[..items])),
                TargetKind::Signs => Targets::from(black_box(&signs[..items])),
            };
            Elements::slices(scores(), 1, targets)
        });
    }

    #[inline(never)]
    fn row<L: RowLoss<f32> + Configure<'a, f32>>(self, loss: L) {
        let Data { logits, labels, predicted, target } = self.data;
        for classes in [10, SCORES] {
            let rows = SCORES / classes;
            both!(self, [rows, classes], "", L::default(), {
                Rows::slices(black_box(logits), black_box(classes), black_box(&labels[..rows]))
            });
        }
        if loss.takes_distributions() {
            let loss = loss.set("from", Value::Input(Input::Probabilities)).unwrap_or(loss);
            both!(self, [1, SCORES], "probabilities", loss, {
                Rows::slices(black_box(predicted), black_box(SCORES), Targets::from(black_box(&target[..])))
            });
        }
    }

    #[inline(never)]
    fn region<L: RegionLoss<f32> + Configure<'a, f32>>(self, loss: L) {
        let Data { logits, labels, predicted, .. } = self.data;
        let logits = if loss.input() == Input::Probabilities { predicted } else { logits };
        let columns = if loss.classes(3).is_ok() { 3 } else { 1 };
        let pixels = PIXELS.min(SCORES / columns);
        let mut entries = [Entry::default(); 2 * PIXELS];
        both!(self, [pixels, columns], "", L::default(), {
            let (logits, labels) = black_box((&logits[..pixels * columns], &labels[..pixels]));
            Regions::slices(
                logits,
                black_box(columns),
                pixels,
                labels,
                Scratch::merge(black_box(&mut entries)),
            )
        });
    }

    #[inline(never)]
    fn pair<L: PairLoss<f32> + Configure<'a, f32>>(self, _loss: L) {
        const DIMENSION: usize = 20;
        let items = SCORES / (L::VECTORS * DIMENSION);
        let width = L::VECTORS * DIMENSION;
        let Data { logits, .. } = self.data;
        let labels = [1_i8; SCORES / DIMENSION];
        both!(self, [items, width], "", L::default(), {
            let (vectors, labels) = black_box((&logits[..items * width], &labels[..items]));
            let targets = if L::TARGETS.is_some() { Targets::I8(labels) } else { Targets::none() };
            Pairs::slices(vectors, black_box(DIMENSION), targets)
        });
    }
}

/// Counts AUROC without bins, whose scores stand in the caller's scratch.
#[inline(never)]
fn ranked(counter: Counter, data: &Data) {
    let mut entries = [Entry::default(); 2 * ITEMS];
    let mut ranked = RankedScores::new(Scratch::merge(&mut entries));
    let count = counter.count(&mut || {
        for at in 0..black_box(ITEMS) {
            let _ = black_box(ranked.add(data.predicted[at], data.labels[at] == 1));
        }
    });
    line("RankedScores", [ITEMS, 1], "", [Some(count), None]);
    let count = counter.count(&mut || {
        let _ = black_box(ranked.rank().auroc::<f32>(ZeroDivision::Skip));
    });
    line("RankedScores", [1, 1], "auroc", [Some(count), None]);
}

/// Counts cross entropy of int8 logits: as any loss reads them, and with a table.
#[inline(never)]
fn codes(counter: Counter, data: &Data, gradient: &mut [f32; SCORES]) {
    const CLASSES: usize = 10;
    const ROWS: usize = SCORES / CLASSES;
    let codes = data.logits.map(|logit| (logit * 20.0) as i8);
    let (loss, labels) = (CrossEntropy::new(), &data.labels[..ROWS]);
    let batch = || {
        let scores = Quantized::per_tensor(black_box(&codes[..]), black_box(0.05), 0)?;
        Ok::<_, Error>(Rows::quantized_slices(scores, black_box(CLASSES), black_box(labels)))
    };
    let value = counter.count(&mut || {
        let _ = black_box(batch().and_then(|batch| loss.mean(batch)));
    });
    let slope = counter.count(&mut || {
        let gradient = black_box(&mut gradient[..]);
        let _ = black_box(batch().and_then(|batch| loss.mean(batch.gradient(gradient))));
    });
    line("cross_entropy", [ROWS, CLASSES], "int8", [Some(value), Some(slope)]);

    let Ok(table) = SoftmaxTable::new(black_box(0.05)) else { return };
    let rows = || black_box(&codes[..]).chunks(black_box(CLASSES)).zip(black_box(labels));
    let value = counter.count(&mut || {
        for (row, &label) in rows() {
            let _ = black_box(black_box(&table).cross_entropy(row, label.into()));
        }
    });
    let slope = counter.count(&mut || {
        for ((row, &label), gradient) in rows().zip(gradient.chunks_mut(CLASSES)) {
            let _ = black_box(black_box(&table).cross_entropy_with_gradient(row, label.into(), gradient));
        }
    });
    line("softmax_table", [ROWS, CLASSES], "int8", [Some(value), Some(slope)]);
}

/// Prints all lines; whether it could.
pub fn print() -> bool {
    let Some(counter) = Counter::start() else {
        say!("no exact counts: QEMU must run with -icount, as .cargo/qemu does");
        return false;
    };
    let core = board::THIS.core;
    say!("{:<27} {:>11} {core:<13} {:>10} {:>10}", "instructions an element", "batch", "value", "+ gradient");
    let mut data = Data::NOTHING;
    data.fill();
    let mut results = [0.0; SCORES];
    function("exp", counter, &data.logits, &mut results, math::exp);
    function("ln", counter, &data.predicted, &mut results, math::ln);
    for (_, info) in LOSSES {
        let mut take = |size, note, counts: [Option<u32>; 2]| {
            assert!(counts[0].is_some(), "a batch that the loss refuses");
            line(info.name, size, note, counts);
        };
        visit(info.name, Counted { counter, data: &data, gradient: &mut results, take: &mut take });
    }
    codes(counter, &data, &mut results);
    stream("exact_total", counter, &data, ExactTotal::mean);
    stream("compensated_total", counter, &data, CompensatedTotal::mean);
    metrics(counter, &data);
    ranked(counter, &data);
    if cfg!(board = "mps2-an386") {
        say!("\n{:<42} {core:<22} {:>10} {:>10}", "over adversarial batches", "fewest", "most");
        extremes(counter, &mut data, &mut results);
    }
    // A program cannot see its own flash and stack.
    if cfg!(board = "mps2-an386") {
        say!("\nflash and stack as committed; cargo test --test costs measures them");
        say!("{}", include_str!("../../tests/costs/footprint-v7em.txt").trim_end());
    }
    true
}
