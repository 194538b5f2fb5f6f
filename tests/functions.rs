//! `log_sum_exp` and `softmax` of slices, which no table of the functions of one number has.

#[path = "support/ulp.rs"]
mod ulp;

use microloss::math::{log_sum_exp, softmax};
use ulp::{Format, bits, ulps};

/// The largest errors allowed, in ULP of the true number, in both types: those measured, rounded up, which
/// `cargo test --test functions -- --nocapture` prints.
const LOG_SUM_EXP: f64 = 1.0;
const SOFTMAX: f64 = 3.0;

/// The logarithm of the sum for [`scores`] of each length, and the probabilities of the first, of the largest
/// (column 30) and of the last: mpmath, 400 bits. 63 is the longest row that is summed in one lane.
const TRUTH: [(usize, f64, [f64; 3]); 4] = [
    (63, 10.494854633893642, [6.509359192636526e-07, 0.17467037827417956, 0.005274588385266811]),
    (64, 10.494856403319357, [6.50934767481917e-07, 0.17467006920819395, 1.7694241499583087e-06]),
    (65, 10.495036873203743, [6.508173039593197e-07, 0.174638549365275, 0.00018045360067598745]),
    (1000, 13.188453394723, [4.402741210078253e-08, 0.011814196295660297, 0.009200905326419529]),
];

/// From -3.75 to 8.75, in eighths: exact in both types.
fn scores<T: Format>(count: u16) -> Vec<T> {
    (0..count).map(|i| T::of((f64::from(i * 37 % 101) - 30.0) / 8.0)).collect()
}

fn probabilities<T: Format>(scores: &[T]) -> Vec<T> {
    let mut scores = scores.to_vec();
    softmax(&mut scores);
    scores
}

#[track_caller]
fn check<T: Format>(what: &str, found: T, truth: f64, limit: f64) {
    let error = ulps(found, truth, truth);
    println!("{what} {}: {error:.2} ULP", T::NAME);
    assert!(error <= limit, "{what} {}: {found} is {error} ULP from {truth}", T::NAME);
}

fn agrees_with_mpmath<T: Format>() {
    for (length, logarithm, [first, largest, last]) in TRUTH {
        let scores = scores::<T>(u16::try_from(length).unwrap());
        check(&format!("log_sum_exp of {length}"), log_sum_exp(&scores), logarithm, LOG_SUM_EXP);
        let p = probabilities(&scores);
        for (column, truth) in [(0, first), (30, largest), (length - 1, last)] {
            check(&format!("softmax of {length}, {column}"), p[column], truth, SOFTMAX);
        }
    }
}

#[test]
fn both_agree_with_mpmath() {
    agrees_with_mpmath::<f32>();
    agrees_with_mpmath::<f64>();
}

/// In f32 every entry, against plain sums in f64.
#[test]
fn every_entry_agrees_with_double_precision() {
    for length in (1..=130).chain([1000]) {
        let scores = scores::<f32>(length);
        let exponentials: Vec<f64> = scores.iter().map(|&x| f64::from(x).exp()).collect();
        let sum: f64 = exponentials.iter().sum();
        check(&format!("log_sum_exp of {length}"), log_sum_exp(&scores), sum.ln(), LOG_SUM_EXP);
        for (column, (&p, e)) in probabilities(&scores).iter().zip(exponentials).enumerate() {
            check(&format!("softmax of {length}, {column}"), p, e / sum, SOFTMAX);
        }
    }
}

fn knows_equal_scores<T: Format>() {
    for score in [0.0, 3.0] {
        let scores = [T::of(score); 1000];
        check("log_sum_exp of equals", log_sum_exp(&scores), score + 6.907_755_278_982_137, LOG_SUM_EXP);
        assert_eq!(probabilities(&scores), [T::of(0.001); 1000]);
    }
}

#[test]
fn a_thousand_equal_scores() {
    knows_equal_scores::<f32>();
    knows_equal_scores::<f64>();
}

fn knows_what_is_not_finite<T: Format>() {
    let (none, all, nan) = (T::neg_infinity(), T::infinity(), T::nan());
    let one = T::one();
    for (scores, logarithm, expected) in [
        (vec![], none, vec![]),
        (vec![none; 2], none, vec![nan; 2]),
        (vec![none; 65], none, vec![nan; 65]),
        (vec![none, one], one, vec![T::zero(), one]),
        (vec![all, all], all, vec![nan; 2]),
        (vec![one, nan], nan, vec![nan; 2]),
        (vec![all, nan, none], nan, vec![nan; 3]),
    ] {
        assert_eq!(bits(&[log_sum_exp(&scores)]), bits(&[logarithm]), "log_sum_exp of {scores:?}");
        assert_eq!(bits(&probabilities(&scores)), bits(&expected), "softmax of {scores:?}");
    }
}

#[test]
fn what_is_not_finite() {
    knows_what_is_not_finite::<f32>();
    knows_what_is_not_finite::<f64>();
}
