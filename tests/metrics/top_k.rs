//! Top-k accuracy.

use microloss::Error;
use microloss::metric::{TopKAccuracy, rank};
use microloss::stream::{Evaluator, Stream};
use proptest::prelude::*;

use crate::golden::cases;
use crate::seed::config;
use crate::{Float, close, same_bits};

fn agrees<T: Float>() -> usize {
    let mut compared = 0;
    for case in cases("top_k") {
        let mut top = TopKAccuracy::<12>::new();
        for (&label, row) in case.labels.iter().zip(case.scores.chunks(case.classes)) {
            let row: Vec<T> = row.iter().map(|&score| T::of(score)).collect();
            top.add_scores(label, &row).unwrap();
        }
        for (_, k, expected) in &case.expect {
            let found = top.accuracy::<T>(k.parse().unwrap()).unwrap();
            assert!(close(found, expected[0]), "{}, k = {k}: {found}, expected {expected:?}", case.name);
            compared += 1;
        }
        for (_, k, double, single) in &case.exact {
            same_bits(&case.name, top.accuracy::<T>(k.parse().unwrap()).unwrap(), *double, *single);
        }
    }
    compared
}

#[test]
fn agrees_with_scikit_learn() {
    assert!(agrees::<f32>() + agrees::<f64>() > 150);
}

#[test]
fn the_edges() {
    let mut top = TopKAccuracy::<2>::new();
    assert_eq!(top.accuracy::<f32>(1), Err(Error::NothingToAverage));
    for k in [0, 3] {
        let (value, expected) = (k as f64, "from 1 to K");
        let refused = Err(Error::Parameter { name: "k", index: 0, value, expected });
        assert_eq!(top.accuracy::<f32>(k), refused);
    }
    top.add_scores(1, &[f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY]).unwrap();
    let before = top;
    let nan = top.add_scores(0, &[0.0, 1.0, f64::NAN]).unwrap_err();
    assert!(matches!(nan, Error::NonFiniteScore { index: 1, column: 2, .. }));
    let refused = Err(Error::LabelOutOfRange { index: 1, label: 3, classes: 3 });
    assert_eq!(top.add_scores(3, &[0.0_f32; 3]), refused);
    assert_eq!(top, before);
    let mut evaluator = Evaluator::new(top);
    assert!(evaluator.take(rank(&[f32::NAN], 0)).is_err());
    evaluator.take(rank(&[1.0, 2.0, 3.0], 0)).unwrap();
    assert_eq!((evaluator.rejected(), evaluator.stream().items()), (1, 2));
    assert_eq!(evaluator.stream().accuracy::<f64>(2), Ok(0.5));
}

#[test]
fn a_full_counter_is_an_error() {
    let mut top = TopKAccuracy::<1>::new();
    top.add(0).unwrap();
    for _ in 0..31 {
        let half = top;
        top.merge(&half).unwrap();
    }
    let half = top;
    assert_eq!(top.merge(&half), Err(Error::Overflow));
    assert_eq!(top, half);
    let mut less = half;
    for _ in 0..31 {
        // 2^31 and half of what is missing to 2^32 - 1, again and again.
        let missing = u32::MAX - less.items();
        let mut part = TopKAccuracy::<1>::new();
        part.add(9).unwrap();
        while part.items() <= missing / 2 {
            let half = part;
            part.merge(&half).unwrap();
        }
        if part.items() <= missing {
            less.merge(&part).unwrap();
        }
    }
    assert_eq!(less.items(), u32::MAX);
    let full = less;
    assert_eq!(less.add(0), Err(Error::Overflow));
    assert_eq!(less, full);
    assert_eq!(less.accuracy::<f64>(1), Ok((1_u64 << 31) as f64 / u32::MAX as f64));
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn parts_merge(ranks in prop::collection::vec(0..6_usize, 0..40), cut in 0..40_usize) {
        let of = |ranks: &[usize]| {
            let mut top = TopKAccuracy::<4>::new();
            ranks.iter().for_each(|&rank| top.add(rank).unwrap());
            top
        };
        let (left, right) = ranks.split_at(cut.min(ranks.len()));
        let (mut first, mut second) = (of(left), of(right));
        first.merge(&of(right)).unwrap();
        second.merge(&of(left)).unwrap();
        prop_assert_eq!((first, second), (of(&ranks), of(&ranks)));
    }
}
