//! Streams of every loss of the registry, item by item: the exact total against exact sums of the items' losses, in any order
//! and grouping, the compensated one within its bound, and what a rejected item leaves.

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

use call::{Answers, Form, Problem, Reduction, Setting};
use dashu_float::{FBig, round::mode::HalfEven};
use draw::{Draw, draws};
use microloss::registry::LOSSES;
use microloss::stream::{CompensatedTotal, Evaluator, ExactTotal, Stream};
use microloss::{Error, Real, Total};
use proptest::prelude::*;
use seed::config;
use select::{is_fitted, select};
use ulp::{Format, step};

type Exact = FBig<HalfEven, 2>;

/// The problem of one of its items. An element of several labels has the parameters of its own column.
fn single<T: Real>(problem: &Problem<T>, item: usize) -> Problem<T> {
    let mut single = select(problem, problem.items(), &[item]);
    if problem.shape() == "element" {
        let column = item % problem.columns;
        for (_, setting) in &mut single.parameters {
            if let Setting::Numbers(numbers) = setting {
                *setting = Setting::Number(numbers[column]);
            }
        }
        single.columns = 1;
    }
    single
}

/// What the stream takes for an item.
fn total<T: Real>(problem: &Problem<T>) -> Result<Total<T>, Error> {
    problem.reduced(Reduction::Sum).call(Form::Value).map(|outcome| outcome.total.unwrap())
}

fn totals<T: Real>(problem: &Problem<T>) -> Vec<Total<T>> {
    (0..problem.items()).map(|item| total(&single(problem, item)).unwrap()).collect()
}

fn evaluated<S: Stream + Default>(items: &[S::Item]) -> Evaluator<S>
where
    S::Item: Copy,
{
    let mut evaluator = Evaluator::default();
    items.iter().for_each(|&item| evaluator.add(item).unwrap());
    evaluator
}

fn merged<S: Stream>(mut a: Evaluator<S>, b: &Evaluator<S>) -> Evaluator<S> {
    a.merge(b).unwrap();
    a
}

/// The losses of the items as the batch gives them, and their sum in 4096 binary digits: exact.
fn losses<T: Real>(problem: &Problem<T>) -> (Vec<T>, Exact) {
    let values = problem.reduced(Reduction::None).call(Form::Value).unwrap().values;
    let exact = |value: &T| Exact::try_from(value.to_double()).unwrap().with_precision(4096).value();
    let sum = values.iter().map(exact).fold(Exact::ZERO.with_precision(4096).value(), |sum, term| sum + term);
    (values, sum)
}

/// The nearest number to an exact one, or to a quotient.
fn nearest<T: Format>(sum: &Exact, divisor: u32) -> T {
    let digits = T::DIGITS as usize + 1;
    let quotient =
        sum.clone().with_precision(4096).value() / Exact::from(divisor).with_precision(4096).value();
    // Far more digits than a quotient of these numbers needs to be told from a tie.
    T::of(quotient.with_precision(digits).value().to_f64().value())
}

/// Whether the mean divides by other weights than 1.
fn has_weights<T: Real>(problem: &Problem<T>) -> bool {
    problem.shape() == "row"
        && problem.parameters.iter().any(|(_, setting)| matches!(setting, Setting::Numbers(_)))
        || problem.loss == "cross_entropy" && problem.weights.is_some()
}

fn check<T: Format>(problem: &Problem<T>, cuts: [usize; 2]) {
    let name = problem.loss;
    let items = totals(problem);
    let whole = evaluated::<ExactTotal<T>>(&items);
    let (values, sum) = losses(problem);
    let (stream, valid) = (whole.stream(), whole.stream().valid() as u32);
    assert_eq!(stream.sum(), Ok(nearest(&sum, 1)), "{name}: {problem:?}");
    let batch = total(problem).unwrap();
    let counts = (batch.valid() as u64, batch.ignored() as u64);
    assert_eq!((stream.valid(), stream.ignored()), counts);
    let compensated = *evaluated::<CompensatedTotal<T>>(&items).stream();
    assert_eq!((compensated.valid(), compensated.ignored()), counts);
    match (stream.mean(), batch.mean()) {
        (Err(Error::NothingToAverage), Err(Error::NothingToAverage)) => {}
        (Ok(mean), Ok(of_batch)) => {
            if !has_weights(problem) {
                assert_eq!(mean, nearest(&sum, valid), "{name}: {problem:?}");
            }
            let scale = values.iter().map(|value| value.to_double().abs()).sum::<f64>();
            let difference = (mean.to_double() - of_batch.to_double()).abs();
            assert!(
                difference <= 16.0 * step::<T>(scale.max(of_batch.to_double().abs())),
                "{name}: {mean}, {of_batch}"
            );
        }
        (found, of_batch) => panic!("{name}: {found:?}, {of_batch:?}"),
    }

    // Any order and grouping.
    let mut turned = items.clone();
    turned.reverse();
    assert_eq!(evaluated::<ExactTotal<T>>(&turned), whole);
    let [first, second] = cuts.map(|cut| cut % (items.len() + 1));
    let (low, high) = (first.min(second), first.max(second));
    let [a, b, c] = [&items[..low], &items[low..high], &items[high..]].map(evaluated::<ExactTotal<T>>);
    for [x, y, z] in [[a, b, c], [a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]] {
        assert_eq!(merged(merged(x, &y), &z), whole, "{name}");
        assert_eq!(merged(x, &merged(y, &z)), whole, "{name}");
    }

    let compensated = evaluated::<CompensatedTotal<T>>(&items);
    let found = compensated.stream().sum().unwrap().to_double();
    let size = values.iter().map(|value| value.to_double().abs()).sum::<f64>();
    let unit = step::<T>(1.0) / 2.0;
    let exact = sum.to_f64().value();
    let bound = unit * exact.abs() + (items.len() as f64 * unit).powi(2) * size;
    assert!((found - exact).abs() <= bound * 1.01, "{name}: {found}, {exact}");
    assert_eq!(compensated.stream().valid(), stream.valid());
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn the_mean_is_that_of_the_items_and_parts_merge_in_any_order(draw in draws(), cuts: [usize; 2]) {
        for (_, info) in LOSSES {
            let problem = draw.problem(info.name);
            if !is_fitted(&problem) {
                check(&problem, cuts);
                check(&problem.map(|&number| number as f32), cuts);
            }
        }
    }
}

#[test]
fn a_rejected_item_returns_its_error_and_changes_nothing_else() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::new(config(1));
    let mut labels = 0;
    for (_, info) in LOSSES {
        let draw: Draw = draws().new_tree(&mut runner).unwrap().current();
        let mut problem = single(&draw.problem(info.name), 0);
        (problem.ignore_index, problem.weights) = (None, None);
        let mut bad = problem.clone();
        bad.scores.iter_mut().for_each(|score| *score = f64::NAN);
        let mut evaluator = Evaluator::<ExactTotal<f64>>::default();
        let taken = evaluator.take(total(&problem));
        let before = *evaluator.stream();
        let error = evaluator.take(total(&bad)).unwrap_err();
        assert!(
            matches!(
                error,
                Error::NonFiniteScore { .. } | Error::NotAProbability { .. } | Error::NegativeVariance { .. }
            ),
            "{}: {error}",
            info.name
        );
        let mut rejected = 1 + u64::from(taken.is_err());
        assert_eq!((*evaluator.stream(), evaluator.rejected()), (before, rejected), "{}", info.name);
        let mut unknown = problem.clone();
        if let Answers::Labels(all) = &mut unknown.answers {
            all.fill(77);
            let error = evaluator.take(total(&unknown)).unwrap_err();
            assert!(matches!(
                error,
                Error::LabelOutOfRange { label: 77, .. } | Error::NotASign { label: 77, .. }
            ));
            rejected += 1;
            labels += 1;
        }
        assert_eq!((*evaluator.stream(), evaluator.rejected()), (before, rejected), "{}", info.name);
        assert_eq!(evaluator.items(), rejected + before.valid());
    }
    assert!(labels > 7, "{labels}");
}

#[test]
fn totals_of_several_items_are_refused() {
    let problem = Problem::new("huber", 1, vec![1.0_f32, 2.0], Answers::Numbers(vec![0.0, 1.0]));
    let both = total(&problem).unwrap();
    let mut stream = ExactTotal::new();
    for (item, found) in [(both, 2), (Total::default(), 0), (both.merge(both), 4)] {
        let expected = Error::LengthMismatch { what: "items of a total", expected: 1, found };
        assert_eq!(stream.add(item), Err(expected));
    }
    assert_eq!(stream, ExactTotal::new());
    let mut compensated = CompensatedTotal::new();
    compensated.add(both).unwrap();
    assert_eq!((compensated.mean(), compensated.valid()), (problem.reduced(Reduction::Mean).value(), 2));
}

#[test]
fn a_compensated_total_refuses_what_overflows_and_stays() {
    let largest = Problem::new("mean_absolute_error", 1, vec![f32::MAX], Answers::Numbers(vec![0.0]));
    let mut stream = CompensatedTotal::new();
    stream.add(total(&largest).unwrap()).unwrap();
    let before = stream;
    assert_eq!(stream.add(total(&largest).unwrap()), Err(Error::Overflow));
    assert_eq!(stream, before);
    // Weights overflow, too: of losses that do not.
    let heavy = Problem::new("cross_entropy", 2, vec![2.0_f32, 0.0], Answers::Labels(vec![0]))
        .with("weights", Setting::Numbers(vec![1e34, 1.0]));
    let mut stream = CompensatedTotal::new();
    stream.add(total(&heavy).unwrap()).unwrap();
    while stream.merge(&stream.clone()).is_ok() {}
    assert_eq!(stream.valid(), 1 << 15);
    let mut exact = ExactTotal::new();
    for _ in 0..3 {
        exact.add(total(&largest).unwrap()).unwrap();
    }
    assert_eq!((exact.sum(), exact.mean()), (Err(Error::Overflow), Ok(f32::MAX)));
}

#[cfg(feature = "heapless")]
mod window {
    use super::*;
    use microloss::metric::ConfusionMatrix;
    use microloss::stream::Window;

    const SIZE: usize = 4;

    /// Whether the window is, after each item, what its last items are by themselves.
    fn check<S: Stream<Item: Copy> + Default + PartialEq + core::fmt::Debug>(
        items: &[S::Item],
        context: &str,
    ) {
        let mut window = Window::<S, SIZE>::default();
        for taken in 0..items.len() {
            window.add(items[taken]).unwrap();
            let last = &items[(taken + 1).saturating_sub(SIZE)..=taken];
            assert_eq!(window.stream().unwrap(), *evaluated::<S>(last).stream(), "{context}");
            assert_eq!((window.len(), window.is_full()), (last.len(), taken + 1 >= SIZE));
        }
    }

    proptest! {
        #![proptest_config(config(32))]

        #[test]
        fn a_window_is_a_fresh_evaluation_of_its_items(draw in draws(), labels: [(u8, u8); 11]) {
            for (_, info) in LOSSES {
                let problem = draw.problem(info.name);
                let items = totals(&problem);
                check::<ExactTotal<f64>>(&items, info.name);
                check::<CompensatedTotal<f64>>(&items, info.name);
            }
            let labels = labels.map(|(label, predicted)| (usize::from(label % 3), usize::from(predicted % 3)));
            check::<ConfusionMatrix<3>>(&labels, "confusion matrix");
        }
    }

    #[test]
    fn a_rejected_item_pushes_none_out() {
        let mut window = Window::<ConfusionMatrix<3>, 2>::default();
        assert!(window.is_empty());
        for item in [(0, 0), (0, 1), (1, 1)] {
            window.add(item).unwrap();
        }
        assert!(!window.is_empty());
        let before = window.stream();
        assert!(matches!(window.add((3, 0)), Err(Error::LabelOutOfRange { label: 3, .. })));
        assert_eq!(window.take(Err(Error::NothingToAverage)), Err(Error::NothingToAverage));
        assert_eq!((window.stream(), window.rejected(), window.len()), (before, 2, 2));
        assert_eq!(before.unwrap().counts(), &[[0, 1, 0], [0, 1, 0], [0, 0, 0]]);
    }

    #[test]
    fn all_items_together_may_overflow() {
        let largest = Problem::new("mean_absolute_error", 1, vec![f32::MAX], Answers::Numbers(vec![0.0]));
        let mut window = Window::<CompensatedTotal<f32>, 2>::default();
        for expected in [Ok(f32::MAX), Err(Error::Overflow), Err(Error::Overflow)] {
            window.add(total(&largest).unwrap()).unwrap();
            assert_eq!(window.stream().and_then(|stream| stream.mean()), expected);
        }
    }
}
