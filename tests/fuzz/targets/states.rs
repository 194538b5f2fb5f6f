//! Streams of arbitrary items, rows of numbers and of codes; states read from arbitrary bytes; and what is read off them.
#![no_main]

extern crate microloss_core as microloss;

#[path = "bytes.rs"]
mod bytes;

use std::fmt::Debug;

use bytes::{Bytes, Number};
use crc::{CRC_32_ISO_HDLC, Crc};
use microloss::metric::{
    Average, BrierScore, CalibrationError, ConfusionMatrix, Coverage, Disagreement, LogLoss,
    MeanAbsoluteError as Mae, MeanAbsolutePercentageError, R2Score, RankedScores, RootMeanSquaredError,
    ScoreHistogram, TopKAccuracy, ZeroDivision,
};
use microloss::stream::{CompensatedTotal, Evaluator, ExactTotal, State};
use microloss::{
    ElementLoss, Elements, Entry, Error, Input, Quantized, Real, Scratch, Total, element::MeanAbsoluteError,
};

/// Calls a method with as many codes, of a tensor.
macro_rules! with_codes {
    ($bytes:ident, $type:ty, $count:expr, |$scores:ident| $call:expr) => {{
        let length = $bytes.length($count);
        let (scale, zero_point) = match $bytes.below(3) {
            0 => (<$type as Real>::of(1.0 / 256.0), -128),
            1 => ($bytes.size::<$type>(), i32::from($bytes.byte() as i8)),
            _ => ($bytes.number(), i32::from($bytes.bits() as i16)),
        };
        let codes: Vec<i8> = $bytes.list(length, |bytes| bytes.byte() as i8);
        Quantized::per_tensor(&codes[..], scale, zero_point).and_then(|$scores| $call)
    }};
}

/// A stream that can be read off.
trait Readable: State + Debug {
    /// An item, good or bad.
    fn item(bytes: &mut Bytes<'_>) -> Self::Item;

    /// Takes an item as the stream's own methods do.
    fn feed(&mut self, bytes: &mut Bytes<'_>) -> Result<(), Error> {
        self.add(Self::item(bytes))
    }

    /// Reads off all results. What is not an error is in its range.
    fn read(&self);
}

fn within<T: Real>(what: &str, found: Result<T, Error>, [least, most]: [f64; 2]) {
    if let Ok(value) = found {
        assert!(value.to_double() >= least && value.to_double() <= most, "{what}: {value}");
    }
}

impl<const C: usize> Readable for ConfusionMatrix<C> {
    fn item(bytes: &mut Bytes<'_>) -> (usize, usize) {
        (bytes.below(C + 1), bytes.below(C + 1))
    }

    fn feed(&mut self, bytes: &mut Bytes<'_>) -> Result<(), Error> {
        let rows = bytes.below(4);
        let labels: Vec<i16> = bytes.list(rows, |bytes| bytes.below(C + 1) as i16 - i16::from(bytes.odd()));
        let ignore_index = bytes.one_in(2).then_some(C as i64);
        match bytes.below(4) {
            0 => self.add_scores(bytes.below(C + 1), &row::<f64>(bytes, C)[..]),
            1 => {
                let length = bytes.length(rows);
                let predicted = bytes.list(length, |bytes| bytes.below(C + 1) as u8);
                self.add_labels(&labels, &predicted, ignore_index)
            }
            2 => self.add_rows(&row::<f32>(bytes, rows * C)[..], &labels, ignore_index),
            _ => with_codes!(bytes, f32, rows * C, |codes| self.add_rows(codes, &labels, ignore_index)),
        }
    }

    fn read(&self) {
        let unit = UNIT;
        within("accuracy", self.accuracy::<f32>(), unit);
        within("mean IoU", self.mean_iou::<f64>(), unit);
        for zero in ZERO_DIVISIONS {
            within("balanced accuracy", self.balanced_accuracy::<f64>(zero), unit);
            let slack = [-1.0 - 1e-9, 1.0 + 1e-9];
            within("correlation", self.matthews_correlation::<f64>(zero), slack);
            for weights in [Disagreement::Equal, Disagreement::Linear, Disagreement::Quadratic] {
                within("kappa", self.cohen_kappa::<f64>(weights, zero), slack);
            }
            for average in
                [Average::Class(0), Average::Class(C), Average::Macro, Average::Micro, Average::Weighted]
            {
                within("precision", self.precision::<f32>(average, zero), unit);
                within("recall", self.recall::<f32>(average, zero), unit);
                within("F1", self.f1::<f32>(average, zero), unit);
                within("Dice", self.dice::<f64>(average, zero), unit);
                within("IoU", self.iou::<f64>(average, zero), unit);
            }
        }
    }
}

/// Numbers of a row, or of so many as make some; often a distribution.
fn row<T: Number>(bytes: &mut Bytes<'_>, columns: usize) -> Vec<T> {
    let columns = bytes.length(columns);
    match bytes.below(3) {
        0 => bytes.distribution(columns),
        1 => bytes.list(columns, Bytes::part),
        _ => bytes.list(columns, Bytes::number),
    }
}

/// What scores are.
fn input(bytes: &mut Bytes<'_>) -> Input {
    [Input::Logits, Input::Probabilities, Input::LogProbabilities, Input::Variances][bytes.below(4)]
}

/// The total of one item.
fn total<T: Number>(bytes: &mut Bytes<'_>) -> Total<T> {
    let loss = MeanAbsoluteError::new();
    let (score, target, weight) = ([bytes.number::<T>()], [T::zero()], [bytes.size::<T>()]);
    let batch = Elements::slices(&score[..], 1, &target[..]).weights(&weight);
    loss.total(batch).unwrap_or_default()
}

const UNIT: [f64; 2] = [0.0, 1.0];
const FINITE: [f64; 2] = [-f64::MAX, f64::MAX];
const NOT_NEGATIVE: [f64; 2] = [0.0, f64::MAX];
const ZERO_DIVISIONS: [ZeroDivision; 4] =
    [ZeroDivision::Refuse, ZeroDivision::Zero, ZeroDivision::One, ZeroDivision::Skip];

/// Items, and what is read off.
macro_rules! readable {
    ($( [$($generics:tt)*] $type:ty: $bytes:ident => $item:expr; $state:ident => $read:expr; $($fed:ident => $feed:expr;)? )*) => { $(
        impl<$($generics)*> Readable for $type {
            fn item($bytes: &mut Bytes<'_>) -> Self::Item {
                $item
            }

            $(fn feed(&mut self, $bytes: &mut Bytes<'_>) -> Result<(), Error> {
                let $fed = self;
                $feed
            })?

            fn read(&self) {
                let $state = self;
                $read
            }
        }
    )* };
}

readable! {
    [T: Number] ExactTotal<T>: bytes => total(bytes); state => {
        within("mean", state.mean(), FINITE);
        within("sum", state.sum(), FINITE);
    };
    [T: Number] CompensatedTotal<T>: bytes => total(bytes); state => {
        within("mean", state.mean(), FINITE);
        within("sum", state.sum(), FINITE);
    };
    [const K: usize] TopKAccuracy<K>: bytes => bytes.below(K + 2); state => {
        (0..K + 2).for_each(|k| within("accuracy", state.accuracy::<f32>(k), UNIT));
    };
    state => match bytes.below(2) {
        0 => state.add_scores(bytes.below(5), &row::<f64>(bytes, 4)[..]),
        _ => with_codes!(bytes, f32, 4, |codes| state.add_scores(bytes.below(5), codes)),
    };
    [const B: usize] ScoreHistogram<B>: bytes => (bytes.number(), bytes.one_in(2)); state => {
        (0..B + 1).for_each(|bin| within("accuracy", state.confusion(bin).and_then(|counts| counts.accuracy::<f32>()), UNIT));
        for zero in ZERO_DIVISIONS {
            within("AUROC", state.auroc::<f64>(zero), UNIT);
            within("average precision", state.average_precision::<f64>(zero), UNIT);
            for bounds in [state.auroc_bounds::<f64>(zero), state.average_precision_bounds(zero)].into_iter().flatten() {
                assert!(0.0 <= bounds[0] && bounds[0] <= bounds[1] && bounds[1] <= 1.0, "{bounds:?}");
            }
        }
    };
    state => match bytes.below(2) {
        0 => {
            if let Ok(over) = ScoreHistogram::over(bytes.number(), bytes.number()) {
                *state = over;
            }
            Ok(())
        }
        _ => state.add(bytes.number::<f32>(), bytes.one_in(2)),
    };
    [] Coverage: bytes => bytes.one_in(2); state => within("coverage", state.value::<f64>(), UNIT);
    state => match bytes.below(2) {
        0 => state.add_quantile::<f32>(bytes.number(), bytes.number()),
        _ => state.add_interval::<f64>(bytes.number(), bytes.number(), bytes.number()),
    };
    [T: Number, const B: usize] CalibrationError<T, B>: bytes => (bytes.part(), bytes.one_in(2)); state => {
        within("expected", state.expected(), UNIT);
        within("maximum", state.maximum(), UNIT);
        (0..B + 1).for_each(|bin| {
            within("accuracy", state.accuracy(bin), UNIT);
            within("confidence", state.confidence(bin), UNIT);
        });
    };
    state => match bytes.below(2) {
        0 => state.add_scores(bytes.below(5), &row::<T>(bytes, 4)[..], input(bytes)),
        _ => with_codes!(bytes, T, 4, |codes| state.add_scores(bytes.below(5), codes, input(bytes))),
    };
    [T: Number] LogLoss<T>: bytes => bytes.number(); state => {
        within("log loss", state.value(), FINITE);
        within("perplexity", state.perplexity(), NOT_NEGATIVE);
    };
    state => match bytes.below(3) {
        0 => state.add_scores(bytes.below(5), &row::<T>(bytes, 4)[..], input(bytes)),
        1 => state.add_score(bytes.one_in(2), bytes.number(), input(bytes)),
        _ => with_codes!(bytes, T, 4, |codes| state.add_scores(bytes.below(5), codes, input(bytes))),
    };
    [T: Number] BrierScore<T>: bytes => bytes.number(); state => within("Brier", state.value(), FINITE);
    state => match bytes.below(3) {
        0 => state.add_scores(bytes.below(5), &row::<T>(bytes, 4)[..], input(bytes)),
        1 => state.add_probability(bytes.one_in(2), bytes.number()),
        _ => with_codes!(bytes, T, 4, |codes| state.add_scores(bytes.below(5), codes, input(bytes))),
    };
    [T: Number] Mae<T>: bytes => (bytes.number(), bytes.number()); state => within("MAE", state.value(), NOT_NEGATIVE);
    [T: Number] MeanAbsolutePercentageError<T>: bytes => (bytes.number(), bytes.number()); state => {
        within("MAPE", state.value(), NOT_NEGATIVE);
    };
    state => {
        let zero = ZERO_DIVISIONS[bytes.below(4)];
        *state = state.zero_division(zero);
        if let Ok(floored) = state.floor(bytes.number()) {
            *state = floored;
        }
        Ok(())
    };
    [T: Number] RootMeanSquaredError<T>: bytes => (bytes.number(), bytes.number()); state => {
        within("RMSE", state.value(), NOT_NEGATIVE);
        within("MSE", state.squared(), NOT_NEGATIVE);
    };
    [T: Number] R2Score<T>: bytes => (bytes.number(), bytes.number()); state => {
        ZERO_DIVISIONS.into_iter().for_each(|zero| within("R2", state.value(zero), [-f64::MAX, 1.0]));
    };
}

const CHECKSUM: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

fn written<S: State>(evaluator: &Evaluator<S>) -> Vec<u8> {
    let mut buffer = [0; 4096];
    postcard::to_slice(evaluator, &mut buffer).expect("room").to_vec()
}

/// Whether two states merged, or had other options.
fn is_same_or_other(what: &str, merged: Result<(), Error>) -> bool {
    match merged {
        Ok(()) => true,
        Err(Error::Parameter { .. }) => false,
        Err(error) => panic!("{what}: {error}"),
    }
}

fn check<S: Readable>(bytes: &mut Bytes<'_>) {
    let mut sent = written(&Evaluator::<S>::default());
    let body = 5..sent.len() - 4;
    match bytes.below(3) {
        // Any bytes at all.
        0 => {
            let length = bytes.length(sent.len());
            sent = bytes.list(length, Bytes::byte);
        }
        // The state of items.
        1 => {
            let mut evaluator = Evaluator::<S>::default();
            for _ in 0..bytes.below(20) {
                let before = *evaluator.stream();
                let added = match bytes.one_in(2) {
                    true => evaluator.add_with(|stream| stream.feed(bytes)),
                    false => evaluator.add(S::item(bytes)),
                };
                if added.is_err() {
                    assert_eq!(
                        written(&Evaluator::new(*evaluator.stream())),
                        written(&Evaluator::new(before))
                    );
                }
            }
            sent = written(&evaluator);
            let back = postcard::from_bytes::<Evaluator<S>>(&sent).expect("what was written");
            assert_eq!(written(&back), sent);
        }
        // Any words in a frame that is right.
        _ => {
            for byte in &mut sent[body.clone()] {
                *byte = if bytes.one_in(2) { 0 } else { bytes.byte() };
            }
            let end = body.end;
            let sum = CHECKSUM.checksum(&sent[..end]).to_le_bytes();
            sent[end..].copy_from_slice(&sum);
        }
    }
    let Ok(mut evaluator) = postcard::from_bytes::<Evaluator<S>>(&sent) else { return };
    assert_eq!(written(&evaluator), sent, "one state has one form");
    evaluator.stream().read();

    let other = evaluator;
    if evaluator.merge(&other).is_err() {
        assert_eq!(written(&evaluator), sent, "a refused merge changes nothing");
    }
    evaluator.stream().read();
    evaluator = other;
    is_same_or_other("nothing", evaluator.merge(&Evaluator::default()));
    assert_eq!(written(&evaluator), sent, "nothing changes nothing");
    let mut fleet = Evaluator::default();
    let merged = fleet.merge(&other);
    if is_same_or_other("into nothing", merged) {
        assert_eq!(written(&fleet), sent, "nothing takes it as it is");
    }
    let before = *evaluator.stream();
    if evaluator.add(S::item(bytes)).is_err() {
        assert_eq!(written(&Evaluator::new(*evaluator.stream())), written(&Evaluator::new(before)));
    }
    evaluator.stream().read();

    let bit = bytes.below(8 * sent.len());
    sent[bit / 8] ^= 1 << (bit % 8);
    assert!(postcard::from_bytes::<Evaluator<S>>(&sent).is_err(), "a wrong bit is found");
}

/// Scores that are kept, in little memory, and ranked: by either sort the same.
fn check_ranked<T: Number>(bytes: &mut Bytes<'_>) {
    let memory = |entries| vec![Entry::<T>::default(); entries];
    let entries = bytes.below(24);
    let (mut one, mut other, mut more) = (memory(entries), memory(entries / 2), memory(bytes.below(24)));
    let mut merged = RankedScores::new(Scratch::merge(&mut one));
    let mut inserted = RankedScores::new(Scratch::insertion(&mut other));
    let mut part = RankedScores::new(Scratch::merge(&mut more));
    for _ in 0..bytes.below(24) {
        let (score, is_positive) = (bytes.number::<T>(), bytes.one_in(2));
        assert_eq!(merged.add(score, is_positive).is_ok(), inserted.add(score, is_positive).is_ok());
        let _ = part.add(score, is_positive);
    }
    let (ranking, items) = (merged.rank(), merged.items());
    assert_eq!(ranking, inserted.rank());
    for zero in ZERO_DIVISIONS {
        within("AUROC", ranking.auroc::<T>(zero), UNIT);
        within("average precision", ranking.average_precision::<T>(zero), UNIT);
    }
    match merged.merge(&part) {
        Ok(()) => assert_eq!(merged.items(), items + part.items()),
        Err(_) => assert_eq!(merged.rank(), ranking, "a refused merge changes nothing"),
    }
}

/// One of these streams, or scores that are kept, as the bytes choose.
macro_rules! one_of {
    ($bytes:ident, $( $type:ty ),*) => {{
        let streams = [$( check::<$type> as fn(&mut Bytes<'_>) ),*];
        let checks = [&streams[..], &[check_ranked::<f32>, check_ranked::<f64>]].concat();
        checks[$bytes.below(checks.len())](&mut $bytes)
    }};
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut bytes = Bytes::new(data);
    one_of!(
        bytes,
        ExactTotal<f32>, ExactTotal<f64>, CompensatedTotal<f32>, CompensatedTotal<f64>, ConfusionMatrix<1>,
        ConfusionMatrix<2>, ConfusionMatrix<5>, TopKAccuracy<3>, ScoreHistogram<8>, Coverage, CalibrationError<f32, 4>,
        CalibrationError<f64, 4>, LogLoss<f32>, LogLoss<f64>, BrierScore<f32>, BrierScore<f64>, Mae<f32>, Mae<f64>,
        MeanAbsolutePercentageError<f32>, MeanAbsolutePercentageError<f64>, RootMeanSquaredError<f32>,
        RootMeanSquaredError<f64>, R2Score<f32>, R2Score<f64>
    )
});
