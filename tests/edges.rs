//! The edges of every declared domain, for every loss of the registry: no panic, no NaN, no infinity; a
//! value, or an error that says why not.

#[path = "support/call.rs"]
mod call;
#[path = "support/edges.rs"]
mod edges;
#[path = "support/ulp.rs"]
mod ulp;

use call::{Answers, Form, Problem, Reduction, Setting, facts, inputs};
use edges::{numbers, scores, smallest};
use microloss::loss::Configure;
use microloss::parameter::{Domain, Kind, Parameter};
use microloss::registry::{LOSSES, Visitor, visit};
use microloss::row::CrossEntropy;
use microloss::{ElementLoss, Error, Input, PairLoss, Real, RegionLoss, RowLoss, Rows, TargetKind};

const FORMS: [Form; 3] = [Form::Value, Form::Gradient, Form::InPlace];
const REDUCTIONS: [Reduction; 3] = [Reduction::Mean, Reduction::Sum, Reduction::None];

/// Two items, or one image of two pixels, with the first score of each replaced by these.
fn problem<T: Real>(loss: &str, input: Input, first: [T; 2], label: i32) -> Problem<T> {
    let facts = facts(loss);
    let columns = if facts.may_be_binary { 1 } else { 3 };
    let width = columns * facts.scores;
    let rest = match input {
        Input::Logits | Input::LogVariances => [0.5, -1.0],
        Input::Probabilities => [0.25, 0.5],
        Input::LogProbabilities => [-1.5, -0.75],
        Input::Variances => [0.5, 2.0],
    };
    let scores =
        first.iter().flat_map(|&first| [first, T::of(rest[0]), T::of(rest[1])].into_iter().take(width));
    Problem::new(loss, columns, scores.collect(), facts.answers(&[label, 0])).of_input(input)
}

/// Calls in all forms and reductions. An error must have a reason: a score or a parameter that is not
/// moderate; a value that is given is a number, and so are the entries of its gradient.
fn survives<T: Real>(problem: &Problem<T>, is_moderate: bool) {
    for (reduction, form) in REDUCTIONS.into_iter().flat_map(|reduction| FORMS.map(|form| (reduction, form)))
    {
        let problem = problem.reduced(reduction);
        let outcome = match problem.call(form) {
            Ok(outcome) => outcome,
            Err(Error::NonFiniteLoss { .. } | Error::Overflow) if !is_moderate => continue,
            Err(Error::ZeroVector { .. }) if problem.setting("zero_is_error").is_some() => continue,
            Err(error) => panic!("{problem:?} {form:?}: {error}"),
        };
        let has_both_signs = matches!(problem.loss, "kl_divergence" | "gaussian_nll");
        for value in &outcome.values {
            assert!(
                value.is_finite() && (has_both_signs || *value >= T::zero()),
                "{problem:?} {form:?}: {outcome:?}"
            );
        }
        for entry in &outcome.gradient {
            assert!(
                entry.is_finite() || (!is_moderate && !entry.is_nan()),
                "{problem:?} {form:?}: {outcome:?}"
            );
        }
    }
}

/// Finite, and far from overflow.
fn is_moderate<T: Real>(score: T) -> bool {
    score.abs() <= T::of(1000.0)
}

fn legal_scores<T: Real>() {
    for (_, info) in LOSSES {
        for &input in inputs(info.name) {
            let legal = scores::<T>(input).0;
            for (&a, &b) in legal.iter().flat_map(|a| legal.iter().map(move |b| (a, b))) {
                for label in [0, 1] {
                    survives(&problem(info.name, input, [a, b], label), is_moderate(a) && is_moderate(b));
                }
            }
        }
    }
}

#[test]
fn legal_scores_in_f32() {
    legal_scores::<f32>();
}

#[test]
fn legal_scores_in_f64() {
    legal_scores::<f64>();
}

fn soft_targets<T: Real>() {
    let (one, half) = (T::one(), T::of(0.5));
    let ends = [T::zero(), smallest(), T::epsilon(), half, one - T::epsilon(), one];
    let far = [T::max_value(), T::max_value() * half, T::of(1000.0), T::min_positive_value()];
    for name in LOSSES.iter().map(|(_, info)| info.name).filter(|name| facts(name).takes_numbers) {
        let are_numbers = facts(name).targets == TargetKind::Numbers;
        for &input in inputs(name) {
            for score in scores::<T>(input).0 {
                for q in ends.into_iter().chain(far.into_iter().filter(|_| are_numbers)) {
                    let mut problem = problem(name, input, [score, score], 0);
                    let rest = if are_numbers { -q } else { one - q };
                    let numbers =
                        if problem.columns == 1 { vec![q, rest] } else { [q, rest, T::zero()].repeat(2) };
                    problem.answers = Answers::Numbers(numbers);
                    survives(&problem, is_moderate(score) && is_moderate(q));
                }
            }
        }
    }
}

#[test]
fn soft_targets_in_f32() {
    soft_targets::<f32>();
}

#[test]
fn soft_targets_in_f64() {
    soft_targets::<f64>();
}

fn illegal_scores<T: Real>() {
    for (_, info) in LOSSES {
        for &input in inputs(info.name) {
            let moderate = T::of(if input == Input::LogProbabilities { -0.5 } else { 0.5 });
            let nan = (T::nan(), Error::NonFiniteScore { index: 1, column: 0, value: f64::NAN });
            let refused = scores::<T>(input).1.into_iter().map(|score| {
                (score, Error::NotAProbability { index: 1, column: 0, value: score.to_double() })
            });
            for (score, error) in refused.chain([nan]) {
                for form in FORMS {
                    let found = problem(info.name, input, [moderate, score], 1).call(form).unwrap_err();
                    assert_eq!(format!("{found:?}"), format!("{error:?}"), "{}", info.name);
                }
            }
        }
    }
}

#[test]
fn illegal_scores_in_f32() {
    illegal_scores::<f32>();
}

#[test]
fn illegal_scores_in_f64() {
    illegal_scores::<f64>();
}

/// Settings at the ends of a parameter's domain, and just outside.
fn settings<T: Real>(parameter: &Parameter, columns: usize) -> (Vec<Setting<T>>, Vec<Setting<T>>) {
    let one = |numbers: Vec<T>| numbers.into_iter().map(Setting::Number).collect::<Vec<_>>();
    let list = |numbers: Vec<T>| {
        let row = |number| {
            let mut row = vec![T::one(); columns];
            row[columns - 1] = number;
            Setting::Numbers(row)
        };
        numbers.into_iter().map(row).collect::<Vec<_>>()
    };
    match parameter.kind {
        Kind::Number => {
            let (legal, illegal) = numbers(parameter.domain);
            (one(legal), [one(illegal), vec![Setting::None, Setting::Numbers(vec![T::one()])]].concat())
        }
        Kind::OptionalNumber => {
            let (legal, illegal) = numbers(parameter.domain);
            ([one(legal), vec![Setting::None]].concat(), [one(illegal), vec![Setting::Present]].concat())
        }
        Kind::PerClass => {
            let (legal, illegal) = numbers(parameter.domain);
            let legal = if columns == 1 { vec![T::one()] } else { legal };
            let mut illegal = [list(illegal), vec![Setting::Numbers(vec![T::one(); columns + 1])]].concat();
            if parameter.domain == Domain::Weights {
                illegal.push(Setting::Numbers(vec![T::zero(); columns]));
            }
            ([list(legal), vec![Setting::None]].concat(), illegal)
        }
        Kind::PerColumn => {
            let (legal, illegal) = numbers(parameter.domain);
            let legal = [one(legal.clone()), list(legal)].concat();
            (
                legal,
                [one(illegal.clone()), list(illegal), vec![Setting::Numbers(vec![T::one(); columns + 1])]]
                    .concat(),
            )
        }
        Kind::Input => {
            let Domain::Inputs(inputs) = parameter.domain else { panic!("{parameter:?}") };
            let all = [
                Input::Logits,
                Input::Probabilities,
                Input::LogProbabilities,
                Input::Variances,
                Input::LogVariances,
            ];
            let (legal, illegal): (Vec<_>, Vec<_>) =
                all.into_iter().partition(|input| inputs.contains(input));
            let settings = |inputs: Vec<Input>| inputs.into_iter().map(Setting::Input).collect::<Vec<_>>();
            (settings(legal), settings(illegal))
        }
        Kind::Classes => {
            let every: Vec<usize> = (0..columns).collect();
            let legal =
                vec![Setting::Present, Setting::All, Setting::Classes(vec![0]), Setting::Classes(every)];
            let lists = [vec![], vec![0, 0], vec![columns], vec![0, usize::MAX]];
            (legal, lists.map(Setting::Classes).to_vec())
        }
        Kind::Flag => {
            ([true, false].map(Setting::Flag).to_vec(), vec![Setting::Number(T::one()), Setting::None])
        }
        kind => panic!("edges.rs has no settings of {kind:?}"),
    }
}

fn parameters<T: Real>() {
    for (_, info) in LOSSES {
        for parameter in info.parameters {
            for &input in inputs(info.name) {
                for label in [0, 1] {
                    // Legal as probabilities and as logits.
                    let half = T::of(if input == Input::LogProbabilities { -0.5 } else { 0.5 });
                    let problem = problem(info.name, input, [half, T::zero()], label);
                    let (legal, illegal) = settings::<T>(parameter, problem.columns);
                    for setting in legal {
                        if parameter.kind == Kind::Input && setting != Setting::Input(input) {
                            continue;
                        }
                        let is_moderate = match &setting {
                            Setting::Number(number) => is_moderate(*number),
                            Setting::Numbers(numbers) => numbers.iter().all(|&number| is_moderate(number)),
                            _ => true,
                        };
                        survives(&problem.clone().with(parameter.name, setting), is_moderate);
                    }
                    for setting in illegal {
                        let problem = problem.clone().with(parameter.name, setting);
                        for form in FORMS {
                            match problem.call(form) {
                                Err(Error::Parameter { name, .. } | Error::Unsupported { name, .. }) => {
                                    assert_eq!(name, parameter.name);
                                }
                                Err(Error::LengthMismatch { what, .. }) => assert_eq!(what, parameter.name),
                                other => panic!("{problem:?}: {other:?}"),
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn parameters_in_f32() {
    parameters::<f32>();
}

#[test]
fn parameters_in_f64() {
    parameters::<f64>();
}

/// Confident predictions keep their relative accuracy: the loss of a right one falls as e^-margin.
#[test]
fn margins_keep_their_digits() {
    for name in ["cross_entropy", "kl_divergence", "binary_cross_entropy"] {
        for margin in (5..=100).step_by(5) {
            let margin = f64::from(margin);
            let scores = if facts(name).is_binary { vec![margin] } else { vec![0.0, margin] };
            let columns = scores.len();
            let problem = Problem::new(name, columns, scores, Answers::Labels(vec![1]));
            let expected = (-margin).exp().ln_1p();
            let wide = problem.value().unwrap();
            let narrow = problem.map(|&score| f32::of(score)).value().unwrap();
            assert!((wide / expected - 1.0).abs() < 1e-15, "{name} {margin}: {wide}");
            let tolerance = (1e-6 * expected).max(f64::from(smallest::<f32>()));
            assert!((f64::from(narrow) - expected).abs() < tolerance, "{name} {margin}: {narrow}");
        }
    }
}

/// Likewise with the exponents of the focal losses, which have many digits here.
#[test]
fn easy_examples_keep_their_digits() {
    for (name, gamma) in
        ["focal", "focal_multiclass"].into_iter().flat_map(|name| [0.3, 1.7, 2.3, 4.9].map(|g| (name, g)))
    {
        for tenths in (-200..=300).step_by(7) {
            let margin = f64::from(tenths) / 10.0;
            let scores = if facts(name).is_binary { vec![margin] } else { vec![0.0, margin, -1.0] };
            let problem = Problem::new(name, scores.len(), scores, Answers::Labels(vec![1]));
            let narrow = problem.with("gamma", Setting::Number(gamma)).map(|&number| f32::of(number));
            let expected = narrow.map(|&number| f64::from(number)).call(Form::Gradient).unwrap();
            let found = narrow.call(Form::Gradient).unwrap();
            let numbers = found.values.iter().chain(&found.gradient);
            for (&found, expected) in numbers.zip(expected.values.iter().chain(&expected.gradient)) {
                let tolerance = 1e-6 * expected.abs().max(f64::from(f32::MIN_POSITIVE));
                assert!(
                    (f64::from(found) - expected).abs() <= tolerance,
                    "{narrow:?}: {found}, not {expected}"
                );
            }
        }
    }
}

/// An exponent may be so large that it tells 1 - p from the 1 to which that rounds.
#[test]
fn exponents_beyond_the_digits_of_one() {
    fn check<T: Real>(probability: f64, tolerance: f64) {
        for (name, times) in ["focal", "focal_multiclass"]
            .into_iter()
            .flat_map(|name| [0.25, 2.0, 16.0, 1e9].map(|t| (name, t)))
        {
            let (scores, label) =
                if facts(name).is_binary { (vec![probability], 1) } else { (vec![probability, 1.0], 0) };
            let problem = Problem::new(name, scores.len(), scores, Answers::Labels(vec![label]))
                .of_input(Input::Probabilities)
                .with("alpha", Setting::None)
                .with("gamma", Setting::Number(times / probability));
            let found = problem.map(|&number| T::of(number)).value().unwrap().to_double();
            let expected = (-times).exp() * -probability.ln();
            assert!((found - expected).abs() <= tolerance * times * expected, "{name} {times}: {found}");
        }
    }
    check::<f32>(2.0_f64.powi(-30), 1e-6);
    check::<f64>(2.0_f64.powi(-60), 1e-15);
}

/// The loss of a small error keeps its digits, where the usual |e| + ln(1 + e^(-2 |e|)) - ln 2 is 0.
/// The loss of a confident row is computed scaled, so that it is not subnormal before it is weighted: a large weight must not
/// take it beyond the type.
#[test]
fn large_class_weights_weigh_confident_rows() {
    let own = [1.0, 0.0];
    let soft = [0.75, 0.25];
    for gap in [0.0_f32, 5.0, 16.0, 17.0, 18.0, 30.0, 60.0, 90.0] {
        for weight in [1e18_f32, 1e20, 1e26, 1e28, 1e30, 1e34, 1e37] {
            for (target, smoothing) in [(own, 0.0), (own, 0.125), (soft, 0.0)] {
                let (narrow, wide) = ([weight, 1.0], [f64::from(weight), 1.0]);
                let scores = [gap, 0.0];
                let narrow = CrossEntropy::new().weights(Some(&narrow)).unwrap().label_smoothing(smoothing);
                let wide =
                    CrossEntropy::new().weights(Some(&wide)).unwrap().label_smoothing(smoothing.into());
                let (narrow, wide) = (narrow.unwrap(), wide.unwrap());
                let wide_scores = [scores.map(f64::from)];
                let (found, truth) = if target == own {
                    let labels = [0_u8];
                    let found = narrow.sum(Rows::new(&[scores], &labels));
                    (found, wide.sum(Rows::new(&wide_scores, &labels)))
                } else {
                    let found = narrow.sum(Rows::new(&[scores], &[target.map(|q| q as f32)]));
                    (found, wide.sum(Rows::new(&wide_scores, &[target])))
                };
                let (found, truth) = (f64::from(found.unwrap()), truth.unwrap());
                let error = (found - truth).abs() / truth;
                assert!(error < 4.0 * f64::from(f32::EPSILON), "{gap} {weight:e}: {found:e}, not {truth:e}");
            }
        }
    }
}

#[test]
fn small_errors_keep_their_digits() {
    for exponent in 2..=15 {
        let error = 10.0_f64.powi(-exponent);
        let expected = error * error / 2.0 - error.powi(4) / 12.0 + error.powi(6) / 45.0;
        let problem = Problem::new("log_cosh", 1, vec![error], Answers::Numbers(vec![0.0]));
        let wide = problem.call(Form::Gradient).unwrap();
        assert!((wide.values[0] / expected - 1.0).abs() < 1e-9, "{error}: {wide:?}");
        let narrow = problem.map(|&number| f32::of(number)).value().unwrap();
        assert!((f64::from(narrow) / expected - 1.0).abs() < 1e-6, "{error}: {narrow}");
    }
}

/// A difference beyond the largest number may have a loss that is not.
#[test]
fn differences_beyond_the_largest_number() {
    for (name, parameter, factor) in [("quantile", "tau", 0.5), ("huber", "delta", 0.375)] {
        let [largest, other] = [f32::MAX, -0.5 * f32::MAX];
        let problem = Problem::new(name, 1, vec![largest, other], Answers::Numbers(vec![other, largest]));
        let problem = problem.with(parameter, Setting::Number(factor)).reduced(Reduction::None);
        let outcome = problem.call(Form::Gradient).unwrap();
        let expected = (f64::from(factor) * 1.5 * f64::from(f32::MAX)) as f32;
        assert_eq!(outcome.values, [expected; 2], "{name}");
    }
    let scores = vec![2.0 * 1.5e38_f32];
    let problem = Problem::new("smooth_l1", 1, scores, Answers::Numbers(vec![-0.5e38]));
    let outcome = problem.with("beta", Setting::Number(f32::MAX)).call(Form::Gradient).unwrap();
    assert!((f64::from(outcome.values[0]) / (3.5e38 - f64::from(f32::MAX) / 2.0) - 1.0).abs() < 2e-7);
}

fn variances<T: Real>() {
    let largest = T::max_value();
    let spreads =
        [T::zero(), smallest(), T::min_positive_value(), T::epsilon(), T::one(), T::of(1e6), largest];
    let means = [T::zero(), smallest(), T::epsilon(), T::one(), -T::of(1000.0)];
    for (&spread, &mean) in spreads.iter().flat_map(|spread| means.iter().map(move |mean| (spread, mean))) {
        for input in [Input::Variances, Input::LogVariances] {
            let scores = vec![mean, spread, mean, spread];
            let problem = Problem::new("gaussian_nll", 1, scores, Answers::Numbers(vec![T::zero(), mean]));
            survives(&problem.of_input(input), is_moderate(spread));
        }
    }
}

#[test]
fn variances_in_f32_and_f64() {
    variances::<f32>();
    variances::<f64>();
}

/// Calls the loss of one element with a NaN.
struct OfNan;

impl<'a, T: Real> Visitor<'a, T> for OfNan {
    type Output = ();

    fn element<L: ElementLoss<T, K> + Configure<'a, T>, const K: usize>(self, loss: L) {
        let first = if L::TARGETS == TargetKind::Signs { -T::one() } else { T::zero() };
        let loss = loss.fit([first, T::one()].into_iter());
        for target in [first, T::one()] {
            for place in 0..K {
                let mut scores = [T::of(0.5); K];
                scores[place] = T::nan();
                for (value, _) in [
                    loss.element(loss.input(), scores, target, 0),
                    loss.labelled(loss.input(), scores, target, 0),
                ] {
                    assert!(value.is_nan(), "{} of {scores:?} and {target}: {value}", L::INFO.name);
                }
            }
        }
    }
    fn row<L: RowLoss<T> + Configure<'a, T>>(self, _loss: L) {}
    fn region<L: RegionLoss<T> + Configure<'a, T>>(self, _loss: L) {}
    fn pair<L: PairLoss<T> + Configure<'a, T>>(self, _loss: L) {}
}

#[test]
fn the_loss_of_nan_is_nan() {
    for (_, info) in LOSSES {
        visit::<f32, _>(info.name, OfNan);
        visit::<f64, _>(info.name, OfNan);
    }
}
