//! Mean absolute error.

use crate::loss::loss;
use crate::math::sign;
use crate::shape::{ElementLoss, TargetKind};
use crate::{Input, Real};

loss! {
    /// Mean absolute error: what a prediction misses its target by.
    ///
    /// ```text
    /// l = |e|,   e = x - y
    /// ```
    /// # Gradient
    /// The sign of e; 0 where e = 0, a subgradient.
    /// # Domain
    /// Predictions and targets: finite numbers.
    /// # Parameters
    /// None.
    /// # Cost
    /// O(1), no exp or ln; no scratch. The mean divides by the number of elements.
    /// # Accuracy
    /// At most 2 ULP (value) and 1 (gradient) in f32, 1 and 1 in f64: `tests/golden.rs`. For all of f32:
    /// `examples/accuracy.rs`.
    /// # Errors
    /// Those of the batch calls: see [`ElementLoss`].
    /// # Reference
    /// Laplace 1793. PyTorch `L1Loss`, Keras `MeanAbsoluteError`; scikit-learn `AbsoluteError` has the subgradient
    /// -1 at e = 0; burn `LpLoss` with p = 1; CMSIS-DSP `arm_cityblock_distance_f32` is the sum, without a gradient.
    /// # Examples
    /// ```
    /// use microloss::{Elements, ElementLoss, element::MeanAbsoluteError};
    /// let mut scores = [2.5_f32, 0.0, 7.0];
    /// let value = MeanAbsoluteError::new().sum(Elements::in_place(&mut scores, &[3.0, -1.0, 7.0]))?;
    /// assert_eq!((value, scores), (1.5, [-1.0, 1.0, 0.0]));
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct MeanAbsoluteError[T] = "mean_absolute_error",
        "Magnitude of the error", [2], logarithmic: false {
    }
}

impl<T: Real> ElementLoss<T> for MeanAbsoluteError<T> {
    const TARGETS: TargetKind = TargetKind::Numbers;

    #[inline(always)]
    fn element(&self, _input: Input, [prediction]: [T; 1], target: T, _column: usize) -> (T, [T; 1]) {
        let error = prediction - target;
        (error.abs(), [sign(error)])
    }
}
