//! Golden vectors: value and gradient of every loss against results of 450 digits, in f32 and f64.

#[path = "support/call.rs"]
mod call;
#[path = "support/golden.rs"]
mod golden;
#[path = "support/ulp.rs"]
mod ulp;

use call::{Answers, Form, Outcome};
use golden::Case;
use microloss::Real;
use microloss::registry::LOSSES;
use ulp::{Format, bits, ulps};

/// What must be there, for each loss.
const CASES: usize = 200;

/// The largest errors allowed, in ULP of the true number: of the value and of the gradient. Where terms of
/// both signs make a number, the ULP is that of the sum of their magnitudes. Each is the largest error
/// measured, rounded up, which `cargo test --test golden -- --nocapture` prints.
struct Tolerance {
    loss: &'static str,
    f32: [u32; 2],
    f64: [u32; 2],
}

const TOLERANCES: &[Tolerance] = &[
    Tolerance { loss: "mean_squared_error", f32: [2, 2], f64: [1, 1] },
    Tolerance { loss: "mean_absolute_error", f32: [2, 1], f64: [1, 1] },
    Tolerance { loss: "huber", f32: [2, 2], f64: [1, 1] },
    Tolerance { loss: "smooth_l1", f32: [2, 2], f64: [2, 2] },
    Tolerance { loss: "log_cosh", f32: [2, 2], f64: [1, 2] },
    Tolerance { loss: "quantile", f32: [2, 2], f64: [1, 1] },
    Tolerance { loss: "gaussian_nll", f32: [2, 3], f64: [2, 2] },
    Tolerance { loss: "hinge", f32: [2, 1], f64: [1, 1] },
    Tolerance { loss: "binary_cross_entropy", f32: [3, 3], f64: [1, 3] },
    Tolerance { loss: "balanced_cross_entropy", f32: [3, 3], f64: [2, 3] },
    Tolerance { loss: "focal", f32: [3, 5], f64: [3, 3] },
    Tolerance { loss: "cross_entropy", f32: [3, 3], f64: [2, 3] },
    Tolerance { loss: "kl_divergence", f32: [3, 3], f64: [2, 2] },
    Tolerance { loss: "focal_multiclass", f32: [2, 3], f64: [2, 2] },
    Tolerance { loss: "jensen_shannon", f32: [2, 3], f64: [2, 3] },
    Tolerance { loss: "brier", f32: [2, 3], f64: [2, 3] },
    Tolerance { loss: "lovasz_hinge", f32: [2, 2], f64: [2, 1] },
    Tolerance { loss: "lovasz_softmax", f32: [2, 4], f64: [1, 4] },
    Tolerance { loss: "jaccard", f32: [1, 3], f64: [1, 2] },
    Tolerance { loss: "dice", f32: [2, 3], f64: [1, 2] },
    Tolerance { loss: "tversky", f32: [1, 3], f64: [1, 2] },
    Tolerance { loss: "cosine_embedding", f32: [2, 2], f64: [1, 2] },
    Tolerance { loss: "triplet_margin", f32: [2, 3], f64: [1, 2] },
];

/// The error of a gradient that is allowed relative to its largest entry, whatever cancels in an entry.
trait OfLargest: Format {
    const OF_LARGEST: f64;
}

impl OfLargest for f32 {
    const OF_LARGEST: f64 = 4e-6;
}

impl OfLargest for f64 {
    const OF_LARGEST: f64 = 1e-12;
}

/// The largest error of a kind, and where.
#[derive(Clone, Copy, Debug, Default)]
struct Worst {
    error: f64,
    case: usize,
    index: usize,
}

impl Worst {
    fn see(&mut self, error: f64, case: usize, index: usize) {
        if error > self.error || error.is_nan() {
            *self = Self { error, case, index };
        }
    }

    fn see_all<T: Format>(&mut self, case: usize, found: &[T], truth: &[f64], terms: &[f64]) {
        assert_eq!((found.len(), found.len()), (truth.len(), terms.len()), "case {case}");
        for (index, ((&found, &truth), &terms)) in found.iter().zip(truth).zip(terms).enumerate() {
            self.see(ulps(found, truth, terms.max(truth.abs())), case, index);
        }
    }
}

#[test]
fn values_and_gradients_are_the_true_ones() {
    let mut failures = Vec::new();
    for (_, info) in LOSSES {
        let cases = golden::read(info.name);
        if cases.len() < CASES {
            failures.push(format!("{}: {} cases, {CASES} wanted", info.name, cases.len()));
        }
        let tolerance = TOLERANCES.iter().find(|tolerance| tolerance.loss == info.name);
        if tolerance.is_none() {
            failures.push(format!("{}: no tolerance", info.name));
        }
        let (narrow, wide) = tolerance.map_or(([0; 2], [0; 2]), |tolerance| (tolerance.f32, tolerance.f64));
        compare::<f32>(info.name, &cases, narrow, &mut failures);
        compare::<f64>(info.name, &cases, wide, &mut failures);
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// The `# Accuracy` of a loss's docs is its line of the table.
#[test]
fn the_docs_tell_the_tolerances() {
    for (shape, info) in LOSSES {
        let path = format!("{}/src/loss/{shape}/{}.rs", env!("CARGO_MANIFEST_DIR"), info.name);
        let docs = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let Tolerance { f32, f64, .. } =
            TOLERANCES.iter().find(|tolerance| tolerance.loss == info.name).expect("a tolerance");
        let line = format!(
            "At most {} ULP (value) and {} (gradient) in f32, {} and {} in f64: `tests/golden.rs`.",
            f32[0], f32[1], f64[0], f64[1]
        );
        assert!(docs.contains(&line), "{path}: expected {line}");
    }
}

/// Compares all cases of a loss in one type.
fn compare<T: OfLargest>(loss: &str, cases: &[Case], allowed: [u32; 2], failures: &mut Vec<String>) {
    let [mut value, mut gradient, mut spread] = [Worst::default(); 3];
    let mut differences = Vec::new();
    for case in cases {
        let found = all_forms::<T>(case, &mut differences);
        value.see_all(case.number, &found.values, &case.value, &case.terms);
        let normal = |largest: &f64| *largest > T::min_positive_value().to_double();
        if let Some(largest) = hard_largest(case).filter(normal) {
            for (index, (found, truth)) in found.gradient.iter().zip(&case.gradient).enumerate() {
                spread.see((found.to_double() - truth).abs() / largest, case.number, index);
            }
        }
        gradient.see_all(case.number, &found.gradient, &case.gradient, &case.gradient_terms);
    }
    for (what, worst, allowed) in [("value", value, allowed[0]), ("gradient", gradient, allowed[1])] {
        let Worst { error, case, index } = worst;
        let name = T::NAME;
        let line =
            format!("{loss} {name} {what}: {error:.2} ULP, {allowed} allowed; case {case}, entry {index}");
        println!("{line}");
        if error > f64::from(allowed) || error.is_nan() {
            failures.push(line);
        }
    }
    if let Some((case, what)) = differences.first() {
        let count = differences.len();
        failures.push(format!("{loss} {}: other bits {count} times, first {what} of case {case}", T::NAME));
    }
    let Worst { error, case, index } = spread;
    let line =
        format!("{loss} {} gradient: {error:.1e} of the largest entry; case {case}, entry {index}", T::NAME);
    println!("{line}");
    if error > T::OF_LARGEST || error.is_nan() {
        failures.push(line);
    }
}

/// The largest entry of the gradient, where labels leave no gradient that vanishes between its terms, or the terms
/// leave nearly nothing of it.
fn hard_largest(case: &Case) -> Option<f64> {
    let is_hard = matches!(case.problem.answers, Answers::Labels(_));
    let largest = case.gradient.iter().fold(0.0, |largest: f64, entry| largest.max(entry.abs()));
    let terms = case.gradient_terms.iter().fold(0.0, |largest: f64, term| largest.max(*term));
    let vanishes = largest < terms * 1e-6;
    (is_hard && !vanishes && case.problem.setting("label_smoothing").is_none()).then_some(largest)
}

/// Value only, with the gradient, and in place: the same bits from all three. Notes what differs, if anything.
fn all_forms<T: Format>(case: &Case, differences: &mut Vec<(usize, &'static str)>) -> Outcome<T> {
    let problem = case.problem.map(exactly::<T>);
    let call = |form| {
        problem.call(form).unwrap_or_else(|error| panic!("{} case {}: {error}", problem.loss, case.number))
    };
    let (value, gradient, in_place) = (call(Form::Value), call(Form::Gradient), call(Form::InPlace));
    for (what, same) in [
        ("the value without the gradient", bits(&value.values) == bits(&gradient.values)),
        ("the value in place", bits(&in_place.values) == bits(&gradient.values)),
        ("the gradient in place", bits(&in_place.gradient) == bits(&gradient.gradient)),
    ] {
        if !same {
            differences.push((case.number, what));
        }
    }
    gradient
}

/// All numbers of the files are numbers of f32.
fn exactly<T: Real>(number: &f64) -> T {
    let rounded = T::of(*number);
    assert_eq!(rounded.to_double(), *number, "{number} is not a number of the type");
    rounded
}

#[test]
fn hexadecimal_floats_are_read_exactly() {
    for (text, number) in [
        ("0x0p+0", 0.0),
        ("0x1p+0", 1.0),
        ("-0x1.8p+1", -3.0),
        ("0x1.999999999999ap-4", 0.1),
        ("0x1p-1074", 5e-324),
        ("0x0.0000000000001p-1022", 5e-324),
        ("0x1.fffffffffffffp+1023", f64::MAX),
        ("inf", f64::INFINITY),
        ("-inf", f64::NEG_INFINITY),
    ] {
        assert_eq!(golden::number(text), number, "{text}");
    }
    assert!(golden::number("-0x0p+0").is_sign_negative());
}
