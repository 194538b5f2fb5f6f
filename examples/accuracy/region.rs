//! Lovász losses against f64, along the order of the errors.
//!
//! The order is the true one, for it is the crate's own: the keys of a hinge are the scores, and those of
//! probabilities are they; from logits, images are drawn so that no two errors of a class are nearer than 2^-16 of
//! the smaller of them and their complements, some hundred times the error of a key, unless two pixels are equal.

use std::cmp::Ordering;
use std::collections::HashSet;

use microloss::region::{LovaszHinge, LovaszSoftmax};
use microloss::{Entry, Error, Input, RegionLoss, Regions, Scratch};

use super::inputs::Random;
use super::limits;
use super::measure::{Extent, Group, PIECES, Quantity, Unit, Worst, show};
use super::overlap;
use super::row::Softmax;
use super::ulp::{of_terms, ulps};

const PIXELS: usize = 65_536;

pub struct Image {
    pub index: usize,
    pub columns: usize,
    pub scores: Vec<f32>,
    pub labels: Vec<u8>,
}

/// The true value and gradient, and the sum of the terms of each entry of the gradient.
pub struct Truth {
    pub value: f64,
    pub gradient: Vec<f64>,
    pub terms: Vec<f64>,
}

/// The value; the gradient goes into the second.
pub type Call = fn(&Image, &mut [f32], Scratch<'_, f32>) -> Result<f32, Error>;

/// A loss of images, and how they are drawn.
pub struct Loss {
    pub name: &'static str,
    /// Of the gradient: that through a softmax is a sum of terms of both signs.
    pub unit: Unit,
    pub draw: fn(&mut Random, index: usize, pixels: usize) -> Image,
    pub truth: fn(&Image) -> Truth,
    pub call: Call,
}

const LOSSES: &[Loss] = &[
    Loss {
        name: "lovasz_hinge",
        unit: Unit::Ulp,
        draw: one_column,
        truth: hinge,
        call: |image, gradient, scratch| {
            let Image { scores, labels, .. } = image;
            let batch = Regions::slices(scores, 1, labels.len(), &labels[..], scratch);
            LovaszHinge::new().mean(batch.gradient(gradient))
        },
    },
    Loss {
        name: "lovasz_softmax",
        unit: Unit::Terms,
        draw: apart,
        truth: from_logits,
        call: |image, gradient, scratch| {
            let Image { scores, labels, columns, .. } = image;
            let batch = Regions::slices(scores, *columns, labels.len(), &labels[..], scratch);
            LovaszSoftmax::new().mean(batch.gradient(gradient))
        },
    },
    Loss {
        name: "lovasz_softmax, in place",
        unit: Unit::Terms,
        draw: apart,
        truth: from_logits,
        call: |image, gradient, scratch| {
            let Image { scores, labels, columns, .. } = image;
            gradient.copy_from_slice(scores);
            let batch = Regions::slices_in_place(gradient, *columns, labels.len(), &labels[..], scratch);
            LovaszSoftmax::new().mean(batch)
        },
    },
    Loss {
        name: "lovasz_softmax, probabilities",
        unit: Unit::Ulp,
        draw: probabilities,
        truth: from_probabilities,
        call: |image, gradient, scratch| {
            let Image { scores, labels, columns, .. } = image;
            let batch = Regions::slices(scores, *columns, labels.len(), &labels[..], scratch);
            LovaszSoftmax::new().from(Input::Probabilities)?.mean(batch.gradient(gradient))
        },
    },
];

pub fn groups(wanted: impl Fn(&str) -> bool) -> Vec<Group> {
    let group = |loss: &'static Loss| Group {
        quantities: vec![
            Quantity::new(loss.name, "value", Unit::Ulp, limits::REGION),
            Quantity::new(loss.name, "gradient", loss.unit, limits::REGION),
        ],
        measure: Box::new(|extent, piece| over_images(loss, extent, piece)),
    };
    LOSSES.iter().chain(overlap::LOSSES).filter(|loss| wanted(loss.name)).map(group).collect()
}

fn over_images(loss: &Loss, extent: Extent, piece: usize) -> Vec<Worst> {
    let mut worst = vec![Worst::default(); 2];
    for index in (piece..extent.of([1 << 6, 1 << 11, 1 << 14])).step_by(PIECES) {
        let mut random = Random::of(3, index);
        // Of each thousand the first are large.
        let is_large = index % 1024 < extent.of([2, 8, 16]);
        let pixels = if is_large { PIXELS } else { 1 + random.below([3, 40, 600][index % 3]) };
        let image = (loss.draw)(&mut random, index, pixels);
        let truth = (loss.truth)(&image);
        let mut gradient = vec![0.0; image.scores.len()];
        let mut entries = vec![Entry::default(); 4 * pixels];
        let value = (loss.call)(&image, &mut gradient, Scratch::merge(&mut entries));
        let made = || format!("image {index}: {pixels} pixels of {} scores", image.columns);
        match value {
            Ok(value) => worst[0].see(ulps(value, truth.value), made),
            Err(error) => worst[0].see(f64::INFINITY, || format!("{}: {error}", made())),
        }
        for (entry, (&found, &true_entry)) in gradient.iter().zip(&truth.gradient).enumerate() {
            let at = || {
                let (pixel, column) = (entry / image.columns, entry % image.columns);
                let scores = &image.scores[pixel * image.columns..][..image.columns];
                let label = image.labels[pixel];
                format!("{}, pixel {pixel}, column {column}, label {label}, {}", made(), show(scores))
            };
            worst[1].see(
                match loss.unit {
                    Unit::Ulp => ulps(found, true_entry),
                    Unit::Terms => of_terms(found, true_entry, truth.terms[entry]),
                },
                at,
            );
        }
    }
    worst
}

/// The increments of the Jaccard loss, along pixels that are of the foreground or not.
fn weights(order: impl Iterator<Item = bool>, foreground: usize) -> impl Iterator<Item = f64> {
    let (mut remaining, mut union) = (foreground, foreground);
    order.map(move |is_foreground| {
        if is_foreground {
            remaining -= 1;
            return 1.0 / union as f64;
        }
        union += 1;
        if union == 1 { 1.0 } else { remaining as f64 / ((union - 1) as f64 * union as f64) }
    })
}

fn one_column(random: &mut Random, index: usize, pixels: usize) -> Image {
    let share = [0.0, 0.01, 0.5, 0.9, 1.0][random.below(5)];
    let spread = random.any_size(-3.0, 3.0).abs();
    // Some images are full of ties.
    let grid = random.below(2) == 0;
    let mut draw = || {
        let score = spread * random.normal();
        if grid { (score * 8.0 / spread).round() * spread / 8.0 } else { score }
    };
    let scores = (0..pixels).map(|_| draw() as f32).collect();
    let labels = (0..pixels).map(|_| u8::from(random.between(0.0, 1.0) < share)).collect();
    Image { index, columns: 1, scores, labels }
}

fn hinge(image: &Image) -> Truth {
    let key =
        |pixel: usize| if image.labels[pixel] == 1 { -image.scores[pixel] } else { image.scores[pixel] };
    let mut order: Vec<usize> = (0..image.labels.len()).filter(|&pixel| key(pixel) > -1.0).collect();
    order.sort_by(|&a, &b| key(b).partial_cmp(&key(a)).expect("numbers"));
    let foreground = image.labels.iter().filter(|&&label| label == 1).count();
    let mut gradient = vec![0.0; image.labels.len()];
    let mut value = 0.0;
    let weights = weights(order.iter().map(|&pixel| image.labels[pixel] == 1), foreground);
    for (&pixel, weight) in order.iter().zip(weights) {
        value += (1.0 + f64::from(key(pixel))) * weight;
        gradient[pixel] = if image.labels[pixel] == 1 { -weight } else { weight };
    }
    Truth { value, terms: gradient.clone(), gradient }
}

/// Pixels of logits whose errors are apart, or that are equal to one before.
fn apart(random: &mut Random, index: usize, pixels: usize) -> Image {
    let columns = [2, 3, 3, 8, 21][random.below(5)];
    // Where there are few pixels there is room for errors apart even among classes that are nearly equal.
    let spread = if pixels < 1000 { random.any_size(-1.0, 0.9).abs() } else { random.between(2.0, 8.0) };
    let (mut scores, mut labels) = (Vec::with_capacity(pixels * columns), Vec::with_capacity(pixels));
    let mut taken = HashSet::new();
    while labels.len() < pixels {
        if !labels.is_empty() && random.below(20) == 0 {
            let twin = random.below(labels.len());
            scores.extend_from_within(twin * columns..(twin + 1) * columns);
            labels.push(labels[twin]);
            continue;
        }
        let label = random.below(columns);
        let mut row: Vec<f32> = (0..columns).map(|_| (spread * random.normal()) as f32).collect();
        if random.below(2) == 0 {
            row[label] += random.between(0.0, 20.0) as f32;
        }
        let softmax = Softmax::of(&row);
        let places: Vec<(usize, i64)> = (0..columns)
            .map(|class| {
                let odds = libm::log(softmax.p(class)) - libm::log(softmax.rest(class));
                (class, ((if class == label { -odds } else { odds }) * 65_536.0).floor() as i64)
            })
            .collect();
        if places
            .iter()
            .any(|&(class, place)| (place - 1..=place + 1).any(|place| taken.contains(&(class, place))))
        {
            continue;
        }
        taken.extend(places);
        scores.extend(row);
        labels.push(label as u8);
    }
    Image { index, columns, scores, labels }
}

fn from_logits(image: &Image) -> Truth {
    let columns = image.columns;
    let rows: Vec<Softmax> = image.scores.chunks_exact(columns).map(Softmax::of).collect();
    let is_own = |pixel: usize, class: usize| usize::from(image.labels[pixel]) == class;
    let error = |pixel: usize, class: usize| {
        let (row, own) = (&rows[pixel], is_own(pixel, class));
        if own { (row.rest(class), row.p(class)) } else { (row.p(class), row.rest(class)) }
    };
    // By the error, or, where that is near 1, by its complement.
    let compare = |a: (f64, f64), b: (f64, f64)| {
        let by_error = a.0.partial_cmp(&b.0).expect("numbers");
        if a.0 > 0.5 && b.0 > 0.5 { b.1.partial_cmp(&a.1).expect("numbers") } else { by_error }
    };
    let (value, slopes) = by_class(image, error, compare);
    let mut gradient = vec![0.0; slopes.len()];
    let mut terms = gradient.clone();
    for (pixel, row) in rows.iter().enumerate() {
        let slopes = &slopes[pixel * columns..][..columns];
        let peak = if row.p(row.argmax) > 0.5 { slopes[row.argmax] } else { 0.0 };
        let mean: f64 = (0..columns).map(|class| (slopes[class] - peak) * row.p(class)).sum();
        let size: f64 = (0..columns).map(|class| slopes[class].abs() * row.p(class)).sum();
        for class in 0..columns {
            gradient[pixel * columns + class] = row.p(class) * ((slopes[class] - peak) - mean);
            terms[pixel * columns + class] = row.p(class) * (slopes[class].abs() + size);
        }
    }
    Truth { value, gradient, terms }
}

/// The value, and the derivatives with respect to the probabilities.
fn by_class<E: Copy>(
    image: &Image,
    error: impl Fn(usize, usize) -> (f64, E),
    compare: impl Fn((f64, E), (f64, E)) -> Ordering,
) -> (f64, Vec<f64>) {
    let columns = image.columns;
    let mut slopes = vec![0.0; image.scores.len()];
    let mut value = 0.0;
    let bearing = |class: usize| image.labels.iter().filter(|&&label| usize::from(label) == class).count();
    let present: Vec<usize> = (0..columns).filter(|&class| bearing(class) > 0).collect();
    let share = present.len() as f64;
    for &class in &present {
        let errors: Vec<(f64, E)> = (0..image.labels.len()).map(|pixel| error(pixel, class)).collect();
        let mut order: Vec<usize> = (0..image.labels.len()).collect();
        order.sort_by(|&a, &b| compare(errors[b], errors[a]));
        let is_own = |pixel: usize| usize::from(image.labels[pixel]) == class;
        let weights = weights(order.iter().map(|&pixel| is_own(pixel)), bearing(class));
        for (&pixel, weight) in order.iter().zip(weights) {
            value += errors[pixel].0 * weight / share;
            let slope = if errors[pixel].0 == 0.0 { 0.0 } else { weight / share };
            slopes[pixel * columns + class] = if is_own(pixel) { -slope } else { slope };
        }
    }
    (value, slopes)
}

/// Probabilities of all sizes, many equal, that need not sum to 1.
fn probabilities(random: &mut Random, index: usize, pixels: usize) -> Image {
    let columns = [2, 3, 8][random.below(3)];
    let kind = random.below(4);
    let mut draw = || match kind {
        0 => random.between(0.0, 1.0),
        1 => random.below(17) as f64 / 16.0,
        2 => 10.0_f64.powf(random.between(-44.0, 0.0)),
        _ => 1.0 - 10.0_f64.powf(random.between(-8.0, 0.0)),
    };
    let scores = (0..pixels * columns).map(|_| draw() as f32).collect();
    let labels = (0..pixels).map(|_| random.below(columns) as u8).collect();
    Image { index, columns, scores, labels }
}

fn from_probabilities(image: &Image) -> Truth {
    // The probability, and whether its complement is the error.
    let error = |pixel: usize, class: usize| {
        let p = f64::from(image.scores[pixel * image.columns + class]);
        let own = usize::from(image.labels[pixel]) == class;
        (if own { 1.0 - p } else { p }, (p, own))
    };
    let compare = |(_, (a, a_own)): (f64, (f64, bool)), (_, (b, b_own)): (f64, (f64, bool))| {
        // How a + b is to 1, exactly.
        let sum_to_one = || {
            let sum = a + b;
            let rounded_off = if a > b { b - (sum - a) } else { a - (sum - b) };
            sum.partial_cmp(&1.0).expect("numbers").then(rounded_off.partial_cmp(&0.0).expect("numbers"))
        };
        match (a_own, b_own) {
            (true, true) => b.partial_cmp(&a).expect("numbers"),
            (false, false) => a.partial_cmp(&b).expect("numbers"),
            // 1 - a against b.
            (true, false) => sum_to_one().reverse(),
            (false, true) => sum_to_one(),
        }
    };
    let (value, gradient) = by_class(image, error, compare);
    Truth { value, terms: gradient.clone(), gradient }
}
