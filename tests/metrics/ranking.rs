//! AUROC and average precision, exactly and from histograms.

use microloss::metric::{ConfusionMatrix, RankedScores, Ranking, ScoreHistogram, ZeroDivision};
use microloss::stream::{Evaluator, Stream};
use microloss::{Entry, Error, Scratch};
use proptest::prelude::*;

use crate::golden::cases;
use crate::seed::config;
use crate::{Float, close, same_bits};

const REFUSE: ZeroDivision = ZeroDivision::Refuse;

fn ranked<T: Float>(items: &[(f64, bool)], is_merge: bool) -> Ranking {
    let mut entries = vec![Entry::<T>::default(); items.len() * if is_merge { 2 } else { 1 }];
    let scratch = if is_merge { Scratch::merge(&mut entries) } else { Scratch::insertion(&mut entries) };
    let mut scores = RankedScores::new(scratch);
    for &(score, is_positive) in items {
        scores.add(T::of(score), is_positive).unwrap();
    }
    assert_eq!(scores.items(), items.len());
    scores.rank()
}

fn histogram<const B: usize>(items: &[(f64, bool)], low: f64, high: f64) -> ScoreHistogram<B> {
    let mut histogram = ScoreHistogram::<B>::over(low, high).unwrap();
    for &(score, is_positive) in items {
        histogram.add(score, is_positive).unwrap();
    }
    histogram
}

/// Whether results are between bounds, those of the bins too.
fn within<T: Float, const B: usize>(
    what: &str,
    histogram: &ScoreHistogram<B>,
    auroc: T,
    precision: T,
) -> [T; 2] {
    let mut widths = [T::zero(); 2];
    let found = [
        (histogram.auroc_bounds(REFUSE).unwrap(), [auroc, histogram.auroc(REFUSE).unwrap()]),
        (
            histogram.average_precision_bounds(REFUSE).unwrap(),
            [precision, histogram.average_precision(REFUSE).unwrap()],
        ),
    ];
    for (width, ([low, high], results)) in widths.iter_mut().zip(found) {
        for result in results {
            assert!(low <= result && result <= high, "{what}, {B} bins: {low} <= {result} <= {high}");
        }
        *width = high - low;
    }
    widths
}

fn agrees<T: Float>() {
    for case in cases("ranking") {
        let positive = case.labels.iter().map(|&label| label == 1);
        let items: Vec<(f64, bool)> = case.scores.iter().copied().zip(positive).collect();
        let ranking = ranked::<T>(&items, true);
        assert_eq!(ranking, ranked::<T>(&items, false), "{}", case.name);
        let results = [ranking.auroc::<T>(REFUSE).unwrap(), ranking.average_precision(REFUSE).unwrap()];
        let mut names = ["auroc", "average_precision"].iter().zip(results);
        for (name, _, expected) in &case.expect {
            let (_, found) = names.next().filter(|(metric, _)| *metric == name).unwrap();
            assert!(close(found, expected[0]), "{}: {name} {found}, expected {expected:?}", case.name);
        }
        let [(_, _, double, single), (_, _, precision, _)] = &case.exact[..] else { panic!("{}", case.name) };
        same_bits(&case.name, results[0], *double, *single);
        assert!(close(results[1], *precision), "{}: {}, exact {precision}", case.name, results[1]);
        let bounds = case.scores.iter().fold((f64::MAX, f64::MIN), |(a, b), &x| (a.min(x), b.max(x)));
        let (low, high) = if bounds.0 < bounds.1 { bounds } else { (0.0, 1.0) };
        let _ = within(&case.name, &histogram::<1>(&items, low, high), results[0], results[1]);
        let _ = within(&case.name, &histogram::<7>(&items, low, high), results[0], results[1]);
        let [auroc, _] = within(&case.name, &histogram::<4096>(&items, low, high), results[0], results[1]);
        if case.name.ends_with(" 0") {
            // Scores of the coins in narrow bins.
            assert!(auroc > T::zero() && auroc < T::of(1e-3), "{auroc}");
        }
    }
}

#[test]
fn agrees_with_scikit_learn() {
    agrees::<f32>();
    agrees::<f64>();
}

#[test]
fn one_class_is_a_zero_division() {
    for (is_positive, absent) in [(true, 0), (false, 1)] {
        let items = [(0.5, is_positive), (0.25, is_positive)];
        let (ranking, histogram) = (ranked::<f32>(&items, true), histogram::<4>(&items, 0.0, 1.0));
        let refused = Error::ZeroDivision { metric: "AUROC", class: absent };
        assert_eq!(ranking.auroc::<f32>(REFUSE), Err(refused));
        assert_eq!(histogram.auroc_bounds::<f64>(REFUSE), Err(refused));
        assert_eq!(histogram.auroc_bounds::<f64>(ZeroDivision::One), Ok([1.0; 2]));
        assert_eq!(ranking.auroc::<f32>(ZeroDivision::Skip), Err(Error::NothingToAverage));
        let precision = ranking.average_precision::<f32>(REFUSE);
        if is_positive {
            assert_eq!(precision, Ok(1.0));
            assert_eq!(histogram.average_precision_bounds::<f32>(REFUSE), Ok([1.0; 2]));
        } else {
            let refused = Error::ZeroDivision { metric: "average precision", class: 1 };
            assert_eq!(precision, Err(refused));
            assert_eq!(histogram.average_precision_bounds::<f32>(REFUSE), Err(refused));
            assert_eq!(ranking.average_precision::<f32>(ZeroDivision::Zero), Ok(0.0));
            assert_eq!(histogram.average_precision_bounds::<f32>(ZeroDivision::One), Ok([1.0; 2]));
        }
    }
    for zero in [REFUSE, ZeroDivision::Zero, ZeroDivision::One, ZeroDivision::Skip] {
        let (ranking, histogram) = (ranked::<f64>(&[], true), ScoreHistogram::<4>::default());
        assert_eq!(ranking.auroc::<f32>(zero), Err(Error::NothingToAverage));
        assert_eq!(ranking.average_precision::<f32>(zero), Err(Error::NothingToAverage));
        assert_eq!(histogram.auroc_bounds::<f32>(zero), Err(Error::NothingToAverage));
        assert_eq!(histogram.average_precision_bounds::<f32>(zero), Err(Error::NothingToAverage));
    }
}

#[test]
fn scores_are_refused_or_ordered() {
    let mut probabilities = Evaluator::<ScoreHistogram<4>>::default();
    for score in [0.0, -0.0, 1.0, 0.75, f64::from_bits(0.75_f64.to_bits() - 1)] {
        probabilities.add((score, true)).unwrap();
    }
    assert_eq!(probabilities.stream().counts(), [&[0; 4], &[2, 0, 1, 2]]);
    for score in [-1e-300, 1.0 + f64::EPSILON, f64::INFINITY] {
        let refused = Err(Error::NotAProbability { index: 5, column: 0, value: score });
        assert_eq!(probabilities.add((score, true)), refused);
    }
    let nan = probabilities.add((f64::NAN, false)).unwrap_err();
    assert!(matches!(nan, Error::NonFiniteScore { index: 5, column: 0, .. }));
    assert_eq!(probabilities.rejected(), 4);
    assert_eq!(probabilities.stream().counts(), [&[0; 4], &[2, 0, 1, 2]]);

    let open = histogram::<3>(
        &[(f64::NEG_INFINITY, true), (f64::INFINITY, false), (1e300, true), (5.0, false)],
        -3.0,
        6.0,
    );
    assert_eq!(open.counts(), [&[0, 0, 2], &[1, 0, 1]]);
    assert_eq!(
        ranked::<f32>(&[(f64::NEG_INFINITY, true), (f64::INFINITY, false)], true).auroc::<f32>(REFUSE),
        Ok(0.0)
    );
    assert_eq!(ranked::<f32>(&[(-0.0, true), (0.0, false)], true).auroc::<f32>(REFUSE), Ok(0.5));
    for (low, high) in [(0.0, 0.0), (1.0, 0.0), (f64::NAN, 1.0), (0.0, f64::INFINITY), (f64::MIN, f64::MAX)] {
        let refused = ScoreHistogram::<3>::over(low, high).unwrap_err();
        assert!(matches!(refused, Error::Parameter { name: "range", .. }), "{refused}");
    }
    // Items of bin 2 and above, as a matrix.
    assert_eq!(open.confusion(2), Ok(ConfusionMatrix::from([[0, 2], [1, 1]])));
    assert_eq!(open.confusion(0), Ok(ConfusionMatrix::from([[0, 2], [0, 2]])));
    assert_eq!(open.confusion(9), Ok(ConfusionMatrix::from([[2, 0], [2, 0]])));
}

#[test]
fn what_does_not_fit_changes_nothing() {
    let mut entries = [Entry::<f32>::default(); 5];
    let mut scores = RankedScores::new(Scratch::merge(&mut entries));
    scores.add(0.5, true).unwrap();
    assert!(matches!(scores.add(f32::NAN, true), Err(Error::NonFiniteScore { index: 1, .. })));
    scores.add(0.25, false).unwrap();
    assert_eq!(scores.add(0.0, true), Err(Error::ScratchTooSmall { needed: 6, found: 5 }));
    let mut more = [Entry::default(); 3];
    let mut other = RankedScores::new(Scratch::insertion(&mut more));
    other.add(0.75_f32, false).unwrap();
    assert_eq!(scores.merge(&other), Err(Error::ScratchTooSmall { needed: 6, found: 5 }));
    assert_eq!(scores.rank().auroc::<f32>(REFUSE), Ok(1.0));
    other.merge(&scores).unwrap();
    assert_eq!(other.rank().auroc::<f32>(REFUSE), Ok(0.5));
    // After a sort more may come, and all are still there.
    assert_eq!((other.items(), other.add(0.5, true).is_err()), (3, true));
    assert_eq!(other.rank().items(), (1, 2));
}

#[test]
fn a_full_counter_is_an_error() {
    let mut full = histogram::<2>(&[(0.2, true), (0.9, false)], 0.0, 1.0);
    for _ in 0..31 {
        let half = full;
        full.merge(&half).unwrap();
    }
    let before = full;
    assert_eq!(full.merge(&before), Err(Error::Overflow));
    // Of the two arrays of counters one has room.
    let negatives = histogram::<2>(&[(0.1, true)], 0.0, 1.0);
    let mut positive = before;
    positive.merge(&negatives).unwrap();
    let mut doubled = negatives;
    doubled.merge(&before).unwrap();
    assert_eq!(positive, doubled);
    assert_eq!(full, before);
    let mut other = histogram::<2>(&[(0.9, false)], 0.0, 1.0);
    for _ in 0..31 {
        let half = other;
        other.merge(&half).unwrap();
    }
    other.add(0.9, true).unwrap();
    assert_eq!(full.merge(&other), Err(Error::Overflow));
    assert_eq!(full, before);
    assert_eq!(full.auroc::<f64>(REFUSE), Ok(0.0));
    let other = ScoreHistogram::<2>::over(0.0, 2.0).unwrap();
    assert!(matches!(full.merge(&other), Err(Error::Parameter { name: "range", .. })));
    assert!(matches!(full.merge(&ScoreHistogram::new()), Err(Error::Parameter { name: "range", .. })));
    // -0 is 0.
    for (low, high, same) in [(-0.0, 1.0, (0.0, 1.0)), (-1.0, -0.0, (-1.0, 0.0))] {
        assert_eq!(ScoreHistogram::<2>::over(low, high), ScoreHistogram::over(same.0, same.1));
        let mut histogram = histogram::<2>(&[(0.9, false)], low, high);
        assert_eq!(histogram.merge(&ScoreHistogram::over(same.0, same.1).unwrap()), Ok(()));
    }
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn parts_merge(items in prop::collection::vec((0.0..1.0_f64, any::<bool>()), 0..60), cut in 0..60_usize) {
        let (left, right) = items.split_at(cut.min(items.len()));
        let (mut first, mut second) = (histogram::<8>(left, 0.0, 1.0), histogram::<8>(right, 0.0, 1.0));
        let of_left = first;
        first.merge(&second).unwrap();
        second.merge(&of_left).unwrap();
        let whole = histogram::<8>(&items, 0.0, 1.0);
        prop_assert_eq!((first, second), (whole, whole));
        let turned: Vec<_> = right.iter().chain(left).copied().collect();
        prop_assert_eq!(ranked::<f64>(&items, true), ranked::<f64>(&turned, false));
    }

    /// The bounds are those of the best and the worst that can stand in the bins, and no wider.
    #[test]
    fn bounds_are_reached(bins in prop::collection::vec((0..12_usize, 0..12_usize), 8)) {
        let (mut best, mut worst) = (Vec::new(), Vec::new());
        for (bin, &(positives, negatives)) in bins.iter().enumerate() {
            let place = |at: usize| (bin as f64 + (at as f64 + 0.5) / 32.0) / 8.0;
            for at in 0..positives {
                best.push((place(30), true));
                worst.push((place(at), true));
            }
            for at in 0..negatives {
                best.push((place(at), false));
                worst.push((place(12 + at), false));
            }
        }
        let (of_best, of_worst) = (histogram::<8>(&best, 0.0, 1.0), histogram::<8>(&worst, 0.0, 1.0));
        prop_assert_eq!(of_best, of_worst);
        let (best, worst) = (ranked::<f64>(&best, true), ranked::<f64>(&worst, true));
        if let Ok(auroc) = of_best.auroc_bounds::<f64>(REFUSE) {
            prop_assert_eq!(auroc, [worst.auroc(REFUSE).unwrap(), best.auroc(REFUSE).unwrap()]);
        }
        if let Ok([low, high]) = of_best.average_precision_bounds::<f64>(REFUSE) {
            let [least, most] = [&worst, &best].map(|ranking| ranking.average_precision::<f64>(REFUSE).unwrap());
            prop_assert!(low <= least && least - low < 0.02, "{low} <= {least}");
            prop_assert!(most <= high && high - most < 1e-14, "{most} <= {high}");
        }
    }
}
