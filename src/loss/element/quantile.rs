//! Quantile loss.

use crate::loss::loss;
use crate::math::Difference;
use crate::parameter::{Domain, PerColumn};
use crate::shape::{ElementLoss, TargetKind};
use crate::{Input, Real};

loss! {
    /// Quantile loss, also called pinball loss: predictions that make it least are quantiles of the target.
    ///
    /// ```text
    /// l = τ (y - x)         where y ≥ x
    /// l = (1 - τ) (x - y)   elsewhere
    /// ```
    /// # Gradient
    /// `-τ` where y ≥ x, a subgradient where they are equal; else `1 - τ`.
    /// # Domain
    /// Predictions and targets: finite numbers.
    /// # Parameters
    /// `tau` τ above 0 and below 1, 0.5: the quantile. A number, or one for each column: a model that predicts several
    /// quantiles has a column for each, in which the target is repeated, and each is an item. With τ = 0.5 this is half
    /// of [`MeanAbsoluteError`](super::MeanAbsoluteError).
    /// # Cost
    /// O(1), no exp or ln; no scratch. The mean divides by the number of elements.
    /// # Accuracy
    /// At most 2 ULP (value) and 2 (gradient) in f32, 1 and 1 in f64: `tests/golden.rs`. For all of f32:
    /// `examples/accuracy.rs`.
    /// # Errors
    /// Those of the batch calls: see [`ElementLoss`].
    /// # Reference
    /// Koenker and Bassett 1978, "Regression Quantiles". scikit-learn `PinballLoss`.
    /// # Examples
    /// ```
    /// use microloss::{Elements, ElementLoss, element::Quantile, parameter::PerColumn};
    /// let quantiles = Quantile::new().tau(PerColumn::Each(&[0.25, 0.5, 0.75]))?;
    /// let value = quantiles.sum(Elements::multi_label(&[[1.0_f32, 2.0, 4.0]], &[[3.0, 3.0, 3.0]]))?;
    /// assert_eq!(value, 0.25 * 2.0 + 0.5 * 1.0 + 0.25 * 1.0);
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct Quantile['a, T] = "quantile",
        "Error weighted by its sign", [7], logarithmic: false {
        /// The quantile.
        tau: PerColumn<'a, T> = PerColumn::Same(T::of(0.5)), Domain::OpenUnit;
    }
}

impl<T: Real> ElementLoss<T> for Quantile<'_, T> {
    const TARGETS: TargetKind = TargetKind::Numbers;

    #[inline(always)]
    fn element(&self, _input: Input, [prediction]: [T; 1], target: T, column: usize) -> (T, [T; 1]) {
        let tau = self.tau.at(column);
        let (under, over) = (tau, T::one() - tau);
        let error = Difference::of(prediction, target);
        let slope = if error.high <= T::zero() { -under } else { error.high };
        let is_over = error.high > T::zero();
        let value = error.beyond(T::zero(), if is_over { over } else { under });
        (value, [if is_over { over } else { slope }])
    }
}
