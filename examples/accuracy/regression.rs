//! Losses of an error, and of signs: over all numbers, and over random pairs whose difference rounding changes.

use microloss::element::{
    GaussianNll, Hinge, Huber, LogCosh, MeanAbsoluteError, MeanSquaredError, Quantile, SmoothL1,
};
use microloss::parameter::PerColumn;
use microloss::{ElementLoss, Elements, Error, Input};

use super::inputs::{Random, patterns};
use super::limits;
use super::measure::{Extent, Group, PIECES, Quantity, Unit, Worst, show};
use super::ulp::{of_terms, ulps};

type Call = Box<dyn Fn(&[f32], &[f32], &mut [f32], &mut [f32]) -> Result<(), Error> + Sync>;

/// Values and gradients, of errors or of scores on their side of 0.
type Truth = Box<dyn Fn(&[f64], &mut [Vec<f64>; 2]) + Sync>;

fn each(truth: impl Fn(f64) -> [f64; 2] + Sync + 'static) -> Truth {
    Box::new(move |errors, truths| {
        let [values, slopes] = truths;
        values.resize(errors.len(), 0.0);
        slopes.resize(errors.len(), 0.0);
        for (&error, (value, slope)) in errors.iter().zip(values.iter_mut().zip(slopes)) {
            [*value, *slope] = truth(error);
        }
    })
}

/// A loss of one number.
struct OfError {
    name: &'static str,
    call: Call,
    truth: Truth,
    /// The targets are 1, and the truth is that of the score.
    is_signed: bool,
}

fn of_error<L: ElementLoss<f32> + Sync + 'static>(
    name: &'static str,
    loss: L,
    truth: impl Fn(f64) -> [f64; 2] + Sync + 'static,
) -> OfError {
    let call = move |scores: &[f32], targets: &[f32], gradient: &mut [f32], values: &mut [f32]| {
        loss.each(Elements::slices(scores, 1, targets).gradient(gradient), values).map(drop)
    };
    OfError { name, call: Box::new(call), truth: each(truth), is_signed: false }
}

fn of_sign(name: &'static str, loss: Hinge<f32>, margin: f64) -> OfError {
    let call = move |scores: &[f32], targets: &[f32], gradient: &mut [f32], values: &mut [f32]| {
        let signs: Vec<i8> = targets.iter().map(|_| 1).collect();
        loss.each(Elements::slices(scores, 1, &signs[..]).gradient(gradient), values).map(drop)
    };
    let truth = move |x: f64| if x < margin { [margin - x, -1.0] } else { [0.0, 0.0] };
    OfError { name, call: Box::new(call), truth: each(truth), is_signed: true }
}

fn sign(e: f64) -> f64 {
    if e == 0.0 { 0.0 } else { e.signum() }
}

fn huber(e: f64, delta: f64) -> [f64; 2] {
    let size = e.abs();
    if size <= delta { [e * e / 2.0, e] } else { [delta * (size - delta / 2.0), delta * sign(e)] }
}

/// Wrong by less than 2^-50 of itself: below 2^-10 the next terms of the series are e^6/45 and 17 e^7/315.
fn log_cosh(e: f64) -> [f64; 2] {
    let square = e * e;
    if square < 2.0_f64.powi(-20) {
        return [
            square * (0.5 - square * (1.0 / 12.0 - square / 45.0)),
            e - e * square * (1.0 / 3.0 - square * (2.0 / 15.0)),
        ];
    }
    if square > 400.0 {
        return [e.abs() - core::f64::consts::LN_2, sign(e)];
    }
    let (size, half) = (e.abs(), libm::sinh(e.abs().min(1.0) / 2.0));
    let tail = libm::log1p(libm::exp(-2.0 * size)) - core::f64::consts::LN_2;
    [if size < 1.0 { libm::log1p(2.0 * half * half) } else { size + tail }, libm::tanh(e)]
}

fn losses() -> Result<Vec<OfError>, Error> {
    let third = 0.3_f32;
    let exact = f64::from(third);
    let smooth = move |e: f64, beta: f64| huber(e, beta).map(|number| number / beta);
    let quantile = |e: f64, tau: f64| if e <= 0.0 { [-tau * e, -tau] } else { [(1.0 - tau) * e, 1.0 - tau] };
    Ok(vec![
        of_error("mean_squared_error", MeanSquaredError::new(), |e| [e * e, 2.0 * e]),
        of_error("mean_squared_error, half", MeanSquaredError::new().half(true)?, |e| [e * e / 2.0, e]),
        of_error("mean_absolute_error", MeanAbsoluteError::new(), |e| [e.abs(), sign(e)]),
        of_error("huber", Huber::new(), |e| huber(e, 1.0)),
        of_error("huber, delta 0.3", Huber::new().delta(third)?, move |e| huber(e, exact)),
        of_error("smooth_l1", SmoothL1::new(), move |e| smooth(e, 1.0)),
        of_error("smooth_l1, beta 0.3", SmoothL1::new().beta(third)?, move |e| smooth(e, exact)),
        of_error("smooth_l1, beta 1e30", SmoothL1::new().beta(1e30)?, move |e| {
            smooth(e, f64::from(1e30_f32))
        }),
        of_error("log_cosh", LogCosh::new(), log_cosh),
        of_error("quantile, tau 0.3", Quantile::new().tau(PerColumn::Same(third))?, move |e| {
            quantile(e, exact)
        }),
        of_sign("hinge", Hinge::new(), 1.0),
        of_sign("hinge, margin 0.3", Hinge::new().margin(third)?, exact),
    ])
}

pub fn groups(wanted: impl Fn(&str) -> bool) -> Vec<Group> {
    let losses: Vec<OfError> =
        losses().expect("legal parameters").into_iter().filter(|loss| wanted(loss.name)).collect();
    let mut groups: Vec<Group> = losses.into_iter().map(group).collect();
    groups.extend(GAUSSIAN.into_iter().filter(|(name, ..)| wanted(name)).map(|(name, input, unit)| Group {
        quantities: vec![
            Quantity::new(name, "value", Unit::Terms, limits::PREDICTED),
            Quantity::new(format!("{name}, the mean's"), "gradient", Unit::Ulp, limits::PREDICTED),
            Quantity::new(format!("{name}, the other's"), "gradient", unit, limits::PREDICTED),
        ],
        measure: Box::new(move |extent, piece| gaussian(input, unit, extent, piece)),
    }));
    groups
}

fn group(loss: OfError) -> Group {
    let quantity = |what| Quantity::new(loss.name, what, Unit::Ulp, limits::PREDICTED).of_one_number();
    Group {
        quantities: ["value", "gradient"].map(quantity).to_vec(),
        measure: Box::new(move |extent, piece| {
            let mut worst = vec![Worst::default(); 2];
            let mut block = Block::default();
            patterns(extent, piece, |numbers| {
                block.see(&loss, numbers.iter().map(|&x| (x, 0.0)), &mut worst);
            });
            if !loss.is_signed {
                let mut random = Random::of(18, piece);
                for _ in 0..extent.of([2, 64, 4096]) {
                    block.see(&loss, (0..1024).map(|_| pair(&mut random)), &mut worst);
                }
            }
            worst
        }),
    }
}

/// A prediction and a target: near each other, or near what the parameters are, or of any size.
fn pair(random: &mut Random) -> (f32, f32) {
    let target = random.any_size(-3.0, 3.0) as f32;
    let distance = match random.below(4) {
        0 => random.any_size(-8.0, 3.0),
        1 => 0.3 * (1.0 + 1e-3 * random.normal()),
        2 => 1.0 + 1e-3 * random.normal(),
        _ => random.any_size(-30.0, 18.0),
    };
    ((f64::from(target) + distance) as f32, target)
}

/// Predictions and targets, and what comes of them.
#[derive(Default)]
struct Block {
    scores: Vec<f32>,
    targets: Vec<f32>,
    errors: Vec<f64>,
    /// Values and gradients.
    truth: [Vec<f64>; 2],
    found: [Vec<f32>; 2],
}

impl Block {
    fn see(&mut self, loss: &OfError, pairs: impl Iterator<Item = (f32, f32)>, worst: &mut [Worst]) {
        self.scores.clear();
        self.targets.clear();
        for (score, target) in pairs {
            self.scores.push(score);
            self.targets.push(target);
        }
        self.take_truth(loss);
        // A loss beyond the type is refused.
        let is_legal =
            |(score, value): (&f32, &f64)| score.is_finite() & (*value < 0.999 * f64::from(f32::MAX));
        let pairs = || self.scores.iter().zip(&self.truth[0]);
        if !pairs().fold(true, |all, pair| all & is_legal(pair)) {
            let legal: Vec<bool> = pairs().map(is_legal).collect();
            let mut keep = legal.iter();
            self.scores.retain(|_| keep.next() == Some(&true));
            let mut keep = legal.iter();
            self.targets.retain(|_| keep.next() == Some(&true));
            self.take_truth(loss);
        }
        let Self { scores, targets, truth, found, .. } = self;
        let [values, gradient] = found;
        values.resize(scores.len(), 0.0);
        gradient.resize(scores.len(), 0.0);
        if let Err(error) = (loss.call)(scores, targets, gradient, values) {
            worst[0].see(f64::INFINITY, || error.to_string());
        }
        for (worst, (found, truth)) in worst.iter_mut().zip(found.iter().zip(truth)) {
            worst.see_each(found, truth, |index| show(&[scores[index], targets[index]]));
        }
    }

    fn take_truth(&mut self, loss: &OfError) {
        self.errors.clear();
        let pairs = self.scores.iter().zip(&self.targets);
        self.errors.extend(pairs.map(|(&x, &y)| f64::from(x) - f64::from(y)));
        (loss.truth)(&self.errors, &mut self.truth);
    }
}

const GAUSSIAN: [(&str, Input, Unit); 2] = [
    ("gaussian_nll", Input::Variances, Unit::Ulp),
    ("gaussian_nll, log_variances", Input::LogVariances, Unit::Terms),
];

/// Random means, variances and targets; often the square of the error is near the variance.
fn gaussian(input: Input, unit: Unit, extent: Extent, piece: usize) -> Vec<Worst> {
    let mut worst = vec![Worst::default(); 3];
    let loss = GaussianNll::new().from(input).expect("a legal input");
    for index in (piece..extent.of([256, 16_384, 1 << 20])).step_by(PIECES) {
        let mut random = Random::of(19, index);
        let (mut scores, mut targets) = (Vec::new(), Vec::new());
        for _ in 0..64 {
            let (mean, target) = pair(&mut random);
            let error = f64::from(mean) - f64::from(target);
            let variance = match random.below(4) {
                0 => (error * error) as f32,
                1 => (error * error * (1.0 + 1e-6 * random.normal())) as f32,
                2 => random.any_size(-3.0, 3.0).abs() as f32,
                _ => random.any_size(-12.0, 12.0).abs() as f32,
            };
            let spread =
                if input == Input::Variances { variance } else { libm::log(f64::from(variance)) as f32 };
            // Else the reference would round the error, too.
            let is_exact = f64::from(mean) - error == f64::from(target);
            if spread.is_finite() && error.abs() < 1e12 && is_exact {
                scores.extend([mean, spread]);
                targets.push(target);
            }
        }
        let (mut values, mut gradient) = (vec![0.0; targets.len()], vec![0.0; scores.len()]);
        let batch = Elements::slices(&scores, 1, &targets[..]).gradient(&mut gradient);
        if let Err(error) = loss.each(batch, &mut values) {
            worst[0].see(f64::INFINITY, || format!("batch {index}: {error}"));
            continue;
        }
        for (item, (scores, gradient)) in scores.chunks(2).zip(gradient.chunks(2)).enumerate() {
            let error = f64::from(scores[0]) - f64::from(targets[item]);
            let spread = f64::from(scores[1]);
            let (logarithm, variance) = if input == Input::Variances {
                let variance = spread.max(f64::from(1e-6_f32));
                (libm::log(variance), variance)
            } else {
                (spread, libm::exp(spread))
            };
            let square = error * error / variance;
            let surplus = libm::fma(error, -error, variance) / variance;
            let at = || show(&[scores[0], scores[1], targets[item]]);
            let terms = (logarithm.abs() + square) / 2.0;
            worst[0].see(of_terms(values[item], (logarithm + square) / 2.0, terms), at);
            worst[1].see(ulps(gradient[0], error / variance), at);
            worst[2].see(
                match unit {
                    Unit::Ulp => ulps(gradient[1], surplus / variance / 2.0),
                    Unit::Terms => of_terms(gradient[1], surplus / 2.0, (1.0 + square) / 2.0),
                },
                at,
            );
        }
    }
    worst
}
