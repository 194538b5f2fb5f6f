//! Hinge loss.

use crate::loss::loss;
use crate::parameter::Domain;
use crate::shape::{ElementLoss, TargetKind};
use crate::{Input, Real};

loss! {
    /// Hinge loss: what a score lacks to be on the right side of 0 by a margin.
    ///
    /// ```text
    /// l = max(m - s x, 0),   s = -1 or 1
    /// ```
    /// # Gradient
    /// `-s` where s x < m, else 0: a subgradient where they are equal.
    /// # Domain
    /// Scores: all numbers; ±inf costs 0 with its own sign and is refused with the other. Targets:
    /// [`Sign`](crate::Sign), or integers -1 and 1; a label 0 is refused, and never taken for -1.
    /// # Parameters
    /// `margin` m ≥ 0, 1.
    /// # Cost
    /// O(1), no exp or ln; no scratch. The mean divides by the number of elements.
    /// # Accuracy
    /// At most 2 ULP (value) and 1 (gradient) in f32, 1 and 1 in f64: `tests/golden.rs`. For all of f32:
    /// `examples/accuracy.rs`.
    /// # Errors
    /// Those of the batch calls: see [`ElementLoss`].
    /// # Reference
    /// Cortes and Vapnik 1995, "Support-Vector Networks". Keras `Hinge` takes 0 for -1 where every label of a batch is
    /// 0 or 1, so that one stray -1 leaves the zeros as zeros; optax `hinge_loss`. Both have m = 1.
    /// # Examples
    /// ```
    /// use microloss::{Elements, ElementLoss, Sign, element::Hinge};
    /// let mut scores = [0.25_f32, 3.0, 0.5];
    /// let signs = [Sign::Positive, Sign::Positive, Sign::Negative];
    /// let value = Hinge::new().sum(Elements::in_place(&mut scores, &signs))?;
    /// assert_eq!((value, scores), (0.75 + 1.5, [-1.0, 0.0, 1.0]));
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct Hinge[T] = "hinge",
        "What a score lacks to a margin on its side of 0", [25], logarithmic: false {
        /// How far on the right side a score costs nothing.
        margin: T = T::one(), Domain::NonNegative;
    }
}

impl<T: Real> ElementLoss<T> for Hinge<T> {
    const TARGETS: TargetKind = TargetKind::Signs;

    #[inline(always)]
    fn element(&self, _input: Input, [score]: [T; 1], sign: T, _column: usize) -> (T, [T; 1]) {
        let lacking = self.margin - sign * score;
        let is_right = lacking <= T::zero();
        let slope = if lacking > T::zero() { -sign } else { lacking };
        (if is_right { T::zero() } else { lacking }, [if is_right { T::zero() } else { slope }])
    }
}
