//! Error-free transformations: a result and its rounding error, without a fused multiply-add.
//! Reference: T. J. Dekker 1971, "A floating-point technique for extending the available precision";
//! D. E. Knuth, The Art of Computer Programming, volume 2, section 4.2.2.

use crate::Real;

/// `a + b` and its rounding error. The error is NaN where the sum is not finite.
#[inline]
pub(crate) fn two_sum<T: Real>(a: T, b: T) -> (T, T) {
    let sum = a + b;
    let b_part = sum - a;
    (sum, (a - (sum - b_part)) + (b - b_part))
}

/// `a - b` and its rounding error, which is 0 where the difference is not finite.
#[inline]
pub(crate) fn two_difference<T: Real>(a: T, b: T) -> (T, T) {
    let (difference, error) = two_sum(a, -b);
    (difference, if error.is_finite() { error } else { T::zero() })
}

/// `a * b` and its rounding error, which is 0 where it cannot be had: beyond the split's overflow.
#[inline]
pub(crate) fn two_product<T: Real>(a: T, b: T) -> (T, T) {
    let product = a * b;
    let (a_high, a_low) = split(a);
    let (b_high, b_low) = split(b);
    let error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    (product, if error.is_finite() { error } else { T::zero() })
}

/// The two halves of the significand.
#[inline]
fn split<T: Real>(a: T) -> (T, T) {
    let scaled = a * T::SPLIT;
    let high = scaled - (scaled - a);
    (high, a - high)
}
