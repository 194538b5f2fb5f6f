//! Brier score.

use crate::loss::loss;
use crate::math::divergence;
use crate::parameter::Domain;
use crate::shape::{Access, RowBlock, RowLoss};
use crate::{Input, Real};

loss! {
    /// Brier score: the squared distance of a predicted distribution p from the right class, or from a target q.
    ///
    /// ```text
    /// l = Σ_c (p_c - q_c)²,   from 0 to 2
    /// ```
    /// # Gradient
    /// With d = p - q: `2 p (d - Σ_c p_c d_c)` from logits, `2 d` from probabilities, `2 p d` from log-probabilities.
    /// # Domain
    /// Logits: all numbers, infinities included, but not +inf twice nor nothing but -inf. Probabilities: 0 to 1.
    /// Distributions sum to 1 within 1e-3. Nothing is bounded: there is no logarithm, and no unit.
    /// # Parameters
    /// `from`: logits, probabilities or log-probabilities.
    /// # Cost
    /// O(C), from logits 2 C exp and a ln, from log-probabilities an exp a class, where q is 1 an exp_m1; no scratch.
    /// The mean divides by N.
    /// # Accuracy
    /// At most 2 ULP (value) and 3 (gradient) in f32, 2 and 3 in f64: `tests/golden.rs`. Up to 5 in
    /// adversarial rows of f32: `examples/accuracy.rs`.
    /// # Errors
    /// Those of the batch calls: see [`RowLoss`].
    /// # Reference
    /// Brier 1950, the sum over all classes. Of two classes it is twice `(p - y)²`, which scikit-learn's
    /// `brier_score_loss` gives for them; a mean over classes, as mean squared error takes it, divides by C.
    /// # Examples
    /// ```
    /// use microloss::{Input, Rows, RowLoss, row::Brier};
    /// let loss = Brier::new().from(Input::Probabilities)?;
    /// let value = loss.mean(Rows::new(&[[0.25_f32, 0.5, 0.25]], &[1_u8]))?;
    /// assert_eq!(value, 0.375); // 1/16 + 1/4 + 1/16
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct Brier[T] = "brier",
        "Squared distance of a distribution from a class or a distribution", [55], logarithmic: false {
        /// What the scores are.
        from: Input = Input::Logits,
            Domain::Inputs(&[Input::Logits, Input::Probabilities, Input::LogProbabilities]);
        }
}

impl<T: Real> RowLoss<T> for Brier<T> {
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn rows<const L: usize, const R: usize, S: Access<T>>(
        &self,
        rows: &mut RowBlock<'_, T, L, R, S>,
    ) -> [T; R] {
        divergence(
            rows,
            self.from,
            #[inline(always)]
            |class| class.difference * (class.difference * T::UNSCALE),
            #[inline(always)]
            |_, class| T::of(2.0) * class.difference * T::UNSCALE,
        )
    }

    fn input(&self) -> Input {
        self.from
    }
}
