//! States of streams, read from arbitrary bytes, and what is read off those that are taken.
#![no_main]

extern crate microloss_core as microloss;

#[path = "bytes.rs"]
mod bytes;

use std::fmt::Debug;

use bytes::{Bytes, Number};
use crc::{CRC_32_ISO_HDLC, Crc};
use microloss::metric::{Average, ConfusionMatrix, Disagreement, ZeroDivision};
use microloss::stream::{CompensatedTotal, Evaluator, ExactTotal, State};
use microloss::{ElementLoss, Elements, Error, Real, Total, element::MeanAbsoluteError};

/// A stream that can be read: all are listed in `fuzz_target!`.
trait Readable: State + Debug {
    /// An item, good or bad.
    fn item(bytes: &mut Bytes<'_>) -> Self::Item;

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

    fn read(&self) {
        let unit = [0.0, 1.0];
        within("accuracy", self.accuracy::<f32>(), unit);
        within("mean IoU", self.mean_iou::<f64>(), unit);
        for zero in [ZeroDivision::Refuse, ZeroDivision::Zero, ZeroDivision::One, ZeroDivision::Skip] {
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

/// The total of one item.
fn total<T: Number>(bytes: &mut Bytes<'_>) -> Total<T> {
    let loss = MeanAbsoluteError::new();
    let (score, target, weight) = ([bytes.number::<T>()], [T::zero()], [bytes.size::<T>()]);
    let batch = Elements::slices(&score[..], 1, &target[..]).weights(&weight);
    loss.total(batch).unwrap_or_default()
}

macro_rules! totals {
    ($($total:ident)*) => {$(
        impl<T: Number> Readable for $total<T> {
            fn item(bytes: &mut Bytes<'_>) -> Total<T> {
                total(bytes)
            }

            fn read(&self) {
                let finite = [-f64::MAX, f64::MAX];
                within("mean", self.mean(), finite);
                within("sum", self.sum(), finite);
                assert!(self.valid().checked_add(self.ignored()).is_some());
            }
        }
    )*};
}
totals!(ExactTotal CompensatedTotal);

const CHECKSUM: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

fn written<S: State>(evaluator: &Evaluator<S>) -> Vec<u8> {
    let mut buffer = [0; 2048];
    postcard::to_slice(evaluator, &mut buffer).expect("room").to_vec()
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
                let _ = evaluator.add(S::item(bytes));
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
    evaluator.merge(&Evaluator::default()).expect("nothing");
    assert_eq!(written(&evaluator), sent, "nothing changes nothing");
    let mut fleet = Evaluator::default();
    fleet.merge(&other).expect("into nothing");
    assert_eq!(written(&fleet), sent, "nothing takes it as it is");
    let before = *evaluator.stream();
    if evaluator.add(S::item(bytes)).is_err() {
        assert_eq!(written(&Evaluator::new(*evaluator.stream())), written(&Evaluator::new(before)));
    }
    evaluator.stream().read();

    let bit = bytes.below(8 * sent.len());
    sent[bit / 8] ^= 1 << (bit % 8);
    assert!(postcard::from_bytes::<Evaluator<S>>(&sent).is_err(), "a wrong bit is found");
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut bytes = Bytes::new(data);
    match bytes.below(7) {
        0 => check::<ConfusionMatrix<1>>(&mut bytes),
        1 => check::<ConfusionMatrix<2>>(&mut bytes),
        2 => check::<ConfusionMatrix<5>>(&mut bytes),
        3 => check::<ExactTotal<f32>>(&mut bytes),
        4 => check::<ExactTotal<f64>>(&mut bytes),
        5 => check::<CompensatedTotal<f32>>(&mut bytes),
        _ => check::<CompensatedTotal<f64>>(&mut bytes),
    }
});
