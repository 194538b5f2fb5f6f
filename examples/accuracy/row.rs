//! Losses of rows against f64: hard labels, and distributions.

use microloss::row::{CrossEntropy, FocalMulticlass, KlDivergence};
use microloss::{Error, Input, RowLoss, Rows, Targets};

use super::family::{Row, distribution, draw};
use super::inputs::Random;
use super::limits;
use super::measure::{Extent, Group, PIECES, Quantity, Unit, Worst, show};
use super::ulp::{of_terms, ulps};

const CLASSES: [usize; 9] = [2, 3, 10, 63, 64, 65, 100, 999, 1000];
const SMOOTHING: f32 = 0.1;

/// The softmax of a row, in f64: nothing in it cancels.
pub struct Softmax {
    max: f64,
    pub argmax: usize,
    /// exp(x - max).
    terms: Vec<f64>,
    /// The sum of all terms but the largest.
    tail: f64,
}

impl Softmax {
    pub fn of(scores: &[f32]) -> Self {
        let scores: Vec<f64> = scores.iter().map(|&x| f64::from(x)).collect();
        let mut argmax = 0;
        for (index, score) in scores.iter().enumerate() {
            if *score > scores[argmax] {
                argmax = index;
            }
        }
        let max = scores[argmax];
        let terms: Vec<f64> = scores.iter().map(|score| libm::exp(score - max)).collect();
        let tail = terms.iter().enumerate().filter(|&(index, _)| index != argmax).map(|(_, term)| term).sum();
        Self { max, argmax, terms, tail }
    }

    pub fn p(&self, class: usize) -> f64 {
        self.terms[class] / (1.0 + self.tail)
    }

    /// 1 - p, from the other terms.
    pub fn rest(&self, class: usize) -> f64 {
        let others = if class == self.argmax { self.tail } else { 1.0 + (self.tail - self.terms[class]) };
        others / (1.0 + self.tail)
    }

    /// -ln p.
    pub fn nll(&self, score: f32) -> f64 {
        (self.max - f64::from(score)) + libm::log1p(self.tail)
    }
}

pub type Call = fn(Rows<'_, f32, [f32]>, usize, &mut [f32]) -> Result<(), Error>;

/// A loss with a hard label.
struct Hard {
    name: &'static str,
    call: Call,
    /// From -ln p, p and 1 - p of the right class: the value, what multiplies the wrong classes' p in the gradient,
    /// and what multiplies 1 - p of the right one.
    truth: fn(nll: f64, p: f64, rest: f64, label: usize) -> [f64; 2],
}

/// A weight for each class.
fn weight(class: usize) -> f32 {
    0.3 + 0.7 * (class % 5) as f32
}

fn focal(gamma: f64, nll: f64, p: f64, rest: f64) -> [f64; 2] {
    let modulator = if gamma == 0.0 { 1.0 } else { libm::pow(rest, gamma) };
    let ratio = if rest == 0.0 { 1.0 } else { nll / rest };
    [modulator * nll, modulator * (gamma * p * ratio + 1.0)]
}

macro_rules! focal {
    ($($gamma:literal),*) => {
        [$( Hard {
            name: concat!("focal_multiclass, gamma ", $gamma),
            call: |rows, _, values| FocalMulticlass::new().gamma($gamma)?.each(rows, values).map(drop),
            truth: |nll, p, rest, _| focal(f64::from($gamma as f32), nll, p, rest),
        }, )*]
    };
}

const HARD: &[Hard] = &[
    Hard {
        name: "cross_entropy",
        call: |rows, _, values| CrossEntropy::new().each(rows, values).map(drop),
        truth: |nll, _, _, _| [nll, 1.0],
    },
    Hard {
        name: "cross_entropy, weights",
        call: |rows, classes, values| {
            let weights: Vec<f32> = (0..classes).map(weight).collect();
            CrossEntropy::new().weights(Some(&weights))?.each(rows, values).map(drop)
        },
        truth: |nll, _, _, label| [f64::from(weight(label)) * nll, f64::from(weight(label))],
    },
    Hard {
        name: "kl_divergence, labels",
        call: |rows, _, values| KlDivergence::new().each(rows, values).map(drop),
        truth: |nll, _, _, _| [nll, 1.0],
    },
];
const FOCAL: &[Hard] = &focal!(0.0, 0.5, 1.0, 2.0, 3.0, 5.0);

/// A loss whose target is a distribution, or is made one.
struct Soft {
    name: &'static str,
    from: Input,
    /// Whether the entropy of the target is taken off the value.
    divergence: bool,
    /// Whether the target is a label, smoothed.
    smoothed: bool,
    call: Call,
}

const SOFT: &[Soft] = &[
    Soft {
        name: "cross_entropy, label_smoothing 0.1",
        from: Input::Logits,
        divergence: false,
        smoothed: true,
        call: |rows, _, values| CrossEntropy::new().label_smoothing(SMOOTHING)?.each(rows, values).map(drop),
    },
    Soft {
        name: "cross_entropy, soft",
        from: Input::Logits,
        divergence: false,
        smoothed: false,
        call: |rows, _, values| CrossEntropy::new().each(rows, values).map(drop),
    },
    Soft {
        name: "cross_entropy, soft, probabilities",
        from: Input::Probabilities,
        divergence: false,
        smoothed: false,
        call: |rows, _, values| CrossEntropy::new().from(Input::Probabilities)?.each(rows, values).map(drop),
    },
    Soft {
        name: "kl_divergence",
        from: Input::Logits,
        divergence: true,
        smoothed: false,
        call: |rows, _, values| KlDivergence::new().each(rows, values).map(drop),
    },
    Soft {
        name: "kl_divergence, probabilities",
        from: Input::Probabilities,
        divergence: true,
        smoothed: false,
        call: |rows, _, values| KlDivergence::new().from(Input::Probabilities)?.each(rows, values).map(drop),
    },
    Soft {
        name: "kl_divergence, log_probabilities",
        from: Input::LogProbabilities,
        divergence: true,
        smoothed: false,
        call: |rows, _, values| {
            KlDivergence::new().from(Input::LogProbabilities)?.each(rows, values).map(drop)
        },
    },
];

pub fn groups(wanted: impl Fn(&str) -> bool) -> Vec<Group> {
    let hard: Vec<&Hard> = HARD.iter().chain(FOCAL).filter(|loss| wanted(loss.name)).collect();
    let soft: Vec<&Soft> = SOFT.iter().filter(|loss| wanted(loss.name)).collect();
    let mut groups = Vec::new();
    if !hard.is_empty() {
        let quantities = hard
            .iter()
            .flat_map(|loss| {
                ["value", "gradient"].map(|what| Quantity::new(loss.name, what, Unit::Ulp, limits::ROW))
            })
            .collect();
        groups.push(Group {
            quantities,
            measure: Box::new(move |extent, piece| over_batches(batches(extent), piece, &hard, over_labels)),
        });
    }
    if !soft.is_empty() {
        let quantities = soft
            .iter()
            .flat_map(|loss| {
                let unit = if loss.divergence { Unit::Terms } else { Unit::Ulp };
                [
                    Quantity::new(loss.name, "value", unit, limits::ROW),
                    Quantity::new(loss.name, "gradient", Unit::Terms, limits::TERMS),
                ]
            })
            .collect();
        groups.push(Group {
            quantities,
            measure: Box::new(move |extent, piece| {
                over_batches(batches(extent), piece, &soft, over_distributions)
            }),
        });
    }
    groups
}

fn batches(extent: Extent) -> usize {
    extent.of([1 << 7, 1 << 13, 1 << 17])
}

/// A batch of rows of as many classes.
pub struct Batch {
    index: usize,
    pub classes: usize,
    pub rows: Vec<Row>,
    pub scores: Vec<f32>,
}

/// Draws the batches of a piece, and measures each loss with each.
pub fn over_batches<L>(
    count: usize,
    piece: usize,
    losses: &[L],
    measure: fn(&Batch, &mut Random, &[L], &mut [Worst]),
) -> Vec<Worst> {
    let mut worst = vec![Worst::default(); 2 * losses.len()];
    for index in (piece..count).step_by(PIECES) {
        let mut random = Random::of(2, index);
        let classes = CLASSES[random.below(CLASSES.len())];
        // Whole blocks of rows, parts of one, and a row alone.
        let count = [1, 16, 37][random.below(3)];
        let count = if classes > 100 { count.min(16) } else { count };
        let rows: Vec<Row> = (0..count).map(|_| draw(&mut random, classes)).collect();
        let scores = rows.iter().flat_map(|row| row.scores.iter().copied()).collect();
        measure(&Batch { index, classes, rows, scores }, &mut random, losses, &mut worst);
    }
    worst
}

impl Batch {
    /// Values and gradient of a loss; says where it refuses.
    pub fn call(
        &self,
        call: Call,
        scores: &[f32],
        targets: Targets<'_, f32>,
        worst: &mut Worst,
    ) -> [Vec<f32>; 2] {
        let (mut values, mut gradient) = (vec![0.0; self.rows.len()], vec![0.0; scores.len()]);
        let rows = Rows::slices(scores, self.classes, targets);
        if let Err(error) = call(rows.gradient(&mut gradient), self.classes, &mut values) {
            worst.see(f64::INFINITY, || format!("batch {}: {error}", self.index));
        }
        [values, gradient]
    }

    pub fn at(&self, row: usize, entry: usize, scores: &[f32]) -> String {
        let scores = &scores[row * self.classes..(row + 1) * self.classes];
        let entry =
            if self.classes > 4 { format!("{} at {entry}", show(&[scores[entry]])) } else { show(scores) };
        format!("batch {}, row {row}: {}: {entry}", self.index, self.rows[row].made)
    }
}

fn over_labels(batch: &Batch, _: &mut Random, losses: &[&Hard], worst: &mut [Worst]) {
    let labels: Vec<u32> = batch.rows.iter().map(|row| row.label as u32).collect();
    let softmaxes: Vec<Softmax> = batch.rows.iter().map(|row| Softmax::of(&row.scores)).collect();
    for (loss, worst) in losses.iter().zip(worst.chunks_exact_mut(2)) {
        let [values, gradient] = batch.call(loss.call, &batch.scores, Targets::U32(&labels), &mut worst[0]);
        for (row, softmax) in softmaxes.iter().enumerate() {
            let Row { scores, label, .. } = &batch.rows[row];
            let (p, rest) = (softmax.p(*label), softmax.rest(*label));
            let [value, k] = (loss.truth)(softmax.nll(scores[*label]), p, rest, *label);
            worst[0].see(ulps(values[row], value), || batch.at(row, *label, &batch.scores));
            for (class, &found) in gradient[row * batch.classes..].iter().take(batch.classes).enumerate() {
                let truth = if class == *label { -k * rest } else { k * softmax.p(class) };
                worst[1].see(ulps(found, truth), || batch.at(row, class, &batch.scores));
            }
        }
    }
}

fn over_distributions(batch: &Batch, random: &mut Random, losses: &[&Soft], worst: &mut [Worst]) {
    let softmaxes: Vec<Softmax> = batch.rows.iter().map(|row| Softmax::of(&row.scores)).collect();
    let mut distributions = Vec::new();
    let (mut probabilities, mut logarithms) = (Vec::new(), Vec::new());
    for (row, softmax) in batch.rows.iter().zip(&softmaxes) {
        let p: Vec<f64> = (0..batch.classes).map(|class| softmax.p(class)).collect();
        distributions.extend(distribution(random, &p));
        probabilities.extend(p.iter().map(|&p| p as f32));
        let nlls = row.scores.iter().map(|&score| softmax.nll(score));
        logarithms.extend(nlls.map(|nll| -nll as f32));
    }
    let labels: Vec<u32> = batch.rows.iter().map(|row| row.label as u32).collect();
    for (loss, worst) in losses.iter().zip(worst.chunks_exact_mut(2)) {
        let scores = match loss.from {
            Input::Logits => &batch.scores,
            Input::Probabilities => &probabilities,
            _ => &logarithms,
        };
        let targets = if loss.smoothed { Targets::U32(&labels) } else { Targets::Values(&distributions) };
        let [values, gradient] = batch.call(loss.call, scores, targets, &mut worst[0]);
        for (row, softmax) in softmaxes.iter().enumerate() {
            let entries = row * batch.classes..(row + 1) * batch.classes;
            let q: Vec<f64> = if loss.smoothed {
                let spread = f64::from(SMOOTHING) / batch.classes as f64;
                let own =
                    |class| if class == labels[row] as usize { 1.0 - f64::from(SMOOTHING) } else { 0.0 };
                (0..batch.classes).map(|class| own(class) + spread).collect()
            } else {
                distributions[entries.clone()].iter().map(|&q| q.into()).collect()
            };
            let (mut value, mut terms) = (0.0, 0.0);
            let mass: f64 = q.iter().sum();
            for (class, &q) in q.iter().enumerate() {
                let score = scores[entries.start + class];
                let nll = match loss.from {
                    Input::Logits => softmax.nll(score),
                    Input::Probabilities => (-libm::log(f64::from(score))).min(100.0),
                    _ => -f64::from(score),
                };
                let term = if q == 0.0 { 0.0 } else { q * nll };
                let entropy = if loss.divergence && q > 0.0 { q * libm::log(q) } else { 0.0 };
                value += term + entropy;
                terms += term.abs() + entropy.abs();
                let (up, down) = match loss.from {
                    Input::Logits => (mass * softmax.p(class), q),
                    Input::Probabilities => (0.0, q / f64::from(score).max(f64::from(1e-12_f32))),
                    _ => (0.0, q),
                };
                let found = gradient[entries.start + class];
                worst[1].see(of_terms(found, up - down, up + down), || {
                    format!("{}, q {q:e}", batch.at(row, class, scores))
                });
            }
            let found = values[row];
            let error = if loss.divergence { of_terms(found, value, terms) } else { ulps(found, value) };
            worst[0].see(error, || batch.at(row, batch.rows[row].label, scores));
        }
    }
}
