//! States as bytes: what is written is read again, in any format; whatever else is read is refused, and never a wrong total.
#![cfg(feature = "serde")]

#[path = "support/seed.rs"]
mod seed;

use core::fmt::Debug;
use std::sync::Mutex;

use crc::{CRC_32_ISO_HDLC, Crc};
use microloss::metric::{
    BrierScore, CalibrationError, ConfusionMatrix, Coverage, LogLoss, MeanAbsoluteError,
    MeanAbsolutePercentageError, R2Score, RootMeanSquaredError, ScoreHistogram, TopKAccuracy, ZeroDivision,
};
use microloss::stream::{CompensatedTotal, Evaluator, ExactTotal, State, Words};
use microloss::{ElementLoss, Elements, Error, Real, Total};
use proptest::prelude::*;
use seed::config;

/// A stream that has taken items.
trait Sample: State + PartialEq + Debug {
    fn item(number: usize) -> Self::Item;
}

fn total<T: Real>(number: usize) -> Total<T> {
    let scores = [T::of(0.1 + number as f64), T::of(1e30), T::of(-3e-40)];
    microloss::element::MeanAbsoluteError::new()
        .total(Elements::new(&[scores[number % 3]], &[T::of(0.7)]))
        .unwrap()
}

impl<T: Real> Sample for ExactTotal<T> {
    fn item(number: usize) -> Total<T> {
        total(number)
    }
}

impl<T: Real> Sample for CompensatedTotal<T> {
    fn item(number: usize) -> Total<T> {
        total(number)
    }
}

impl<const C: usize> Sample for ConfusionMatrix<C> {
    fn item(number: usize) -> (usize, usize) {
        (number % C, number * number % C)
    }
}

/// Streams of pairs and the like.
macro_rules! samples {
    ($( [$($generics:tt)*] $type:ty: $number:ident => $item:expr; )*) => { $(
        impl<$($generics)*> Sample for $type {
            fn item($number: usize) -> Self::Item {
                $item
            }
        }
    )* };
}

samples! {
    [const K: usize] TopKAccuracy<K>: number => number % (K + 1);
    [const B: usize] ScoreHistogram<B>: number => ((number % 7) as f64 / 7.0, number.is_multiple_of(3));
    [] Coverage: number => !number.is_multiple_of(4);
    [T: Real, const B: usize] CalibrationError<T, B>: number => (T::of(0.05 * number as f64), number.is_multiple_of(3));
    [T: Real] LogLoss<T>: number => T::of(0.1 * number as f64);
    [T: Real] BrierScore<T>: number => T::of(0.1 * number as f64);
    [T: Real] MeanAbsoluteError<T>: number => (T::of(0.1 + number as f64), T::of(-1e30));
    [T: Real] MeanAbsolutePercentageError<T>: number => (T::of(0.1 + number as f64), T::of(-1e3));
    [T: Real] RootMeanSquaredError<T>: number => (T::of(0.1 + number as f64), T::of(-1e30));
    [T: Real] R2Score<T>: number => (T::of(0.1 + number as f64), T::of(-1e-30));
}

/// Calls a function for every stream, with its name.
macro_rules! every_stream {
    ($check:ident $(, $argument:ident)?) => {
        every_stream!([$check $($argument)?]
            ExactTotal<f32>, ExactTotal<f64>, CompensatedTotal<f32>, CompensatedTotal<f64>,
            ConfusionMatrix<2>, ConfusionMatrix<10>, TopKAccuracy<5>, ScoreHistogram<64>, CalibrationError<f32, 10>,
            LogLoss<f32>, BrierScore<f32>, Coverage, MeanAbsoluteError<f32>, MeanAbsoluteError<f64>,
            MeanAbsolutePercentageError<f32>, RootMeanSquaredError<f32>, RootMeanSquaredError<f64>,
            R2Score<f32>, R2Score<f64>)
    };
    ([$check:ident] $($type:ty),*) => { $( $check::<$type>(stringify!($type)); )* };
    ([$check:ident $argument:ident] $($type:ty),*) => { $( $check::<$type>(stringify!($type), &$argument); )* };
}

fn sample<S: Sample>() -> Evaluator<S> {
    let mut evaluator = Evaluator::default();
    (0..20).for_each(|number| evaluator.add(S::item(number)).unwrap());
    evaluator.take(Err(Error::NothingToAverage)).unwrap_err();
    evaluator
}

fn encode<S: State>(evaluator: &Evaluator<S>) -> Vec<u8> {
    let mut buffer = [0; 4096];
    postcard::to_slice(evaluator, &mut buffer).unwrap().to_vec()
}

fn decode<S: State>(bytes: &[u8]) -> Result<Evaluator<S>, postcard::Error> {
    postcard::from_bytes(bytes)
}

/// The bytes with the checksum that belongs to them.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let content = bytes.len() - 4;
    let checksum = Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(&bytes[..content]);
    bytes[content..].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

/// A state with one of its words replaced, and the right checksum.
fn with_word<S: Sample>(position: usize, value: u32) -> Vec<u8> {
    let mut bytes = encode(&sample::<S>());
    bytes[5 + 4 * position..][..4].copy_from_slice(&value.to_le_bytes());
    sealed(bytes)
}

#[test]
fn a_state_is_read_as_it_was_written_in_binary_and_in_text() {
    fn check<S: Sample>(name: &str) {
        for evaluator in [sample::<S>(), Evaluator::default()] {
            let bytes = encode(&evaluator);
            assert_eq!(decode(&bytes).as_ref(), Ok(&evaluator), "{name}");
            assert_eq!(sealed(bytes.clone()), bytes, "{name}");
            let text = serde_json::to_string(&evaluator).unwrap();
            assert_eq!(serde_json::from_str::<Evaluator<S>>(&text).unwrap(), evaluator, "{name}");
            assert_eq!(serde_json::from_str::<Vec<u8>>(&text).unwrap(), bytes, "{name}");
            // What follows is left to whoever sent it.
            let longer = [&bytes[..], &[1, 2]].concat();
            let (read, rest) = postcard::take_from_bytes::<Evaluator<S>>(&longer).unwrap();
            assert_eq!((read, rest), (evaluator, &[1, 2][..]));
            assert!(serde_json::from_str::<Evaluator<S>>(&text.replace(']', ",0]")).is_err());
        }
    }
    every_stream!(check);
}

#[test]
fn sent_parts_merge_to_the_whole() {
    let items: Vec<Total<f32>> = (0..30).map(total).collect();
    let part = |items: &[Total<f32>]| {
        let mut evaluator = Evaluator::<ExactTotal<f32>>::default();
        items.iter().for_each(|&item| evaluator.add(item).unwrap());
        evaluator
    };
    let mut merged = Evaluator::default();
    for devices in [&items[20..], &items[..7], &items[7..20]] {
        merged.merge(&decode(&encode(&part(devices))).unwrap()).unwrap();
    }
    assert_eq!(merged, part(&items));
}

/// A stream's options go with its state: what is read merges with streams of the same, and with no other.
#[test]
fn options_are_sent() {
    fn check<S: Sample>(stream: S, number: usize) {
        let mut device = Evaluator::new(stream);
        device.add(S::item(number)).unwrap();
        let (read, mut fleet) = (decode(&encode(&device)), Evaluator::new(stream));
        assert_eq!(read, Ok(device));
        fleet.merge(&device).unwrap();
        assert_eq!(fleet, device);
        let mut other = Evaluator::<S>::default();
        assert!(matches!(other.merge(&device), Err(Error::Parameter { .. })));
        assert_eq!(other, Evaluator::default());
    }
    for (low, high) in [(-1.0, 3.0), (0.0, 1.0), (-5e-324, 0.0)] {
        check(ScoreHistogram::<64>::over(low, high).unwrap(), 3);
    }
    for zero in [ZeroDivision::Zero, ZeroDivision::One, ZeroDivision::Skip] {
        let mape = MeanAbsolutePercentageError::<f32>::new().zero_division(zero);
        check(mape, 3);
        check(mape.floor(1e-45).unwrap(), 3);
    }
}

#[test]
fn every_wrong_bit_and_every_truncation_is_an_error() {
    fn check<S: Sample>(name: &str) {
        let bytes = encode(&sample::<S>());
        for place in 0..8 * bytes.len() {
            let mut wrong = bytes.clone();
            wrong[place / 8] ^= 1 << (place % 8);
            assert!(decode::<S>(&wrong).is_err(), "{name}: bit {place}");
            let text = serde_json::to_string(&wrong).unwrap();
            assert!(serde_json::from_str::<Evaluator<S>>(&text).is_err(), "{name}: bit {place}");
        }
        for length in 0..bytes.len() {
            assert!(decode::<S>(&bytes[..length]).is_err(), "{name}: {length} bytes");
        }
    }
    every_stream!(check);
}

#[test]
fn the_error_says_what_is_wrong() {
    fn message(bytes: &[u8]) -> String {
        let text = serde_json::to_string(bytes).unwrap();
        serde_json::from_str::<Evaluator<ExactTotal<f32>>>(&text).unwrap_err().to_string()
    }
    let mut newer = encode(&sample::<ExactTotal<f32>>());
    newer[0] = 2;
    assert!(message(&sealed(newer)).starts_with("a state of version 2, expected 1"));
    assert!(message(&encode(&sample::<ExactTotal<f64>>())).starts_with("the state of another stream"));
    assert!(
        message(&encode(&sample::<ExactTotal<f32>>())[..50])
            .starts_with("invalid length 50, expected the state of a stream, 129 bytes")
    );
    let mut changed = encode(&sample::<ExactTotal<f32>>());
    changed[40] ^= 4;
    assert!(message(&changed).starts_with("a state that was changed"));
    assert!(message(&with_word::<ExactTotal<f32>>(10, 1)).starts_with("a state that no items lead to"));
}

#[test]
fn no_stream_reads_the_states_of_another() {
    let mut states: Vec<(&str, Vec<u8>)> = Vec::new();
    macro_rules! push {
        ($($type:ty),*) => { $( states.push((stringify!($type), encode(&sample::<$type>()))); )* };
    }
    push!(ExactTotal<f32>, ExactTotal<f64>, CompensatedTotal<f32>, CompensatedTotal<f64>);
    push!(ConfusionMatrix<2>, ConfusionMatrix<3>, ConfusionMatrix<10>);
    macro_rules! check {
        ($($type:ty),*) => { $(
            for (name, bytes) in &states {
                assert_eq!(decode::<$type>(bytes).is_ok(), *name == stringify!($type), "{name}");
            }
        )* };
    }
    check!(ExactTotal<f32>, ExactTotal<f64>, CompensatedTotal<f32>, CompensatedTotal<f64>);
    check!(ConfusionMatrix<2>, ConfusionMatrix<3>, ConfusionMatrix<10>);
    let mut tags: Vec<&[u8]> = states.iter().map(|(_, bytes)| &bytes[1..5]).collect();
    tags.sort_unstable();
    tags.dedup();
    assert_eq!(tags.len(), states.len());
}

#[test]
fn states_that_no_items_lead_to_are_refused_though_their_checksum_is_right() {
    // A sum beyond what its items can have: positive and negative, of losses and of weights; a weight below 0.
    for (position, value) in [(10, 1), (10, 0x8000_0000), (21, 1), (21, 0xFFFF_FFFF)] {
        assert!(decode::<ExactTotal<f32>>(&with_word::<ExactTotal<f32>>(position, value)).is_err());
    }
    // A weight of the smallest number below 0.
    let mut bytes = encode(&sample::<ExactTotal<f32>>());
    bytes[5 + 4 * 11..][..44].fill(0xFF);
    assert!(decode::<ExactTotal<f32>>(&sealed(bytes)).is_err());
    // A sum of no items at all.
    let mut state = ExactTotal::<f32>::default();
    let mut count = 0;
    state.each_word(&mut |word| {
        *word = u32::from(count == 3);
        count += 1;
    });
    assert!(!state.is_possible());
    assert!(decode::<ExactTotal<f32>>(&encode(&Evaluator::new(state))).is_err());
    // -0, to which nothing adds up: 0 would be another state of the same items.
    for position in [0, 2, 4, 6] {
        let bytes = with_word::<CompensatedTotal<f32>>(position, 0x8000_0000);
        assert!(decode::<CompensatedTotal<f32>>(&bytes).is_err(), "word {position}");
    }
    // Infinite, and NaN.
    for value in [0x7F80_0000, 0x7FC0_0000] {
        assert!(decode::<CompensatedTotal<f32>>(&with_word::<CompensatedTotal<f32>>(0, value)).is_err());
        assert!(decode::<CompensatedTotal<f32>>(&with_word::<CompensatedTotal<f32>>(4, value)).is_err());
    }
}

/// A stream whose words are these, and 0 elsewhere, is refused; with some of them changed it is not.
#[test]
fn metrics_that_no_items_lead_to_are_refused() {
    fn check<S: Sample>(words: &[(usize, u32)], healed: &[(usize, u32)]) {
        let of_words = |words: &[(usize, u32)]| {
            let (mut state, mut place) = (S::default(), 0);
            state.each_word(&mut |word| {
                *word = words.iter().rev().find(|(of, _)| *of == place).map_or(0, |(_, value)| *value);
                place += 1;
            });
            state
        };
        let name = std::any::type_name::<S>();
        let wrong = of_words(words);
        assert!(!wrong.is_possible(), "{name}: {words:?}");
        assert!(decode::<S>(&encode(&Evaluator::new(wrong))).is_err(), "{name}: {words:?}");
        let right = of_words(&[words, healed].concat());
        assert!(right.is_possible(), "{name}: {words:?}, healed by {healed:?}");
        assert_eq!(decode::<S>(&encode(&Evaluator::new(right))), Ok(Evaluator::new(right)), "{name}");
    }
    const ALL: u32 = u32::MAX;
    // More covered than there are; more hits than there are, or than can be counted.
    check::<Coverage>(&[(0, 2), (2, 1)], &[(2, 2)]);
    check::<TopKAccuracy<2>>(&[(0, 1), (1, 1), (2, 1)], &[(2, 2)]);
    check::<TopKAccuracy<2>>(&[(0, ALL), (1, 1), (2, ALL)], &[(1, 0)]);
    // A sum of no items; one below 0.
    check::<MeanAbsoluteError<f32>>(&[(0, 1)], &[(11, 1)]);
    check::<MeanAbsoluteError<f32>>(&[(9, ALL), (10, ALL), (12, ALL)], &[(10, 0)]);
    check::<RootMeanSquaredError<f32>>(&[(0, 1)], &[(22, 1)]);
    check::<RootMeanSquaredError<f32>>(
        &[(18, ALL), (19, ALL), (20, ALL), (21, ALL), (23, ALL)],
        &[(19, 0), (20, 0), (21, 0)],
    );
    // What errors are divided by: infinite, below 0.
    check::<MeanAbsolutePercentageError<f32>>(&[(0, 1)], &[(11, 1)]);
    check::<MeanAbsolutePercentageError<f32>>(&[(13, f32::INFINITY.to_bits())], &[(13, 0)]);
    check::<MeanAbsolutePercentageError<f32>>(&[(13, (-1.0_f32).to_bits())], &[(13, 0)]);
    // Squares of errors of no items, and squares of targets that are below 0, too many, or too few for the sum of the targets.
    check::<R2Score<f32>>(&[(0, 1)], &[(22, 1)]);
    check::<R2Score<f32>>(&[(22, 1), (45, ALL)], &[(45, 0)]);
    check::<R2Score<f32>>(&[(22, 1), (42, 1)], &[(42, 0)]);
    check::<R2Score<f32>>(&[(22, 1), (46, 1)], &[(24, 1)]);
    check::<R2Score<f32>>(&[(22, 1), (24, 1), (56, 1)], &[(56, 0)]);
    // A loss of no items.
    check::<CompensatedTotal<f32>>(&[(0, 1)], &[(8, 1)]);
}

#[test]
fn totals_of_the_largest_losses_are_read_again() {
    fn check<T: Real>() {
        for sign in [T::one(), -T::one()] {
            let largest = microloss::element::MeanAbsoluteError::new()
                .total(Elements::new(&[sign * T::max_value()], &[T::zero()]))
                .unwrap();
            let mut totals = Evaluator::<ExactTotal<T>>::default();
            let mut squares = Evaluator::<RootMeanSquaredError<T>>::default();
            for _ in 0..3 {
                assert_eq!(decode(&encode(&totals)), Ok(totals));
                assert_eq!(decode(&encode(&squares)), Ok(squares));
                totals.add(largest).unwrap();
                squares.add((sign * T::max_value(), T::zero())).unwrap();
            }
            assert_eq!(squares.stream().value(), Ok(T::max_value()));
        }
    }
    check::<f32>();
    check::<f64>();
}

/// Version 1, as it is written on every machine.
#[test]
fn the_bytes_are_those_of_version_1() {
    let mut evaluator = Evaluator::<ConfusionMatrix<2>>::default();
    evaluator.add((0, 1)).unwrap();
    evaluator.add((1, 1)).unwrap();
    evaluator.add((7, 1)).unwrap_err();
    let bytes = encode(&evaluator);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, include_str!("state/version_1.hex").trim_end());
}

#[test]
fn sizes_are_those_of_the_docs() {
    fn check<S: Sample>(name: &str) {
        let name = name.replace(' ', "");
        let row =
            format!("//! | `{name}` | {} | {} |\n", size_of::<Evaluator<S>>(), encode(&sample::<S>()).len());
        if !include_str!("../src/stream.rs").contains(&row) {
            MISSING.lock().unwrap().push_str(&row);
        }
    }
    static MISSING: Mutex<String> = Mutex::new(String::new());
    every_stream!(check);
    let missing = MISSING.lock().unwrap();
    assert!(missing.is_empty(), "src/stream.rs lacks\n{missing}");
}

proptest! {
    #![proptest_config(config(4096))]

    #[test]
    fn random_bytes_are_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(decode::<ExactTotal<f32>>(&bytes).is_err());
        prop_assert!(decode::<ConfusionMatrix<2>>(&bytes).is_err());
    }

    #[test]
    fn changed_bytes_are_an_error(changes in proptest::collection::vec((0..129_usize, 1..=255_u8), 1..9)) {
        let good = encode(&sample::<ExactTotal<f32>>());
        let mut bytes = good.clone();
        changes.into_iter().for_each(|(place, change)| bytes[place] ^= change);
        prop_assert!(bytes == good || decode::<ExactTotal<f32>>(&bytes).is_err());
    }
}

proptest! {
    #![proptest_config(config(256))]

    /// With a right checksum, too, a state is either refused or can be read off and merged without a panic.
    #[test]
    fn random_states_are_refused_or_give_results(
        words in proptest::collection::vec((any::<usize>(), prop_oneof![any::<u32>(), 0..9_u32, Just(u32::MAX)]), 1..6),
    ) {
        fn check<S: Sample>(name: &str, words: &[(usize, u32)]) {
            let mut bytes = encode(&sample::<S>());
            let count = (bytes.len() - 9) / 4;
            for (place, word) in words {
                bytes[5 + 4 * (place % count)..][..4].copy_from_slice(&word.to_le_bytes());
            }
            if let Ok(mut evaluator) = decode::<S>(&sealed(bytes.clone())) {
                assert_eq!(encode(&evaluator), sealed(bytes), "{name}");
                let before = evaluator;
                if evaluator.merge(&before).is_err() {
                    assert_eq!(evaluator, before, "{name}");
                }
                let mut added = before;
                if added.add(S::item(3)).is_err() {
                    assert_eq!(added.stream(), before.stream(), "{name}");
                }
                assert!(added.stream().is_possible(), "{name}: {added:?}");
            }
        }
        every_stream!(check, words);
    }
}
