//! Streams: what a rejected item leaves, and merging.

use core::fmt::Debug;

use microloss::element::MeanAbsoluteError as AbsoluteError;
use microloss::metric::{
    BrierScore, CalibrationError, ConfusionMatrix, Coverage, LogLoss, MeanAbsoluteError,
    MeanAbsolutePercentageError, R2Score, RootMeanSquaredError, ScoreHistogram, TopKAccuracy, ZeroDivision,
};
use microloss::stream::{CompensatedTotal, Evaluator, ExactTotal, State, Stream};
use microloss::{ElementLoss, Elements, Error, Input, Quantized, Total};

/// A call that adds an item, or items.
type Add<'a, S> = &'a dyn Fn(&mut S) -> Result<(), Error>;

fn words<S: State>(mut state: S) -> Vec<u32> {
    let mut words = Vec::new();
    state.each_word(&mut |word| words.push(*word));
    words
}

/// Good and bad items in turn: each bad one is an error, is counted, and changes nothing else; what is left is what the good ones
/// alone leave.
fn attack<S: State + PartialEq + Debug>(start: S, good: &[Add<'_, S>], bad: &[Add<'_, S>]) {
    let (mut evaluator, mut alone) = (Evaluator::new(start), Evaluator::new(start));
    let mut rejected = 0;
    let mut refuse_all = |evaluator: &mut Evaluator<S>| {
        for (number, add) in bad.iter().enumerate() {
            let before = *evaluator;
            let Err(error) = evaluator.add_with(add) else { panic!("{number} is taken: {before:?}") };
            rejected += 1;
            assert_eq!(words(*evaluator.stream()), words(*before.stream()), "{number}: {error}");
            assert_eq!((evaluator.rejected(), evaluator.items()), (rejected, before.items() + 1), "{number}");
            // The same to one who holds the error of another call.
            let mut taken = before;
            assert_eq!(taken.take(Err(error)).unwrap_err().to_string(), error.to_string());
            assert_eq!(format!("{taken:?}"), format!("{evaluator:?}"), "{number}");
        }
    };
    refuse_all(&mut evaluator);
    for add in good {
        evaluator.add_with(add).unwrap();
        alone.add_with(add).unwrap();
        refuse_all(&mut evaluator);
    }
    assert_eq!(evaluator.stream(), alone.stream());
    assert_eq!((evaluator.items() - evaluator.rejected(), alone.rejected()), (alone.items(), 0));
}

const NAN: f32 = f32::NAN;
const INFINITY: f32 = f32::INFINITY;
const NOT_FINITE: [f32; 3] = [NAN, INFINITY, -INFINITY];

/// What no row of a classifier may be, with each way to read it.
macro_rules! bad_rows {
    ($type:ty) => {
        [
            &|s: &mut $type| s.add_scores(3, &[0.1, 0.7, 0.2], Input::Logits),
            &|s: &mut $type| s.add_scores(255, &[0.1, 0.7, 0.2], Input::Probabilities),
            &|s: &mut $type| s.add_scores(usize::MAX, &[0.1, 0.7, 0.2], Input::Logits),
            &|s: &mut $type| s.add_scores(0, &[0.1, 0.7, NAN], Input::Logits),
            &|s: &mut $type| s.add_scores(0, &[NAN, 0.7, 0.2], Input::Probabilities),
            &|s: &mut $type| s.add_scores(0, &[-INFINITY; 3], Input::Logits),
            &|s: &mut $type| s.add_scores(0, &[INFINITY, 0.5], Input::Probabilities),
            &|s: &mut $type| s.add_scores(0, &[1.0 + f32::EPSILON, 0.0], Input::Probabilities),
            &|s: &mut $type| s.add_scores(0, &[1.0, -1e-38], Input::Probabilities),
            &|s: &mut $type| s.add_scores(0, &[0.5, -0.1], Input::LogProbabilities),
            &|s: &mut $type| s.add_scores(0, &[0.5, 0.5], Input::Variances),
            &|s: &mut $type| s.add_scores(0, &[], Input::Logits),
            &|s: &mut $type| {
                let row = Quantized::per_column(&[1_i8, 2, 3], &[0.5; 2], &[0; 2])?;
                s.add_scores(0, row, Input::Logits)
            },
            &|s: &mut $type| s.add_scores(0, Quantized::per_tensor(&[1_i8, 2, 3], NAN, 0)?, Input::Logits),
            &|s: &mut $type| s.add_scores(3, Quantized::per_tensor(&[1_u8, 2, 3], 0.1, 0)?, Input::Logits),
        ]
    };
}

#[test]
fn rejected_rows_change_nothing() {
    let of_loss = [
        &|s: &mut LogLoss<f32>| s.add_score(true, NAN, Input::Logits) as _,
        &|s: &mut LogLoss<f32>| s.add_score(true, 1.5, Input::Probabilities),
        &|s: &mut LogLoss<f32>| s.add_score(true, -INFINITY, Input::Logits),
        &|s: &mut LogLoss<f32>| s.add(-1e-45),
        &|s: &mut LogLoss<f32>| s.add(NAN),
        &|s: &mut LogLoss<f32>| s.add(INFINITY),
        &|s: &mut LogLoss<f32>| s.add_scores(0, &[0.0, INFINITY], Input::Logits),
    ] as [Add<'_, _>; 7];
    let rows: [Add<'_, LogLoss<f32>>; 15] = bad_rows!(LogLoss<f32>);
    attack(
        LogLoss::new(),
        &[&|s| s.add_scores(2, &[0.1, 0.7, 0.2], Input::Probabilities), &|s| s.add(f32::MAX), &|s| {
            s.add(1e-45)
        }],
        &[&of_loss[..], &rows].concat(),
    );
    let of_score = [
        &|s: &mut BrierScore<f32>| s.add_probability(true, NAN) as _,
        &|s: &mut BrierScore<f32>| s.add_probability(false, -1e-45),
        &|s: &mut BrierScore<f32>| s.add_probability(false, 1.0 + f32::EPSILON),
        &|s: &mut BrierScore<f32>| s.add(INFINITY),
        &|s: &mut BrierScore<f32>| s.add(-0.5),
    ] as [Add<'_, _>; 5];
    let rows: [Add<'_, BrierScore<f32>>; 15] = bad_rows!(BrierScore<f32>);
    attack(
        BrierScore::new(),
        &[&|s| s.add_scores(0, &[0.5, 0.25, 0.25], Input::Probabilities), &|s| s.add_probability(true, -0.0)],
        &[&of_score[..], &rows].concat(),
    );
    type Bins = CalibrationError<f32, 3>;
    let of_bins = [
        &|s: &mut Bins| s.add((NAN, true)) as _,
        &|s: &mut Bins| s.add((-1e-45, true)),
        &|s: &mut Bins| s.add((1.0 + f32::EPSILON, false)),
        &|s: &mut Bins| s.add((INFINITY, false)),
    ] as [Add<'_, _>; 4];
    let rows: [Add<'_, Bins>; 15] = bad_rows!(Bins);
    attack(
        Bins::new(),
        &[&|s| s.add((1.0, true)), &|s| s.add((0.0, false)), &|s| {
            s.add_scores(1, &[2.0, 3.0, 1.0], Input::Logits)
        }],
        &[&of_bins[..], &rows].concat(),
    );
}

#[test]
fn rejected_classes_change_nothing() {
    type Matrix = ConfusionMatrix<3>;
    attack(
        Matrix::from([[u32::MAX, 0, 0], [0; 3], [0, 0, 5]]),
        &[&|m| m.add(1, 2), &|m| m.add_scores(1, &[0.1_f32, INFINITY, 0.2]), &|m| {
            m.add_labels(&[-1_i64, 2], &[9_u8, 0], Some(-1))
        }],
        &[
            &|m| m.add(3, 0),
            &|m| m.add(0, 3),
            &|m| m.add(255, 1),
            &|m| m.add(usize::MAX, usize::MAX),
            &|m| m.add(0, 0), // full
            &|m| m.add_scores(3, &[0.1_f32, 0.7, 0.2]),
            &|m| m.add_scores(1, &[0.1_f32, 0.7, NAN]),
            &|m| m.add_scores(1, &[0.1_f32, 0.7]),
            &|m| m.add_scores(1, &[0.1_f32, 0.7, 0.1, 0.1]),
            &|m| m.add_scores::<f32>(1, &[]),
            &|m| m.add_scores(1, Quantized::per_column(&[1_i16, 2, 3], &[0.5_f32; 2], &[0; 2])?),
            // Each after items that are good.
            &|m| m.add_labels(&[1_u8, 2, 255], &[1_u8, 2, 0], None),
            &|m| m.add_labels(&[1_u8, 2, 1], &[1_u8, 2, 255], Some(255)),
            &|m| m.add_labels(&[1_i8, -1], &[1_u8, 0], Some(255)),
            &|m| m.add_labels(&[1_u8, 2, 0], &[1_u8, 2, 0], None),
            &|m| m.add_labels(&[1_u8, 2, 0], &[1_u8, 2], None),
            &|m| m.add_rows(&[0.5_f32, 0.1, 0.2, 0.1, NAN, 0.3], &[2_u8, 2], None),
            &|m| m.add_rows(&[0.5_f32, 0.1, 0.2, 0.1, 0.2], &[2_u8, 2], None),
            &|m| m.add_rows(&[0.5_f32, 0.1, 0.2, 0.1, 0.2, 0.3], &[2_u8], None),
        ],
    );
    attack(
        TopKAccuracy::<2>::new(),
        &[&|top| top.add_scores(1, &[0.1_f32, INFINITY, 0.2]), &|top| top.add(usize::MAX), &|top| top.add(1)],
        &[
            &|top| top.add_scores(3, &[0.1_f32, 0.7, 0.2]),
            &|top| top.add_scores(255, &[0.1_f32, 0.7, 0.2]),
            &|top| top.add_scores(1, &[0.1_f32, 0.7, NAN]),
            &|top| top.add_scores(1, &[0.1_f32, NAN, 0.1]),
            &|top| top.add_scores::<f32>(0, &[]),
            &|top| top.add_scores(1, Quantized::per_column(&[1_i8, 2], &[0.5_f32], &[0])?),
        ],
    );
    let scores: [Add<'_, ScoreHistogram<4>>; 4] =
        [&|h| h.add(NAN, true), &|h| h.add(INFINITY, true), &|h| h.add(-1e-45_f32, false), &|h| {
            h.add(1.0 + f64::EPSILON, false)
        }];
    attack(ScoreHistogram::new(), &[&|h| h.add(0.5_f32, true), &|h| h.add(-0.0_f32, false)], &scores);
    let open = ScoreHistogram::<4>::over(-1.0, 3.0).unwrap();
    attack(open, &[&|h| h.add(INFINITY, true), &|h| h.add(-INFINITY, false)], &scores[..1]);
}

#[test]
fn rejected_numbers_change_nothing() {
    fn check<S: Stream<Item = (f32, f32)> + State + PartialEq + Debug>(start: S, more: &[(f32, f32)]) {
        let bad = NOT_FINITE.map(|x| [(x, 1.0), (1.0, x), (x, x)]);
        let bad = bad.as_flattened().iter().chain(more);
        let bad: Vec<_> = bad.map(|&item| move |stream: &mut S| stream.add(item)).collect();
        let bad: Vec<Add<'_, S>> = bad.iter().map(|add| add as _).collect();
        let good: [Add<'_, S>; 3] =
            [&|s| s.add((2.0, 1.0)), &|s| s.add((-3.0, 3.0)), &|s| s.add((1e-3, 0.0))];
        attack(start, &good, &bad);
    }
    check(MeanAbsoluteError::new(), &[]);
    check(RootMeanSquaredError::new(), &[]);
    check(R2Score::new(), &[]);
    let mape = MeanAbsolutePercentageError::new();
    check(mape, &[(0.0, 1.0), (-0.0, 0.0), (1e-45, 1.0)]);
    check(mape.zero_division(ZeroDivision::Skip), &[(1e-45, 1.0)]);
    check(mape.floor(1e-30).unwrap(), &[(0.0, 1e30)]);
    attack(
        Coverage::new(),
        &[&|c| c.add_interval(INFINITY, -INFINITY, INFINITY), &|c| c.add_quantile(1.0, 0.0), &|c| {
            c.add(true)
        }],
        &[
            &|c| c.add_quantile(NAN, 0.0),
            &|c| c.add_quantile(0.0, NAN),
            &|c| c.add_interval(0.0, NAN, 1.0),
            &|c| c.add_interval(0.0, 1.0, NAN),
        ],
    );
}

fn total(scores: &[f32], targets: &[f32]) -> Result<Total<f32>, Error> {
    AbsoluteError::new().total(Elements::slices(scores, 1, targets))
}

#[test]
fn rejected_totals_change_nothing() {
    fn check<S: Stream<Item = Total<f32>> + State + PartialEq + Debug>(start: S, more: &[Add<'_, S>]) {
        let good: [Add<'_, S>; 2] =
            [&|s| s.add(total(&[3.0], &[1.0])?), &|s| s.add(total(&[1e-45], &[0.0])?)];
        let bad: [Add<'_, S>; 4] = [
            &|s| s.add(total(&[NAN], &[1.0])?),
            &|s| s.add(total(&[1.0], &[NAN])?),
            &|s| s.add(total(&[f32::MAX], &[-f32::MAX])?),
            &|s| s.add(total(&[1.0], &[1.0, 2.0])?),
        ];
        attack(start, &good, &[&bad[..], more].concat());
    }
    check(ExactTotal::new(), &[&|s| s.add(total(&[1.0, 2.0], &[0.0, 0.0])?), &|s| s.add(Total::default())]);
    check(CompensatedTotal::new(), &[]);
}

/// The state with all bits of these words.
fn full<S: State>(mut state: S, places: core::ops::Range<usize>) -> S {
    let mut place = 0;
    state.each_word(&mut |word| {
        if places.contains(&place) {
            *word = u32::MAX;
        }
        place += 1;
    });
    assert!(place >= places.end);
    state
}

#[test]
fn a_full_counter_refuses_an_item() {
    fn check<S: State + PartialEq + Debug>(start: S, counter: core::ops::Range<usize>, item: S::Item)
    where
        S::Item: Copy,
    {
        let full = full(start, counter);
        let mut evaluator = Evaluator::new(full);
        assert_eq!(evaluator.add(item), Err(Error::Overflow), "{full:?}");
        assert_eq!((evaluator.stream(), evaluator.rejected(), evaluator.items()), (&full, 1, 1));
        let mut one = Evaluator::new(start);
        one.add(item).unwrap();
        let before = one;
        for (mut into, from) in [(one, evaluator), (evaluator, one)] {
            let state = into;
            assert_eq!(into.merge(&from), Err(Error::Overflow));
            assert_eq!(into, state);
        }
        assert_eq!(one, before);
    }
    check(ConfusionMatrix::<2>::new(), 1..2, (0, 1));
    check(TopKAccuracy::<1>::new(), 1..2, 5);
    check(ScoreHistogram::<2>::new(), 1..2, (0.75, false));
    check(ScoreHistogram::<2>::new(), 2..3, (0.25, true));
    check(CalibrationError::<f32, 2>::new(), 23..24, (0.75, false));
    check(CalibrationError::<f64, 2>::new(), 136..137, (0.25, true));
    check(LogLoss::<f32>::new(), 11..13, 0.5);
    check(BrierScore::<f64>::new(), 68..70, 0.5);
    check(MeanAbsoluteError::<f32>::new(), 11..13, (1.0, 2.0));
    check(MeanAbsolutePercentageError::<f32>::new(), 11..13, (1.0, 2.0));
    check(RootMeanSquaredError::<f32>::new(), 22..24, (1.0, 2.0));
    check(R2Score::<f64>::new(), 136..138, (1.0, 2.0));
    check(Coverage::new(), 2..4, true);
    let one = total(&[1.0], &[3.0]).unwrap();
    check(ExactTotal::<f32>::new(), 22..24, one);
    check(CompensatedTotal::<f32>::new(), 8..10, one);
    // Of an evaluator's own.
    let mut evaluator = Evaluator::<Coverage>::default();
    evaluator.add(true).unwrap();
    evaluator.take(Err(Error::NothingToAverage)).unwrap_err();
    for _ in 0..63 {
        let half = evaluator;
        evaluator.merge(&half).unwrap();
    }
    let before = evaluator;
    assert_eq!((evaluator.merge(&before), evaluator), (Err(Error::Overflow), before));
}

#[test]
fn streams_that_were_set_up_differently_do_not_merge() {
    fn check<S: State + PartialEq + Debug>(streams: &[S], item: S::Item)
    where
        S::Item: Copy,
    {
        for a in streams {
            for b in streams {
                let (mut a_taken, mut b_taken) = (Evaluator::new(*a), Evaluator::new(*b));
                a_taken.add(item).unwrap();
                b_taken.add(item).unwrap();
                b_taken.take(Err(Error::NothingToAverage)).unwrap_err();
                let before = a_taken;
                let merged = a_taken.merge(&b_taken);
                if a == b {
                    assert_eq!((merged, a_taken.items(), a_taken.rejected()), (Ok(()), 3, 1));
                } else {
                    assert!(matches!(merged, Err(Error::Parameter { .. })), "{a:?} {b:?}");
                    assert_eq!(a_taken, before);
                }
            }
        }
    }
    let mape = MeanAbsolutePercentageError::<f32>::new();
    let floors = [0.5, 1e-45].map(|floor| mape.floor(floor).unwrap());
    let options =
        [ZeroDivision::Zero, ZeroDivision::One, ZeroDivision::Skip].map(|zero| mape.zero_division(zero));
    check(&[&[mape][..], &floors, &options].concat(), (1.0, 2.0));
    let over = |low, high| ScoreHistogram::<4>::over(low, high).unwrap();
    check(&[ScoreHistogram::new(), over(0.0, 1.0), over(0.0, 2.0), over(-1.0, 1.0)], (0.5, true));
}

#[cfg(feature = "heapless")]
#[test]
fn a_window_of_one_item_is_that_item() {
    use microloss::stream::Window;
    let mut window = Window::<LogLoss<f32>, 1>::default();
    assert_eq!(window.stream().unwrap().value(), Err(Error::NothingToAverage));
    for loss in [3.0, 0.0, 1e-45, f32::MAX] {
        window.add(loss).unwrap();
        assert!(window.add(NAN).is_err());
        assert_eq!((window.stream().unwrap().value(), window.len(), window.is_full()), (Ok(loss), 1, true));
    }
    assert_eq!(window.rejected(), 4);
    // The options are those of the stream that it starts from.
    let mape = MeanAbsolutePercentageError::<f32>::new().zero_division(ZeroDivision::Skip);
    let mut window = Window::<_, 1>::new(mape);
    window.add((2.0, 1.0)).unwrap();
    window.add((0.0, 1.0)).unwrap();
    assert_eq!(window.stream().unwrap(), mape);
}

#[test]
fn a_rejected_item_is_counted_and_changes_nothing_else() {
    let mut evaluator = Evaluator::<ConfusionMatrix<3>>::default();
    evaluator.add((2, 1)).unwrap();
    let before = *evaluator.stream();
    assert_eq!(evaluator.add((255, 1)), Err(Error::LabelOutOfRange { index: 1, label: 255, classes: 3 }));
    assert_eq!(evaluator.take(Err(Error::NothingToAverage)), Err(Error::NothingToAverage));
    assert_eq!((*evaluator.stream(), evaluator.rejected()), (before, 2));
}

#[test]
fn parts_merge_in_any_order_and_grouping() {
    let items: [(usize, usize); 7] = [(0, 0), (1, 2), (9, 0), (2, 2), (2, 0), (1, 1), (0, 3)];
    let of = |items: &[(usize, usize)]| {
        let mut evaluator = Evaluator::<ConfusionMatrix<3>>::default();
        for &item in items {
            let _ = evaluator.add(item);
        }
        evaluator
    };
    let merged = |mut a: Evaluator<ConfusionMatrix<3>>, b| {
        a.merge(&b).unwrap();
        a
    };
    let (a, b, c) = (of(&items[..2]), of(&items[2..5]), of(&items[5..]));
    assert_eq!(of(&items), merged(merged(a, b), c));
    assert_eq!(of(&items), merged(c, merged(b, a)));
}
