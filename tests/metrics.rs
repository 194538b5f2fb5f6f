//! Metrics against scikit-learn, on the data of `examples/data` and on random ones; their edges, and merging.

#[path = "metrics/confusion.rs"]
mod confusion;
#[path = "metrics/golden.rs"]
mod golden;
#[path = "metrics/probabilities.rs"]
mod probabilities;
#[path = "metrics/ranking.rs"]
mod ranking;
#[path = "metrics/regression.rs"]
mod regression;
#[path = "support/seed.rs"]
mod seed;
#[path = "metrics/top_k.rs"]
mod top_k;

use microloss::Real;
use microloss::stream::{State, Stream};

/// A type, and how far from scikit-learn's results, which have roundings of their own, those of numbers up to 1 may be.
trait Float: Real {
    const TOLERANCE: f64;
}

impl Float for f32 {
    const TOLERANCE: f64 = 6e-8;
}

impl Float for f64 {
    const TOLERANCE: f64 = 4e-15;
}

fn close<T: Float>(found: T, expected: f64) -> bool {
    within(found, expected, 1.0)
}

/// The same, for items that are rounded.
fn within<T: Float>(found: T, expected: f64, times: f64) -> bool {
    (found.to_double() - expected).abs() <= times * T::TOLERANCE * expected.abs().max(1.0)
}

/// Whether parts merge to the whole, in any order and grouping, and items that are refused change nothing.
fn check_merging<S: Stream + PartialEq + std::fmt::Debug>(empty: S, items: &[S::Item], cuts: [usize; 2])
where
    S::Item: Copy,
{
    let of = |items: &[S::Item]| {
        let mut stream = empty;
        for &item in items {
            let before = stream;
            if stream.add(item).is_err() {
                assert_eq!(stream, before);
            }
        }
        stream
    };
    let merged = |mut a: S, b: S| {
        a.merge(&b).unwrap();
        a
    };
    let cut = |at: usize| at.min(items.len());
    let (first, second) = (cut(cuts[0]).min(cut(cuts[1])), cut(cuts[0]).max(cut(cuts[1])));
    let (a, b, c) = (of(&items[..first]), of(&items[first..second]), of(&items[second..]));
    for whole in [merged(merged(a, b), c), merged(a, merged(b, c)), merged(merged(c, a), b)] {
        assert_eq!(whole, of(items));
    }
}

/// A state survives its words, and none is longer than it says.
fn check_words<S: State + PartialEq + std::fmt::Debug>(state: S) {
    let (mut copy, mut words) = (state, Vec::new());
    copy.each_word(&mut |word| words.push(*word));
    assert_eq!(copy, state);
    assert!(state.is_possible() && S::default().is_possible());
    assert!(4 * words.len() <= size_of::<S>());
    let (mut read, mut words) = (S::default(), words.into_iter());
    read.each_word(&mut |word| *word = words.next().unwrap());
    assert_eq!(read, state);
}

/// The result is rounded correctly.
#[track_caller]
fn same_bits<T: Float>(what: &str, found: T, double: f64, single: f64) {
    let expected = if size_of::<T>() == 8 { double } else { single };
    assert_eq!(found.to_double().to_bits(), expected.to_bits(), "{what}: {found}, expected {expected}");
}

/// Bytes of the states, as README.md and the docs tell them.
#[test]
fn sizes() {
    use microloss::metric::*;
    assert_eq!(size_of::<ConfusionMatrix<10>>(), 400);
    assert_eq!(size_of::<TopKAccuracy<3>>(), 16);
    assert_eq!(size_of::<ScoreHistogram<64>>(), 64 * 8 + 24);
    assert_eq!([size_of::<LogLoss<f32>>(), size_of::<LogLoss<f64>>()], [56, 280]);
    assert_eq!([size_of::<BrierScore<f32>>(), size_of::<BrierScore<f64>>()], [56, 280]);
    assert_eq!(size_of::<CalibrationError<f32, 15>>(), 15 * 52);
    assert_eq!(size_of::<CalibrationError<f64, 15>>(), 15 * 280);
    assert_eq!([size_of::<MeanAbsoluteError<f32>>(), size_of::<MeanAbsoluteError<f64>>()], [56, 280]);
    assert_eq!([size_of::<RootMeanSquaredError<f32>>(), size_of::<RootMeanSquaredError<f64>>()], [96, 552]);
    assert_eq!([size_of::<R2Score<f32>>(), size_of::<R2Score<f64>>()], [232, 1368]);
    let of_mape =
        [size_of::<MeanAbsolutePercentageError<f32>>(), size_of::<MeanAbsolutePercentageError<f64>>()];
    assert_eq!(of_mape, [64, 296]);
    assert_eq!(size_of::<Coverage>(), 16);
    assert_eq!([size_of::<microloss::Entry<f32>>(), size_of::<microloss::Entry<f64>>()], [8, 16]);
}
