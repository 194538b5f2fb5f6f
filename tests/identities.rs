//! Identities between losses, and the special cases in which a loss is another one.

#[path = "support/call.rs"]
mod call;
#[path = "support/draw.rs"]
mod draw;
#[path = "support/seed.rs"]
mod seed;
#[path = "support/ulp.rs"]
mod ulp;

use call::{Answers, Form, Outcome, Problem, Reduction, Setting};
use draw::{Draw, draws};
use microloss::element::BalancedCrossEntropy;
use microloss::loss::Configure;
use microloss::region::{Dice, LovaszSoftmax};
use microloss::row::inverse_frequency;
use microloss::{Counts, ElementLoss, Entry, Input, OverlapLoss, RegionLoss, Regions, Scratch};
use proptest::prelude::*;
use seed::config;
use ulp::{bits, ulps};

/// The batch of `draw` for one loss, given to another with these parameters; its inputs are `from`.
fn like(draw: &Draw, first: &str, loss: &str, parameters: Vec<(&'static str, Setting<f64>)>) -> Problem<f64> {
    let mut problem = Problem { loss: call::entry(loss).1.name, parameters, ..draw.problem(first) };
    let input = draw.problem(first).input();
    problem = problem.of_input(input);
    problem
}

/// Values and gradient, item for item.
fn own(problem: &Problem<f64>) -> Outcome<f64> {
    problem.reduced(Reduction::None).call(Form::Gradient).unwrap()
}

/// Equal to a few ULP of the largest number, or of `scale` where that is larger.
fn same(a: &[f64], b: &[f64], scale: f64) -> bool {
    let scale = b.iter().fold(scale, |scale, number| scale.max(number.abs()));
    a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| ulps(a, b, scale) <= 16.0)
}

fn agree(a: &Problem<f64>, b: &Problem<f64>) -> Result<(), TestCaseError> {
    let (one, other) = (own(a), own(b));
    prop_assert!(same(&one.values, &other.values, 0.0), "{a:?}\n{b:?}\n{one:?}\n{other:?}");
    prop_assert!(same(&one.gradient, &other.gradient, 0.0), "{a:?}\n{b:?}\n{one:?}\n{other:?}");
    Ok(())
}

fn one_hot(labels: &[i32], classes: usize) -> Vec<f64> {
    labels.iter().flat_map(|&label| (0..classes).map(move |class| f64::from(class as i32 == label))).collect()
}

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn focal_without_gamma_and_alpha_is_binary_cross_entropy(draw in draws()) {
        let focal = vec![("gamma", Setting::Number(0.0)), ("alpha", Setting::None)];
        agree(&like(&draw, "focal", "focal", focal), &like(&draw, "focal", "binary_cross_entropy", vec![]))?;
    }

    #[test]
    fn multi_class_focal_without_gamma_is_cross_entropy(draw in draws()) {
        let name = "focal_multiclass";
        let weights: Vec<f64> = (1..=draw.problem(name).columns).map(|class| class as f64 / 2.0).collect();
        let focal = vec![("gamma", Setting::Number(0.0)), ("alpha", Setting::Numbers(weights.clone()))];
        let cross_entropy = vec![("weights", Setting::Numbers(weights))];
        agree(&like(&draw, name, name, focal), &like(&draw, name, "cross_entropy", cross_entropy))?;
    }

    #[test]
    fn no_smoothing_is_cross_entropy_and_full_smoothing_is_that_of_the_uniform_distribution(draw in draws()) {
        let name = "focal_multiclass"; // labels, from logits or probabilities
        let plain = like(&draw, name, "cross_entropy", vec![]);
        let smoothed = |s| like(&draw, name, "cross_entropy", vec![("label_smoothing", Setting::Number(s))]);
        agree(&smoothed(0.0), &plain)?;
        let even = Problem {
            answers: Answers::Numbers(vec![1.0 / plain.columns as f64; plain.scores.len()]),
            ignore_index: None,
            ..plain
        };
        agree(&Problem { ignore_index: None, answers: labels_of(&even), ..smoothed(1.0) }, &even)?;
    }

    #[test]
    fn smoothing_mixes_the_uniform_distribution_in(draw in draws(), s in 0..=8_u8) {
        let name = "focal_multiclass";
        let s = f64::from(s) / 8.0;
        let smoothed = like(&draw, name, "cross_entropy", vec![("label_smoothing", Setting::Number(s))]);
        let smoothed = Problem { ignore_index: None, answers: labels_of(&smoothed), ..smoothed };
        let Answers::Labels(labels) = &smoothed.answers else { unreachable!() };
        let classes = smoothed.columns;
        let mixed = one_hot(labels, classes).iter().map(|q| q * (1.0 - s) + s / classes as f64).collect();
        agree(&smoothed, &Problem { answers: Answers::Numbers(mixed), parameters: like(&draw, name, name, vec![]).parameters, ..smoothed.clone() })?;
    }

    #[test]
    fn binary_smoothing_moves_the_label(draw in draws(), s in 0..=8_u8) {
        let (name, s) = ("binary_cross_entropy", f64::from(s) / 8.0);
        let smoothed = like(&draw, "focal", name, vec![("label_smoothing", Setting::Number(s))]);
        let smoothed = Problem { ignore_index: None, answers: soft_labels(&smoothed), ..smoothed };
        let Answers::Numbers(labels) = &smoothed.answers else { unreachable!() };
        let moved = labels.iter().map(|y| y * (1.0 - s) + s / 2.0).collect();
        let plain = like(&draw, "focal", name, vec![]);
        let moved = Problem { answers: Answers::Numbers(moved), ignore_index: None, ..plain };
        let (one, other) = (own(&smoothed), own(&moved));
        prop_assert!(same(&one.values, &other.values, 0.0));
        prop_assert!(same(&one.gradient, &other.gradient, 1.0)); // p - y may vanish
    }

    #[test]
    fn a_one_hot_distribution_is_its_label(draw in draws()) {
        let name = "focal_multiclass";
        for loss in ["cross_entropy", "kl_divergence"] {
            let hard = like(&draw, name, loss, vec![]);
            let hard = Problem { ignore_index: None, answers: labels_of(&hard), ..hard };
            let Answers::Labels(labels) = &hard.answers else { unreachable!() };
            let soft = Answers::Numbers(one_hot(labels, hard.columns));
            agree(&Problem { answers: soft, ..hard.clone() }, &hard)?;
        }
    }

    #[test]
    fn divergence_is_cross_entropy_less_the_entropy(draw in draws()) {
        let divergence = draw.problem("kl_divergence");
        let cross_entropy = like(&draw, "kl_divergence", "cross_entropy", vec![]);
        let (divergence, cross) = (own(&divergence), own(&cross_entropy));
        prop_assert!(same(&divergence.gradient, &cross.gradient, 0.0));
        let Answers::Numbers(targets) = &cross_entropy.answers else {
            prop_assert!(same(&divergence.values, &cross.values, 0.0));
            return Ok(());
        };
        let ratio = if cross_entropy.unit == microloss::Unit::Bits { core::f64::consts::LN_2 } else { 1.0 };
        for (row, q) in targets.chunks(cross_entropy.columns).enumerate() {
            let entropy: f64 = q.iter().filter(|&&q| q > 0.0).map(|q| -q * q.ln()).sum::<f64>() / ratio;
            let weight = cross_entropy.weights.as_ref().map_or(1.0, |weights| weights[row]);
            let expected = cross.values[row] - entropy * weight;
            prop_assert!(same(&[divergence.values[row]], &[expected], cross.values[row]), "{cross_entropy:?}");
        }
    }

    #[test]
    fn the_divergence_of_a_distribution_from_itself_is_zero(draw in draws()) {
        let problem = draw.problem("kl_divergence");
        let Answers::Numbers(targets) = &problem.answers else { return Ok(()) };
        let scores = targets.clone();
        let problem = Problem { scores, weights: None, ..problem }.with("from", Setting::Input(Input::Probabilities));
        prop_assert!(own(&problem).values.iter().all(|value| value.abs() < 1e-15));
    }

    #[test]
    fn divergences_of_a_one_hot_distribution_are_those_of_its_label(draw in draws()) {
        for loss in ["jensen_shannon", "brier"] {
            let hard = Problem { ignore_index: None, ..draw.problem(loss) };
            let hard = Problem { answers: labels_of(&hard), ..hard };
            let Answers::Labels(labels) = &hard.answers else { unreachable!() };
            let soft = Problem { answers: Answers::Numbers(one_hot(labels, hard.columns)), ..hard.clone() };
            let (one, other) = (own(&hard), own(&soft));
            prop_assert!(same(&one.values, &other.values, 0.0), "{hard:?}");
            prop_assert!(same(&one.gradient, &other.gradient, 1.0), "{hard:?}"); // differences of slopes
        }
    }

    #[test]
    fn divergences_do_not_see_the_form_of_the_prediction(draw in draws()) {
        for loss in ["jensen_shannon", "brier"] {
            let logits = draw.problem(loss).with("from", Setting::Input(Input::Logits));
            let mut probabilities = logits.clone().with("from", Setting::Input(Input::Probabilities));
            probabilities.scores.chunks_mut(logits.columns).for_each(microloss::math::softmax);
            let mut logarithms = probabilities.clone().with("from", Setting::Input(Input::LogProbabilities));
            logarithms.scores.iter_mut().for_each(|p| *p = p.ln());
            let [logits, probabilities, logarithms] = [logits, probabilities, logarithms].map(|problem| own(&problem));
            prop_assert!(same(&probabilities.values, &logits.values, 1.0));
            prop_assert!(same(&logarithms.values, &logits.values, 1.0));
        }
    }

    #[test]
    fn jensen_shannon_is_two_divergences_from_the_mixture(draw in draws(), pi in 0..=8_u8) {
        let (p, q) = (distributions(&draw, 0), distributions(&draw, 1));
        let pi = f64::from(pi) / 8.0;
        let values = |loss: &'static str, p: &[f64], q: &[f64]| {
            let problem = Problem::new(loss, 4, p.to_vec(), Answers::Numbers(q.to_vec()));
            problem.with("from", Setting::Input(Input::Probabilities))
        };
        let mixture: Vec<f64> = p.iter().zip(&q).map(|(p, q)| pi * p + (1.0 - pi) * q).collect();
        let [of_p, of_q] = [&p, &q].map(|target| own(&values("kl_divergence", &mixture, target)).values);
        let mixed: Vec<f64> = of_p.iter().zip(&of_q).map(|(p, q)| pi * p + (1.0 - pi) * q).collect();
        let found = own(&values("jensen_shannon", &p, &q).with("pi", Setting::Number(pi))).values;
        prop_assert!(same(&found, &mixed, 1.0), "{found:?} {mixed:?}");
        // Both ways round, with the shares exchanged.
        let turned = own(&values("jensen_shannon", &q, &p).with("pi", Setting::Number(1.0 - pi))).values;
        prop_assert!(same(&found, &turned, 0.0), "{found:?} {turned:?}");
        let even = own(&values("jensen_shannon", &p, &q)).values;
        prop_assert!(even.iter().all(|&value| (0.0..=core::f64::consts::LN_2).contains(&value)), "{even:?}");
        prop_assert!(own(&values("jensen_shannon", &p, &p)).values.iter().all(|&value| value == 0.0));
        prop_assert!(own(&values("brier", &p, &p)).values.iter().all(|&value| value == 0.0));
    }

    #[test]
    fn the_brier_score_of_two_classes_is_twice_the_square(p in 0.0..=1.0_f64, label in 0..=1_i32) {
        let problem = Problem::new("brier", 2, vec![1.0 - p, p], Answers::Labels(vec![label]));
        let outcome = own(&problem.with("from", Setting::Input(Input::Probabilities)));
        let error = p - f64::from(label);
        prop_assert!(same(&outcome.values, &[2.0 * error * error], 0.0), "{outcome:?}");
        prop_assert!(same(&outcome.gradient, &[-2.0 * error, 2.0 * error], 0.0), "{outcome:?}");
    }

    #[test]
    fn balanced_is_binary_with_a_positive_weight(draw in draws(), b in 1..=7_u8) {
        let name = "balanced_cross_entropy";
        let b = f64::from(b) / 8.0;
        let balanced = like(&draw, name, name, vec![("alpha", Setting::Number(b))]);
        let weight = Setting::Number(b / (1.0 - b));
        let binary = like(&draw, name, "binary_cross_entropy", vec![("pos_weight", weight)]);
        let (one, other) = (own(&balanced), own(&binary));
        let scaled = |numbers: &[f64]| numbers.iter().map(|number| number * (1.0 - b)).collect::<Vec<_>>();
        prop_assert!(same(&one.values, &scaled(&other.values), 0.0));
        prop_assert!(same(&one.gradient, &scaled(&other.gradient), 1e-3));
    }

    #[test]
    fn huber_is_smooth_l1_times_its_threshold(draw in draws(), quarters in 1..=12_u8) {
        let (name, delta) = ("huber", f64::from(quarters) / 4.0);
        let huber = own(&like(&draw, name, name, vec![("delta", Setting::Number(delta))]));
        let smooth = own(&like(&draw, name, "smooth_l1", vec![("beta", Setting::Number(delta))]));
        let scaled = |numbers: &[f64]| numbers.iter().map(|number| number * delta).collect::<Vec<_>>();
        prop_assert!(same(&huber.values, &scaled(&smooth.values), 0.0));
        prop_assert!(same(&huber.gradient, &scaled(&smooth.gradient), 0.0));
    }

    #[test]
    fn smooth_l1_without_a_curve_is_the_absolute_error(draw in draws()) {
        let name = "mean_absolute_error";
        let flat = vec![("beta", Setting::Number(0.0))];
        agree(&like(&draw, name, "smooth_l1", flat), &like(&draw, name, name, vec![]))?;
    }

    #[test]
    fn huber_of_small_errors_is_half_the_squared_error(draw in draws()) {
        let name = "mean_squared_error";
        let half = like(&draw, name, name, vec![("half", Setting::Flag(true))]);
        agree(&like(&draw, name, "huber", vec![("delta", Setting::Number(1e6))]), &half)?;
        let twice = own(&like(&draw, name, name, vec![]));
        let halves = |numbers: &[f64]| numbers.iter().map(|number| number / 2.0).collect::<Vec<_>>();
        prop_assert!(same(&halves(&twice.values), &own(&half).values, 0.0));
    }

    #[test]
    fn the_median_costs_half_the_absolute_error(draw in draws()) {
        let name = "mean_absolute_error";
        let (median, absolute) = (own(&like(&draw, name, "quantile", vec![])), own(&like(&draw, name, name, vec![])));
        let halves: Vec<f64> = absolute.values.iter().map(|value| value / 2.0).collect();
        prop_assert!(same(&median.values, &halves, 0.0));
    }

    #[test]
    fn opposite_quantiles_of_mirrored_errors_cost_the_same(draw in draws(), eighths in 1..=7_u8) {
        let (name, tau) = ("quantile", f64::from(eighths) / 8.0);
        let problem = like(&draw, name, name, vec![("tau", Setting::Number(tau))]);
        let Answers::Numbers(targets) = &problem.answers else { unreachable!() };
        let mirrored = Problem {
            scores: problem.scores.iter().map(|score| -score).collect(),
            answers: Answers::Numbers(targets.iter().map(|target| -target).collect()),
            ..problem.clone()
        };
        let mirrored = mirrored.with("tau", Setting::Number(1.0 - tau));
        prop_assert!(same(&own(&problem).values, &own(&mirrored).values, 0.0));
    }

    #[test]
    fn log_cosh_lies_between_its_limits(draw in draws()) {
        let name = "mean_absolute_error";
        let log_cosh = own(&Problem { weights: None, ..like(&draw, name, "log_cosh", vec![]) });
        let absolute = own(&Problem { weights: None, ..like(&draw, name, name, vec![]) });
        for (value, size) in log_cosh.values.iter().zip(&absolute.values) {
            let (square, line) = (size * size / 2.0, size - core::f64::consts::LN_2);
            prop_assert!(*value <= square.min(*size) + 1e-15 && *value >= line - 1e-15, "{value}, {size}");
        }
    }

    #[test]
    fn a_normal_distribution_of_variance_1_costs_half_the_squared_error(draw in draws()) {
        let name = "mean_squared_error";
        let half = like(&draw, name, name, vec![("half", Setting::Flag(true))]);
        let squared = own(&half);
        for (input, spread) in [(Input::Variances, 1.0), (Input::LogVariances, 0.0)] {
            let scores = half.scores.iter().flat_map(|&mean| [mean, spread]).collect();
            let plain = Problem { scores, unit: microloss::Unit::Nats, ..like(&draw, name, "gaussian_nll", vec![]) };
            let normal = own(&plain.of_input(input));
            let means: Vec<f64> = normal.gradient.iter().step_by(2).copied().collect();
            prop_assert!(same(&normal.values, &squared.values, 0.0));
            prop_assert!(same(&means, &squared.gradient, 0.0));
        }
    }

    #[test]
    fn a_variance_and_its_logarithm_cost_the_same(draw in draws()) {
        let problem = draw.problem("gaussian_nll");
        let variances = Problem {
            scores: problem.scores.iter().enumerate().map(|(i, x)| if i % 2 == 1 { x.abs() + 0.5 } else { *x }).collect(),
            ..problem
        };
        let variances = variances.with("eps", Setting::Number(1e-6)).of_input(Input::Variances);
        let logarithms = Problem {
            scores: variances.scores.iter().enumerate().map(|(i, x)| if i % 2 == 1 { x.ln() } else { *x }).collect(),
            ..variances.clone()
        };
        let (one, other) = (own(&variances), own(&logarithms.of_input(Input::LogVariances)));
        prop_assert!(same(&one.values, &other.values, 100.0));
        for (index, (one, other)) in one.gradient.iter().zip(&other.gradient).enumerate() {
            let factor = if index % 2 == 1 { variances.scores[index] } else { 1.0 };
            prop_assert!((one * factor - other).abs() <= 1e-12 * (1.0 + other.abs()), "{variances:?}");
        }
    }

    #[test]
    fn balanced_computes_the_fraction_of_negatives(draw in draws()) {
        let name = "balanced_cross_entropy";
        let problem = like(&draw, name, name, vec![("alpha", Setting::None)]);
        let negatives: Vec<f64> = match &problem.answers {
            Answers::Labels(labels) => {
                let valid = labels.iter().filter(|&&label| Some(i64::from(label)) != problem.ignore_index);
                valid.map(|&label| 1.0 - f64::from(label)).collect()
            }
            Answers::Numbers(numbers) => numbers.iter().map(|y| 1.0 - y).collect(),
            Answers::None => Vec::new(),
        };
        prop_assume!(!negatives.is_empty());
        let alpha = negatives.iter().sum::<f64>() / negatives.len() as f64;
        let given = like(&draw, name, name, vec![("alpha", Setting::Number(alpha))]);
        let (one, other) = (own(&problem), own(&given));
        prop_assert!(same(&one.values, &other.values, 0.0));
        prop_assert!(same(&one.gradient, &other.gradient, 1e-3));
    }
}

/// The labels, or as many others, none of which is void.
fn labels_of(problem: &Problem<f64>) -> Answers<f64> {
    let labels = |index: usize| (index * 7 + 3) % problem.columns;
    Answers::Labels((0..problem.scores.len() / problem.columns).map(|row| labels(row) as i32).collect())
}

/// Distributions over four classes, with zeros, two for each draw.
fn distributions(draw: &Draw, turn: usize) -> Vec<f64> {
    let scores = draw.problem("cross_entropy").scores;
    let part = |index: usize| (scores[(index * 5 + turn * 3) % scores.len()].abs() * 97.0) as u32 % 8;
    let parts: Vec<u32> = (0..12).map(part).collect();
    let share = |parts: &[u32]| -> Vec<f64> {
        let sum = f64::from(parts.iter().sum::<u32>() + 1);
        // One part is never 0.
        parts
            .iter()
            .enumerate()
            .map(|(class, &part)| f64::from(part + u32::from(class == turn)) / sum)
            .collect()
    };
    parts.chunks(4).flat_map(share).collect()
}

/// Soft labels from 0 to 1, both included.
fn soft_labels(problem: &Problem<f64>) -> Answers<f64> {
    Answers::Numbers((0..problem.scores.len()).map(|item| (item % 5) as f64 / 4.0).collect())
}

#[test]
fn without_positives_or_negatives_balanced_is_zero() {
    for label in [0, 1] {
        let problem =
            Problem::new("balanced_cross_entropy", 1, vec![3.0, -1.0, 0.5], Answers::Labels(vec![label; 3]));
        let outcome = problem.call(Form::Gradient).unwrap();
        assert_eq!((outcome.values, outcome.gradient), (vec![0.0], vec![0.0; 3]));
    }
}

#[test]
fn lovasz_hinge_of_errors_that_are_all_1_is_1() {
    for labels in [vec![1, 0, 0, 1, 0], vec![1; 5], vec![0; 5]] {
        let problem = Problem::new("lovasz_hinge", 1, vec![0.0; 5], Answers::Labels(labels));
        let outcome = problem.call(Form::Gradient).unwrap();
        // The weights are at least 0 and sum to 1.
        let weights: f64 = outcome.gradient.iter().copied().map(f64::abs).sum();
        assert!(same(&outcome.values, &[1.0], 0.0) && same(&[weights], &[1.0], 0.0), "{outcome:?}");
    }
}

#[test]
fn lovasz_weights_fall_by_the_closed_form() {
    // Errors 3, 2.5, 2, 1.5 of background, foreground, background, foreground: G = 2.
    let problem =
        Problem::new("lovasz_hinge", 1, vec![2.0, -1.5, 1.0, -0.5], Answers::Labels(vec![0, 1, 0, 1]));
    let outcome = problem.call(Form::Gradient).unwrap();
    let expected = [2.0 / (2.0 * 3.0), -1.0 / 3.0, 1.0 / (3.0 * 4.0), -1.0 / 4.0];
    assert!(same(&outcome.gradient, &expected, 0.0), "{outcome:?}");
}

/// One pixel of label t, averaged over all C classes: the loss is 2 (1 - p_t) / C, and the gradient
/// 2 p_t p_j / C, small for a confident pixel, though the classes' own slopes are not.
#[test]
fn lovasz_softmax_of_one_pixel_is_its_missing_probability() {
    for scores in [[0.5, 1.0, -1.0], [0.0, 5.0, -9.0], [10.0, 9.0, -3.0], [20.0, 8.0, -8.0], [1.0, 0.0, 12.0]]
    {
        let problem = Problem::new("lovasz_softmax", 3, scores.to_vec(), Answers::Labels(vec![2]));
        let problem = problem.with("classes", Setting::All);
        let sum: f64 = scores.iter().map(|x| f64::exp(*x)).sum();
        let p = scores.map(|x| x.exp() / sum);
        let expected = [p[2] * p[0], p[2] * p[1], -p[2] * (p[0] + p[1])].map(|entry| entry * 2.0 / 3.0);
        let largest = expected[2].abs();
        let wide = problem.call(Form::Gradient).unwrap();
        let narrow = problem.map(|&number| number as f32).call(Form::Gradient).unwrap();
        assert!(same(&wide.values, &[(p[0] + p[1]) * 2.0 / 3.0], 0.0), "{scores:?}: {wide:?}");
        for (index, expected) in expected.into_iter().enumerate() {
            assert!((wide.gradient[index] - expected).abs() <= 1e-12 * largest, "{scores:?}: {wide:?}");
            let narrow = f64::from(narrow.gradient[index]);
            assert!((narrow - expected).abs() <= 4e-6 * largest, "{scores:?}: {narrow}, not {expected}");
        }
    }
}

/// All masks of six pixels, predicted and true.
fn masks() -> impl Iterator<Item = (Vec<f64>, Vec<i32>)> {
    (0..1 << 12).map(|bits: i32| {
        let (predicted, truth) = (bits & 63, bits >> 6);
        let mask = |bits: i32| (0..6).map(move |pixel| bits >> pixel & 1);
        (mask(predicted).map(f64::from).collect(), mask(truth).collect())
    })
}

/// The Jaccard loss of two masks, by counting.
fn jaccard(predicted: &[f64], truth: &[i32]) -> f64 {
    let pixels = || predicted.iter().zip(truth).map(|(&p, &t)| (p > 0.5, t == 1));
    let union = pixels().filter(|&(p, t)| p | t).count();
    if union == 0 { 0.0 } else { pixels().filter(|&(p, t)| p != t).count() as f64 / union as f64 }
}

/// Of hard masks soft counts are counts, and the Lovász extension is what it extends.
#[test]
fn hard_masks_have_one_jaccard_loss() {
    for (predicted, truth) in masks() {
        let expected = jaccard(&predicted, &truth);
        let answers = || Answers::Labels(truth.clone());
        let none = Setting::Number(0.0);
        let soft = Problem::new("jaccard", 1, predicted.clone(), answers()).with("smooth", none.clone());
        assert_eq!(soft.value().unwrap(), expected, "{soft:?}");
        let dice = Problem { loss: call::entry("dice").1.name, ..soft.clone() };
        for squared in [false, true] {
            let dice = dice.clone().with("squared", Setting::Flag(squared));
            assert!(same(&[dice.value().unwrap()], &[expected / (2.0 - expected)], 0.0), "{dice:?}");
        }
        // Scores of 1 err by 0 or 2.
        let scores = predicted.iter().map(|p| 2.0 * p - 1.0).collect();
        let hinge = Problem::new("lovasz_hinge", 1, scores, answers()).value().unwrap();
        assert!(same(&[hinge], &[2.0 * expected], 0.0), "{truth:?} {predicted:?}: {hinge}");
        // Two classes: the mask, and what it leaves.
        let pairs: Vec<f64> = predicted.iter().flat_map(|p| [1.0 - p, *p]).collect();
        let rest: Vec<f64> = predicted.iter().map(|p| 1.0 - p).collect();
        let other: Vec<i32> = truth.iter().map(|t| 1 - t).collect();
        let mean = (expected + jaccard(&rest, &other)) / 2.0;
        let lovasz =
            Problem::new("lovasz_softmax", 2, pairs.clone(), answers()).with("classes", Setting::All);
        let lovasz = lovasz.with("from", Setting::Input(Input::Probabilities)).value().unwrap();
        assert!(same(&[lovasz], &[mean], 0.0), "{truth:?} {predicted:?}: {lovasz}");
        let both = Problem::new("jaccard", 2, pairs, answers()).with("smooth", none).value().unwrap();
        assert!(same(&[both], &[mean], 0.0), "{truth:?} {predicted:?}: {both}");
    }
}

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn tversky_is_jaccard_and_dice(draw in draws(), smooth in 0..=8_u8) {
        let smooth = f64::from(smooth) / 8.0;
        let classes = draw.problem("jaccard").setting("classes").cloned().unwrap_or(Setting::All);
        let of = |loss, smooth, weight: Option<f64>| {
            let mut parameters = vec![("classes", classes.clone()), ("smooth", Setting::Number(smooth))];
            for name in ["fp_weight", "fn_weight"] {
                parameters.extend(weight.map(|weight| (name, Setting::Number(weight))));
            }
            like(&draw, "jaccard", loss, parameters)
        };
        agree(&of("tversky", smooth, Some(1.0)), &of("jaccard", smooth, None))?;
        agree(&of("tversky", smooth, Some(0.5)), &of("dice", 2.0 * smooth, None))?;
    }

    /// Pieces counted one after the other are the whole, to the last bit; their gradient, too.
    #[test]
    fn a_region_streams(draw in draws(), cut in 0..=40_usize, other in 0..=40_usize) {
        let mut problem = draw.problem("dice");
        prop_assume!(problem.columns == 1 && matches!(problem.answers, Answers::Labels(_)));
        // Longer than the lanes of a sum.
        problem.scores = problem.scores.repeat(7);
        let Answers::Labels(labels) = &problem.answers else { unreachable!() };
        let labels = labels.repeat(7);
        (problem.pixels, problem.answers) = (labels.len(), Answers::Labels(labels.clone()));
        let Ok(whole) = problem.reduced(Reduction::Mean).call(Form::Gradient) else { return Ok(()) };
        let loss = problem.parameters.iter().try_fold(Dice::<f64>::new(), |loss, (name, setting)| loss.set(name, setting.value())).unwrap();
        let mut cuts = [0, cut.min(labels.len()), other.min(labels.len()), labels.len()];
        cuts.sort_unstable();
        let piece = |at: usize| {
            let range = cuts[at]..cuts[at + 1];
            let piece = Regions::slices(&problem.scores[range.clone()], 1, range.len(), &labels[range], Scratch::none());
            match problem.ignore_index {
                Some(label) => piece.ignore_index(label),
                None => piece,
            }
        };
        let [mut counts, mut parts] = [Counts::<f64, 1>::new(); 2];
        let mut gradient = Vec::new();
        for at in 0..3 {
            loss.count(&mut counts, piece(at)).unwrap();
            let mut part = Counts::<f64, 1>::new();
            loss.count(&mut part, piece(at)).unwrap();
            parts = part.merge(&parts);
        }
        for at in 0..3 {
            let mut own = vec![7.0; cuts[at + 1] - cuts[at]];
            loss.gradient(&counts, piece(at).gradient(&mut own[..])).unwrap();
            gradient.extend(own);
        }
        prop_assert_eq!(bits(&[loss.value(&counts).unwrap()]), bits(&whole.values));
        prop_assert_eq!(bits(&gradient), bits(&whole.gradient));
        prop_assert!(same(&[loss.value(&parts).unwrap()], &whole.values, 0.0));
        prop_assert_eq!((parts.valid(), parts.ignored()), (counts.valid(), counts.ignored()));
        prop_assert_eq!(counts.valid() + counts.ignored(), labels.len());
    }
}

#[test]
fn class_weights_from_counts_are_inverse_frequencies() {
    let weights: [f64; 3] = inverse_frequency(&[100, 50, 10]).unwrap();
    assert!(same(&weights, &[160.0 / 300.0, 160.0 / 150.0, 160.0 / 30.0], 0.0), "{weights:?}");
    assert_eq!(inverse_frequency::<f32, 2>(&[7, 7]), Ok([1.0, 1.0]));
    assert!(inverse_frequency::<f32, 2>(&[7, 0]).is_err());
}

#[test]
fn balanced_alpha_given_after_a_fit_is_the_one_given() {
    let fitted = BalancedCrossEntropy::<f64>::new().fit([1.0, 0.0, 0.0, 0.0].into_iter());
    let given = BalancedCrossEntropy::new().alpha(Some(0.5)).unwrap();
    assert_eq!(fitted.alpha(Some(0.5)).unwrap(), given);
}

#[test]
fn lovasz_softmax_ties_what_mirrors_each_other() {
    // Class 0 errs alike in both pixels, as the right class of one and a wrong one of the other.
    for margin in [0.5_f32, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0] {
        let mut gradient = [[[0.0; 2]; 2]];
        let scores = [[[0.0, margin], [margin, 0.0]]];
        let mut scratch = [[Entry::default(); 2]; 2];
        let batch = Regions::multi_class(&scores, &[[0_u8, 1]], &mut scratch);
        LovaszSoftmax::new().mean(batch.gradient(&mut gradient)).unwrap();
        let [[first, second]] = gradient;
        // The first of equals has weight 1 in its own class and 1/2 in the other, each way round.
        assert!((first[0] / second[0]).abs() > 1.5, "{margin}: {gradient:?}");
    }
}
