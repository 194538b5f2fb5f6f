//! Distances in units in the last place, two-sided and relative to what is expected.

#![allow(dead_code, reason = "each test uses its part of this")]

use microloss::Real;

/// A type by its name, and the distance between its numbers.
pub(crate) trait Format: Real {
    const NAME: &'static str;
    /// Explicit digits of the significand.
    const DIGITS: i32;
    /// The exponent of the smallest normal number.
    const MINIMUM: i32;
}

impl Format for f32 {
    const NAME: &'static str = "f32";
    const DIGITS: i32 = 23;
    const MINIMUM: i32 = -126;
}

impl Format for f64 {
    const NAME: &'static str = "f64";
    const DIGITS: i32 = 52;
    const MINIMUM: i32 = -1022;
}

/// The step of `T` in the binade of `scale`; below the normal numbers the smallest step of all.
pub(crate) fn step<T: Format>(scale: f64) -> f64 {
    let biased = (scale.abs().to_bits() >> 52) as i32;
    let exponent = if biased == 0 { -1022 } else { biased - 1023 };
    power_of_two(exponent.max(T::MINIMUM) - T::DIGITS)
}

/// How far `found` is from `expected`, in steps of `T` at the size of `scale`.
pub(crate) fn ulps<T: Format>(found: T, expected: f64, scale: f64) -> f64 {
    let found = found.to_double();
    if found == expected { 0.0 } else { (found - expected).abs() / step::<T>(scale) }
}

/// 2^exponent, subnormal results included; exact.
fn power_of_two(exponent: i32) -> f64 {
    if exponent >= -1022 {
        f64::from_bits(((exponent + 1023) as u64) << 52)
    } else {
        f64::from_bits(1 << (exponent + 1074))
    }
}

/// The bits, all NaN being one.
pub(crate) fn bits<T: Real>(numbers: &[T]) -> Vec<Option<u64>> {
    numbers.iter().map(|number| (!number.is_nan()).then(|| number.to_hex_bits().0)).collect()
}
