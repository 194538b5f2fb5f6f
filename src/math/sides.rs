//! The two sides of a binary label, with what roundings lost: for losses that weigh or multiply them.

use super::{Odds, two_sum};
use crate::Real;

/// Of a score u for the right side: the probabilities of both sides and their logarithms, each with an error.
pub(crate) struct Sides<T> {
    /// -ln σ(u), yet to be multiplied by `after`.
    pub nll: (T, T),
    /// σ(-u), yet to be multiplied by `after`.
    pub wrong: (T, T),
    /// σ(u).
    pub right: (T, T),
    /// -ln σ(-u).
    pub softplus: (T, T),
    /// 1, or where u > 0 and the numbers may be subnormal, 1 / [`SCALE`](super::Exponential::SCALE).
    pub after: T,
}

impl<T: Real> Sides<T> {
    /// `share_scaled` is one of the two of [`Odds`].
    #[inline(always)]
    pub(crate) fn of(u: T, share_scaled: impl Fn(&Odds<T>) -> (T, T)) -> Self {
        let (zero, one) = (T::zero(), T::one());
        let odds = Odds::of(u);
        let (high, low) = odds.ln_1p_two();
        let near = two_sum(high, low);
        let near_unscaled = (near.0 * T::UNSCALE, near.1 * T::UNSCALE);
        let (far, error) = two_sum(u.abs(), near_unscaled.0);
        let far = (far, if far < T::infinity() { error + near_unscaled.1 } else { zero });
        let share = share_scaled(&odds);
        let small = (share.0 * T::UNSCALE, share.1 * T::UNSCALE);
        let large = one - small.0;
        let large = (large, ((one - large) - small.0) - small.1);
        if u < zero {
            Self { nll: far, wrong: large, right: small, softplus: near_unscaled, after: one }
        } else {
            Self { nll: near, wrong: share, right: large, softplus: far, after: T::UNSCALE }
        }
    }
}
