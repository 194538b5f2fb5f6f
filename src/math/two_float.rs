//! Error-free transformations: a result and its rounding error, without a fused multiply-add.
//! Reference: T. J. Dekker 1971, "A floating-point technique for extending the available precision";
//! D. E. Knuth, The Art of Computer Programming, volume 2, section 4.2.2.

use crate::Real;

/// `a + b` and its rounding error. The error is NaN where the sum is not finite.
#[inline(always)]
pub(crate) fn two_sum<T: Real>(a: T, b: T) -> (T, T) {
    let sum = a + b;
    let b_part = sum - a;
    (sum, (a - (sum - b_part)) + (b - b_part))
}

/// `a - b` and its rounding error, which is 0 where the difference is not finite.
#[inline(always)]
pub(crate) fn two_difference<T: Real>(a: T, b: T) -> (T, T) {
    let (difference, error) = two_sum(a, -b);
    (difference, if error.is_finite() { error } else { T::zero() })
}

/// `a * b` and its rounding error, which is 0 where it cannot be had: beyond the split's overflow.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
pub(crate) fn two_product<T: Real>(a: T, b: T) -> (T, T) {
    let product = a * b;
    let (a_high, a_low) = split(a);
    let (b_high, b_low) = split(b);
    let error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    (product, if error.is_finite() { error } else { T::zero() })
}

/// The quotient of two numbers that each come with an error, and its own error.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
pub(crate) fn two_quotient<T: Real>(dividend: (T, T), divisor: (T, T)) -> (T, T) {
    let quotient = dividend.0 / divisor.0;
    let (product, error) = two_product(quotient, divisor.0);
    let remainder = ((dividend.0 - product) - error) + (dividend.1 - quotient * divisor.1);
    (quotient, remainder / divisor.0)
}

/// The product of two numbers that each come with an error, and its own error.
#[inline(always)]
pub(crate) fn product_of_parts<T: Real>(a: (T, T), b: (T, T)) -> (T, T) {
    let (product, error) = two_product(a.0, b.0);
    (product, error + (a.0 * b.1 + a.1 * b.0))
}

/// A number with its error, in one; an error that cannot be had is none.
#[inline(always)]
pub(crate) fn rounded<T: Real>((number, error): (T, T)) -> T {
    if error.is_finite() { number + error } else { number }
}

/// A number from 0 to 1 that comes with an error, to a power: the error is multiplied by the exponent, or, where that is no longer
/// small, is an exponent itself.
#[inline(always)]
pub(crate) fn power<T: Real>((base, error): (T, T), exponent: T) -> (T, T) {
    if exponent == T::zero() {
        return (T::one(), T::zero());
    }
    let power = base.pow(exponent);
    let change = exponent * (error / base);
    if change.abs() > T::of(1.0 / 4096.0) && power != T::zero() {
        return (power * T::of(core::f64::consts::E).pow(change), T::zero());
    }
    let correction = power * change;
    (power, if correction.is_finite() { correction } else { T::zero() })
}

/// The two halves of the significand.
#[inline(always)]
fn split<T: Real>(a: T) -> (T, T) {
    let scaled = a * T::SPLIT;
    let high = scaled - (scaled - a);
    (high, a - high)
}
