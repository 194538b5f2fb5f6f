//! The logarithm of a sum of exponentials.

use super::Softmax;
use crate::Real;
use crate::lanes::{LANES, has_nan, vectorized};
use crate::shape::{RowBlock, RowTargets, Scores};

/// ln Σ e^x.
///
/// ```text
/// max + ln(1 + Σ' e^(x - max)),   Σ' being over all but the largest
/// ```
/// # Domain
/// All numbers; -inf for none. NaN where one of them is. Infinite where the largest is.
/// # Accuracy
/// That of its terms: where the largest score is near minus the logarithm, the two cancel.
/// # Examples
/// ```
/// assert_eq!(microloss::math::log_sum_exp(&[1000.0_f32, 1000.0]), 1000.0 + core::f32::consts::LN_2);
/// ```
#[must_use]
pub fn log_sum_exp<T: Real>(scores: &[T]) -> T {
    if has_nan(scores) {
        return T::nan();
    }
    vectorized(
        #[inline(always)]
        || {
            let mut rows = RowBlock::<T, LANES, 1>::new(
                Scores::Read(scores),
                scores.len(),
                RowTargets::Classes([0]),
                [T::one()],
            );
            let (max, argmax) = rows.largest();
            let [largest] = max;
            if scores.is_empty() || !largest.is_finite() {
                return largest;
            }
            largest + Softmax::of(&mut rows, max, argmax).nll(0, T::one())
        },
    )
}
