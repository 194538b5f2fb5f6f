//! Divergences of rows against f64: from every input, against labels and distributions.

use microloss::row::{Brier, JensenShannon};
use microloss::{Input, RowLoss, Targets};

use super::family::distribution;
use super::inputs::Random;
use super::limits;
use super::measure::{Extent, Group, Quantity, Unit, Worst};
use super::row::{Batch, Call, Softmax, over_batches};
use super::ulp::{of_terms, ulps};

/// The term of a class, the magnitudes of its terms, its derivative with respect to p, and those of that.
type Term = fn(p: f64, q: f64, difference: f64) -> [f64; 4];

/// A sum over the classes.
struct Divergence {
    name: &'static str,
    from: Input,
    has_labels: bool,
    call: Call,
    term: Term,
    /// What the slope is bounded by, from probabilities.
    least_slope: f64,
}

fn jensen_shannon(pi: f64, p: f64, q: f64, difference: f64) -> [f64; 4] {
    let rest = 1.0 - pi;
    let m = pi * p + rest * q;
    // ln(v / m), given v - m.
    let ln = |v: f64, above: f64| if above > -0.5 * m { libm::log1p(above / m) } else { libm::log(v / m) };
    let part = |v: f64, above: f64| if v == 0.0 { 0.0 } else { v * ln(v, above) };
    let parts = [pi * part(p, rest * difference), rest * part(q, -pi * difference)];
    let slope = if q == 0.0 { -pi * libm::log(pi) } else { pi * ln(p, rest * difference) };
    let share = if m == 0.0 { 0.0 } else { pi * rest * q / m };
    [parts[0] + parts[1], parts[0].abs() + parts[1].abs(), slope, slope.abs() + share]
}

fn brier(_: f64, p: f64, q: f64, difference: f64) -> [f64; 4] {
    [difference * difference, difference.abs() * (p + q), 2.0 * difference, 2.0 * (p + q)]
}

macro_rules! divergences {
    ($($name:literal, $loss:expr, $pi:expr, $term:expr;)*) => {
        [$(
            divergences!($name, "", $loss, $pi, $term, Logits),
            divergences!($name, ", probabilities", $loss, $pi, $term, Probabilities),
            divergences!($name, ", log_probabilities", $loss, $pi, $term, LogProbabilities),
        )*]
    };
    ($name:literal, $input:literal, $loss:expr, $pi:expr, $term:expr, $from:ident) => {
        [(", labels", true), ("", false)].map(|(_, has_labels)| Divergence {
            name: if has_labels { concat!($name, $input, ", labels") } else { concat!($name, $input) },
            from: Input::$from,
            has_labels,
            call: |rows, _, values| $loss?.from(Input::$from)?.each(rows, values).map(drop),
            term: |p, q, difference| $term($pi.into(), p, q, difference),
            least_slope: -100.0 * f64::from($pi),
        })
    };
}

fn all() -> impl Iterator<Item = Divergence> {
    let all = divergences!(
        "jensen_shannon", JensenShannon::new().pi(0.5), 0.5_f32, jensen_shannon;
        "jensen_shannon, pi 0.3", JensenShannon::new().pi(0.3), 0.3_f32, jensen_shannon;
        "brier", Ok::<_, microloss::Error>(Brier::new()), 1.0_f32, brier;
    );
    all.into_iter().flatten()
}

impl Divergence {
    /// Whether every term is at least 0 and of numbers that are not rounded before they meet.
    fn is_exact(&self) -> bool {
        self.has_labels || self.from == Input::Probabilities
    }

    fn units(&self) -> [Unit; 2] {
        let of_gradient = self.is_exact() && !(self.from == Input::Logits && self.name.starts_with("brier"));
        [self.is_exact(), of_gradient].map(|exact| if exact { Unit::Ulp } else { Unit::Terms })
    }

    fn limit(&self, unit: Unit) -> Option<f64> {
        let is_short = self.has_labels || self.name.starts_with("brier");
        if is_short && unit == Unit::Ulp { limits::ROW } else { limits::DIVERGENCE }
    }
}

pub fn groups(wanted: impl Fn(&str) -> bool) -> Vec<Group> {
    let losses: Vec<Divergence> = all().filter(|loss| wanted(loss.name)).collect();
    if losses.is_empty() {
        return Vec::new();
    }
    let quantities = losses.iter().flat_map(|loss| {
        let [value, gradient] = loss.units();
        [("value", value), ("gradient", gradient)]
            .map(|(what, unit)| Quantity::new(loss.name, what, unit, loss.limit(unit)))
    });
    let quantities = quantities.collect();
    vec![Group {
        quantities,
        measure: Box::new(move |extent: Extent, piece| {
            over_batches(extent.of([1 << 6, 1 << 11, 1 << 16]), piece, &losses, measure)
        }),
    }]
}

/// The numbers of a row in f64, from which its truth comes.
struct Truth {
    value: [f64; 2],
    gradient: Vec<[f64; 2]>,
}

impl Divergence {
    fn truth(&self, softmax: &Softmax, scores: &[f32], q: &[f64], label: Option<usize>) -> Truth {
        let predicted = |class: usize| match self.from {
            // What vanishes even in f64 has no quotients.
            Input::Logits => Some(softmax.p(class)).filter(|p| *p > 1e-300).unwrap_or(0.0),
            Input::LogProbabilities => libm::exp(f64::from(scores[class]).max(-690.0)),
            _ => scores[class].into(),
        };
        let difference = |class: usize| match (self.from, q[class] == 1.0) {
            (Input::Logits, true) => -softmax.rest(class),
            (Input::LogProbabilities, true) => libm::expm1(scores[class].into()),
            // The largest probability may be all but 1.
            (Input::Logits, false) if softmax.p(class) > 0.5 => (1.0 - q[class]) - softmax.rest(class),
            _ => predicted(class) - q[class],
        };
        let terms: Vec<(f64, [f64; 4])> = (0..q.len())
            .map(|class| (predicted(class), (self.term)(predicted(class), q[class], difference(class))))
            .collect();
        let value = terms.iter().fold([0.0; 2], |sum, (_, term)| [sum[0] + term[0], sum[1] + term[1]]);
        let product = |p: f64, slope: f64| if p == 0.0 { 0.0 } else { p * slope };
        let gradient = match self.from {
            Input::LogProbabilities => {
                terms.iter().map(|&(p, term)| [product(p, term[2]), product(p, term[3])]).collect()
            }
            Input::Logits => self.of_logits(softmax, &terms, label),
            _ => terms.iter().map(|(_, term)| [term[2].max(self.least_slope); 2]).collect(),
        };
        Truth { value, gradient }
    }

    /// p_j (s_j - Σ_c p_c s_c), as p_j Σ_c p_c (s_j - s_c) where that loses less.
    fn of_logits(&self, softmax: &Softmax, terms: &[(f64, [f64; 4])], label: Option<usize>) -> Vec<[f64; 2]> {
        let mean = |index: usize, without: Option<usize>| -> f64 {
            let terms =
                terms.iter().enumerate().filter(|&(class, (p, _))| Some(class) != without && *p > 0.0);
            terms.map(|(_, (p, term))| p * term[index]).sum()
        };
        let is_brier = self.name.starts_with("brier");
        (0..terms.len())
            .map(|class| {
                let (p, term) = terms[class];
                if p == 0.0 {
                    return [0.0; 2];
                }
                let truth = match label {
                    Some(label) if !is_brier => {
                        // Slopes of wrong classes are equal.
                        let (wrong, (p_label, right)) = (terms[(label + 1) % terms.len()].1[2], terms[label]);
                        let apart = if p_label == 0.0 { 0.0 } else { p_label * (wrong - right[2]) };
                        if class == label { -apart * softmax.rest(label) } else { apart * p }
                    }
                    _ => p * (softmax.rest(class) * term[2] - mean(2, Some(class))),
                };
                let size = match label {
                    Some(label) if is_brier && class == label => truth.abs(),
                    Some(label) if is_brier => {
                        let squares = mean(2, Some(label)) / 2.0;
                        2.0 * p * (p + terms[label].0 * softmax.rest(label) + squares)
                    }
                    _ => p * (term[3] + mean(3, None)),
                };
                [truth, size]
            })
            .collect()
    }
}

fn measure(batch: &Batch, random: &mut Random, losses: &[Divergence], worst: &mut [Worst]) {
    let softmaxes: Vec<Softmax> = batch.rows.iter().map(|row| Softmax::of(&row.scores)).collect();
    let labels: Vec<u32> = batch.rows.iter().map(|row| row.label as u32).collect();
    let (mut distributions, mut probabilities, mut logarithms) = (Vec::new(), Vec::new(), Vec::new());
    for (row, softmax) in batch.rows.iter().zip(&softmaxes) {
        let p: Vec<f64> = (0..batch.classes).map(|class| softmax.p(class)).collect();
        distributions.extend(distribution(random, &p));
        probabilities.extend(p.iter().map(|&p| p as f32));
        logarithms.extend(row.scores.iter().map(|&score| -softmax.nll(score) as f32));
    }
    for (loss, worst) in losses.iter().zip(worst.chunks_exact_mut(2)) {
        let scores = match loss.from {
            Input::Logits => &batch.scores,
            Input::LogProbabilities => &logarithms,
            _ => &probabilities,
        };
        let targets =
            if loss.has_labels { Targets::U32(&labels) } else { Targets::Values(&distributions[..]) };
        let [values, gradient] = batch.call(loss.call, scores, targets, &mut worst[0]);
        let units = loss.units();
        let error = |unit: Unit, found: f32, [truth, terms]: [f64; 2]| match unit {
            Unit::Ulp => ulps(found, truth),
            Unit::Terms => of_terms(found, truth, terms),
        };
        for (row, softmax) in softmaxes.iter().enumerate() {
            let entries = row * batch.classes..(row + 1) * batch.classes;
            let label = loss.has_labels.then_some(labels[row] as usize);
            let q: Vec<f64> = match label {
                Some(label) => (0..batch.classes).map(|class| f64::from(u8::from(class == label))).collect(),
                None => distributions[entries.clone()].iter().map(|&q| q.into()).collect(),
            };
            let truth = loss.truth(softmax, &scores[entries.clone()], &q, label);
            worst[0].see(error(units[0], values[row], truth.value), || {
                batch.at(row, batch.rows[row].label, scores)
            });
            for (class, (&found, &truth)) in gradient[entries].iter().zip(&truth.gradient).enumerate() {
                worst[1].see(error(units[1], found, truth), || {
                    format!(
                        "{}, q {:e}, {found:e} not {:e}",
                        batch.at(row, class, scores),
                        q[class],
                        truth[0]
                    )
                });
            }
        }
    }
}
