//! What holds for every loss of the registry, whatever its parameters, tried on random batches.

#[path = "support/call.rs"]
mod call;
#[path = "support/draw.rs"]
mod draw;
#[path = "support/seed.rs"]
mod seed;
#[path = "support/select.rs"]
mod select;
#[path = "support/ulp.rs"]
mod ulp;

use call::{Answers, Form, Problem, Reduction, Setting, entry, facts};
use draw::{Draw, draws};
use microloss::registry::LOSSES;
use microloss::{Error, Input, Real, Total, Unit};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use seed::config;
use select::{is_fitted, pick, select};
use ulp::{bits, ulps};

/// A problem for each loss of the registry.
fn problems(draw: &Draw) -> impl Iterator<Item = Problem<f64>> {
    LOSSES.iter().map(|(_, info)| draw.problem(info.name))
}

/// Groups of scores that belong together: rows, images, or items of several labels.
fn groups(problem: &Problem<f64>) -> usize {
    if problem.shape() == "element" { problem.items() / problem.columns } else { problem.items() }
}

/// Sum and gradient, in one go.
fn evaluate(problem: &Problem<f64>) -> (f64, Vec<f64>, Total<f64>) {
    let outcome = problem.reduced(Reduction::Sum).call(Form::Gradient).unwrap();
    (outcome.values[0], outcome.gradient, outcome.total.unwrap())
}

/// One value an item.
fn each(problem: &Problem<f64>) -> Vec<f64> {
    problem.reduced(Reduction::None).call(Form::Value).unwrap().values
}

/// The mean with its gradient; `None` over nothing.
fn mean(problem: &Problem<f64>) -> Option<(f64, Vec<f64>)> {
    match problem.reduced(Reduction::Mean).call(Form::Gradient) {
        Ok(outcome) => Some((outcome.values[0], outcome.gradient)),
        Err(Error::NothingToAverage) => None,
        Err(error) => panic!("{}: {error}", problem.loss),
    }
}

/// The size of the numbers that a sum over the batch is made of.
fn size(problem: &Problem<f64>) -> f64 {
    each(problem).iter().map(|value| value.abs()).sum()
}

/// Equal to a few units in the last place of numbers of this size.
fn close(a: f64, b: f64, scale: f64) -> bool {
    ulps(a, b, scale.max(b.abs())) <= 16.0
}

/// The same of gradients, which may be small differences of terms of this size.
fn all_close(a: &[f64], b: &[f64]) -> bool {
    let scale = b.iter().fold(0.25, |scale: f64, entry| scale.max(entry.abs()));
    a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| close(a, b, scale))
}

/// Takes the ignored labels out, with what belongs to them; gives those that are left, too.
fn without_ignored(problem: &Problem<f64>) -> (Problem<f64>, Vec<usize>) {
    let Answers::Labels(labels) = &problem.answers else { panic!("no labels") };
    let void = |label: i32| Some(i64::from(label)) == problem.ignore_index;
    let kept: Vec<usize> = (0..labels.len()).filter(|&item| !void(labels[item])).collect();
    let rest = select(problem, labels.len(), &kept);
    (Problem { pixels: kept.len(), ignore_index: None, ..rest }, kept)
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn a_batch_is_its_items(draw in draws(), cut in 0..=5_usize) {
        for problem in problems(&draw).filter(|problem| !is_fitted(problem)) {
            let count = groups(&problem);
            let all: Vec<usize> = (0..count).collect();
            let (left, right) = all.split_at(cut.min(count));
            let (value, gradient, total) = evaluate(&problem);
            let mut merged = Total::default();
            let mut joined = Vec::new();
            for part in [left, right] {
                let (_, gradient, total) = evaluate(&select(&problem, count, part));
                merged = merged.merge(total);
                joined.extend(gradient);
            }
            let scale = size(&problem);
            prop_assert_eq!(bits(&joined), bits(&gradient), "{}", problem.loss);
            prop_assert_eq!((merged.valid(), merged.ignored()), (total.valid(), total.ignored()));
            prop_assert_eq!(total.valid() + total.ignored(), problem.items());
            prop_assert!(close(merged.sum().unwrap(), value, scale), "{problem:?}");
            match (merged.mean(), total.mean()) {
                (Ok(a), Ok(b)) => prop_assert!(close(a, b, scale / count as f64), "{problem:?}"),
                (a, b) => prop_assert_eq!(a, b),
            }
        }
    }

    #[test]
    fn the_value_is_the_sum_of_each(draw in draws()) {
        for problem in problems(&draw) {
            let values = each(&problem);
            let (value, gradient, total) = evaluate(&problem);
            prop_assert!(close(values.iter().sum(), value, size(&problem)), "{problem:?}");
            let own = problem.reduced(Reduction::None).call(Form::Gradient).unwrap();
            prop_assert_eq!(bits(&own.gradient), bits(&gradient), "{}", problem.loss);
            prop_assert_eq!(bits(&own.values), bits(&values), "{}", problem.loss);
            prop_assert_eq!(own.total, Some(total));
        }
    }

    #[test]
    fn the_mean_divides_by_the_weights(draw in draws()) {
        for problem in problems(&draw) {
            let Some((value, gradient)) = mean(&problem) else { continue };
            let divisor = denominator(&problem);
            let (sum, sums, _) = evaluate(&problem);
            prop_assert!(close(value, sum / divisor, size(&problem) / divisor), "{problem:?}");
            prop_assert!(all_close(&gradient, &sums.iter().map(|entry| entry / divisor).collect::<Vec<_>>()));
        }
    }

    #[test]
    fn groups_may_be_permuted(draw in draws(), turn in 0..5_usize) {
        for problem in problems(&draw) {
            let count = groups(&problem);
            let mut order: Vec<usize> = (0..count).rev().collect();
            order.rotate_left(turn % count);
            let turned = select(&problem, count, &order);
            let ((value, gradient, _), (other, turned_gradient, _)) = (evaluate(&problem), evaluate(&turned));
            prop_assert!(close(other, value, size(&problem)), "{problem:?}");
            prop_assert!(all_close(&turned_gradient, &pick(&gradient, count, &order)), "{problem:?}");
            if !is_fitted(&problem) {
                prop_assert_eq!(bits(&turned_gradient), bits(&pick(&gradient, count, &order)));
            }
        }
    }

    #[test]
    fn pixels_may_be_permuted(draw in draws()) {
        for problem in problems(&draw).filter(|problem| problem.shape() == "region") {
            let image = select(&problem, groups(&problem), &[0]);
            let order: Vec<usize> = (0..image.pixels).rev().collect();
            let turned = select(&image, image.pixels, &order);
            let ((value, gradient, _), (other, turned_gradient, _)) = (evaluate(&image), evaluate(&turned));
            prop_assert!(close(other, value, value), "{image:?}");
            if !has_ties(&image) {
                prop_assert!(all_close(&turned_gradient, &pick(&gradient, image.pixels, &order)), "{image:?}");
            }
        }
    }

    #[test]
    fn softmax_does_not_see_a_shift(draw in draws(), shift in -100..100_i32) {
        for problem in problems(&draw) {
            if facts(problem.loss).may_be_binary || problem.input() != Input::Logits {
                continue;
            }
            let mut shifted = problem.clone();
            shifted.scores.iter_mut().for_each(|score| *score += f64::from(shift)); // exact
            let ((value, gradient, _), (other, shifted_gradient, _)) = (evaluate(&problem), evaluate(&shifted));
            // Rows near 0 are not centred, so a shift may change last places.
            prop_assert!(close(other, value, size(&problem)), "{problem:?}");
            prop_assert!(all_close(&shifted_gradient, &gradient), "{problem:?}");
            for row in gradient.chunks(problem.columns) {
                let scale: f64 = row.iter().map(|entry| entry.abs()).sum();
                prop_assert!(row.iter().sum::<f64>().abs() <= 8.0 * f64::EPSILON * scale.max(1.0), "{problem:?} {row:?}");
            }
        }
    }

    #[test]
    fn to_ignore_is_to_remove(draw in draws()) {
        for mut problem in problems(&draw).filter(|problem| problem.ignore_index.is_some()) {
            if problem.shape() == "region" {
                problem = select(&problem, groups(&problem), &[0]);
            } else if problem.columns > 1 && problem.shape() == "element" {
                problem.columns = 1;
                problem.parameters.retain(|(_, setting)| !matches!(setting, Setting::Numbers(_)));
            }
            let (rest, kept) = without_ignored(&problem);
            if kept.is_empty() {
                continue;
            }
            let count = problem.answers.targets().len();
            let ((value, gradient, total), (other, left, of_rest)) = (evaluate(&problem), evaluate(&rest));
            // Items that move to another lane are added in another order.
            prop_assert!(close(value, other, size(&problem)), "{problem:?}");
            prop_assert!(all_close(&pick(&gradient, count, &kept), &left), "{problem:?}");
            if !is_fitted(&problem) {
                prop_assert_eq!(bits(&pick(&gradient, count, &kept)), bits(&left), "{:?}", problem);
            }
            let gone: Vec<usize> = (0..count).filter(|item| !kept.contains(item)).collect();
            prop_assert!(pick(&gradient, count, &gone).iter().all(|&entry| entry == 0.0));
            // An image is ignored only as a whole.
            let ignored = if problem.shape() == "region" { 0 } else { gone.len() };
            prop_assert_eq!((total.ignored(), of_rest.ignored()), (ignored, 0));
            let means = (mean(&problem).map(|(value, _)| value), mean(&rest).map(|(value, _)| value));
            prop_assert_eq!(means.0.is_some(), means.1.is_some());
            let (value, other) = (means.0.unwrap_or_default(), means.1.unwrap_or_default());
            prop_assert!(close(value, other, size(&problem)), "{problem:?}");
        }
    }

    #[test]
    fn a_weight_repeats_an_item(draw in draws()) {
        for mut problem in problems(&draw).filter(|problem| problem.shape() != "region" && !is_fitted(problem)) {
            let count = groups(&problem);
            let weight = |group: usize| [2, 0, 1, 3, 1][group];
            let per_group = problem.items() / count;
            problem.weights = Some((0..problem.items()).map(|item| f64::from(weight(item / per_group))).collect());
            let repeats: Vec<usize> =
                (0..count).flat_map(|group| (0..weight(group)).map(move |_| group)).collect();
            let repeated = Problem { weights: None, ..select(&problem, count, &repeats) };
            let ((value, gradient, _), (other, _, _)) = (evaluate(&problem), evaluate(&repeated));
            prop_assert!(close(value, other, size(&problem)), "{problem:?}");
            let plain = evaluate(&Problem { weights: None, ..problem.clone() }).1;
            let width = problem.scores.len() / count;
            let weighted: Vec<f64> =
                plain.iter().enumerate().map(|(index, entry)| entry * f64::from(weight(index / width))).collect();
            prop_assert!(all_close(&gradient, &weighted), "{problem:?}");
            if let (true, Some((value, _)), Some((other, _))) =
                (has_class_weights(&problem), mean(&problem), mean(&repeated))
            {
                prop_assert!(close(value, other, other), "{problem:?}");
            }
        }
    }

    #[test]
    fn all_forms_have_the_same_bits(draw in draws()) {
        for problem in problems(&draw) {
            for reduction in [Reduction::Mean, Reduction::Sum, Reduction::None] {
                forms_agree(&problem.reduced(reduction))?;
                forms_agree(&problem.reduced(reduction).map(|&number| f32::of(number)))?;
            }
        }
    }

    #[test]
    fn bits_are_nats_over_ln_2(draw in draws()) {
        for problem in problems(&draw) {
            let nats = evaluate(&Problem { unit: Unit::Nats, ..problem.clone() });
            let bits = evaluate(&Problem { unit: Unit::Bits, ..problem.clone() });
            let ratio = if entry(problem.loss).1.logarithmic { core::f64::consts::LN_2 } else { 1.0 };
            prop_assert!(close(bits.0, nats.0 / ratio, size(&problem)), "{problem:?}");
            let entries: Vec<f64> = nats.1.iter().map(|entry| entry / ratio).collect();
            prop_assert!(all_close(&bits.1, &entries), "{problem:?}");
        }
    }

    #[test]
    fn f32_is_close_to_f64(draw in draws()) {
        for problem in problems(&draw) {
            let narrow = problem.map(|&number| f32::of(number));
            let wide = narrow.map(|number| number.to_double());
            let (value, gradient, _) = evaluate(&wide);
            let found = narrow.call(Form::Gradient).unwrap();
            let tolerance = 1e-6 * (size(&wide) + wide.items() as f64);
            prop_assert!((found.values[0].to_double() - value).abs() <= tolerance, "{problem:?}");
            if has_ties(&wide) {
                continue;
            }
            let largest = gradient.iter().fold(0.25, |largest: f64, entry| largest.max(entry.abs()));
            for (narrow, wide) in found.gradient.iter().zip(&gradient) {
                prop_assert!((narrow.to_double() - wide).abs() <= 4e-6 * largest, "{problem:?}");
            }
        }
    }
}

/// What divides the mean: class weight times sample weight for a loss that has class weights and labels;
/// else the items, or images, that are not ignored.
fn denominator(problem: &Problem<f64>) -> f64 {
    let Answers::Labels(labels) = &problem.answers else { return problem.items() as f64 };
    let valid = |label: &i32| Some(i64::from(*label)) != problem.ignore_index;
    if problem.shape() == "region" {
        return labels.chunks(problem.pixels).filter(|image| image.iter().any(valid)).count() as f64;
    }
    if !has_class_weights(problem) {
        return labels.iter().filter(|label| valid(label)).count() as f64;
    }
    let class_weight = |label: usize| match problem.setting("weights") {
        Some(Setting::Numbers(weights)) => weights[label],
        _ => 1.0,
    };
    let sample_weight = |item: usize| problem.weights.as_ref().map_or(1.0, |weights| weights[item]);
    let items = labels.iter().enumerate().filter(|(_, label)| valid(label));
    items.map(|(item, &label)| class_weight(label as usize) * sample_weight(item)).sum()
}

/// Whether class weights, and with them sample weights, enter the denominator of the mean.
fn has_class_weights(problem: &Problem<f64>) -> bool {
    let has = entry(problem.loss).1.parameters.iter().any(|parameter| parameter.name == "weights");
    has && matches!(problem.answers, Answers::Labels(_))
}

/// Whether the order of an image's pixels hangs on less than 1e-3: a step of that size changes it.
fn has_ties(problem: &Problem<f64>) -> bool {
    if problem.shape() != "region" {
        return false;
    }
    let gradient = evaluate(problem).1;
    [-1e-3, 1e-3].iter().any(|step| {
        (0..problem.scores.len()).any(|index| {
            let mut near = problem.clone();
            near.scores[index] += step;
            near.call(Form::Gradient).is_ok_and(|near| {
                near.gradient.iter().zip(&gradient).any(|(near, here)| (near - here).abs() > 2e-3)
            })
        })
    })
}

fn forms_agree<T: Real>(problem: &Problem<T>) -> Result<(), TestCaseError> {
    let forms = [Form::Value, Form::Gradient, Form::InPlace].map(|form| problem.call(form));
    match &forms {
        [Ok(value), Ok(gradient), Ok(in_place)] => {
            prop_assert_eq!(bits(&value.values), bits(&gradient.values), "{:?}", problem);
            prop_assert_eq!(bits(&in_place.values), bits(&gradient.values), "{:?}", problem);
            prop_assert_eq!(bits(&in_place.gradient), bits(&gradient.gradient), "{:?}", problem);
        }
        forms => prop_assert!(forms.iter().all(|form| form == &Err(Error::NothingToAverage)), "{forms:?}"),
    }
    Ok(())
}

/// Entries of gradients that were compared with a difference quotient, and all.
#[derive(Default)]
struct Compared {
    smooth: usize,
    all: usize,
}

#[test]
fn the_gradient_is_the_difference_quotient() {
    for (_, info) in LOSSES {
        let mut runner = TestRunner::new(config(32));
        let compared = std::cell::RefCell::new(Compared::default());
        let outcome = runner.run(&draws(), |draw| {
            let problem = draw.problem(info.name);
            compare_with_quotients(&problem, &mut compared.borrow_mut())?;
            compare_with_quotients(&problem.reduced(Reduction::Mean), &mut compared.borrow_mut())
        });
        outcome.unwrap_or_else(|failure| panic!("{}: {failure}", info.name));
        let Compared { smooth, all } = compared.into_inner();
        assert!(smooth * 10 > all * 9, "{}: only {smooth} of {all} entries were compared", info.name);
    }
}

/// Whether a score is a variance that another takes the place of: its gradient is that of the other.
fn is_below_the_least_variance(problem: &Problem<f64>, index: usize) -> bool {
    let least = match problem.setting("eps") {
        Some(Setting::Number(eps)) => *eps,
        _ => 0.0,
    };
    problem.input() == Input::Variances && index % 2 == 1 && problem.scores[index] < least
}

/// At a kink the gradient differs on both sides: those entries are passed by.
fn compare_with_quotients(problem: &Problem<f64>, compared: &mut Compared) -> Result<(), TestCaseError> {
    const STEP: f64 = 1.0 / (1 << 23) as f64;
    let Ok(here) = problem.call(Form::Gradient) else { return Ok(()) };
    for index in (0..problem.scores.len()).filter(|&index| !is_below_the_least_variance(problem, index)) {
        let [below, above] = [-STEP, STEP].map(|step| {
            let mut near = problem.clone();
            near.scores[index] += step;
            near.call(Form::Gradient).unwrap()
        });
        let tolerance = 1e-5 * (1.0 + here.gradient[index].abs());
        compared.all += 1;
        if (above.gradient[index] - below.gradient[index]).abs() > tolerance {
            continue;
        }
        compared.smooth += 1;
        let quotient = (above.values[0] - below.values[0]) / (2.0 * STEP);
        prop_assert!(
            (here.gradient[index] - quotient).abs() <= tolerance,
            "{problem:?}: {index}, {quotient}"
        );
    }
    Ok(())
}
