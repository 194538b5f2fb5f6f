//! Losses of elements: hard labels over all numbers, and batches of random ones with every parameter.

use microloss::element::{BalancedCrossEntropy, BinaryCrossEntropy, Focal};
use microloss::parameter::PerColumn;
use microloss::{ElementLoss, Elements, Error};

use super::inputs::{Random, patterns};
use super::limits;
use super::measure::{Extent, Group, PIECES, Quantity, Unit, Worst, show};
use super::ulp::{of_terms, ulps};

/// What the true losses of a logit are made of: u is the logit, or minus it where the label is 0.
#[derive(Clone, Copy)]
struct Side {
    /// 1 or -1.
    sign: f64,
    /// The sigmoids of u and of -u.
    right: f64,
    wrong: f64,
    /// softplus(-u).
    nll: f64,
}

impl Side {
    /// Both sides of a logit: label 0 and label 1.
    fn both(x: f64) -> [Self; 2] {
        let e = libm::exp(-x.abs());
        // Of so small a number the logarithm is its series, but for e^3 / 3.
        let tail = if e < 2.0_f64.powi(-27) { e - e * e / 2.0 } else { libm::log1p(e) };
        let (small, large) = (e / (1.0 + e), 1.0 / (1.0 + e));
        let (below, above) = if x < 0.0 { (large, small) } else { (small, large) };
        [
            Self { sign: -1.0, right: below, wrong: above, nll: x.max(0.0) + tail },
            Self { sign: 1.0, right: above, wrong: below, nll: (-x).max(0.0) + tail },
        ]
    }

    fn cross_entropy(&self) -> [f64; 2] {
        [self.nll, -self.sign * self.wrong]
    }

    fn focal(&self, gamma: f64) -> [f64; 2] {
        let q = self.wrong;
        let modulator = match gamma {
            0.0 => 1.0,
            0.5 => libm::sqrt(q),
            1.0 => q,
            2.0 => q * q,
            3.0 => q * q * q,
            5.0 => (q * q) * (q * q) * q,
            _ => libm::pow(q, gamma),
        };
        let slope = gamma * self.right * self.nll + self.wrong;
        [modulator * self.nll, -self.sign * modulator * slope]
    }
}

type Call = Box<dyn Fn(&[f32], &[u8], Option<&mut [f32]>, &mut [f32]) -> Result<(), Error> + Sync>;

/// Values and gradients of scores, given both sides of each and the label.
type Truth = Box<dyn Fn(&[[Side; 2]], u8, &mut [Vec<f64>; 2]) + Sync>;

/// A loss of hard labels.
struct Hard {
    name: String,
    limit: Option<f64>,
    call: Call,
    truth: Truth,
}

fn hard<L: ElementLoss<f32> + Sync + 'static>(
    name: impl Into<String>,
    limit: Option<f64>,
    loss: L,
    truth: impl Fn(&Side) -> [f64; 2] + Sync + 'static,
) -> Hard {
    let call = move |scores: &[f32], labels: &[u8], gradient: Option<&mut [f32]>, values: &mut [f32]| {
        let batch = Elements::slices(scores, 1, labels);
        let batch = if let Some(gradient) = gradient { batch.gradient(gradient) } else { batch };
        loss.each(batch, values).map(drop)
    };
    let truth = move |sides: &[[Side; 2]], label: u8, truths: &mut [Vec<f64>; 2]| {
        let [values, slopes] = truths;
        values.resize(sides.len(), 0.0);
        slopes.resize(sides.len(), 0.0);
        for (sides, (value, slope)) in sides.iter().zip(values.iter_mut().zip(slopes)) {
            [*value, *slope] = truth(&sides[usize::from(label & 1)]);
        }
    };
    Hard { name: name.into(), limit, call: Box::new(call), truth: Box::new(truth) }
}

const GAMMAS: [f32; 6] = [0.0, 0.5, 1.0, 2.0, 3.0, 5.0];

fn hard_losses() -> Result<Vec<Hard>, Error> {
    let alpha = 0.3_f32;
    let weigh = |side: &Side, alpha: f64| if side.sign > 0.0 { alpha } else { 1.0 - alpha };
    let weighted = move |[value, gradient]: [f64; 2], side: &Side, alpha: f32| {
        let weight = weigh(side, f64::from(alpha));
        [weight * value, weight * gradient]
    };
    let balanced = BalancedCrossEntropy::new().alpha(Some(alpha))?;
    let mut losses = vec![
        hard("binary_cross_entropy", limits::BINARY, BinaryCrossEntropy::new(), Side::cross_entropy),
        hard("balanced_cross_entropy, alpha 0.3", limits::BINARY, balanced, move |side| {
            weighted(side.cross_entropy(), side, alpha)
        }),
    ];
    for gamma in GAMMAS {
        let focal = Focal::new().gamma(gamma)?;
        let name = format!("focal, gamma {gamma}");
        let truth = move |side: &Side| side.focal(f64::from(gamma));
        losses.push(hard(name.clone(), limits::FOCAL, focal.alpha(None)?, truth));
        losses.push(hard(name + ", alpha 0.25", limits::FOCAL, focal.alpha(Some(0.25))?, move |side| {
            weighted(truth(side), side, 0.25)
        }));
    }
    Ok(losses)
}

pub fn groups(wanted: impl Fn(&str) -> bool) -> Vec<Group> {
    let losses: Vec<Hard> =
        hard_losses().expect("legal parameters").into_iter().filter(|loss| wanted(&loss.name)).collect();
    let quantities = losses
        .iter()
        .flat_map(|loss| {
            ["value", "gradient"]
                .map(|what| Quantity::new(&loss.name, what, Unit::Ulp, loss.limit).of_one_number())
        })
        .collect();
    let hard = Group { quantities, measure: Box::new(move |extent, piece| over_all(&losses, extent, piece)) };
    let mut groups = if hard.quantities.is_empty() { Vec::new() } else { vec![hard] };
    groups.extend(BATCHES.iter().filter(|batch| wanted(batch.name)).map(|batch| Group {
        quantities: vec![
            Quantity::new(batch.name, "value", Unit::Ulp, batch.limits[0]),
            Quantity::new(batch.name, "gradient", batch.unit, batch.limits[1]),
        ],
        measure: Box::new(|extent, piece| over_batches(batch, extent, piece)),
    }));
    groups
}

/// Every loss at every number, with both labels.
fn over_all(losses: &[Hard], extent: Extent, piece: usize) -> Vec<Worst> {
    let mut worst = vec![Worst::default(); 2 * losses.len()];
    let [mut scores, mut values, mut gradient, mut bare] = [const { Vec::new() }; 4];
    let mut sides = Vec::new();
    let mut truths = [const { Vec::new() }; 2];
    patterns(extent, piece, |block| {
        scores.clear();
        scores.extend(block.iter().filter(|x| x.is_finite()));
        sides.clear();
        sides.extend(scores.iter().map(|&x| Side::both(f64::from(x))));
        values.resize(scores.len(), 0.0);
        bare.resize(scores.len(), 0.0);
        gradient.resize(scores.len(), 0.0);
        for label in [0, 1] {
            let labels = vec![label; scores.len()];
            for (loss, worst) in losses.iter().zip(worst.chunks_exact_mut(2)) {
                let done = (loss.call)(&scores, &labels, Some(&mut gradient), &mut values);
                // The value alone, and items alone, have the same bits.
                let mut same = done.is_ok();
                if extent < Extent::Exhaustive {
                    same &= (loss.call)(&scores, &labels, None, &mut bare).is_ok() && bare == values;
                    for first in scores.len().min(1)..scores.len().min(4) {
                        let (alone, mut one) = (first..first + 1, [0.0; 2]);
                        let [value, slope] = &mut one;
                        let slope = Some(std::slice::from_mut(slope));
                        let value = std::slice::from_mut(value);
                        same &= (loss.call)(&scores[alone.clone()], &labels[alone], slope, value).is_ok();
                        same &= one == [values[first], gradient[first]];
                    }
                }
                if !same {
                    worst[0].see(f64::INFINITY, || format!("{done:?}, or other bits alone, label {label}"));
                }
                (loss.truth)(&sides, label, &mut truths);
                let at = |index| format!("label {label}, {}", show(&scores[index..=index]));
                worst[0].see_each(&values, &truths[0], at);
                worst[1].see_each(&gradient, &truths[1], at);
            }
        }
    });
    worst
}

type BatchCall = fn(Elements<'_, f32, [f32]>, &mut [f32]) -> Result<(), Error>;

/// A loss of random batches.
struct Batch {
    name: &'static str,
    unit: Unit,
    limits: [Option<f64>; 2],
    /// Whether the targets are soft.
    soft: bool,
    /// Calls the loss: for each item, or for the mean, whose value then stands first.
    call: BatchCall,
    /// The weights of -ln(1 - p) and of -ln p for the target.
    weights: fn(target: f64, mean: f64) -> [f64; 2],
    mean: bool,
}

const SMOOTHING: f32 = 0.1;
const POS_WEIGHT: f32 = 3.7;

const BATCHES: &[Batch] = &[
    Batch {
        name: "binary_cross_entropy, pos_weight 3.7",
        unit: Unit::Ulp,
        limits: [limits::NONE, limits::NONE],
        soft: false,
        call: |batch, values| {
            let weight = PerColumn::Same(POS_WEIGHT);
            BinaryCrossEntropy::new().pos_weight(weight)?.each(batch, values).map(drop)
        },
        weights: |target, _| [1.0 - target, f64::from(POS_WEIGHT) * target],
        mean: false,
    },
    Batch {
        name: "binary_cross_entropy, label_smoothing 0.1",
        unit: Unit::Terms,
        limits: [limits::NONE, limits::TERMS],
        soft: false,
        call: |batch, values| {
            BinaryCrossEntropy::new().label_smoothing(SMOOTHING)?.each(batch, values).map(drop)
        },
        weights: |target, _| {
            let smoothing = f64::from(SMOOTHING);
            [1.0 - target, target].map(|y| y * (1.0 - smoothing) + smoothing / 2.0)
        },
        mean: false,
    },
    Batch {
        name: "binary_cross_entropy, soft labels",
        unit: Unit::Terms,
        limits: [limits::NONE, limits::TERMS],
        soft: true,
        call: |batch, values| BinaryCrossEntropy::new().each(batch, values).map(drop),
        weights: |target, _| [1.0 - target, target],
        mean: false,
    },
    Batch {
        name: "balanced_cross_entropy, alpha of the batch",
        unit: Unit::Ulp,
        limits: [limits::BINARY, limits::BINARY],
        soft: false,
        call: |batch, values| BalancedCrossEntropy::new().each(batch, values).map(drop),
        weights: |target, mean| [mean * (1.0 - target), (1.0 - mean) * target],
        mean: false,
    },
    Batch {
        name: "binary_cross_entropy, mean of a batch",
        unit: Unit::Ulp,
        limits: [limits::NONE, limits::NONE],
        soft: false,
        call: |batch, values| {
            values[0] = BinaryCrossEntropy::new().mean(batch)?;
            Ok(())
        },
        weights: |target, _| [1.0 - target, target],
        mean: true,
    },
];

fn over_batches(batch: &Batch, extent: Extent, piece: usize) -> Vec<Worst> {
    let mut worst = vec![Worst::default(); 2];
    for index in (piece..extent.of([64, 2048, 65_536])).step_by(PIECES) {
        let mut random = Random::of(1, index);
        let length = 1 + random.below(1000);
        let positive = random.between(0.01, 0.99);
        let spread = random.between(0.1, 60.0);
        let scores: Vec<f32> = (0..length).map(|_| (spread * random.normal()) as f32).collect();
        let labels: Vec<u8> = (0..length).map(|_| u8::from(random.between(0.0, 1.0) < positive)).collect();
        let soft: Vec<f32> = (0..length).map(|_| random.between(0.0, 1.0) as f32).collect();
        let targets: Vec<f64> = if batch.soft {
            soft.iter().map(|&y| y.into()).collect()
        } else {
            labels.iter().map(|&y| y.into()).collect()
        };
        let mean = targets.iter().sum::<f64>() / length as f64;
        let (mut values, mut gradient) = (vec![0.0; length], vec![0.0; length]);
        let elements = if batch.soft {
            Elements::slices(&scores, 1, &soft[..])
        } else {
            Elements::slices(&scores, 1, &labels[..])
        };
        if let Err(error) = (batch.call)(elements.gradient(&mut gradient), &mut values) {
            worst[0].see(f64::INFINITY, || format!("batch {index}: {error}"));
        }
        let divisor = if batch.mean { length as f64 } else { 1.0 };
        let mut sum = 0.0;
        for (item, &score) in scores.iter().enumerate() {
            let [negative, positive] = Side::both(f64::from(score));
            let [a, b] = (batch.weights)(targets[item], mean);
            let value = a * negative.nll + b * positive.nll;
            let (up, down) = (a * negative.wrong / divisor, b * positive.wrong / divisor);
            sum += value / divisor;
            let at = || format!("batch {index} of {length}, target {}, {}", targets[item], show(&[score]));
            if !batch.mean {
                worst[0].see(ulps(values[item], value), at);
            }
            worst[1].see(
                match batch.unit {
                    Unit::Ulp => ulps(gradient[item], up - down),
                    Unit::Terms => of_terms(gradient[item], up - down, up + down),
                },
                at,
            );
        }
        if batch.mean {
            worst[0].see(ulps(values[0], sum), || format!("batch {index} of {length}"));
        }
    }
    worst
}
