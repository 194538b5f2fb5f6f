//! The elementary functions: hard inputs of f64, special values, the ends of the range. `examples/accuracy.rs` measures
//! f32 exhaustively.

#[path = "support/ulp.rs"]
mod ulp;

use microloss::{Real, math};
use ulp::{Format, step};

const NAMES: [&str; 7] = ["exp", "ln", "ln_1p", "exp_m1", "softplus", "sigmoid", "ln_sigmoid"];

fn kernel<T: Real>(name: &str) -> fn(T) -> T {
    match name {
        "exp" => math::exp,
        "ln" => math::ln,
        "ln_1p" => math::ln_1p,
        "exp_m1" => math::exp_m1,
        "softplus" => math::softplus,
        "sigmoid" => math::sigmoid,
        "ln_sigmoid" => math::ln_sigmoid,
        _ => panic!("no kernel is called {name}"),
    }
}

/// `tests/kernels/vectors.py` tells what stands in the file, and writes it.
#[test]
fn hard_inputs_of_f64_are_within_one_unit() {
    let bits = |word: &str| f64::from_bits(u64::from_str_radix(word, 16).unwrap());
    let mut tested = [0; NAMES.len()];
    for line in include_str!("kernels/f64.txt").lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split(' ').collect();
        let (name, x, rounded) = (words[0], bits(words[1]), bits(words[2]));
        let above: f64 = words[3].parse().unwrap();
        let found = kernel::<f64>(name)(x);
        let error = (found - rounded) / step::<f64>(rounded) - above;
        assert!(error.abs() <= 1.0, "{name}({x:e}) is {found:e}, {error:+.3} units from the true result");
        tested[NAMES.iter().position(|&known| known == name).unwrap()] += 1;
    }
    assert!(tested.iter().all(|&count| count > 50), "{tested:?}");
}

/// f32 against f64.
fn assert_within_one_unit(name: &str, x: f32) {
    let (found, expected) = (kernel::<f32>(name)(x), kernel::<f64>(name)(f64::from(x)));
    if expected.is_nan() || f64::from(expected as f32).is_infinite() {
        let is_right = if expected.is_nan() { found.is_nan() } else { found == expected as f32 };
        assert!(is_right, "{name}({x:e}) is {found:e}");
        return;
    }
    let error = (f64::from(found) - expected) / step::<f32>(expected);
    assert!(error.abs() <= 1.0, "{name}({x:e}) is {found:e}, {error:+.3} units from {expected:e}");
}

#[test]
fn f32_is_within_one_unit_at_every_exponent() {
    for name in NAMES {
        for bits in (0..=u32::MAX).step_by(99_991) {
            assert_within_one_unit(name, f32::from_bits(bits));
        }
    }
}

/// From 2^24 to 2^26 the 1 that is subtracted is no whole number of the result's units.
#[test]
fn exp_m1_rounds_its_one() {
    for bits in 16.6_f32.to_bits()..18.1_f32.to_bits() {
        assert_within_one_unit("exp_m1", f32::from_bits(bits));
    }
}

/// Equal, the sign of 0 included; any NaN is one.
fn assert_same<T: Format>(name: &str, x: T, expected: T) {
    let found = kernel::<T>(name)(x);
    let is_same = found == expected && found.is_sign_negative() == expected.is_sign_negative();
    assert!(is_same || found.is_nan() && expected.is_nan(), "{name}({x:?}) is {found:?}, not {expected:?}");
}

fn special_values<T: Format>() {
    let (zero, one, infinity, nan) = (T::zero(), T::one(), T::infinity(), T::nan());
    let ln_2 = T::of(2.0_f64.ln());
    let half = T::of(0.5);
    let cases: [(&str, &[(T, T)]); 7] = [
        (
            "exp",
            &[(-infinity, zero), (-T::max_value(), zero), (-zero, one), (zero, one), (infinity, infinity)],
        ),
        ("ln", &[(-zero, -infinity), (zero, -infinity), (one, zero), (infinity, infinity), (-one, nan)]),
        ("ln_1p", &[(-one, -infinity), (-zero, -zero), (zero, zero), (infinity, infinity), (-infinity, nan)]),
        ("exp_m1", &[(-infinity, -one), (-T::max_value(), -one), (-zero, -zero), (zero, zero)]),
        ("softplus", &[(-infinity, zero), (-zero, ln_2), (zero, ln_2), (infinity, infinity)]),
        ("sigmoid", &[(-infinity, zero), (-zero, half), (zero, half), (infinity, one)]),
        ("ln_sigmoid", &[(-infinity, -infinity), (zero, -ln_2), (infinity, -zero)]),
    ];
    for (name, pairs) in cases {
        for &(x, expected) in pairs {
            assert_same(name, x, expected);
        }
        assert_same(name, nan, nan);
        assert_same(name, -nan, nan);
    }
    assert_same("exp", T::max_value(), infinity);
    assert_same("exp_m1", T::max_value(), infinity);
    assert_same("ln_1p", -T::max_value(), nan);
    assert_same("softplus", T::max_value(), T::max_value());
    assert_same("ln_sigmoid", -T::max_value(), -T::max_value());
    // Below 0, however little.
    let least = T::min_positive_value() * T::epsilon();
    assert_same("ln", -least, nan);
    assert_same("ln", -T::max_value(), nan);
    assert_same("ln", -infinity, nan);
    // Subnormal numbers come out as they went in.
    for name in ["ln_1p", "exp_m1"] {
        for x in [least, -least, T::min_positive_value(), -T::min_positive_value()] {
            assert_same(name, x, x);
        }
    }
}

#[test]
fn special_values_are_those_of_ieee() {
    special_values::<f32>();
    special_values::<f64>();
}

/// Every NaN gives a NaN, whatever its payload and sign.
#[test]
fn every_nan_stays_one() {
    for name in NAMES {
        for payload in [1, 2, 0x155, 0x3F_FFFF, 0x40_0000, 0x7F_FFFF] {
            for sign in [0, 1] {
                let narrow = f32::from_bits(payload | 0xFF << 23 | sign << 31);
                assert!(kernel::<f32>(name)(narrow).is_nan(), "{name} of NaN {:#x}", narrow.to_bits());
                let wide = f64::from_bits(u64::from(payload) | 0x7FF << 52 | u64::from(sign) << 63);
                assert!(kernel::<f64>(name)(wide).is_nan(), "{name} of NaN {:#x}", wide.to_bits());
            }
        }
    }
}

/// The largest number that gives a finite result, the smallest that gives a normal one, and the smallest that gives
/// one at all; each with its neighbour beyond.
#[test]
fn exp_has_its_thresholds() {
    assert!(math::exp(88.722_83_f32).is_finite());
    assert_eq!(math::exp(88.722_84_f32), f32::INFINITY);
    assert!(math::exp(-87.336_54_f32) >= f32::MIN_POSITIVE);
    assert!(math::exp(-87.336_55_f32) < f32::MIN_POSITIVE);
    assert_eq!(math::exp(-103.972_07_f32), f32::from_bits(1));
    assert_eq!(math::exp(-103.972_09_f32), 0.0);
    assert!(math::exp(709.782_712_893_384_f64).is_finite());
    assert_eq!(math::exp(709.782_712_893_384_1_f64), f64::INFINITY);
    assert!(math::exp(-708.396_418_532_264_1_f64) >= f64::MIN_POSITIVE);
    assert!(math::exp(-708.396_418_532_264_2_f64) < f64::MIN_POSITIVE);
    assert_eq!(math::exp(-745.133_219_101_941_1_f64), f64::from_bits(1));
    assert_eq!(math::exp(-745.133_219_101_941_3_f64), 0.0);
}

/// Where a step of x moves the result by many of its units, none goes back.
#[test]
fn the_ends_rise() {
    let rises = |name: &str, low: f32, high: f32| {
        let mut previous = f32::NEG_INFINITY;
        let step = if low < 0.0 { -1_i32 } else { 1 };
        let mut bits = low.to_bits();
        while f32::from_bits(bits) < high {
            let result = kernel::<f32>(name)(f32::from_bits(bits));
            assert!(result >= previous, "{name}({:e}) is {result:e}", f32::from_bits(bits));
            previous = result;
            bits = bits.wrapping_add_signed(step);
        }
    };
    for name in ["exp", "softplus", "sigmoid"] {
        rises(name, -104.5, -86.0);
    }
    rises("exp", 87.0, 89.0);
    rises("exp_m1", 87.0, 89.0);
    rises("ln", 1e-45, 1e-41);
    rises("ln_sigmoid", -89.0, -86.0);
}

/// Rounded twice, yet within one step.
#[test]
fn subnormal_results_are_right() {
    for name in ["exp", "softplus", "sigmoid"] {
        for bits in (87.3_f32.to_bits()..104.5_f32.to_bits()).step_by(7) {
            assert_within_one_unit(name, -f32::from_bits(bits));
        }
    }
}
