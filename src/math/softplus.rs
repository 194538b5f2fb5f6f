//! softplus(z) = ln(1 + e^z).

use super::two_sum;
use crate::Real;

/// softplus(z) = max(z, 0) + ln(1 + e^-|z|).
#[inline]
pub(crate) fn softplus<T: Real>(z: T) -> T {
    let (high, low) = softplus_parts(z);
    high + low
}

/// softplus(z) as an unevaluated sum, for use as an exponent: rounded to one number, its error
/// would be multiplied by the exponent's size.
#[inline]
pub(crate) fn softplus_two<T: Real>(z: T) -> (T, T) {
    let (high, low) = softplus_parts(z);
    let (sum, error) = two_sum(high, low);
    (sum, if error.is_finite() { error } else { T::zero() })
}

#[inline]
fn softplus_parts<T: Real>(z: T) -> (T, T) {
    let high = if z > T::zero() { z } else { T::zero() };
    (high, (-z.abs()).exp().ln_1p())
}
