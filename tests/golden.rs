//! Golden vectors: value and gradient of every loss against results of 450 digits, in f32 and f64.

#[path = "support/call.rs"]
mod call;
#[path = "support/golden.rs"]
mod golden;
#[path = "support/ulp.rs"]
mod ulp;

use call::{Answers, Form, Outcome, Problem};
use golden::Case;
use microloss::Real;
use microloss::registry::LOSSES;
use ulp::{Format, bits, ulps};

/// What must be there, for each loss.
const CASES: usize = 200;

/// The largest errors allowed, in ULP of the true number: of the value and of the gradient. Where terms of
/// both signs make a number, the ULP is that of the sum of their magnitudes. Each is just above the largest
/// error measured, which `cargo test --test golden -- --nocapture` prints.
struct Tolerance {
    loss: &'static str,
    f32: [u32; 2],
    f64: [u32; 2],
}

const TOLERANCES: &[Tolerance] = &[
];

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
}

#[test]
fn values_and_gradients_are_the_true_ones() {
    let mut failures = Vec::new();
    for (_, info) in LOSSES {
        let cases = golden::read(info.name);
        if cases.len() < CASES {
            failures.push(format!("{}: {} cases, {CASES} wanted", info.name, cases.len()));
        }
        let Some(tolerance) = TOLERANCES.iter().find(|tolerance| tolerance.loss == info.name) else {
            failures.push(format!("{}: no tolerance; measured {:?} {:?}", info.name, measure::<f32>(&cases), measure::<f64>(&cases)));
            continue;
        };
        compare::<f32>(info.name, &cases, tolerance.f32, &mut failures);
        compare::<f64>(info.name, &cases, tolerance.f64, &mut failures);
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

fn compare<T: Format>(loss: &str, cases: &[Case], allowed: [u32; 2], failures: &mut Vec<String>) {
    for ((what, worst), allowed) in ["value", "gradient"].iter().zip(measure::<T>(cases)).zip(allowed) {
        let Worst { error, case, index } = worst;
        let line = format!("{loss} {} {what}: {error:.2} ULP of {allowed} allowed, case {case}, entry {index}", T::NAME);
        println!("{line}");
        if !(error <= f64::from(allowed)) {
            failures.push(line);
        }
    }
}

/// The largest errors of the cases, of value and gradient.
fn measure<T: Format>(cases: &[Case]) -> [Worst; 2] {
    let mut worst = [Worst::default(); 2];
    for case in cases {
        let Outcome { values, gradient, .. } = all_forms(&problem::<T>(&case.problem), case.number);
        for (numbers, truth, terms, worst) in [
            (values, &case.value, &case.terms, &mut worst[0]),
            (gradient, &case.gradient, &case.gradient_terms, &mut worst[1]),
        ] {
            assert_eq!((numbers.len(), numbers.len()), (truth.len(), terms.len()), "case {}", case.number);
            for (index, ((&found, &true_one), &terms)) in numbers.iter().zip(truth).zip(terms).enumerate() {
                worst.see(ulps(found, true_one, terms.max(true_one.abs())), case.number, index);
            }
        }
    }
    worst
}

/// Value only, with the gradient, and in place: the same bits from all three.
fn all_forms<T: Real>(problem: &Problem<T>, number: usize) -> Outcome<T> {
    let call = |form| problem.call(form).unwrap_or_else(|error| panic!("{} case {number}: {error}", problem.loss));
    let (value, gradient, in_place) = (call(Form::Value), call(Form::Gradient), call(Form::InPlace));
    for other in [&value, &in_place] {
        assert_eq!(bits(&other.values), bits(&gradient.values), "{} case {number}: value", problem.loss);
    }
    assert_eq!(bits(&in_place.gradient), bits(&gradient.gradient), "{} case {number}: gradient", problem.loss);
    gradient
}

/// The problem in `T`. All its numbers are numbers of f32.
fn problem<T: Real>(wide: &Problem<f64>) -> Problem<T> {
    let narrow = |numbers: &Vec<f64>| numbers.iter().map(exactly).collect::<Vec<T>>();
    Problem {
        loss: wide.loss,
        parameters: wide.parameters.iter().map(|(name, setting)| (*name, setting.map(exactly))).collect(),
        columns: wide.columns,
        pixels: wide.pixels,
        scores: narrow(&wide.scores),
        answers: match &wide.answers {
            Answers::Labels(labels) => Answers::Labels(labels.clone()),
            Answers::Numbers(numbers) => Answers::Numbers(narrow(numbers)),
        },
        weights: wide.weights.as_ref().map(narrow),
        ignore_index: wide.ignore_index,
        unit: wide.unit,
        reduction: wide.reduction,
        sort: wide.sort,
    }
}

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
