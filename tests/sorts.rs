//! The order of pixels in the Lovász losses: against the set function itself, counted from scratch, against the
//! stable sort of the standard library, and one sort against the other.

#[path = "support/call.rs"]
mod call;
#[path = "support/seed.rs"]
mod seed;
#[path = "support/ulp.rs"]
mod ulp;

use call::{Answers, Buffers, Form, Outcome, Problem, Setting};
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

/// The increments in a given order, from counters: 1 - J is the share of the foreground in the union that is kept.
fn increments(foreground: &[bool], order: &[usize]) -> Vec<f64> {
    let all = foreground.iter().filter(|&&own| own).count() as f64;
    let (mut own, mut other, mut increments) = (0.0, 0.0, vec![0.0; foreground.len()]);
    for (rank, &pixel) in order.iter().enumerate() {
        increments[pixel] = match (foreground[pixel], all + other) {
            (false, 0.0) => f64::from(u8::from(rank == 0)),
            (true, union) => 1.0 / union,
            (false, union) => (all - own) / (union * (union + 1.0)),
        };
        if foreground[pixel] { own += 1.0 } else { other += 1.0 }
    }
    increments
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

/// Scores that sort badly: ties, both zeros, subnormals, and the ends of the type.
fn hard_scores<T: Real>(count: usize, seed: u64) -> Vec<T> {
    let tiny = T::min_positive_value() * T::epsilon();
    let special = [
        T::zero(),
        -T::zero(),
        tiny,
        -tiny,
        tiny + tiny,
        T::min_positive_value(),
        T::max_value(),
        -T::max_value(),
        T::one(),
        -T::one(),
        T::one() + T::epsilon(),
        -(T::one() - T::epsilon()),
    ];
    let mut state = seed;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let mut score = move || match random() % 4 {
        0 => special[random() % special.len()],
        1 => T::of((random() % 16) as f64 / 4.0 - 2.0),
        2 => {
            T::of(2.0_f64.powi(random() as i32 % 140 - 120))
                * T::of(random() as f64 / f64::from(1 << 30) - 1.0)
        }
        _ => T::of(random() as f64 / f64::from(1 << 29) - 2.0),
    };
    (0..count).map(|_| score()).collect()
}

/// The gradient of the hinge tells each pixel's rank: neighbours of one kind have other weights.
fn hinge_ranks_as_the_standard_library<T: Real>(sort: Sort, count: usize) {
    let scores = hard_scores::<T>(count, count as u64);
    let labels: Vec<i32> = (0..count).map(|pixel| i32::from(pixel * 7 % 5 < 2)).collect();
    let foreground: Vec<bool> = labels.iter().map(|&label| label == 1).collect();
    let signed: Vec<T> =
        scores.iter().zip(&foreground).map(|(&score, &own)| if own { -score } else { score }).collect();
    let mut order: Vec<usize> = (0..count).filter(|&pixel| signed[pixel] > -T::one()).collect();
    order.sort_by(|&a, &b| signed[b].partial_cmp(&signed[a]).unwrap()); // stable
    let expected = increments(&foreground, &order);
    let problem = Problem { sort, ..Problem::new("lovasz_hinge", 1, scores, Answers::Labels(labels)) };
    let Outcome { gradient, .. } =
        problem.reduced(call::Reduction::None).call(Form::Gradient).unwrap_or_else(|error| panic!("{error}"));
    for (pixel, entry) in gradient.iter().enumerate() {
        let expected = if foreground[pixel] { -expected[pixel] } else { expected[pixel] };
        let error = (entry.to_double() - expected).abs();
        assert!(error <= 1e-6 * expected.abs(), "{sort:?} of {count}, pixel {pixel}: {entry} {expected}");
    }
}

#[test]
fn hinge_ranks_pixels_as_the_stable_sort_of_the_standard_library() {
    for (sort, count) in
        [(Sort::Insertion, 500), (Sort::Merge, 500), (Sort::Merge, 1023), (Sort::Merge, 5000)]
    {
        hinge_ranks_as_the_standard_library::<f32>(sort, count);
        hinge_ranks_as_the_standard_library::<f64>(sort, count);
    }
}

/// Images of more scores than the memory for one pass: probabilities in quarters and finer, some pixels ignored.
fn large_image_is_the_mean_of_the_extensions<T: Real>(count: usize, classes: usize) {
    let fine = hard_scores::<T>(count * classes, 1);
    let scores: Vec<T> =
        fine.iter().map(|&x| if x.abs() <= T::one() { x.abs() } else { T::of(0.25) }).collect();
    let labels: Vec<i32> = (0..count).map(|pixel| (pixel * pixel % (classes + 2)) as i32 - 1).collect();
    let ignored = -1;
    let answers = labels.iter().map(|&label| if label >= classes as i32 { ignored } else { label });
    let answers: Vec<i32> = answers.collect();
    let valid: Vec<usize> = (0..count).filter(|&pixel| answers[pixel] != ignored).collect();
    let present: Vec<usize> = (0..classes).filter(|&class| answers.contains(&(class as i32))).collect();
    let share = present.len() as f64;
    let (mut value, mut lost, mut expected) = (0.0_f64, 0.0, vec![0.0; count * classes]);
    for &class in &present {
        let foreground: Vec<bool> = valid.iter().map(|&pixel| answers[pixel] == class as i32).collect();
        // An error, and its complement: the smaller of the two is exact.
        let errors: Vec<(T, T)> = valid
            .iter()
            .zip(&foreground)
            .map(|(&pixel, &own)| {
                let p = scores[pixel * classes + class];
                if own { (T::one() - p, p) } else { (p, T::one() - p) }
            })
            .collect();
        let half = T::of(0.5);
        let mut order: Vec<usize> = (0..valid.len()).collect();
        order.sort_by(|&a, &b| {
            let ((a, not_a), (b, not_b)) = (errors[a], errors[b]);
            match (a > half, b > half) {
                (true, true) => not_a.partial_cmp(&not_b).unwrap(),
                _ => b.partial_cmp(&a).unwrap(),
            }
        });
        let weights = increments(&foreground, &order);
        for ((&pixel, weight), (&own, error)) in valid.iter().zip(weights).zip(foreground.iter().zip(&errors))
        {
            let term = error.0.to_double() * weight / share;
            let sum = value + term;
            lost += if value > term { (value - sum) + term } else { (term - sum) + value };
            value = sum;
            let slope = if own { -weight } else { weight } / share;
            expected[pixel * classes + class] = if error.0 == T::zero() { 0.0 } else { slope };
        }
    }
    let answers = Answers::Labels(answers);
    let mut problem = Problem::new("lovasz_softmax", classes, scores, answers)
        .with("from", Setting::Input(Input::Probabilities));
    problem.ignore_index = Some(ignored.into());
    let outcome = problem.call(Form::Gradient).unwrap();
    value += lost;
    let error = (outcome.values[0].to_double() - value).abs();
    assert!(error <= 4.0 * T::epsilon().to_double() * value, "{} {value}", outcome.values[0]);
    for (place, (entry, expected)) in outcome.gradient.iter().zip(&expected).enumerate() {
        let error = (entry.to_double() - expected).abs();
        assert!(error <= 4.0 * T::epsilon().to_double() * expected.abs(), "{place}: {entry} {expected}");
    }
    every_way_gives_the_same_bits(&problem);
    problem.parameters.clear(); // from logits
    every_way_gives_the_same_bits(&problem);
}

/// All forms, with more scratch and with the least.
fn every_way_gives_the_same_bits<T: Real>(problem: &Problem<T>) {
    let expected = problem.call(Form::Gradient).unwrap();
    for (form, entries) in
        [(Form::Value, 2), (Form::Value, 3), (Form::Value, 8), (Form::Gradient, 2), (Form::InPlace, 4)]
    {
        let mut buffers = Buffers::of(problem, form, T::nan());
        buffers.scratch.resize(entries * problem.pixels, Default::default());
        problem.call_with(problem.answers.targets(), form, &mut buffers).unwrap();
        assert_eq!(bits(&buffers.values), bits(&expected.values), "{form:?} {entries}");
        if form != Form::Value {
            assert!(bits(&buffers.gradient) == bits(&expected.gradient), "{form:?} {entries}");
        }
    }
}

#[test]
fn large_images_are_the_mean_of_the_extensions() {
    large_image_is_the_mean_of_the_extensions::<f32>(65_536, 3);
    large_image_is_the_mean_of_the_extensions::<f64>(20_001, 5);
    // A tile has fewer pixels than a block, so that none is made.
    large_image_is_the_mean_of_the_extensions::<f32>(70, 40);
    large_image_is_the_mean_of_the_extensions::<f32>(2000, 100);
}
