//! Rows of scores that are hard on a softmax.

use super::inputs::Random;

/// A row with its right class, and how it was made.
pub struct Row {
    pub scores: Vec<f32>,
    pub label: usize,
    pub made: String,
}

/// What rows are made of.
#[derive(Clone, Copy, Debug)]
enum Family {
    Normal,
    /// The right class is ahead of equal others.
    Ahead,
    /// It is behind equal others.
    Behind,
    /// It is ahead of a row that is not equal.
    AheadOfAll,
    /// One wrong class comes near it, hundreds stay far below.
    OneNear,
    Equal,
    /// Two lead, a hair apart.
    TwoLead,
    /// Large numbers, a few last places apart.
    Large,
    /// From 1e-30 to 1e30.
    Mixed,
    /// Any bits.
    Bits,
    /// Probabilities that are subnormal.
    Subnormal,
    /// Differences that the subtraction of large scores rounds.
    Rounded,
}

const FAMILIES: [Family; 12] = [
    Family::Normal,
    Family::Ahead,
    Family::Behind,
    Family::AheadOfAll,
    Family::OneNear,
    Family::Equal,
    Family::TwoLead,
    Family::Large,
    Family::Mixed,
    Family::Bits,
    Family::Subnormal,
    Family::Rounded,
];

/// Draws a row; no difference of scores overflows.
pub fn draw(random: &mut Random, classes: usize) -> Row {
    let family = FAMILIES[random.below(FAMILIES.len())];
    let label = match random.below(4) {
        0 => 0,
        1 => classes - 1,
        _ => random.below(classes),
    };
    let other = (label + 1 + random.below(classes - 1)) % classes;
    // Margins are whole as often as not.
    let margin = random.between(0.0, 100.0);
    let margin = if random.bits() & 1 == 0 { margin.round() } else { margin };
    let spread = [0.01, 1.0, 5.0, 20.0][random.below(4)];
    let mut scores: Vec<f64> = (0..classes).map(|_| spread * random.normal()).collect();
    let mut shift = 0.0;
    match family {
        Family::Normal => {}
        Family::Ahead | Family::Behind => {
            scores.fill(0.0);
            scores[label] = if matches!(family, Family::Ahead) { margin } else { -margin };
            shift = random.any_size(-3.0, 4.0);
        }
        Family::AheadOfAll => {
            let largest = scores.iter().fold(f64::MIN, |a, &b| a.max(b));
            scores[label] = largest + margin;
        }
        Family::OneNear => {
            for score in &mut scores {
                *score = -margin - random.between(8.0, 60.0);
            }
            scores[label] = 0.0;
            scores[other] = -margin;
            shift = random.any_size(-3.0, 3.0);
        }
        Family::Equal => {
            scores.fill(0.0);
            shift = random.any_size(-30.0, 30.0);
        }
        Family::TwoLead => {
            let leader = random.any_size(-2.0, 6.0) as f32;
            for score in &mut scores {
                *score = f64::from(leader) - random.between(1.0, 100.0);
            }
            scores[other] = f64::from(leader);
            scores[label] = f64::from(nudged(leader, random));
        }
        Family::Large => {
            let base = random.any_size(3.0, 30.0) as f32;
            for score in &mut scores {
                *score = f64::from(nudged(base, random));
            }
        }
        Family::Mixed => {
            for score in &mut scores {
                *score = random.any_size(-30.0, 30.0);
            }
        }
        Family::Bits => {
            for score in &mut scores {
                let number = f32::from_bits(random.bits() as u32);
                *score = if number.is_finite() { f64::from(number) / 16.0 } else { 0.0 };
            }
        }
        Family::Subnormal => {
            for score in &mut scores {
                *score = random.between(-110.0, -70.0);
            }
            let top = if random.bits() & 1 == 0 { label } else { other };
            scores[top] = random.between(-1.0, 1.0);
        }
        Family::Rounded => {
            for score in &mut scores {
                *score = random.any_size(-6.0, 3.0);
            }
            scores[label] = random.any_size(0.0, 2.0);
        }
    }
    let scores: Vec<f32> = scores.iter().map(|score| (score + shift) as f32).collect();
    let made = format!("{family:?}, label {label} of {classes}, margin {margin}, shift {shift:e}");
    Row { scores, label, made }
}

/// A number up to 16 last places away.
fn nudged(number: f32, random: &mut Random) -> f32 {
    f32::from_bits(number.to_bits().wrapping_add(random.below(33) as u32).wrapping_sub(16))
}

/// A distribution: of a usual softmax, near the one given, with zeros, or with parts that are tiny.
pub fn distribution(random: &mut Random, near: &[f64]) -> Vec<f32> {
    let kind = random.below(4);
    let mut parts: Vec<f64> = near
        .iter()
        .map(|&p| match kind {
            0 => (2.0 * random.normal()).exp(),
            1 => p * (1.0 + 1e-3 * random.normal()),
            2 => (random.between(-1.0, 1.0)).max(0.0),
            _ => 10.0_f64.powf(random.between(-44.0, 0.0)),
        })
        .collect();
    if parts.iter().sum::<f64>() < 1e-30 {
        parts[0] = 1.0;
    }
    let sum: f64 = parts.iter().sum();
    parts.iter().map(|part| (part / sum) as f32).collect()
}
