//! Smooth L1 loss.

use crate::loss::loss;
use crate::math::{Difference, sign};
use crate::parameter::Domain;
use crate::shape::{ElementLoss, TargetKind};
use crate::{Input, Real};

loss! {
    /// Smooth L1 loss: the magnitude of the error, rounded off around 0.
    ///
    /// ```text
    /// l = e² / (2 β)     where |e| < β,   e = x - y
    /// l = |e| - β / 2    elsewhere
    /// ```
    /// # Gradient
    /// `e / β`, from -1 to 1. With β = 0 the sign of e; 0 where e = 0, a subgradient.
    /// # Domain
    /// Predictions and targets: finite numbers.
    /// # Parameters
    /// `beta` β ≥ 0, 1: where the line begins, in the unit of the targets. With β = 0 this is
    /// [`MeanAbsoluteError`](super::MeanAbsoluteError).
    /// # Cost
    /// O(1), a division, no exp or ln; no scratch. The mean divides by the number of elements.
    /// # Accuracy
    /// At most 2 ULP (value) and 2 (gradient) in f32, 2 and 2 in f64: `tests/golden.rs`. For all of f32:
    /// `examples/accuracy.rs`.
    /// # Errors
    /// Those of the batch calls: see [`ElementLoss`].
    /// # Reference
    /// Girshick 2015, "Fast R-CNN", arXiv 1504.08083. PyTorch `SmoothL1Loss`, burn. This is
    /// [`Huber`](super::Huber) with δ = β, over β: for β other than 1 the two are not the same.
    /// # Examples
    /// ```
    /// use microloss::{Elements, ElementLoss, element::SmoothL1};
    /// let mut scores = [1.5_f32, 4.0];
    /// let value = SmoothL1::new().beta(2.0)?.sum(Elements::in_place(&mut scores, &[1.0, 1.0]))?;
    /// assert_eq!((value, scores), (0.0625 + 2.0, [0.25, 1.0]));
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct SmoothL1[T] = "smooth_l1",
        "Magnitude of the error, rounded off around 0", [4], logarithmic: false {
        /// The width of what is rounded off.
        beta: T = T::one(), Domain::NonNegative;
    }
}

impl<T: Real> ElementLoss<T> for SmoothL1<T> {
    const TARGETS: TargetKind = TargetKind::Numbers;

    #[inline(always)]
    fn element(&self, _input: Input, [prediction]: [T; 1], target: T, _column: usize) -> (T, [T; 1]) {
        let (one, half) = (T::one(), T::of(0.5));
        let error = Difference::of(prediction, target);
        let (size, low) = error.size();
        // Not to lose digits of a quotient that is subnormal.
        let (lift, back) = if size < one { (T::SCALE, half * T::UNSCALE) } else { (one, half) };
        let quotient = (size * lift) / self.beta;
        let curve = (size * quotient + (low + low) * quotient) * back;
        let is_small = size < self.beta && error.scale == one;
        let value = if is_small { curve } else { error.beyond(half * self.beta, one) };
        (value, [if is_small { error.high / self.beta } else { sign(error.high) }])
    }
}
