//! Huber loss.

use crate::loss::loss;
use crate::math::Difference;
use crate::parameter::Domain;
use crate::shape::{ElementLoss, TargetKind};
use crate::{Input, Real};

loss! {
    /// Huber loss: half the square of a small error, and a straight line for a large one.
    ///
    /// ```text
    /// l = e² / 2            where |e| ≤ δ,   e = x - y
    /// l = δ (|e| - δ / 2)   elsewhere
    /// ```
    /// # Gradient
    /// `e`, from -δ to δ.
    /// # Domain
    /// Predictions and targets: finite numbers.
    /// # Parameters
    /// `delta` δ > 0, 1: where the line begins, in the unit of the targets.
    /// # Cost
    /// O(1), no exp or ln; no scratch. The mean divides by the number of elements.
    /// # Accuracy
    /// At most 2 ULP (value) and 2 (gradient) in f32, 1 and 1 in f64: `tests/golden.rs`. For all of f32:
    /// `examples/accuracy.rs`.
    /// # Errors
    /// Those of the batch calls: see [`ElementLoss`].
    /// # Reference
    /// Huber 1964, "Robust Estimation of a Location Parameter". PyTorch `HuberLoss`, Keras `Huber`, optax
    /// `huber_loss`, SciPy `special.huber`; burn has no default δ; scikit-learn finds δ anew as a quantile. This is δ
    /// times [`SmoothL1`](super::SmoothL1) with β = δ, and not the same.
    /// # Examples
    /// ```
    /// use microloss::{Elements, ElementLoss, element::Huber};
    /// let mut scores = [1.5_f32, 4.0];
    /// let value = Huber::new().delta(2.0)?.sum(Elements::in_place(&mut scores, &[1.0, 1.0]))?;
    /// assert_eq!((value, scores), (0.125 + 4.0, [0.5, 2.0]));
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct Huber[T] = "huber",
        "Square of a small error, magnitude of a large one", [3], logarithmic: false {
        /// The largest error whose square counts.
        delta: T = T::one(), Domain::Positive;
    }
}

impl<T: Real> ElementLoss<T> for Huber<T> {
    const TARGETS: TargetKind = TargetKind::Numbers;

    #[inline(always)]
    fn element(&self, _input: Input, [prediction]: [T; 1], target: T, _column: usize) -> (T, [T; 1]) {
        let half = T::of(0.5);
        let error = prediction - target;
        let line = Difference::of(prediction, target).beyond(half * self.delta, self.delta);
        let value = if error.abs() > self.delta { line } else { (half * error) * error };
        let slope = if error < -self.delta { -self.delta } else { error };
        (value, [if error > self.delta { self.delta } else { slope }])
    }
}
