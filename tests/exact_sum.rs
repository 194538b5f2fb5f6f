//! Exact sums: against Python's rational numbers (`exact_sum/generate.py`), in any order and grouping, and at their limits.

use microloss::{Error, ExactProducts, ExactSum, Real};
use proptest::prelude::*;

const GOLDEN: &str = include_str!("exact_sum/golden.txt");

/// A type, from and to its bits in hexadecimal.
trait Hex: Real {
    fn parse(text: &str) -> Self;
    fn bits(self) -> u64;
}

impl Hex for f32 {
    fn parse(text: &str) -> Self {
        Self::from_bits(u32::from_str_radix(text, 16).unwrap())
    }
    fn bits(self) -> u64 {
        self.to_bits().into()
    }
}

impl Hex for f64 {
    fn parse(text: &str) -> Self {
        Self::from_bits(u64::from_str_radix(text, 16).unwrap())
    }
    fn bits(self) -> u64 {
        self.to_bits()
    }
}

fn sum_of<T: Real>(terms: &[T]) -> ExactSum<T> {
    let mut sum = ExactSum::new();
    terms.iter().for_each(|&term| sum.add(term).unwrap());
    sum
}

fn products_of<T: Real>(factors: &[T]) -> ExactProducts<T> {
    let mut sum = ExactProducts::new();
    factors.chunks_exact(2).for_each(|pair| sum.add_product(pair[0], pair[1]).unwrap());
    sum
}

/// Compares a result with what a line wants.
fn check<T: Hex>(line: &str, wanted: &str, found: Result<T, Error>) {
    match (wanted, found) {
        ("overflow", Err(Error::Overflow))
        | ("nothing", Err(Error::NothingToAverage))
        | ("negative", Err(Error::Parameter { .. })) => {}
        (_, Ok(number)) => {
            let digits = wanted.len();
            assert_eq!(format!("{:0digits$x}", number.bits()), wanted, "{line}");
        }
        (_, Err(error)) => panic!("{error}, expected {wanted}: {line}"),
    }
}

fn check_line<T: Hex>(line: &str, what: &str, words: &[&str]) {
    let numbers = |words: &[&str]| words.iter().map(|word| T::parse(word)).collect::<Vec<T>>();
    match (what, words) {
        ("sum", &[value, mean, count, ref terms @ ..]) => {
            let sum = sum_of(&numbers(terms));
            check(line, value, sum.value());
            check(line, mean, sum.mean(count.parse().unwrap()));
        }
        ("products", &[value, mean, root, count, ref factors @ ..]) => {
            let (sum, count) = (products_of(&numbers(factors)), count.parse().unwrap());
            check(line, value, sum.value());
            check(line, mean, sum.mean(count));
            check(line, root, sum.root_mean(count));
        }
        ("ratio", &[result, count, ref terms @ ..]) => {
            let terms = numbers(terms);
            let (over, under) = terms.split_at(count.parse().unwrap());
            check(line, result, sum_of(over).ratio(&sum_of(under)));
        }
        ("spread", &[result, ref terms @ ..]) => {
            let terms = numbers(terms);
            let pairs: Vec<T> = terms.iter().flat_map(|&term| [term, term]).collect();
            let mut spread = products_of(&pairs).times(terms.len() as u64).unwrap();
            spread.subtract(&sum_of(&terms).squared()).unwrap();
            check(line, result, spread.value());
        }
        _ => panic!("{line}"),
    }
}

#[test]
fn results_are_the_nearest_numbers_to_the_true_ones() {
    let mut lines = 0;
    for line in GOLDEN.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words[1] {
            "f32" => check_line::<f32>(line, words[0], &words[2..]),
            _ => check_line::<f64>(line, words[0], &words[2..]),
        }
        lines += 1;
    }
    assert_eq!(lines, 1600);
}

#[test]
fn sizes_are_those_of_the_docs() {
    assert_eq!((size_of::<ExactSum<f32>>(), size_of::<ExactSum<f64>>()), (44, 272));
    assert_eq!((size_of::<ExactProducts<f32>>(), size_of::<ExactProducts<f64>>()), (88, 544));
}

/// Doubles a sum until it is full: the power of 2 of the terms that fit, and that what is refused changes nothing.
fn fill<T: Real + microloss::Limbs<FACTORS>, const FACTORS: usize>(mut sum: ExactSum<T, FACTORS>) -> u32 {
    let (first, mut doublings) = (sum, 0);
    loop {
        let before = sum;
        if sum.merge(&before).is_err() {
            assert_eq!(sum, before);
            break;
        }
        doublings += 1;
    }
    assert_eq!(sum.times(2), Err(Error::Overflow));
    assert_eq!((sum.times(1), sum.times(u64::MAX)), (Ok(sum), Err(Error::Overflow)));
    let mut less = sum;
    less.subtract(&first).unwrap();
    less.merge(&first).unwrap();
    assert_eq!(less, sum);
    doublings
}

#[test]
fn the_largest_numbers_fit_as_often_as_the_docs_say() {
    assert_eq!([f32::MAX, f32::MIN].map(|most| fill(sum_of(&[most]))), [74; 2]);
    assert_eq!([f64::MAX, f64::MIN].map(|most| fill(sum_of(&[most]))), [77; 2]);
    assert_eq!([f32::MAX, f32::MIN].map(|most| fill(products_of(&[most, f32::MAX]))), [149; 2]);
    assert_eq!([f64::MAX, f64::MIN].map(|most| fill(products_of(&[most, f64::MAX]))), [155; 2]);
}

#[test]
fn a_full_sum_refuses_terms_and_stays() {
    for most in [f32::MAX, f32::MIN] {
        let mut powers = vec![sum_of(&[most])];
        while let Some(mut next) = powers.last().copied() {
            let doubled = next.merge(&next.clone());
            if doubled.is_err() {
                break;
            }
            powers.push(next);
        }
        // As many as fit, to the last.
        let mut sum = ExactSum::new();
        powers.iter().rev().filter(|power| sum.merge(power).is_ok()).for_each(drop);
        let full = sum;
        for result in
            [sum.add(most), sum.add(-most), sum.add(1.0), sum.merge(&powers[0]), sum.value().map(drop)]
        {
            assert_eq!((result, sum), (Err(Error::Overflow), full));
        }
        let mut products = products_of(&[most, f32::MAX]);
        while products.merge(&products.clone()).is_ok() {}
        let full = products;
        assert_eq!(products.merge(&full), Err(Error::Overflow));
        assert_eq!(products, full);
    }
}

#[test]
fn sums_are_equal_where_their_values_are() {
    assert_eq!(sum_of(&[1e30_f32, 1.0, -1e30]), sum_of(&[0.5, 0.5]));
    assert_ne!(sum_of(&[1e30_f32, 1.0]), sum_of(&[1e30]));
    assert_eq!(format!("{:?}", sum_of(&[f32::from_bits(3)])), "ExactSum([3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])");
}

/// What is beyond all bits leaves none of them, and not the sign's either.
#[test]
fn a_product_beyond_the_bits_is_an_error() {
    let mut sum = sum_of(&[f32::MAX]);
    while let Ok(doubled) = sum.times(2) {
        sum = doubled;
    }
    for factor in [2, 4, 1 << 32, 1 << 40, u64::MAX] {
        assert_eq!(sum.times(factor), Err(Error::Overflow), "{factor}");
    }
}

/// Half way between two numbers the root is the even one, unless there is more.
#[test]
fn a_root_half_way_is_rounded_to_even() {
    let half_way = 16_777_217_u64; // 2^24 + 1
    let square = [281_474_976_710_656.0_f32, 33_554_432.0, 1.0]; // 2^48 + 2^25 + 1
    let root = |more: &[f32]| {
        let factors: Vec<f32> = square.iter().chain(more).flat_map(|&term| [term, 1.0]).collect();
        products_of(&factors).root_mean(1)
    };
    assert_eq!(root(&[]), Ok((half_way - 1) as f32));
    assert_eq!(root(&[1e-30]), Ok((half_way + 1) as f32));
    assert_eq!(root(&[-1e-30]), Ok((half_way - 1) as f32));
}

#[test]
fn what_is_not_finite_is_refused_and_changes_nothing() {
    let mut sum = sum_of(&[1.5_f32]);
    let mut products = products_of(&[1.5_f64, 2.0]);
    for value in [f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(sum.add(value as f32), Err(Error::NonFiniteTerm { value }));
        assert_eq!(products.add_product(value, 0.0), Err(Error::NonFiniteTerm { value }));
        assert_eq!(products.add_product(1.0, value), Err(Error::NonFiniteTerm { value }));
    }
    assert!(matches!(sum.add(f32::NAN), Err(Error::NonFiniteTerm { value }) if value.is_nan()));
    assert_eq!((sum, products), (sum_of(&[1.5]), products_of(&[1.5, 2.0])));
    assert_eq!(sum.mean(0), Err(Error::NothingToAverage));
    assert_eq!(sum.ratio(&ExactSum::new()), Err(Error::NothingToAverage));
    assert_eq!(products.root_mean(0), Err(Error::NothingToAverage));
    const NOTHING: ExactSum<f32> = ExactSum::new();
    assert_eq!((NOTHING.value(), NOTHING.is_zero(), NOTHING.mean(1)), (Ok(0.0), true, Ok(0.0)));
}

/// Finite numbers of all sizes.
fn numbers() -> impl Strategy<Value = Vec<f64>> {
    let any = proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL | proptest::num::f64::ZERO;
    proptest::collection::vec(any, 0..40)
}

fn any_order_and_grouping<T: Real>(terms: &[T], cuts: [usize; 2], turn: usize) {
    let whole = sum_of(terms);
    let mut turned = terms.to_vec();
    turned.rotate_left(turn % terms.len().max(1));
    turned.reverse();
    assert_eq!(sum_of(&turned), whole);
    let [first, second] = cuts.map(|cut| cut % (terms.len() + 1));
    let (low, high) = (first.min(second), first.max(second));
    let [a, b, c] = [&terms[..low], &terms[low..high], &terms[high..]].map(sum_of);
    for [x, y, z] in [[a, b, c], [c, a, b], [b, c, a], [c, b, a]] {
        let (mut left, mut right) = (x, y);
        left.merge(&y).unwrap();
        left.merge(&z).unwrap();
        right.merge(&z).unwrap();
        right.merge(&x).unwrap();
        assert_eq!((left, right), (whole, whole));
    }
    let mut rest = whole;
    rest.subtract(&b).unwrap();
    assert_eq!(rest, sum_of(&[&terms[..low], &terms[high..]].concat()));
    rest.subtract(&rest.clone()).unwrap();
    assert!(rest.is_zero());
}

proptest! {
    #[test]
    fn order_and_grouping_do_not_matter(terms in numbers(), cuts: [usize; 2], turn: usize) {
        any_order_and_grouping(&terms, cuts, turn);
        let single: Vec<f32> = terms.iter().map(|&term| term as f32).filter(|term| term.is_finite()).collect();
        any_order_and_grouping(&single, cuts, turn);
    }

    #[test]
    fn integers_of_one_word_are_summed_as_integers(terms: Vec<i32>, count in 1..1_000_000_u64) {
        let whole: i64 = terms.iter().map(|&term| i64::from(term)).sum();
        let numbers: Vec<f64> = terms.iter().map(|&term| term.into()).collect();
        let sum = sum_of(&numbers);
        prop_assert_eq!(sum.value(), Ok(whole as f64));
        prop_assert_eq!(sum.mean(count), Ok(whole as f64 / count as f64));
        prop_assert_eq!(sum.is_negative(), whole < 0);
    }
}
