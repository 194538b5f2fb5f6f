//! Errors of predicted numbers.

use microloss::Error;
use microloss::metric::{
    Coverage, MeanAbsoluteError, MeanAbsolutePercentageError, R2Score, RootMeanSquaredError, ZeroDivision,
};
use microloss::stream::{Evaluator, Stream};
use proptest::prelude::*;

use crate::golden::cases;
use crate::seed::config;
use crate::{Float, check_merging, check_words, same_bits, within};

fn agrees<T: Float>() {
    let mut far = 0;
    for case in cases("regression") {
        let (mut mae, mut rmse) = (MeanAbsoluteError::<T>::new(), RootMeanSquaredError::<T>::new());
        let (mut r2, mut coverage) = (R2Score::<T>::new(), Coverage::new());
        let mut mape = MeanAbsolutePercentageError::<T>::new().floor(T::of(f64::EPSILON)).unwrap();
        for (&target, &predicted) in case.targets.iter().zip(&case.scores) {
            let item = (T::of(target), T::of(predicted));
            mae.add(item).unwrap();
            rmse.add(item).unwrap();
            r2.add(item).unwrap();
            mape.add(item).unwrap();
            coverage.add_quantile(item.0, item.1).unwrap();
        }
        check_words(mae);
        check_words(rmse);
        check_words(r2);
        check_words(mape);
        check_words(coverage);
        assert_eq!(r2.root_mean_squared_error(), rmse);
        let of = |name: &str| {
            match name {
                "mae" => mae.value(),
                "rmse" => rmse.value(),
                "mse" => rmse.squared(),
                "mape" => mape.value(),
                "coverage" => coverage.value(),
                "r2" => r2.value(ZeroDivision::One),
                other => panic!("{other}"),
            }
            .unwrap()
        };
        for (name, _, values) in &case.expect {
            let (found, expected) = (of(name), values[0]);
            // Targets far from 0 cost scikit-learn its last digits.
            let steps = if name == "r2" && size_of::<T>() == 8 { 1e4 } else { 4.0 };
            assert!(within(found, expected, steps), "{}: {name} {found}, expected {expected}", case.name);
            far += usize::from(!within(found, expected, 10.0));
        }
        for (name, _, double, single) in &case.exact {
            same_bits(&format!("{}: {name}", case.name), of(name), *double, *single);
        }
    }
    assert!(far <= 4, "{far}");
}

#[test]
fn agrees_with_scikit_learn() {
    agrees::<f32>();
    agrees::<f64>();
}

#[test]
fn squares_beyond_the_type() {
    let mut rmse = RootMeanSquaredError::<f32>::new();
    rmse.add((f32::MAX, -f32::MAX)).unwrap();
    assert_eq!(rmse.value(), Err(Error::Overflow));
    assert_eq!(rmse.squared(), Err(Error::Overflow));
    let mut tiny = R2Score::<f64>::new();
    for (target, predicted) in [(5e-324, 0.0), (0.0, 5e-324), (1e-323, 1e-323)] {
        tiny.add((target, predicted)).unwrap();
    }
    // In units of the smallest number: targets 1, 0, 2, errors 1, 1, 0.
    assert_eq!(tiny.value(ZeroDivision::Refuse), Ok(0.0));
    assert_eq!(tiny.root_mean_squared_error().value(), Ok(5e-324));
    let mut mae = MeanAbsoluteError::<f32>::new();
    mae.add((f32::MAX, -f32::MAX)).unwrap();
    assert_eq!(mae.value(), Err(Error::Overflow));
    mae.add((0.0, 0.0)).unwrap();
    assert_eq!(mae.value(), Ok(f32::MAX));
}

#[test]
fn equal_targets_are_a_zero_division() {
    for predicted in [3.0_f32, 4.0] {
        let mut r2 = R2Score::new();
        assert_eq!(r2.value(ZeroDivision::One), Err(Error::NothingToAverage));
        r2.add((3.0, predicted)).unwrap();
        r2.add((3.0, 3.0)).unwrap();
        let refused = Err(Error::ZeroDivision { metric: "R2", class: 0 });
        assert_eq!(r2.value(ZeroDivision::Refuse), refused);
        // As scikit-learn's `force_finite`.
        assert_eq!(r2.value(ZeroDivision::One), Ok(if predicted == 3.0 { 1.0 } else { 0.0 }));
        assert_eq!(r2.value(ZeroDivision::Zero), Ok(0.0));
        assert_eq!(r2.value(ZeroDivision::Skip), Err(Error::NothingToAverage));
    }
}

#[test]
fn targets_of_zero() {
    let of = |zero| {
        let mut mape = Evaluator::new(MeanAbsolutePercentageError::<f32>::new().zero_division(zero));
        for item in [(2.0, 1.0), (0.0, 1.0), (-0.0, 0.0), (4.0, 1.0)] {
            let _ = mape.add(item);
        }
        (mape.stream().value().unwrap(), mape.stream().items(), mape.rejected())
    };
    assert_eq!(of(ZeroDivision::Refuse), (0.625, 2, 2));
    assert_eq!(of(ZeroDivision::Skip), (0.625, 2, 0));
    assert_eq!(of(ZeroDivision::Zero), (0.3125, 4, 0));
    assert_eq!(of(ZeroDivision::One), (0.8125, 4, 0));
    let mut mape = MeanAbsolutePercentageError::new();
    assert_eq!(mape.add((0.0_f64, 1.0)), Err(Error::ZeroDivision { metric: "MAPE", class: 0 }));
    assert!(matches!(mape.add((1e-320, 1.0)), Err(Error::NonFiniteLoss { index: 0, .. })));
    assert_eq!(mape.value(), Err(Error::NothingToAverage));
    for floor in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(mape.floor(floor), Err(Error::Parameter { name: "floor", .. })));
    }
    let floored = mape.floor(0.5).unwrap();
    assert!(matches!(mape.merge(&floored), Err(Error::Parameter { name: "options", .. })));
    assert!(mape.merge(&mape.zero_division(ZeroDivision::One)).is_err());
    assert_eq!(mape.floor(-0.0), Ok(mape));
    check_words(floored.zero_division(ZeroDivision::Skip));
}

/// A difference beyond the type is still the dividend of a ratio that is not.
#[test]
fn percentages_of_large_numbers() {
    fn check<T: Float>() {
        let (largest, half) = (T::max_value(), T::of(0.5));
        for (target, predicted, ratio) in [
            (largest, -largest, T::of(2.0)),
            (-largest, largest, T::of(2.0)),
            (largest, -largest * half, T::of(1.5)),
            (-largest * half, largest, T::of(3.0)),
        ] {
            let mut mape = MeanAbsolutePercentageError::new();
            mape.add((target, predicted)).unwrap();
            assert_eq!(mape.value(), Ok(ratio));
        }
        let mut beyond = MeanAbsolutePercentageError::new();
        assert!(matches!(beyond.add((-half, largest)), Err(Error::NonFiniteLoss { index: 0, .. })));
        let mut floored = beyond.floor(largest).unwrap();
        floored.add((-largest * half, largest)).unwrap();
        assert_eq!(floored.value(), Ok(T::of(1.5)));
    }
    check::<f32>();
    check::<f64>();
}

#[test]
fn what_is_refused_changes_nothing() {
    let bad = [(f32::NAN, 1.0), (1.0, f32::NAN), (f32::INFINITY, 1.0), (1.0, f32::NEG_INFINITY)];
    fn check<S: Stream<Item = (f32, f32)> + PartialEq + std::fmt::Debug>(mut stream: S, bad: &[(f32, f32)]) {
        stream.add((1.0, 2.0)).unwrap();
        let before = stream;
        for &(target, predicted) in bad {
            match stream.add((target, predicted)).unwrap_err() {
                Error::NonFiniteTarget { index: 1, .. } => assert!(!target.is_finite()),
                Error::NonFiniteScore { index: 1, column: 0, .. } => assert!(!predicted.is_finite()),
                other => panic!("{other}"),
            }
            assert_eq!(stream, before);
        }
    }
    check(MeanAbsoluteError::new(), &bad);
    check(RootMeanSquaredError::new(), &bad);
    check(R2Score::new(), &bad);
    check(MeanAbsolutePercentageError::new(), &bad);
    let mut coverage = Coverage::new();
    assert_eq!(coverage.value::<f32>(), Err(Error::NothingToAverage));
    assert!(matches!(coverage.add_quantile(f32::NAN, 0.0), Err(Error::NonFiniteTarget { index: 0, .. })));
    assert!(matches!(coverage.add_quantile(0.0, f64::NAN), Err(Error::NonFiniteScore { column: 1, .. })));
    assert!(matches!(
        coverage.add_interval(0.0, f64::NAN, 1.0),
        Err(Error::NonFiniteScore { column: 0, .. })
    ));
    assert_eq!(coverage, Coverage::default());
    for (target, low, high) in
        [(0.0, 0.0, 0.0), (1.0, -1.0, 1.0), (2.0, f64::NEG_INFINITY, 1.0), (0.0, 1.0, 2.0)]
    {
        coverage.add_interval(target, low, high).unwrap();
    }
    assert_eq!((coverage.value::<f32>(), coverage.items()), (Ok(0.5), 4));
    for _ in 0..61 {
        let half = coverage;
        coverage.merge(&half).unwrap();
    }
    let before = coverage;
    assert_eq!((coverage.merge(&before), coverage), (Err(Error::Overflow), before));
    for metric in [MeanAbsoluteError::<f32>::new().value(), RootMeanSquaredError::new().value()] {
        assert_eq!(metric, Err(Error::NothingToAverage));
    }
    assert_eq!(RootMeanSquaredError::<f64>::new().squared(), Err(Error::NothingToAverage));
}

#[test]
fn options_begin_anew() {
    let mut used = MeanAbsolutePercentageError::<f32>::new();
    used.add((1.0, 2.0)).unwrap();
    let zero = ZeroDivision::Skip;
    assert_eq!(used.zero_division(zero), MeanAbsolutePercentageError::new().zero_division(zero));
    assert_eq!(used.floor(0.5), MeanAbsolutePercentageError::new().floor(0.5));
}

#[test]
fn a_full_counter_is_an_error() {
    fn fill<S: Stream<Item = (f64, f64)> + PartialEq + std::fmt::Debug>(mut stream: S) -> S {
        stream.add((1.0, 2.0)).unwrap();
        for _ in 0..63 {
            let half = stream;
            stream.merge(&half).unwrap();
        }
        let before = stream;
        assert_eq!((stream.merge(&before), stream), (Err(Error::Overflow), before));
        stream
    }
    assert_eq!(fill(MeanAbsoluteError::new()).value(), Ok(1.0));
    assert_eq!(fill(RootMeanSquaredError::new()).value(), Ok(1.0));
    assert_eq!(fill(MeanAbsolutePercentageError::new()).value(), Ok(1.0));
    assert_eq!(fill(R2Score::new()).root_mean_squared_error().squared(), Ok(1.0));
}

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn parts_merge(
        items in prop::collection::vec((any::<f32>(), any::<f32>()), 0..30),
        cuts in [0..30_usize, 0..30],
    ) {
        check_merging(MeanAbsoluteError::new(), &items, cuts);
        check_merging(RootMeanSquaredError::new(), &items, cuts);
        check_merging(R2Score::new(), &items, cuts);
        check_merging(MeanAbsolutePercentageError::new(), &items, cuts);
        let doubles: Vec<(f64, f64)> = items.iter().map(|(a, b)| (f64::from(*a), f64::from(*b).powi(7))).collect();
        check_merging(MeanAbsoluteError::new(), &doubles, cuts);
        check_merging(R2Score::new(), &doubles, cuts);
        let covered: Vec<bool> = items.iter().map(|(a, b)| a <= b).collect();
        check_merging(Coverage::new(), &covered, cuts);
    }
}
