//! Mean squared error.

use crate::loss::loss;
use crate::parameter::Domain;
use crate::shape::{ElementLoss, TargetKind};
use crate::{Input, Real};

loss! {
    /// Mean squared error: the square of what a prediction misses its target by.
    ///
    /// ```text
    /// l = e²,   e = x - y;   halved: l = e² / 2
    /// ```
    /// # Gradient
    /// `2 e`; halved: `e`.
    /// # Domain
    /// Predictions and targets: finite numbers. A square beyond the type, from |e| = 1.8e19 in f32, is refused as a
    /// loss that is not finite.
    /// # Parameters
    /// `half`: whether the square is halved; false.
    /// # Cost
    /// O(1), no exp or ln; no scratch. The mean divides by the number of elements.
    /// # Accuracy
    /// At most 2 ULP (value) and 2 (gradient) in f32, 1 and 1 in f64: `tests/golden.rs`. For all of f32:
    /// `examples/accuracy.rs`.
    /// # Errors
    /// Those of the batch calls: see [`ElementLoss`].
    /// # Reference
    /// Legendre 1805, Gauss 1809. PyTorch `MSELoss`, Keras `MeanSquaredError`, optax `squared_error`. Halved: optax
    /// `l2_loss`, scikit-learn `HalfSquaredError`. CMSIS-DSP `arm_mse_q7` drops a bit of each difference, and its sum
    /// saturates.
    /// # Examples
    /// ```
    /// use microloss::{Elements, ElementLoss, element::MeanSquaredError};
    /// let batch = || Elements::new(&[2.5_f32, 0.0], &[3.0, -1.0]);
    /// assert_eq!(MeanSquaredError::new().mean(batch())?, 0.625);
    /// assert_eq!(MeanSquaredError::new().half(true)?.mean(batch())?, 0.3125);
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct MeanSquaredError[T] = "mean_squared_error",
        "Square of the error", [1], logarithmic: false {
        /// Whether the square is halved.
        half: bool = false, Domain::Flags;
    }
}

impl<T: Real> ElementLoss<T> for MeanSquaredError<T> {
    const TARGETS: TargetKind = TargetKind::Numbers;

    #[inline(always)]
    fn element(&self, _input: Input, [prediction]: [T; 1], target: T, _column: usize) -> (T, [T; 1]) {
        let error = prediction - target;
        let slope = if self.half { error } else { error + error };
        let factor = if self.half { T::of(0.5) } else { T::one() };
        ((factor * error) * error, [slope])
    }
}
