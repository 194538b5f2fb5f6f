//! Log-cosh loss.

use crate::loss::loss;
use crate::math::{ln_cosh, two_difference};
use crate::shape::{ElementLoss, TargetKind};
use crate::{Input, Real};

loss! {
    /// Log-cosh loss: near half the square of a small error, and near the magnitude of a large one; smooth everywhere.
    ///
    /// ```text
    /// l = ln cosh e,   e = x - y
    /// ```
    /// # Gradient
    /// `tanh e`.
    /// # Domain
    /// Predictions and targets: finite numbers. Small errors keep their digits: the loss of 1e-4 is 5e-9, where
    /// |e| + ln(1 + e^(-2 |e|)) - ln 2 is 0 in f32.
    /// # Parameters
    /// None.
    /// # Cost
    /// O(1), an exp and a ln; no scratch. The mean divides by the number of elements.
    /// # Accuracy
    /// At most 2 ULP (value) and 2 (gradient) in f32, 1 and 2 in f64: `tests/golden.rs`. For all of f32:
    /// `examples/accuracy.rs`.
    /// # Errors
    /// Those of the batch calls: see [`ElementLoss`].
    /// # Reference
    /// optax `log_cosh`; Keras `LogCosh`, whose ln 2 is a float32 also in f64: its values are off by 1.9e-9 there.
    /// # Examples
    /// ```
    /// use microloss::{Elements, ElementLoss, element::LogCosh};
    /// let mut scores = [1e-4_f32];
    /// let value = LogCosh::new().mean(Elements::in_place(&mut scores, &[0.0]))?;
    /// assert!((value / 5e-9 - 1.0).abs() < 1e-6 && scores == [1e-4], "{value}");
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct LogCosh[T] = "log_cosh",
        "Logarithm of the error's hyperbolic cosine", [6], logarithmic: false {
    }
}

impl<T: Real> ElementLoss<T> for LogCosh<T> {
    const TARGETS: TargetKind = TargetKind::Numbers;

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn element(&self, _input: Input, [prediction]: [T; 1], target: T, _column: usize) -> (T, [T; 1]) {
        let (error, lost) = two_difference(prediction, target);
        let (value, slope) = ln_cosh(error, lost);
        (value, [slope])
    }
}
