//! What (1 + x) ln(1 + x) is above its tangent at 0, of which divergences near their minimum are made.

use super::ln::ln_terms;
use super::ln_1p::ln_of_sum;
use super::two_float::{two_product, two_sum};
use crate::Real;

/// `weight ((1 + x) ln(1 + x) - x)`: at least 0, and accurate for small x too. `y` is 1 + x, given apart for where that
/// is near 0; `weight y` is at most 1.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
pub(crate) fn weighted_excess<T: Real>(weight: T, x: T, y: T) -> T {
    let one = T::one();
    let x = if x < T::max_value() { x } else { T::max_value() };
    // ln(1 + x) = x - x^2 / 2 + rest: nothing cancels.
    let (half_square, rest) = ln_terms(x);
    let near = weight * (half_square * (one - x) + (one + x) * rest);
    let y = if y > T::min_positive_value() { y } else { T::min_positive_value() };
    let (sum, error) = two_sum(one, x);
    let is_above = x > T::of(-0.5);
    let (sum, error) = (if is_above { sum } else { y }, if is_above { error } else { T::zero() });
    let (high, low) = ln_of_sum(sum, error);
    let (product, lost) = two_product(sum, high);
    let (difference, rounding) = two_sum(product, -x);
    let far = weight * (difference + (rounding + (lost + (sum * low + error * high))));
    let huge = (weight * sum) * ((high - one) + low);
    let far = if sum > T::SCALE { huge } else { far };
    if x > T::of(-0.25) && x < T::of(0.5) { near } else { far }
}
