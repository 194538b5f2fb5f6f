//! Log loss, Brier score and calibration.

use microloss::metric::{BrierScore, CalibrationError, LogLoss, argmax};
use microloss::row::{Brier, CrossEntropy};
use microloss::stream::{Evaluator, State, Stream};
use microloss::{Error, Input, RowLoss, Rows};
use proptest::prelude::*;

use crate::golden::{Case, cases};
use crate::seed::config;
use crate::{Float, check_merging, check_words, same_bits, within};

/// The errors of losses of single items, in [`within`]'s steps.
const ITEMS: f64 = 6.0;

fn rows<T: Float>(case: &Case) -> Vec<(usize, Vec<T>)> {
    let rows = case.scores.chunks(case.classes);
    case.labels.iter().copied().zip(rows.map(|row| row.iter().map(|&x| T::of(x)).collect())).collect()
}

fn calibrated<T: Float, const B: usize>(case: &Case) -> CalibrationError<T, B> {
    let mut calibration = CalibrationError::<T, B>::new();
    for (label, row) in rows::<T>(case) {
        if case.classes == 1 {
            calibration.add((row[0], label == 1)).unwrap();
        } else {
            calibration.add_scores(label, &row, case.from).unwrap();
        }
    }
    assert_eq!(calibration.items(), case.labels.len() as u64);
    check_words(calibration);
    calibration
}

fn calibration_agrees<T: Float, const B: usize>(case: &Case) -> usize {
    let (calibration, mut compared) = (calibrated::<T, B>(case), 0);
    let filled: Vec<usize> = (0..B).filter(|&bin| calibration.counts()[bin] > 0).collect();
    for (name, bins, values) in &case.expect {
        if bins != &B.to_string() {
            continue;
        }
        let found: Vec<T> = match name.as_str() {
            "reliability" => filled.iter().map(|&bin| calibration.accuracy(bin).unwrap()).collect(),
            "confidence" => filled.iter().map(|&bin| calibration.confidence(bin).unwrap()).collect(),
            "ece" => vec![calibration.expected().unwrap()],
            "mce" => vec![calibration.maximum().unwrap()],
            other => panic!("{other}"),
        };
        assert_eq!(found.len(), values.len(), "{}: {name} of {B} bins", case.name);
        for (&found, &expected) in found.iter().zip(values) {
            assert!(
                within(found, expected, ITEMS),
                "{}: {name}, {B}: {found}, expected {expected}",
                case.name
            );
            compared += 1;
        }
    }
    for (name, bins, double, single) in &case.exact {
        if bins == &B.to_string() {
            let found = if name == "ece" { calibration.expected() } else { calibration.maximum() };
            same_bits(&format!("{}: {name}, {B}", case.name), found.unwrap(), *double, *single);
            compared += 1;
        }
    }
    compared
}

fn agrees<T: Float>() -> usize {
    let mut compared = 0;
    for case in cases("probabilities") {
        let (mut loss, mut brier) = (LogLoss::<T>::new(), BrierScore::<T>::new());
        for (label, row) in rows::<T>(&case) {
            if case.classes == 1 {
                loss.add_score(label == 1, row[0], case.from).unwrap();
                brier.add_probability(label == 1, row[0]).unwrap();
            } else {
                loss.add_scores(label, &row, case.from).unwrap();
                brier.add_scores(label, &row, case.from).unwrap();
            }
        }
        check_words(loss);
        check_words(brier);
        for (name, options, values) in case.expect.iter().filter(|(_, options, _)| options == "-") {
            let found = match name.as_str() {
                "log_loss" => loss.value(),
                "perplexity" => loss.perplexity(),
                "brier" => brier.value(),
                other => panic!("{other} {options}"),
            };
            let (found, expected) = (found.unwrap(), values[0]);
            assert!(within(found, expected, ITEMS), "{}: {name} {found}, expected {expected}", case.name);
            compared += 1;
        }
        compared += calibration_agrees::<T, 1>(&case) + calibration_agrees::<T, 8>(&case);
        compared += calibration_agrees::<T, 10>(&case) + calibration_agrees::<T, 15>(&case);
    }
    compared
}

#[test]
fn agrees_with_scikit_learn() {
    let compared = agrees::<f32>() + agrees::<f64>();
    assert!(compared > 1200, "{compared}");
}

/// The mean of what the losses give, item by item.
#[test]
fn items_are_those_of_the_losses() {
    let case = &cases("probabilities")[0];
    let (mut loss, mut brier) = (LogLoss::<f32>::new(), BrierScore::<f32>::new());
    let (mut losses, mut briers) = (loss, brier);
    for (label, row) in rows::<f32>(case) {
        loss.add_scores(label, &row, Input::Logits).unwrap();
        brier.add_scores(label, &row, Input::Logits).unwrap();
        let batch = || Rows::slices(&row, 10, std::slice::from_ref(&label));
        losses.add(CrossEntropy::new().mean(batch()).unwrap()).unwrap();
        briers.add(Brier::new().mean(batch()).unwrap()).unwrap();
    }
    assert_eq!((loss, brier), (losses, briers));
    assert_eq!(loss.items(), case.labels.len() as u64);
}

#[test]
fn perplexity_is_the_exponential_of_the_mean() {
    let mut loss = LogLoss::<f32>::new();
    for item in [20.0, 20.0, 20.0 + 1.0 / 65536.0] {
        loss.add(item).unwrap();
    }
    // The mean is rounded to 20.000006, whose exponential is 7 ULP away.
    let expected = (20.0_f64 + 1.0 / 196_608.0).exp();
    let error = (f64::from(loss.perplexity().unwrap()) - expected) / expected;
    assert!(error.abs() < 1.2e-7, "{error}");
    let rounded = (f64::from(loss.value().unwrap().exp()) - expected) / expected;
    assert!(rounded.abs() > 3e-7, "{rounded}");
    loss.add(1000.0).unwrap();
    assert_eq!(loss.perplexity(), Err(Error::Overflow));
    // The mean is rounded to the last number whose exponential is finite; its own is not.
    let mut largest = LogLoss::<f64>::new();
    largest.add(f64::MAX.ln()).unwrap();
    assert!(largest.perplexity().is_ok_and(f64::is_finite));
    for item in [f64::MAX.ln(), f64::MAX.ln(), f64::MAX.ln().next_up()] {
        largest.add(item).unwrap();
    }
    assert_eq!(largest.value(), Ok(f64::MAX.ln()));
    assert_eq!(largest.perplexity(), Err(Error::Overflow));
}

#[test]
fn what_is_refused_changes_nothing() {
    let mut loss = LogLoss::<f32>::new();
    loss.add(0.5).unwrap();
    let before = loss;
    for item in [-1.0, f32::INFINITY, f32::NAN] {
        assert!(matches!(loss.add(item), Err(Error::NonFiniteLoss { index: 1, .. })), "{item}");
    }
    let refused = loss.add_scores(3, &[0.1, 0.2, 0.3], Input::Logits);
    assert_eq!(refused, Err(Error::LabelOutOfRange { index: 0, label: 3, classes: 3 }));
    assert!(matches!(loss.add_scores(0, &[0.1, f32::NAN], Input::Logits), Err(Error::NonFiniteScore { .. })));
    assert!(matches!(loss.add_scores(0, &[], Input::Logits), Err(Error::LengthMismatch { .. })));
    assert!(loss.add_score(true, 1.5, Input::Probabilities).is_err());
    assert_eq!(loss, before);
    // The largest cost of a probability: scikit-learn has 15.9 here.
    loss.add_scores(0, &[0.0, 1.0], Input::Probabilities).unwrap();
    assert_eq!(loss.value(), Ok(50.25));

    let mut brier = BrierScore::<f64>::new();
    assert!(matches!(
        brier.add_probability(true, 1.5),
        Err(Error::NotAProbability { index: 0, column: 0, .. })
    ));
    assert!(matches!(brier.add_probability(true, f64::NAN), Err(Error::NonFiniteScore { .. })));
    assert_eq!(brier, BrierScore::default());

    let mut calibration = Evaluator::<CalibrationError<f32, 4>>::default();
    for confidence in [-0.25, 1.5, f32::NAN] {
        assert!(calibration.add((confidence, true)).is_err(), "{confidence}");
    }
    let mut one = *calibration.stream();
    one.add((0.5, true)).unwrap();
    assert_eq!(one.add((1.5, true)), Err(Error::NotAProbability { index: 1, column: 0, value: 1.5 }));
    assert_eq!((calibration.rejected(), *calibration.stream()), (3, CalibrationError::new()));
    let mut calibration = *calibration.stream();
    let refused = Err(Error::LabelOutOfRange { index: 0, label: 2, classes: 2 });
    assert_eq!(calibration.add_scores(2, &[0.0, 1.0], Input::Logits), refused);
    assert!(calibration.add_scores(0, &[0.5, 1.25], Input::Probabilities).is_err());
    assert!(calibration.add_scores(0, &[0.5, f32::NAN], Input::Logits).is_err());
    assert_eq!(calibration, CalibrationError::new());
}

#[test]
fn nothing_to_average() {
    let nothing = Err(Error::NothingToAverage);
    assert_eq!(LogLoss::<f32>::new().value(), nothing);
    assert_eq!(LogLoss::<f32>::new().perplexity(), nothing);
    assert_eq!(BrierScore::<f32>::new().value(), nothing);
    let mut calibration = CalibrationError::<f32, 2>::new();
    assert_eq!((calibration.expected(), calibration.maximum()), (nothing, nothing));
    calibration.add((1.0, true)).unwrap();
    assert_eq!((calibration.accuracy(0), calibration.confidence(0)), (nothing, nothing));
    assert_eq!((calibration.accuracy(1), calibration.confidence(1)), (Ok(1.0), Ok(1.0)));
    assert!(matches!(calibration.accuracy(2), Err(Error::Parameter { name: "bin", .. })));
}

/// Bins are closed on the right; the ends are those of f64.
#[test]
fn bins() {
    let mut ten = CalibrationError::<f64, 10>::new();
    for confidence in [0.0, 0.1, 0.3, 0.7, 1.0, 0.1 + 1e-16, 0.7_f64.next_up(), f64::MIN_POSITIVE] {
        ten.add((confidence, false)).unwrap();
    }
    assert_eq!(ten.counts(), &[3, 1, 1, 0, 0, 0, 1, 1, 0, 1]);
    let mut single = CalibrationError::<f32, 10>::new();
    single.add((0.1, false)).unwrap(); // which is a little more than 1/10
    single.add((0.7, false)).unwrap(); // and a little less than 7/10
    assert_eq!(single.counts(), &[0, 1, 0, 0, 0, 0, 1, 0, 0, 0]);
    for bin in 0..10_000_u32 {
        let end = f64::from(bin) / 10_000.0;
        let mut many = CalibrationError::<f64, 49>::new();
        many.add((end, true)).unwrap();
        let expected = (0..49).find(|&bin| end <= f64::from(bin + 1) / 49.0).unwrap();
        assert_eq!(many.counts()[expected as usize], 1, "{end}");
    }
}

#[test]
fn a_full_counter_is_an_error() {
    let mut full = CalibrationError::<f32, 2>::new();
    full.add((0.75, true)).unwrap();
    full.add((0.25, false)).unwrap();
    for _ in 0..31 {
        let half = full;
        full.merge(&half).unwrap();
    }
    let before = full;
    assert_eq!(full.merge(&before), Err(Error::Overflow));
    assert_eq!(full, before);
    assert_eq!((full.expected(), full.maximum()), (Ok(0.25), Ok(0.25)));
    let mut loss = LogLoss::<f32>::new();
    loss.add(3.0).unwrap();
    for _ in 0..63 {
        let half = loss;
        loss.merge(&half).unwrap();
    }
    let before = loss;
    assert_eq!(loss.merge(&before), Err(Error::Overflow));
    assert_eq!((loss, loss.value()), (before, Ok(3.0)));
}

/// What no items lead to.
#[test]
fn impossible_states() {
    let mut state = CalibrationError::<f32, 1>::new();
    state.add((0.5, true)).unwrap();
    let words = |state: CalibrationError<f32, 1>| {
        let (mut state, mut words) = (state, Vec::new());
        microloss::stream::Words::each_word(&mut state, &mut |word| words.push(*word));
        words
    };
    let count = words(state).len();
    // The sum's highest limb; items; right ones.
    for (place, value) in [(count - 3, 1 << 31), (count - 3, 1), (count - 2, 0), (count - 1, 2)] {
        let (mut changed, mut at) = (state, 0);
        microloss::stream::Words::each_word(&mut changed, &mut |word| {
            if at == place {
                *word = value;
            }
            at += 1;
        });
        assert!(state.is_possible() && !changed.is_possible(), "{place} {value}");
    }
}

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn parts_merge(
        items in prop::collection::vec((-0.1..1.1_f32, any::<bool>()), 0..40),
        cuts in [0..40_usize, 0..40],
    ) {
        check_merging(CalibrationError::<f32, 5>::new(), &items, cuts);
        let losses: Vec<f64> = items.iter().map(|(x, _)| f64::from(*x).ln()).map(|x| -x).collect();
        check_merging(LogLoss::<f64>::new(), &losses, cuts);
        check_merging(BrierScore::<f64>::new(), &losses, cuts);
        let singles: Vec<f32> = items.iter().map(|(x, _)| x * 1e30).collect();
        check_merging(LogLoss::<f32>::new(), &singles, cuts);
    }

    /// The confidence is the largest probability.
    #[test]
    fn confidences(row in prop::collection::vec(-30.0..30.0_f32, 2..6)) {
        let mut calibration = CalibrationError::<f32, 1>::new();
        calibration.add_scores(0, &row, Input::Logits).unwrap();
        let exponentials: Vec<f64> = row.iter().map(|&x| f64::from(x).exp()).collect();
        let expected = exponentials[argmax(&row).unwrap()] / exponentials.iter().sum::<f64>();
        let error = f64::from(calibration.confidence(0).unwrap()) / expected - 1.0;
        prop_assert!(error.abs() < 4e-7, "{}", error);
    }
}
