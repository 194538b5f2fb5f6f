//! The order of pixels in the Lovász losses: against the set function itself, counted from scratch, and
//! one sort against the other.

#[path = "support/call.rs"]
mod call;
#[path = "support/seed.rs"]
mod seed;
#[path = "support/ulp.rs"]
mod ulp;

use call::{Answers, Form, Outcome, Problem, Setting};
use microloss::{Input, Real, Sort};
use proptest::collection::vec;
use proptest::prelude::*;
use seed::config;
use ulp::bits;

/// The Jaccard loss of a set of wrong pixels: 1 - |foreground without them| / |foreground with them|.
fn jaccard_loss(foreground: &[bool], wrong: &[bool]) -> f64 {
    let kept = foreground.iter().zip(wrong).filter(|&(&own, &wrong)| own && !wrong).count();
    let union = foreground.iter().zip(wrong).filter(|&(&own, &wrong)| own || wrong).count();
    if union == 0 { 0.0 } else { 1.0 - kept as f64 / union as f64 }
}

/// The Lovász extension by its definition: pixels become wrong one after the other, in the order of falling
/// error and, among equals, of rising index; each adds its error times the increment of the set function.
/// Gives the value and the increments.
fn extension(foreground: &[bool], errors: &[f64]) -> (f64, Vec<f64>) {
    let mut order: Vec<usize> = (0..errors.len()).collect();
    order.sort_by(|&a, &b| errors[b].partial_cmp(&errors[a]).unwrap()); // stable
    let (mut wrong, mut increments) = (vec![false; errors.len()], vec![0.0; errors.len()]);
    let mut value = 0.0;
    for pixel in order {
        let before = jaccard_loss(foreground, &wrong);
        wrong[pixel] = true;
        increments[pixel] = jaccard_loss(foreground, &wrong) - before;
        value += errors[pixel].max(0.0) * increments[pixel];
    }
    (value, increments)
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * (1.0 + b.abs())
}

/// Scores in quarters have many ties.
fn quarters(scores: &[i32]) -> Vec<f64> {
    scores.iter().map(|&score| f64::from(score) / 4.0).collect()
}

fn hinge(scores: Vec<f64>, labels: &[i32]) -> Problem<f64> {
    Problem::new("lovasz_hinge", 1, scores, Answers::Labels(labels.to_vec()))
}

fn softmax(scores: Vec<f64>, labels: &[i32]) -> Problem<f64> {
    let answers = Answers::Labels(labels.to_vec());
    Problem::new("lovasz_softmax", CLASSES, scores, answers)
        .with("from", Setting::Input(Input::Probabilities))
}

const CLASSES: usize = 3;

/// A hinge's score and label, or a pixel's three scores and label.
fn pixels(sizes: std::ops::Range<usize>) -> impl Strategy<Value = Vec<(i32, i32, i32, i32)>> {
    vec((-8..=8, 0..=8, 0..=8, 0..3), sizes)
}

fn hinge_of(pixels: &[(i32, i32, i32, i32)]) -> Problem<f64> {
    let labels: Vec<i32> = pixels.iter().map(|pixel| pixel.3 % 2).collect();
    hinge(quarters(&pixels.iter().map(|pixel| pixel.0).collect::<Vec<_>>()), &labels)
}

fn softmax_of(pixels: &[(i32, i32, i32, i32)]) -> Problem<f64> {
    let labels: Vec<i32> = pixels.iter().map(|pixel| pixel.3).collect();
    let scores = pixels.iter().flat_map(|pixel| [(pixel.0 + 8) / 2, pixel.1, pixel.2]);
    softmax(scores.map(|score| f64::from(score) / 8.0).collect(), &labels)
}

fn same_bits<T: Real>(problem: &Problem<T>) -> Result<(), TestCaseError> {
    for form in [Form::Value, Form::Gradient, Form::InPlace] {
        let [insertion, merge] =
            [Sort::Insertion, Sort::Merge].map(|sort| Problem { sort, ..problem.clone() }.call(form));
        match (insertion, merge) {
            (Ok(insertion), Ok(merge)) => {
                prop_assert_eq!(bits(&insertion.values), bits(&merge.values), "{:?}", problem);
                prop_assert_eq!(bits(&insertion.gradient), bits(&merge.gradient), "{:?}", problem);
            }
            (insertion, merge) => {
                prop_assert!(problem.scores.is_empty());
                prop_assert_eq!(insertion, merge);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(96))]

    #[test]
    fn both_sorts_give_the_same_bits(pixels in pixels(0..200)) {
        for mut problem in [hinge_of(&pixels), softmax_of(&pixels)] {
            same_bits(&problem)?;
            same_bits(&problem.map(|&score| f32::of(score)))?;
            problem.parameters.clear(); // from logits
            same_bits(&problem)?;
        }
    }

    #[test]
    fn lovasz_hinge_is_the_extension(pixels in pixels(1..200)) {
        let problem = hinge_of(&pixels);
        let Answers::Labels(labels) = &problem.answers else { unreachable!() };
        let foreground: Vec<bool> = labels.iter().map(|&label| label == 1).collect();
        let sign = |own: bool| if own { 1.0 } else { -1.0 };
        let errors: Vec<f64> =
            problem.scores.iter().zip(&foreground).map(|(score, &own)| 1.0 - sign(own) * score).collect();
        let (value, increments) = extension(&foreground, &errors);
        let Outcome { values, gradient, .. } = problem.call(Form::Gradient).unwrap();
        prop_assert!(near(values[0], value), "{} {value}", values[0]);
        for (pixel, entry) in gradient.iter().enumerate() {
            let expected = if errors[pixel] > 0.0 { -sign(foreground[pixel]) * increments[pixel] } else { 0.0 };
            prop_assert!(near(*entry, expected), "{pixel}: {entry} {expected}");
        }
    }

    #[test]
    fn lovasz_softmax_is_the_mean_of_the_extensions(pixels in pixels(1..200)) {
        let problem = softmax_of(&pixels);
        let Answers::Labels(labels) = &problem.answers else { unreachable!() };
        let present: Vec<usize> = (0..CLASSES).filter(|&class| labels.contains(&(class as i32))).collect();
        let count = present.len() as f64;
        let (mut value, mut expected) = (0.0, vec![0.0; problem.scores.len()]);
        for &class in &present {
            let foreground: Vec<bool> = labels.iter().map(|&label| label == class as i32).collect();
            let difference = |pixel: usize| problem.scores[pixel * CLASSES + class] - f64::from(u8::from(foreground[pixel]));
            let errors: Vec<f64> = (0..labels.len()).map(|pixel| difference(pixel).abs()).collect();
            let (extension, increments) = extension(&foreground, &errors);
            value += extension / count;
            for (pixel, increment) in increments.iter().enumerate() {
                let slope = difference(pixel);
                expected[pixel * CLASSES + class] = if slope == 0.0 { 0.0 } else { slope.signum() * increment / count };
            }
        }
        let Outcome { values, gradient, .. } = problem.call(Form::Gradient).unwrap();
        prop_assert!(near(values[0], value), "{} {value}", values[0]);
        for (entry, expected) in gradient.iter().zip(&expected) {
            prop_assert!(near(*entry, *expected), "{entry} {expected}");
        }
    }

    #[test]
    fn hard_errors_give_the_jaccard_loss_of_their_set(pixels in pixels(1..200)) {
        let labels: Vec<i32> = pixels.iter().map(|pixel| pixel.3).collect();
        let given: Vec<i32> = pixels.iter().map(|pixel| pixel.1 % 3).collect();
        let scores = given.iter().flat_map(|&given| (0..3).map(move |class| f64::from(u8::from(class == given))));
        let losses: Vec<f64> = (0..3).filter(|class| labels.contains(class)).map(|class| {
            let foreground: Vec<bool> = labels.iter().map(|&label| label == class).collect();
            let wrong: Vec<bool> = labels.iter().zip(&given).map(|(&l, &g)| (l == class) != (g == class)).collect();
            jaccard_loss(&foreground, &wrong)
        }).collect();
        let value = softmax(scores.collect(), &labels).value().unwrap();
        prop_assert!(near(value, losses.iter().sum::<f64>() / losses.len() as f64));

        // Scores of ±1 have errors of 0 and 2.
        let labels: Vec<i32> = labels.iter().map(|label| label % 2).collect();
        let given: Vec<i32> = given.iter().map(|given| given % 2).collect();
        let foreground: Vec<bool> = labels.iter().map(|&label| label == 1).collect();
        let wrong: Vec<bool> = labels.iter().zip(&given).map(|(l, g)| l != g).collect();
        let scores = given.iter().map(|&given| f64::from(2 * given - 1)).collect();
        let value = hinge(scores, &labels).value().unwrap();
        prop_assert!(near(value, 2.0 * jaccard_loss(&foreground, &wrong)));
    }
}

#[test]
fn of_equal_errors_the_lowest_index_comes_first() {
    for sort in [Sort::Insertion, Sort::Merge] {
        let labels = [0, 1, 0, 0, 1, 0, 1];
        let problem = Problem { sort, ..hinge(vec![0.0; 7], &labels) };
        let (_, weights) = extension(&labels.map(|label| label == 1), &[1.0; 7]);
        let outcome = problem.call(Form::Gradient).unwrap();
        for ((entry, weight), label) in outcome.gradient.iter().zip(weights).zip(labels) {
            assert!(near(*entry, if label == 1 { -weight } else { weight }), "{outcome:?}");
        }
        // +0 and -0 are equal.
        let mixed = Problem { scores: vec![-0.0, 0.0, 0.0, -0.0, -0.0, 0.0, -0.0], ..problem };
        assert_eq!(mixed.call(Form::Gradient).unwrap(), outcome);
    }
}

#[test]
fn errors_that_round_to_the_same_are_told_apart_by_their_scores() {
    // 1 + 2^-60 and 1 + 2^-59 both round to 1; the second error is the larger one all the same.
    let tiny = 2.0_f64.powi(-60);
    let problem = hinge(vec![tiny, 2.0 * tiny, 3.0], &[0, 0, 1]);
    let gradient = problem.call(Form::Gradient).unwrap().gradient;
    assert!(gradient[1] > gradient[0], "{gradient:?}");
}
