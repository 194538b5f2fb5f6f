//! The confusion matrix and its metrics.

use microloss::Error;
use microloss::metric::{Average, ConfusionMatrix, ConfusionSlice, Disagreement, ZeroDivision};
use microloss::stream::Stream;
use proptest::prelude::*;

use crate::golden::{Case, cases};
use crate::seed::config;
use crate::{Float, close, same_bits};

fn average(word: &str) -> Average {
    match word {
        "macro" => Average::Macro,
        "micro" => Average::Micro,
        "weighted" => Average::Weighted,
        class => Average::Class(class.parse().unwrap()),
    }
}

fn zero_division(word: &str) -> ZeroDivision {
    match word {
        "zero" => ZeroDivision::Zero,
        "one" => ZeroDivision::One,
        "skip" => ZeroDivision::Skip,
        other => panic!("{other}"),
    }
}

fn disagreement(word: &str) -> Option<Disagreement> {
    Some(match word {
        "equal" => Disagreement::Equal,
        "linear" => Disagreement::Linear,
        "quadratic" => Disagreement::Quadratic,
        _ => return None,
    })
}

fn metric<T: Float>(
    matrix: &ConfusionSlice<'_>,
    metric: &str,
    of: Average,
    zero: ZeroDivision,
) -> Result<T, Error> {
    match metric {
        "accuracy" => matrix.accuracy(),
        "precision" => matrix.precision(of, zero),
        "recall" => matrix.recall(of, zero),
        "f1" => {
            assert_eq!(matrix.f1::<T>(of, zero), matrix.dice(of, zero));
            matrix.f1(of, zero)
        }
        "iou" => matrix.iou(of, zero),
        "balanced_accuracy" => matrix.balanced_accuracy(zero),
        "matthews_correlation" => matrix.matthews_correlation(zero),
        other => panic!("{other}"),
    }
}

/// The counts of a case, by rows of scores where it has them.
fn count(case: &Case, counts: &mut [u32]) {
    let mut matrix = ConfusionSlice::new(counts, case.classes).unwrap();
    if case.predicted.is_empty() {
        matrix.add_rows(&case.scores, &case.labels, None).unwrap();
    } else {
        matrix.add_labels(&case.labels, &case.predicted, None).unwrap();
    }
    assert_eq!(matrix.items(), case.labels.len());
}

fn agrees<T: Float>(case: &Case, matrix: &ConfusionSlice<'_>) -> usize {
    let mut compared = 0;
    let mut check = |what: String, found: Result<T, Error>, expected: f64| {
        match found {
            Ok(found) => assert!(close(found, expected), "{what}: {found}, expected {expected}"),
            // What NaN is in scikit-learn; but of weights that are all 0 it takes a mean without.
            Err(Error::NothingToAverage) if expected.is_nan() || what.contains("weighted/skip") => {}
            Err(error) => panic!("{what}: {error}, expected {expected}"),
        }
        compared += 1;
    };
    for (name, options, values) in &case.expect {
        let what = format!("{}: {name} {options}", case.name);
        let (of, zero) = options.split_once('/').unwrap_or(("macro", options));
        match (name.as_str(), disagreement(options)) {
            ("counts", _) => {
                let counts: Vec<f64> = matrix.counts().iter().map(|&count| count.into()).collect();
                assert_eq!(&counts, values, "{what}");
            }
            (_, Some(disagreement)) => {
                check(what, matrix.cohen_kappa(disagreement, ZeroDivision::Skip), values[0]);
            }
            _ if of == "each" => {
                for (class, &value) in values.iter().enumerate() {
                    let what = format!("{what} {class}");
                    check(what, metric(matrix, name, Average::Class(class), zero_division(zero)), value);
                }
            }
            ("accuracy", _) => check(what, matrix.accuracy(), values[0]),
            _ => check(what, metric(matrix, name, average(of), zero_division(zero)), values[0]),
        }
    }
    for (name, options, double, single) in &case.exact {
        let found: T = match disagreement(options) {
            Some(disagreement) => matrix.cohen_kappa(disagreement, ZeroDivision::Refuse).unwrap(),
            None => {
                let of = if name == "accuracy" { Average::Macro } else { average(options) };
                metric(matrix, name, of, ZeroDivision::Refuse).unwrap()
            }
        };
        same_bits(&format!("{}: {name} {options}", case.name), found, *double, *single);
        compared += 1;
    }
    compared
}

#[test]
fn agrees_with_scikit_learn() {
    let mut compared = 0;
    for case in cases("confusion") {
        let mut counts = vec![0; case.classes * case.classes];
        count(&case, &mut counts);
        let matrix = ConfusionSlice::new(&mut counts, case.classes).unwrap();
        compared += agrees::<f32>(&case, &matrix) + agrees::<f64>(&case, &matrix);
    }
    assert!(compared > 5000, "{compared}");
}

/// The two kinds of matrix are shells of one table.
#[test]
fn an_array_is_a_slice() {
    let mut counts = [0; 9];
    let mut slice = ConfusionSlice::new(&mut counts, 3).unwrap();
    let mut matrix = ConfusionMatrix::<3>::new();
    for (label, predicted) in [(0, 0), (0, 2), (1, 1), (2, 1), (2, 2), (2, 2)] {
        matrix.add(label, predicted).unwrap();
        slice.add(label, predicted).unwrap();
    }
    assert_eq!(matrix.counts().as_flattened(), slice.counts());
    let refuse = ZeroDivision::Refuse;
    assert_eq!(matrix.accuracy::<f64>(), Ok(4.0 / 6.0));
    assert_eq!(matrix.f1::<f64>(Average::Macro, refuse), slice.f1(Average::Macro, refuse));
    assert_eq!(matrix.mean_iou::<f32>(), slice.mean_iou());
    assert_eq!(ConfusionMatrix::from(*matrix.counts()), matrix);
    let found = Error::LengthMismatch { what: "counts", expected: 16, found: 9 };
    assert_eq!(ConfusionSlice::new(&mut [0; 9], 4).unwrap_err(), found);
    assert_eq!(slice.merge(&[0; 4]), Err(Error::LengthMismatch { what: "counts", expected: 9, found: 4 }));
}

#[test]
fn an_empty_matrix_has_nothing_to_average() {
    let matrix = ConfusionMatrix::<3>::new();
    let nothing = Err(Error::NothingToAverage);
    assert_eq!(matrix.accuracy::<f32>(), nothing);
    assert_eq!(matrix.mean_iou::<f32>(), nothing);
    for zero in [ZeroDivision::Refuse, ZeroDivision::Zero, ZeroDivision::One, ZeroDivision::Skip] {
        for average in [Average::Class(0), Average::Micro, Average::Macro, Average::Weighted] {
            for metric in [ConfusionMatrix::precision, ConfusionMatrix::recall, ConfusionMatrix::f1] {
                assert_eq!(metric(&matrix, average, zero), nothing);
            }
            assert_eq!(matrix.iou::<f32>(average, zero), nothing);
        }
        assert_eq!(matrix.balanced_accuracy::<f32>(zero), nothing);
        assert_eq!(matrix.matthews_correlation::<f32>(zero), nothing);
        assert_eq!(matrix.cohen_kappa::<f32>(Disagreement::Equal, zero), nothing);
    }
    assert_eq!(ConfusionMatrix::<0>::new().accuracy::<f32>(), nothing);
}

#[test]
fn a_zero_division_is_what_the_option_says() {
    let mut matrix = ConfusionMatrix::<3>::new();
    matrix.add(0, 1).unwrap();
    matrix.add(0, 1).unwrap();
    let refused = |metric, class| Err(Error::ZeroDivision { metric, class });
    let refuse = ZeroDivision::Refuse;
    assert_eq!(ZeroDivision::default(), refuse);
    assert_eq!(matrix.precision::<f32>(Average::Class(0), refuse), refused("precision", 0));
    assert_eq!(matrix.precision::<f32>(Average::Class(1), refuse), Ok(0.0));
    assert_eq!(matrix.precision::<f32>(Average::Macro, refuse), refused("precision", 0));
    assert_eq!(matrix.recall::<f32>(Average::Weighted, refuse), refused("recall", 1));
    assert_eq!(matrix.balanced_accuracy::<f32>(refuse), refused("recall", 1));
    assert_eq!(matrix.f1::<f32>(Average::Class(2), refuse), refused("F1", 2));
    assert_eq!(matrix.iou::<f32>(Average::Class(2), refuse), refused("IoU", 2));
    assert_eq!(matrix.iou::<f32>(Average::Class(2), ZeroDivision::One), Ok(1.0));
    assert_eq!(matrix.iou::<f32>(Average::Class(2), ZeroDivision::Zero), Ok(0.0));
    assert_eq!(matrix.iou::<f32>(Average::Class(2), ZeroDivision::Skip), Err(Error::NothingToAverage));
    assert_eq!(matrix.iou::<f32>(Average::Micro, refuse), Ok(0.0));
    // The classes that are not skipped weigh 0 together: scikit-learn takes a mean without weights, 0.
    assert_eq!(matrix.precision::<f32>(Average::Weighted, ZeroDivision::Skip), Err(Error::NothingToAverage));
    assert_eq!(matrix.matthews_correlation::<f32>(refuse), refused("MCC", 0));
    assert_eq!(matrix.matthews_correlation::<f32>(ZeroDivision::Zero), Ok(0.0));
    let matrix_of = |items: &[(usize, usize)]| {
        let mut matrix = ConfusionMatrix::<3>::new();
        items.iter().for_each(|&(class, predicted)| matrix.add(class, predicted).unwrap());
        matrix
    };
    // All are given class 1, and bear two; then all bear class 2, and are given two.
    assert_eq!(matrix_of(&[(0, 1), (1, 1)]).matthews_correlation::<f32>(refuse), refused("MCC", 1));
    assert_eq!(matrix_of(&[(2, 0), (2, 1)]).matthews_correlation::<f32>(refuse), refused("MCC", 2));
    assert_eq!(matrix.cohen_kappa::<f32>(Disagreement::Equal, refuse), Ok(0.0));
    let expected = "one of the matrix";
    assert_eq!(
        matrix.recall::<f32>(Average::Class(3), refuse),
        Err(Error::Parameter { name: "class", index: 0, value: 3.0, expected })
    );
    let mut one = ConfusionMatrix::<3>::new();
    one.add(2, 2).unwrap();
    for disagreement in [Disagreement::Equal, Disagreement::Linear, Disagreement::Quadratic] {
        assert_eq!(one.cohen_kappa::<f32>(disagreement, refuse), refused("kappa", 2));
        assert_eq!(one.cohen_kappa::<f32>(disagreement, ZeroDivision::One), Ok(1.0));
    }
}

#[test]
fn a_full_counter_is_an_error() {
    let mut full = ConfusionMatrix::from([[u32::MAX, 0], [7, u32::MAX - 1]]);
    let before = full;
    assert_eq!(full.add(0, 0), Err(Error::Overflow));
    let more = ConfusionMatrix::from([[0, 1], [1, 2]]);
    assert_eq!(full.merge(&more), Err(Error::Overflow));
    // The second (1, 1) is one too many: what was counted before it is taken back.
    assert_eq!(full.add_labels(&[0_u8, 1, 1], &[1_u8, 1, 1], None), Err(Error::Overflow));
    assert_eq!(full, before);
    full.merge(&ConfusionMatrix::from([[0, u32::MAX], [0, 1]])).unwrap();
    assert_eq!(full.counts(), &[[u32::MAX, u32::MAX], [7, u32::MAX]]);
    assert_eq!(full.items(), 3 * u32::MAX as usize + 7);
    let (right, all) = (2 * u64::from(u32::MAX), 3 * u64::from(u32::MAX) + 7);
    assert_eq!(full.accuracy::<f64>(), Ok(right as f64 / all as f64));
}

#[test]
fn scores_are_ordered_as_numpy_does() {
    let mut matrix = ConfusionMatrix::<3>::new();
    matrix.add_scores(1, &[0.0_f32, -0.0, 0.0]).unwrap();
    matrix.add_scores(2, &[f64::NEG_INFINITY, 1.0, f64::INFINITY]).unwrap();
    matrix.add_scores(2, &[f32::NEG_INFINITY; 3]).unwrap();
    assert_eq!(matrix.counts(), &[[0; 3], [1, 0, 0], [1, 0, 1]]);
    let before = matrix;
    let nan = matrix.add_scores(0, &[1.0, f32::NAN, 2.0]).unwrap_err();
    assert!(matches!(nan, Error::NonFiniteScore { index: 3, column: 1, value } if value.is_nan()));
    let short = matrix.add_scores(0, &[1.0_f64, 2.0]);
    assert_eq!(short, Err(Error::LengthMismatch { what: "scores", expected: 3, found: 2 }));
    assert_eq!(
        matrix.add_scores(3, &[1.0_f32; 3]),
        Err(Error::LabelOutOfRange { index: 3, label: 3, classes: 3 })
    );
    assert_eq!(matrix, before);
}

#[test]
fn a_batch_counts_wholly_or_not_at_all() {
    let mut matrix = ConfusionMatrix::<2>::new();
    // The ignored row is not read.
    let scores = [0.0_f32, 1.0, f32::NAN, 0.0, 3.0, 2.0];
    matrix.add_rows(&scores, &[1_u8, 255, 1], Some(255)).unwrap();
    matrix.add_labels(&[0_i8, -1, 1], &[0_u16, 9, 1], Some(-1)).unwrap();
    assert_eq!(matrix.counts(), &[[1, 0], [1, 2]]);
    let before = matrix;
    let nan = matrix.add_rows(&scores, &[1_u8, 0, 1], Some(255)).unwrap_err();
    assert!(matches!(nan, Error::NonFiniteScore { index: 1, column: 0, .. }));
    assert_eq!(
        matrix.add_rows(&scores, &[1_i64, 255, -1], Some(255)),
        Err(Error::LabelOutOfRange { index: 2, label: -1, classes: 2 })
    );
    assert_eq!(
        matrix.add_labels(&[0_u8, 1], &[0_i32, -3], None),
        Err(Error::LabelOutOfRange { index: 1, label: -3, classes: 2 })
    );
    assert_eq!(
        matrix.add_rows(&scores, &[1_u8, 0], None),
        Err(Error::LengthMismatch { what: "scores", expected: 4, found: 6 })
    );
    assert_eq!(
        matrix.add_labels(&[0_u8, 1], &[0_u8], None),
        Err(Error::LengthMismatch { what: "predicted", expected: 2, found: 1 })
    );
    assert_eq!(matrix, before);
}

proptest! {
    #![proptest_config(config(300))]

    /// Any grouping and order of parts is the whole, and a batch is its items.
    #[test]
    fn parts_merge(items in prop::collection::vec((0..4_usize, 0..4_usize), 0..60), cuts in [0..60_usize, 0..60]) {
        let of = |items: &[(usize, usize)]| {
            let mut matrix = ConfusionMatrix::<3>::new();
            let good: Vec<_> = items.iter().filter(|(a, b)| matrix.add(*a, *b).is_ok()).collect();
            let (labels, predicted): (Vec<_>, Vec<_>) = good.into_iter().copied().unzip();
            let mut batch = ConfusionMatrix::<3>::new();
            batch.add_labels(&labels, &predicted, None).unwrap();
            assert_eq!(matrix, batch);
            matrix
        };
        let cut = |at: usize| at.min(items.len());
        let (first, second) = (cut(cuts[0]).min(cut(cuts[1])), cut(cuts[0]).max(cut(cuts[1])));
        let (a, b, c) = (of(&items[..first]), of(&items[first..second]), of(&items[second..]));
        let merged = |mut a: ConfusionMatrix<3>, b| { a.merge(&b).unwrap(); a };
        for whole in [merged(merged(a, b), c), merged(a, merged(b, c)), merged(merged(c, a), b)] {
            prop_assert_eq!(whole, of(&items));
        }
    }
}
