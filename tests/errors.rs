//! Bad input is a typed error that names index and value, and leaves the buffers as promised: untouched
//! where shapes, labels, targets or parameters are refused, zero where an item is not finite.

#[path = "support/call.rs"]
mod call;
#[path = "support/refuse.rs"]
mod refuse;
#[path = "support/ulp.rs"]
mod ulp;

use call::{Answers, Buffers, Form, Problem, Reduction, Setting, facts, inputs};
use microloss::pair::{CosineEmbedding, TripletMargin};
use microloss::region::Dice;
use microloss::row::{CrossEntropy, FocalMulticlass, KlDivergence};
use microloss::{
    Counts, Error, Input, OverlapLoss, PairLoss, Pairs, RegionLoss, Regions, RowLoss, RowTargets, Rows,
    Scores, Scratch, Sign, Sort, TargetKind, Targets, Unit,
};
use refuse::*;

#[test]
fn legal_batches_are_accepted() {
    for name in names() {
        for form in FORMS {
            batch(name).call(form).unwrap();
        }
    }
    assert!(taking(Input::Probabilities).count() > 5);
}

#[test]
fn label_is_the_number_of_classes() {
    for name in with_classes() {
        let classes = classes(name);
        let problem = Problem { answers: Answers::Labels(vec![1, 0, classes as i32]), ..batch(name) };
        let error = Error::LabelOutOfRange { index: 2, label: classes as i64, classes };
        refuses(&problem, &error, Buffer::Untouched);
    }
}

#[test]
fn label_is_negative() {
    for name in with_classes() {
        let problem = Problem { answers: Answers::Labels(vec![0, -1, 0]), ..batch(name) };
        let error = Error::LabelOutOfRange { index: 1, label: -1, classes: classes(name) };
        refuses(&problem, &error, Buffer::Untouched);
    }
}

#[test]
fn label_is_255_of_10_classes() {
    for name in names().filter(|name| columns(name) > 1) {
        let problem = Problem::new(name, 10, vec![0.5; 20], Answers::Labels(vec![9, 9]));
        let labels = [9_u8, 255];
        for form in FORMS {
            let before = Buffers::of(&problem, form, FILLING);
            let error = Error::LabelOutOfRange { index: 1, label: 255, classes: 10 };
            refuses_with(&problem, Targets::U8(&labels), form, before, &error, Buffer::Untouched);
        }
    }
}

#[test]
fn signs_are_never_guessed() {
    for name in names().filter(|name| facts(name).targets == TargetKind::Signs) {
        for label in [0, 2, -2, 255] {
            let problem = Problem { answers: Answers::Labels(vec![1, label, -1]), ..batch(name) };
            refuses(&problem, &Error::NotASign { index: 1, label: label.into() }, Buffer::Untouched);
            let problem = Problem { ignore_index: Some(label.into()), ..problem };
            problem.call(Form::Gradient).unwrap();
        }
        let problem = batch(name);
        let expected = problem.call(Form::Gradient).unwrap();
        for targets in [
            Targets::I8(&[1, -1, 1]),
            Targets::I16(&[1, -1, 1]),
            Targets::I64(&[1, -1, 1]),
            Targets::Signs(&[Sign::Positive, Sign::Negative, Sign::Positive]),
        ] {
            let mut buffers = Buffers::of(&problem, Form::Gradient, FILLING);
            problem.call_with(targets, Form::Gradient, &mut buffers).unwrap();
            assert_eq!(
                (buffers.values, buffers.gradient),
                (expected.values.clone(), expected.gradient.clone())
            );
        }
        // One of the signs may be void.
        let void = Problem { ignore_index: Some(-1), ..problem };
        assert_eq!(void.call(Form::Gradient).unwrap().gradient[void.width()], 0.0);
    }
}

#[test]
fn labels_of_all_types_name_the_same_classes() {
    for name in with_classes() {
        let problem = batch(name);
        let expected = problem.call(Form::Gradient).unwrap();
        for targets in [
            Targets::U8(&[1, 0, 1]),
            Targets::U16(&[1, 0, 1]),
            Targets::U32(&[1, 0, 1]),
            Targets::Usize(&[1, 0, 1]),
            Targets::I8(&[1, 0, 1]),
            Targets::I16(&[1, 0, 1]),
        ] {
            let mut buffers = Buffers::of(&problem, Form::Gradient, FILLING);
            problem.call_with(targets, Form::Gradient, &mut buffers).unwrap();
            assert_eq!(
                (&buffers.values, &buffers.gradient),
                (&expected.values, &expected.gradient),
                "{name}"
            );
        }
    }
}

#[test]
fn score_is_nan() {
    for name in names() {
        let mut problem = batch(name);
        *problem.scores.last_mut().unwrap() = f64::NAN;
        let column = problem.columns * facts(name).scores - 1;
        let error = Error::NonFiniteScore { index: 2, column, value: f64::NAN };
        refuses(&problem, &error, Buffer::Zeroed);
    }
}

#[test]
fn loss_is_infinite() {
    // An infinite score with the wrong label; index of the item.
    for (name, position, score, index) in [
        ("cross_entropy", 4, f64::INFINITY, 1),
        ("binary_cross_entropy", 1, f64::INFINITY, 1),
        ("lovasz_hinge", 1, f64::INFINITY, 0),
    ] {
        let mut problem = batch(name);
        problem.scores[position] = score;
        for reduction in REDUCTIONS {
            for form in FORMS {
                let problem = problem.reduced(reduction);
                let mut buffers = Buffers::of(&problem, form, FILLING);
                let error = problem.call_with(problem.answers.targets(), form, &mut buffers).unwrap_err();
                let Error::NonFiniteLoss { index: found, value } = error else { panic!("{name}: {error:?}") };
                assert!(found == index && !value.is_finite(), "{name}: {error:?}");
                if form != Form::Value {
                    assert!(buffers.gradient.iter().all(|&entry| entry == 0.0), "{name}: gradient");
                }
                if reduction == Reduction::None {
                    assert!(buffers.values.iter().all(|&value| value == 0.0), "{name}: values");
                }
            }
        }
    }
}

#[test]
fn sum_overflows() {
    let answers = Answers::Labels(vec![0, 0, 0]);
    let problem = Problem::new("binary_cross_entropy", 1, vec![f64::MAX / 2.0; 3], answers);
    for reduction in [Reduction::Mean, Reduction::Sum] {
        refuses_reduced(&problem.reduced(reduction), &Error::Overflow, Buffer::Zeroed);
    }
    // Nothing is added up.
    let outcome = problem.reduced(Reduction::None).call(Form::Gradient).unwrap();
    assert_eq!(outcome.values, [f64::MAX / 2.0; 3]);
}

#[test]
fn mean_of_the_largest_losses_is_finite() {
    // The sum of the weighted losses rounds up, that of the weights down: their quotient is infinite.
    let weights = [0.763774618976614 / 2.0, 0.2550690257394217 / 2.0];
    let scores = [[f64::MAX, 0.0]; 2];
    let mean = CrossEntropy::new().mean(Rows::new(&scores, &[1_u8, 1]).weights(&weights));
    assert_eq!(mean, Ok(f64::MAX));
}

#[test]
fn mean_overflows() {
    // Label smoothing adds the weights of classes that the mean does not divide by.
    let weights = [f32::MIN_POSITIVE, 1.0];
    let loss = CrossEntropy::new().weights(Some(&weights)).unwrap().label_smoothing(0.5).unwrap();
    let mut gradient = [[7.0; 2]];
    let mean = loss.mean(Rows::new(&[[50.0_f32, -50.0]], &[0_u8]).gradient(&mut gradient));
    assert_eq!((mean, gradient), (Err(Error::Overflow), [[0.0; 2]]));
}

#[test]
fn loss_times_its_weight_overflows() {
    // Found by tests/fuzz: without a reduction the infinite value was given as if it were one.
    for name in names() {
        let mut problem = batch(name);
        let items = problem.items();
        problem.weights = Some(vec![f64::MAX; items]);
        problem.scores.iter_mut().for_each(|score| *score *= 8.0);
        if call::inputs(name)[0] == Input::Probabilities {
            // At most 1 each: nothing overflows, and no more is asked.
            continue;
        }
        for form in FORMS {
            let problem = problem.reduced(Reduction::None);
            let mut buffers = Buffers::of(&problem, form, FILLING);
            let result = problem.call_with(problem.answers.targets(), form, &mut buffers);
            let is_finite = buffers.values.iter().chain(&buffers.gradient).all(|number| number.is_finite());
            assert!(is_finite, "{name} {form:?}: {buffers:?}");
            if let Err(error) = result {
                assert_eq!(error, Error::Overflow, "{name} {form:?}");
                assert!(buffers.values.iter().all(|&value| value == 0.0), "{name} {form:?}: {buffers:?}");
            }
        }
    }
    let problem = Problem {
        weights: Some(vec![1.0, 2.0, 1.0]),
        scores: vec![1.0, -f64::MAX / 1.5, 1.0],
        ..batch("mean_absolute_error")
    };
    refuses_reduced(&problem.reduced(Reduction::None), &Error::Overflow, Buffer::Zeroed);
    // In bits, too: divided by ln 2.
    let answers = Answers::Labels(vec![0, 1, 0]);
    let mut problem = Problem::new("binary_cross_entropy", 1, vec![0.5, -f64::MAX, 0.5], answers);
    problem = problem.reduced(Reduction::None);
    assert_eq!(problem.call(Form::Gradient).unwrap().values[1], f64::MAX);
    problem.unit = Unit::Bits;
    refuses_reduced(&problem, &Error::Overflow, Buffer::Zeroed);
}

#[test]
fn sum_of_weights_overflows() {
    let (loss, weights) = (CrossEntropy::new(), [f64::MAX; 2]);
    let (mut gradient, scores) = ([[7.0; 2]; 2], [[10.0, 0.0]; 2]);
    let batch = Rows::new(&scores, &[0_u8, 0]).weights(&weights);
    assert_eq!(loss.mean(batch.gradient(&mut gradient)), Err(Error::Overflow));
    assert_eq!(gradient, [[7.0; 2]; 2]);
    let total = loss.total(Rows::new(&scores, &[0_u8, 0]).weights(&weights)).unwrap();
    assert_eq!(total.mean(), Err(Error::Overflow));
}

/// Nothing is of the region, and next to nothing is predicted: no pixel has a share in what one of the region would bring.
#[test]
fn an_empty_region_does_not_overflow() {
    let loss = Dice::<f32>::new().squared(true).unwrap().smooth(0.0).unwrap();
    for p in [1e-30, 1e-25, 1e-20, 1e-10, 1.0_f32] {
        let (scores, mut gradient) = ([[p, 0.0]], [[7.0; 2]]);
        let batch = Regions::binary(&scores, &[[0_u8, 0]], &mut []);
        assert_eq!(loss.mean(batch.gradient(&mut gradient)), Ok(1.0), "{p}");
        assert_eq!(gradient, [[0.0; 2]], "{p}");
    }
}

#[test]
fn single_row_with_a_target_of_another_size() {
    let scores = [0.5_f64, 0.25];
    for target in [RowTargets::Classes([2]), RowTargets::Distributions(&[1.0])] {
        assert!(CrossEntropy::new().row(Scores::Read(&scores), target).is_nan());
        assert!(KlDivergence::new().row(Scores::Read(&scores), target).is_nan());
        assert!(FocalMulticlass::new().row(Scores::Read(&scores), target).is_nan());
    }
}

#[test]
fn probability_is_no_probability() {
    for name in taking(Input::Probabilities) {
        for value in [1.2, -0.1, f64::INFINITY, f64::NEG_INFINITY] {
            let mut problem = probabilities(name);
            let column = problem.columns - 1;
            problem.scores[problem.columns + column] = value;
            refuses(&problem, &Error::NotAProbability { index: 1, column, value }, Buffer::Untouched);
            // Beside an ignored item, too, whose own score may be anything but NaN.
            let shape = problem.shape();
            if let (Answers::Labels(labels), "element" | "row") = (&mut problem.answers, shape) {
                (labels[0], problem.ignore_index) = (255, Some(255));
                problem.scores[column] = value;
                refuses(&problem, &Error::NotAProbability { index: 1, column, value }, Buffer::Untouched);
            }
        }
    }
}

#[test]
fn probability_is_nan() {
    for name in taking(Input::Probabilities) {
        let mut problem = probabilities(name);
        problem.scores[0] = f64::NAN;
        let error = Error::NonFiniteScore { index: 0, column: 0, value: f64::NAN };
        refuses(&problem, &error, Buffer::Zeroed);
    }
}

#[test]
fn log_probability_is_positive() {
    for name in taking(Input::LogProbabilities) {
        let mut problem = batch(name).with("from", Setting::Input(Input::LogProbabilities));
        problem.scores.fill(-1.0);
        problem.scores[4] = 0.5;
        refuses(&problem, &Error::NotAProbability { index: 1, column: 1, value: 0.5 }, Buffer::Untouched);
    }
}

#[test]
fn distribution_does_not_sum_to_one() {
    for name in ["cross_entropy", "kl_divergence"] {
        let targets = vec![0.5, 0.25, 0.25, 0.5, 0.25, 0.15, 1.0, 0.0, 0.0];
        let mut problem = Problem { answers: Answers::Numbers(targets), ..batch(name) };
        refuses(&problem, &Error::NotNormalized { index: 1, sum: 0.9 }, Buffer::Untouched);
        let Answers::Numbers(targets) = &mut problem.answers else { unreachable!() };
        targets[5] = 0.25 + 0.99e-3; // near enough
        problem.call(Form::Gradient).unwrap();
    }
}

#[test]
fn target_is_outside_its_range() {
    for name in ["cross_entropy", "kl_divergence"] {
        for value in [-0.25, 1.25, f64::NAN] {
            let targets = vec![0.5, 0.25, 0.25, 0.5, value, 0.25, 1.0, 0.0, 0.0];
            let problem = Problem { answers: Answers::Numbers(targets), ..batch(name) };
            refuses(&problem, &Error::TargetOutOfRange { index: 1, column: 1, value }, Buffer::Untouched);
        }
    }
    let of_kind = |kind| move |name: &&str| call::entry(name).0 == "element" && facts(name).targets == kind;
    for name in names().filter(of_kind(TargetKind::Binary)) {
        for value in [-0.25, 1.25, f64::NAN] {
            let problem = Problem { answers: Answers::Numbers(vec![0.5, value, 1.0]), ..batch(name) };
            refuses(&problem, &Error::TargetOutOfRange { index: 1, column: 0, value }, Buffer::Untouched);
        }
    }
    for name in names().filter(of_kind(TargetKind::Numbers)) {
        for value in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            let problem = Problem { answers: Answers::Numbers(vec![-1e3, value, f64::MAX]), ..batch(name) };
            refuses(&problem, &Error::NonFiniteTarget { index: 1, value }, Buffer::Untouched);
        }
    }
}

#[test]
fn variance_is_negative() {
    for name in taking(Input::Variances) {
        for value in [-1.0, -f64::from_bits(1), f64::NEG_INFINITY] {
            let mut problem = batch(name);
            problem.scores[3] = value;
            let error = Error::NegativeVariance { index: 1, column: 1, value };
            refuses(&problem, &error, Buffer::Untouched);
            problem.scores[3] = -0.0;
            problem.call(Form::Gradient).unwrap();
        }
    }
}

#[test]
fn targets_are_of_a_kind_that_the_loss_does_not_take() {
    let refuses_as = |name, answers, expected| {
        let error = Error::Unsupported { name: "targets", expected };
        refuses(&Problem { answers, ..batch(name) }, &error, Buffer::Untouched);
    };
    for name in names().filter(|name| facts(name).has_targets && !facts(name).takes_numbers) {
        let is_signed = facts(name).targets == TargetKind::Signs;
        let (count, expected) = if is_signed { (3, "labels -1 and 1") } else { (9, "class labels") };
        refuses_as(name, Answers::Numbers(vec![0.0; count]), expected);
    }
    for name in names().filter(|name| !facts(name).takes_labels) {
        let expected = if facts(name).has_targets { "numbers" } else { "none" };
        refuses_as(name, Answers::Labels(vec![1, 0, 1]), expected);
    }
    let problem = batch("binary_cross_entropy");
    let signs = Targets::Signs(&[Sign::Positive; 3]);
    for form in FORMS {
        let error = Error::Unsupported { name: "targets", expected: "labels 0 and 1, or numbers between" };
        let before = Buffers::of(&problem, form, FILLING);
        refuses_with(&problem, signs, form, before, &error, Buffer::Untouched);
    }
}

#[test]
fn distributions_have_no_class_to_ignore() {
    let error = Error::Unsupported { name: "ignore_index", expected: "class labels" };
    for name in names().filter(|name| facts(name).takes_numbers) {
        let mut problem = batch(name);
        problem.answers = Answers::Numbers([1.0, 0.0, 0.0].repeat(problem.columns));
        problem.ignore_index = Some(255);
        refuses(&problem, &error, Buffer::Untouched);
    }
}

#[test]
fn lengths_disagree() {
    for name in names().filter(|name| facts(name).has_targets) {
        let problem = batch(name);
        let (expected, what) = (problem.scores.len(), "scores");
        for found in [expected - 1, expected + 1] {
            let mut problem = problem.clone();
            problem.scores.resize(found, 0.5);
            let form = Form::Value; // the other forms find the gradient too short first, or with it
            let before = Buffers::of(&problem, form, FILLING);
            let error = Error::LengthMismatch { what, expected, found };
            refuses_with(&problem, problem.answers.targets(), form, before, &error, Buffer::Untouched);
            let form = Form::InPlace;
            let before = Buffers::of(&problem, form, FILLING);
            refuses_with(&problem, problem.answers.targets(), form, before, &error, Buffer::Untouched);

            let problem = batch(name);
            let mut before = Buffers::of(&problem, Form::Gradient, FILLING);
            before.gradient.resize(found, FILLING);
            let error = Error::LengthMismatch { what: "gradient", expected, found };
            refuses_with(
                &problem,
                problem.answers.targets(),
                Form::Gradient,
                before,
                &error,
                Buffer::Untouched,
            );
        }
        let mut problem = problem.reduced(Reduction::None);
        let expected = problem.items();
        let mut before = Buffers::of(&problem, Form::Gradient, FILLING);
        before.values.push(FILLING);
        let error = Error::LengthMismatch { what: "values", expected, found: expected + 1 };
        refuses_with(&problem, problem.answers.targets(), Form::Gradient, before, &error, Buffer::Untouched);
        if problem.shape() != "region" {
            problem.weights = Some(vec![1.0; 2]);
            let error = Error::LengthMismatch { what: "weights", expected: 3, found: 2 };
            refuses(&problem, &error, Buffer::Untouched);
        }
    }
}

#[test]
fn vectors_are_not_as_many_as_the_loss_takes() {
    let error = Err(Error::LengthMismatch { what: "vectors", expected: 2, found: 3 });
    let pairs = Pairs::new(&[[[1.0, 2.0]; 3]], &[Sign::Positive]);
    assert_eq!(CosineEmbedding::<f64>::new().mean(pairs), error);
    let error = Err(Error::LengthMismatch { what: "vectors", expected: 3, found: 2 });
    assert_eq!(TripletMargin::<f64>::new().mean(Pairs::unlabelled(&[[[1.0, 2.0]; 2]])), error);
    // Half an item.
    let batch = Pairs::slices(&[0.5; 9], 2, Targets::none());
    let error = Err(Error::LengthMismatch { what: "scores", expected: 6, found: 9 });
    assert_eq!(TripletMargin::<f64>::new().mean(batch), error);
}

#[test]
fn a_vector_of_zeros_is_refused_where_asked_for() {
    let pairs = [[[1.0, 2.0], [2.0, 0.0]], [[3.0, 1.0], [0.0, -0.0]]];
    let labels = [1_i8, -1];
    let loss = CosineEmbedding::<f64>::new();
    assert!(loss.mean(Pairs::new(&pairs, &labels)).is_ok());
    let loss = loss.zero_is_error(true).unwrap();
    let mut gradient = [[[7.0; 2]; 2]; 2];
    let batch = Pairs::new(&pairs, &labels).gradient(&mut gradient);
    assert_eq!(loss.mean(batch), Err(Error::ZeroVector { index: 1, vector: 1 }));
    assert_eq!(gradient, [[[7.0; 2]; 2]; 2]);
    assert!(loss.mean(Pairs::new(&pairs, &labels).ignore_index(-1)).is_ok());
}

#[test]
fn what_is_streamed_is_refused_whole() {
    let loss = Dice::<f64>::new();
    let mut counts = Counts::<f64, 1>::new();
    let line = |scores: &'static [f64], labels: &'static [u8]| {
        Regions::slices(scores, 1, labels.len(), labels, Scratch::none())
    };
    assert_eq!(loss.value(&counts), Err(Error::NothingToAverage));
    loss.count(&mut counts, line(&[0.5, 0.25], &[1, 0])).unwrap();
    let before = loss.value(&counts);
    for (scores, labels, error) in [
        (&[0.5, 1.5][..], &[1, 0][..], Error::NotAProbability { index: 1, column: 0, value: 1.5 }),
        (&[0.5, 0.5], &[1, 2], Error::LabelOutOfRange { index: 1, label: 2, classes: 2 }),
        (&[0.5], &[1, 0], Error::LengthMismatch { what: "scores", expected: 2, found: 1 }),
    ] {
        assert_eq!(loss.count(&mut counts, line(scores, labels)), Err(error));
        let mut gradient = vec![7.0; scores.len()];
        assert_eq!(loss.gradient(&counts, line(scores, labels).gradient(&mut gradient[..])), Err(error));
        assert!(gradient.iter().all(|&entry| entry == 7.0));
    }
    let error = loss.count(&mut counts, line(&[0.5, f64::NAN], &[1, 0])).unwrap_err();
    assert!(matches!(error, Error::NonFiniteScore { index: 1, column: 0, .. }));
    let mut gradient = [7.0; 2];
    let piece = line(&[0.5, f64::NAN], &[1, 0]).gradient(&mut gradient[..]);
    assert!(loss.gradient(&counts, piece).is_err() && gradient == [0.0; 2]);
    let expected = "a place to write it";
    let error = Error::Unsupported { name: "gradient", expected };
    assert_eq!(loss.gradient(&counts, line(&[0.5], &[1])), Err(error));
    assert_eq!(loss.value(&counts), before);
    let error = Error::LengthMismatch { what: "columns", expected: 2, found: 1 };
    assert_eq!(loss.count(&mut Counts::<f64, 2>::new(), line(&[0.5], &[1])), Err(error));
}

#[test]
fn rows_have_no_columns() {
    for name in names() {
        let what = if call::entry(name).0 == "row" { "classes" } else { "columns" };
        let problem = Problem { columns: 0, ..batch(name) };
        refuses(&problem, &Error::LengthMismatch { what, expected: 1, found: 0 }, Buffer::Untouched);
    }
}

#[test]
fn binary_regions_have_one_column() {
    for name in regions().filter(|name| facts(name).is_binary) {
        for columns in [2, 3] {
            let problem = Problem::new(name, columns, vec![0.5; 3 * columns], Answers::Labels(vec![1, 0, 1]));
            let error = Error::LengthMismatch { what: "columns", expected: 1, found: columns };
            refuses(&problem, &error, Buffer::Untouched);
        }
    }
}

#[test]
fn targets_are_no_whole_number_of_items() {
    let ragged = |name, columns, answers| Problem { columns, answers, ..batch(name) };
    let problem = ragged("binary_cross_entropy", 2, Answers::Labels(vec![1, 0, 1]));
    let error = Error::LengthMismatch { what: "targets", expected: 2, found: 3 };
    refuses(&problem, &error, Buffer::Untouched);
    let problem = ragged("kl_divergence", 3, Answers::Numbers(vec![0.5, 0.25, 0.25, 1.0]));
    let error = Error::LengthMismatch { what: "targets", expected: 3, found: 4 };
    refuses(&problem, &error, Buffer::Untouched);
    for name in regions() {
        let problem = Problem { pixels: 2, ..batch(name) };
        let error = Error::LengthMismatch { what: "labels", expected: 2, found: 3 };
        refuses(&problem, &error, Buffer::Untouched);
    }
}

#[test]
fn sample_weight_is_outside_its_domain() {
    for name in names().filter(|name| call::entry(name).0 != "region") {
        for value in [-1.0, f64::NAN, f64::INFINITY] {
            let mut problem = batch(name);
            problem.weights = Some(vec![1.0, value, 1.0]);
            let expected = "a finite sample weight, at least 0";
            let error = Error::Parameter { name: "weights", index: 1, value, expected };
            refuses(&problem, &error, Buffer::Untouched);
        }
    }
}

#[test]
fn parameters_are_outside_their_domains() {
    let (non_negative, unit) = ("a finite number, at least 0", "a number from 0 to 1");
    let between = "a number above 0 and below 1";
    let (positive, weights) = ("a finite number above 0", "finite numbers, at least 0, one of them above 0");
    let nan = f64::NAN;
    for (loss, name, setting, index, value, expected) in [
        ("focal", "gamma", Setting::Number(-1.0), 0, -1.0, non_negative),
        ("focal_multiclass", "gamma", Setting::Number(-1.0), 0, -1.0, non_negative),
        ("focal_multiclass", "gamma", Setting::Number(f64::INFINITY), 0, f64::INFINITY, non_negative),
        ("focal", "alpha", Setting::Number(1.5), 0, 1.5, unit),
        ("balanced_cross_entropy", "alpha", Setting::Number(1.5), 0, 1.5, unit),
        ("binary_cross_entropy", "pos_weight", Setting::Number(0.0), 0, 0.0, positive),
        ("binary_cross_entropy", "pos_weight", Setting::Numbers(vec![-2.0]), 0, -2.0, positive),
        ("binary_cross_entropy", "label_smoothing", Setting::Number(nan), 0, nan, unit),
        ("cross_entropy", "label_smoothing", Setting::Number(-0.1), 0, -0.1, unit),
        ("cross_entropy", "weights", Setting::Numbers(vec![1.0, nan, 1.0]), 1, nan, weights),
        ("cross_entropy", "weights", Setting::Numbers(vec![1.0, 1.0, -1.0]), 2, -1.0, weights),
        ("cross_entropy", "weights", Setting::Numbers(vec![0.0; 3]), 0, 0.0, weights),
        ("focal_multiclass", "alpha", Setting::Numbers(vec![0.0; 3]), 0, 0.0, weights),
        ("huber", "delta", Setting::Number(0.0), 0, 0.0, positive),
        ("huber", "delta", Setting::Number(f64::INFINITY), 0, f64::INFINITY, positive),
        ("smooth_l1", "beta", Setting::Number(-0.5), 0, -0.5, non_negative),
        ("quantile", "tau", Setting::Number(0.0), 0, 0.0, between),
        ("quantile", "tau", Setting::Number(1.0), 0, 1.0, between),
        ("quantile", "tau", Setting::Numbers(vec![nan]), 0, nan, between),
        ("gaussian_nll", "eps", Setting::Number(0.0), 0, 0.0, positive),
        ("hinge", "margin", Setting::Number(-1.0), 0, -1.0, non_negative),
    ] {
        let problem = batch(loss).with(name, setting);
        refuses(&problem, &Error::Parameter { name, index, value, expected }, Buffer::Untouched);
    }
}

#[test]
fn lists_of_parameters_do_not_fit() {
    for (loss, name, found) in [
        ("cross_entropy", "weights", 2),
        ("focal_multiclass", "alpha", 4),
        ("binary_cross_entropy", "pos_weight", 2),
        ("quantile", "tau", 2),
    ] {
        let problem = batch(loss).with(name, Setting::Numbers(vec![0.5; found]));
        let error = Error::LengthMismatch { what: name, expected: problem.columns, found };
        refuses(&problem, &error, Buffer::Untouched);
    }
}

#[test]
fn chosen_classes_do_not_exist() {
    let (name, expected) = ("classes", "classes that exist, each once");
    for (list, index, value) in [(vec![0, 3], 1, 3.0), (vec![1, 2, 1], 2, 1.0)] {
        let problem = batch("lovasz_softmax").with(name, Setting::Classes(list));
        refuses(&problem, &Error::Parameter { name, index, value, expected }, Buffer::Untouched);
    }
    let problem = batch("lovasz_softmax").with(name, Setting::Classes(Vec::new()));
    refuses(&problem, &Error::Unsupported { name, expected }, Buffer::Untouched);
}

#[test]
fn settings_are_unknown_or_of_another_kind() {
    for name in names() {
        let problem = batch(name).with("gama", Setting::Number(1.0));
        let expected = "one that the loss has";
        refuses(&problem, &Error::Unsupported { name: "parameter", expected }, Buffer::Untouched);
        if batch(name).of_input(inputs(name)[0]) == batch(name) {
            continue; // there is no choice
        }
        let problem = batch(name).with("from", Setting::Number(1.0));
        let expected = "what the scores are";
        refuses(&problem, &Error::Unsupported { name: "from", expected }, Buffer::Untouched);
    }
    let problem = batch("lovasz_hinge").with("from", Setting::Input(Input::Probabilities));
    refuses(&problem, &Error::Unsupported { name: "from", expected: "logits" }, Buffer::Untouched);
}

#[test]
fn scratch_is_one_entry_short() {
    for name in regions().filter(|name| facts(name).sorts) {
        for (sort, form) in
            [Sort::Insertion, Sort::Merge].into_iter().flat_map(|sort| FORMS.map(|form| (sort, form)))
        {
            let problem = Problem { sort, ..batch(name) };
            let extra = name == "lovasz_softmax" && form == Form::InPlace;
            let needed = sort.entries(3) + if extra { 2 * 3 } else { 0 };
            let mut buffers = Buffers::of(&problem, form, FILLING);
            buffers.scratch.truncate(needed);
            problem.call_with(problem.answers.targets(), form, &mut buffers.clone()).unwrap();
            buffers.scratch.pop();
            let error = Error::ScratchTooSmall { needed, found: needed - 1 };
            refuses_with(&problem, problem.answers.targets(), form, buffers, &error, Buffer::Untouched);
        }
    }
}

/// Losses whose labels are classes.
fn with_classes() -> impl Iterator<Item = &'static str> {
    names().filter(|name| facts(name).has_targets && facts(name).targets == TargetKind::Binary)
}

#[test]
fn messages_name_index_and_value() {
    let mut problem = batch("cross_entropy");
    problem.answers = Answers::Labels(vec![1, 7, 0]);
    let message = problem.call(Form::Value).unwrap_err().to_string();
    assert_eq!(message, "item 1: label 7 is not one of the 3 classes");
}
