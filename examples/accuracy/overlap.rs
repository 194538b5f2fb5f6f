//! Losses of overlap against f64: the images of `region.rs`, of one class.

use microloss::region::{Dice, Jaccard, Tversky};
use microloss::{Input, RegionLoss, Regions, Scratch};

use super::inputs::Random;
use super::measure::Unit;
use super::region::{Image, Loss, Truth};

pub const LOSSES: &[Loss] = &[
    Loss {
        name: "jaccard",
        unit: Unit::Ulp,
        draw: probabilities,
        truth: |image| truth(image, f64::from, false, [1.0, 1.0, 1.0]),
        call: |image, gradient, _| Jaccard::new().mean(batch(image).gradient(gradient)),
    },
    Loss {
        name: "jaccard, logits",
        unit: Unit::Ulp,
        draw: logits,
        truth: |image| truth(image, sigmoid, false, [1.0, 1.0, 1.0]),
        call: |image, gradient, _| Jaccard::new().from(Input::Logits)?.mean(batch(image).gradient(gradient)),
    },
    Loss {
        name: "dice",
        unit: Unit::Ulp,
        draw: probabilities,
        truth: |image| truth(image, f64::from, false, [2.0, 1.0, 1.0]),
        call: |image, gradient, _| Dice::new().mean(batch(image).gradient(gradient)),
    },
    Loss {
        name: "dice, squared",
        unit: Unit::Ulp,
        draw: probabilities,
        truth: |image| truth(image, f64::from, true, [2.0, 1.0, 1.0]),
        call: |image, gradient, _| Dice::new().squared(true)?.mean(batch(image).gradient(gradient)),
    },
    Loss {
        name: "tversky, 0.25, 0.75",
        unit: Unit::Ulp,
        draw: probabilities,
        truth: |image| truth(image, f64::from, false, [1.0, 0.25, 0.75]),
        call: |image, gradient, _| {
            Tversky::new().fp_weight(0.25)?.fn_weight(0.75)?.mean(batch(image).gradient(gradient))
        },
    },
];

fn batch(image: &Image) -> Regions<'_, f32, [f32]> {
    Regions::slices(&image.scores, 1, image.labels.len(), &image.labels[..], Scratch::none())
}

/// Images that are nearly right, of all sizes of error, or any.
fn probabilities(random: &mut Random, index: usize, pixels: usize) -> Image {
    let share = [0.0, 0.01, 0.5, 1.0][random.below(4)];
    let kind = random.below(4);
    let labels: Vec<u8> = (0..pixels).map(|_| u8::from(random.between(0.0, 1.0) < share)).collect();
    let scores = labels.iter().map(|&label| {
        let error = match kind {
            0 => random.between(0.0, 1.0),
            1 => random.below(2) as f64,
            2 => 10.0_f64.powf(random.between(-44.0, 0.0)),
            _ => 10.0_f64.powf(random.between(-7.0, -5.0)),
        };
        (if label == 1 { 1.0 - error } else { error }) as f32
    });
    Image { index, columns: 1, scores: scores.collect(), labels }
}

fn logits(random: &mut Random, index: usize, pixels: usize) -> Image {
    let spread = random.between(0.1, 20.0);
    let labels: Vec<u8> = (0..pixels).map(|_| random.below(2) as u8).collect();
    let right = random.below(2) == 0;
    let scores = labels.iter().map(|&label| {
        let score = spread * random.normal();
        (if right { score.abs() * (2.0 * f64::from(label) - 1.0) } else { score }) as f32
    });
    Image { index, columns: 1, scores: scores.collect(), labels }
}

/// The probability and its complement.
type Pair = (f64, f64);

fn sigmoid(score: f32) -> f64 {
    1.0 / (1.0 + libm::exp(-f64::from(score)))
}

fn truth(image: &Image, p: fn(f32) -> f64, is_squared: bool, [shared, excess, missing]: [f64; 3]) -> Truth {
    let is_logit = p(2.0) < 1.0;
    let pairs: Vec<Pair> = image
        .scores
        .iter()
        .map(|&score| (p(score), if is_logit { p(-score) } else { 1.0 - p(score) }))
        .collect();
    // 1e-5 as f32 has it.
    let smooth = f64::from(1e-5_f32);
    let (mut agreement, mut error) = (smooth, 0.0);
    for (&(p, rest), &label) in pairs.iter().zip(&image.labels) {
        let (wrong, weight) = if label == 1 { (rest, missing) } else { (p, excess) };
        error += weight * if is_squared { wrong * wrong } else { wrong };
        agreement += if label == 1 { shared * p } else { 0.0 };
    }
    let whole = agreement + error;
    let gradient: Vec<f64> = pairs
        .iter()
        .zip(&image.labels)
        .map(|(&(p, rest), &label)| {
            let (wrong, weight) = if label == 1 { (rest, missing) } else { (p, excess) };
            let own = weight * agreement * if is_squared { 2.0 * wrong } else { 1.0 };
            let slope = if label == 1 { -(own + shared * error) } else { own } / whole / whole;
            if is_logit { slope * p * rest } else { slope }
        })
        .collect();
    Truth { value: error / whole, terms: gradient.iter().map(|entry| entry.abs()).collect(), gradient }
}
