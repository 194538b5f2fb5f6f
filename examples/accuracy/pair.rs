//! Losses of vectors against f64.

use microloss::pair::{CosineEmbedding, TripletMargin};
use microloss::{Error, PairLoss, Pairs, Targets};

use super::inputs::Random;
use super::limits;
use super::measure::{Extent, Group, PIECES, Quantity, Unit, Worst, show};
use super::ulp::of_terms;

/// One item.
struct Item {
    vectors: Vec<Vec<f32>>,
    label: i8,
}

/// The true value and gradient, and the sum of the terms of each entry.
struct Truth {
    value: f64,
    terms_of_value: f64,
    gradient: Vec<f64>,
    terms: Vec<f64>,
}

struct Loss {
    name: &'static str,
    vectors: usize,
    truth: fn(&Item) -> Truth,
    call: fn(&Item, &mut [f32]) -> Result<f32, Error>,
}

const LOSSES: &[Loss] = &[
    Loss {
        name: "cosine_embedding",
        vectors: 2,
        truth: cosine,
        call: |item, gradient| {
            let (scores, labels) = (item.vectors.concat(), [item.label]);
            let batch = Pairs::slices(&scores, item.vectors[0].len(), &labels[..]);
            CosineEmbedding::new().mean(batch.gradient(gradient))
        },
    },
    Loss {
        name: "triplet_margin",
        vectors: 3,
        truth: triplet,
        call: |item, gradient| {
            let scores = item.vectors.concat();
            let batch = Pairs::slices(&scores, item.vectors[0].len(), Targets::none());
            TripletMargin::new().mean(batch.gradient(gradient))
        },
    },
];

pub fn groups(wanted: impl Fn(&str) -> bool) -> Vec<Group> {
    let group = |loss: &'static Loss| Group {
        quantities: vec![
            Quantity::new(loss.name, "value", Unit::Terms, limits::PAIR),
            Quantity::new(loss.name, "gradient", Unit::Terms, limits::PAIR),
        ],
        measure: Box::new(|extent, piece| over_items(loss, extent, piece)),
    };
    LOSSES.iter().filter(|loss| wanted(loss.name)).map(group).collect()
}

fn over_items(loss: &Loss, extent: Extent, piece: usize) -> Vec<Worst> {
    let mut worst = vec![Worst::default(); 2];
    for index in (piece..extent.of([1 << 11, 1 << 17, 1 << 20])).step_by(PIECES) {
        let item = draw(&mut Random::of(7, index), loss.vectors);
        let truth = (loss.truth)(&item);
        let mut gradient = vec![0.0; truth.gradient.len()];
        let made = || {
            let vectors: Vec<String> = item.vectors.iter().map(|vector| show(vector)).collect();
            format!("item {index}, label {}: {}", item.label, vectors.join("; "))
        };
        match (loss.call)(&item, &mut gradient) {
            Ok(value) => {
                worst[0].see(of_terms(value, truth.value, truth.terms_of_value), made);
            }
            Err(error) => worst[0].see(f64::INFINITY, || format!("{}: {error}", made())),
        }
        for (entry, &found) in gradient.iter().enumerate() {
            let (true_entry, terms) = (truth.gradient[entry], truth.terms[entry]);
            let at = || format!("entry {entry} of {}", made());
            worst[1].see(of_terms(found, true_entry, terms), at);
        }
    }
    worst
}

/// Vectors of one size, the later ones of any direction, near the first, or opposite.
fn draw(random: &mut Random, count: usize) -> Item {
    let dimension = [1, 2, 3, 16, 37, 128][random.below(6)];
    let scale = 10.0_f64.powf(random.between(-8.0, 8.0));
    let mut vectors: Vec<Vec<f64>> = vec![(0..dimension).map(|_| scale * random.normal()).collect()];
    while vectors.len() < count {
        let near = 10.0_f64.powf(random.between(-7.0, 0.0));
        let factor = [1.0, 1.0, -1.0, 0.0][random.below(4)];
        let own = if factor == 0.0 { scale } else { near * scale };
        vectors.push(vectors[0].iter().map(|component| factor * component + own * random.normal()).collect());
    }
    let vectors = vectors.iter().map(|vector| vector.iter().map(|&component| component as f32).collect());
    Item { vectors: vectors.collect(), label: [1, -1][random.below(2)] }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn wide(item: &Item) -> Vec<Vec<f64>> {
    item.vectors.iter().map(|vector| vector.iter().map(|&component| component.into()).collect()).collect()
}

fn cosine(item: &Item) -> Truth {
    let [a, b] = &wide(item)[..] else { panic!("two vectors") };
    // As f32 has it.
    let floor = f64::from(1e-12_f32);
    let lengths = [a, b].map(|vector| (dot(vector, vector) + floor).sqrt());
    let unit =
        |vector: &[f64], length: f64| vector.iter().map(|component| component / length).collect::<Vec<_>>();
    let (u, v) = (unit(a, lengths[0]), unit(b, lengths[1]));
    let apart: f64 = u.iter().zip(&v).map(|(u, v)| (u - v) * (u - v)).sum();
    let rest = lengths.map(|length| floor / (length * length));
    let distance = (apart + rest[0] + rest[1]) / 2.0;
    let cosine = dot(&u, &v);
    let is_like = item.label == 1;
    let is_active = is_like || cosine > 0.0;
    let sign = f64::from(u8::from(is_active)) * if is_like { 1.0 } else { -1.0 };
    let (mut gradient, mut terms) = (Vec::new(), Vec::new());
    for ((u, v), length) in [(&u, &v), (&v, &u)].into_iter().zip(lengths) {
        for (&u, &v) in u.iter().zip(v) {
            gradient.push(sign * ((u - v) - distance * u) / length);
            terms.push(sign.abs() * (v.abs() + (cosine * u).abs()) / length);
        }
    }
    let value = if is_like { distance } else { cosine.max(0.0) };
    let products: f64 = u.iter().zip(&v).map(|(u, v)| (u * v).abs()).sum();
    // The fourth power of an epsilon, and less, is not told from 0.
    let of_like = value.max(2.0_f64.powi(-66));
    let terms_of_value = if is_like { of_like } else { products };
    Truth { value, terms_of_value, gradient, terms }
}

fn triplet(item: &Item) -> Truth {
    let [a, p, n] = &wide(item)[..] else { panic!("three vectors") };
    let epsilon = f64::from(1e-6_f32);
    let apart = |u: &[f64], v: &[f64]| {
        let apart: Vec<f64> = u.iter().zip(v).map(|(u, v)| (u - v) + epsilon).collect();
        let length = dot(&apart, &apart).sqrt();
        let unit = apart.iter().map(|x| if length == 0.0 { 0.0 } else { x / length }).collect::<Vec<_>>();
        (length, unit)
    };
    let ((near, to_near), (far, to_far)) = (apart(a, p), apart(a, n));
    let value = (near - far + 1.0).max(0.0);
    let factor = if value > 0.0 { 1.0 } else { 0.0 };
    let pairs = || to_near.iter().zip(&to_far);
    let mut gradient: Vec<f64> = pairs().map(|(u, v)| factor * (u - v)).collect();
    gradient.extend(to_near.iter().map(|u| -factor * u));
    gradient.extend(to_far.iter().map(|v| factor * v));
    let mut terms: Vec<f64> = pairs().map(|(u, v)| factor * (u.abs() + v.abs())).collect();
    terms.extend(gradient[terms.len()..].iter().map(|entry| entry.abs()).collect::<Vec<_>>());
    let terms_of_value = if value > 0.0 { near + far + 1.0 } else { 0.0 };
    Truth { value, terms_of_value, gradient, terms }
}
