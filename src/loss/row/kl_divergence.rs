//! Kullback-Leibler divergence.

use crate::loss::loss;
use crate::math::{class_nll, relative_entropy, weighted_nll};
use crate::parameter::Domain;
use crate::shape::{Access, RowBlock, RowLoss, RowTargets};
use crate::{Input, Real};

loss! {
    /// Kullback-Leibler divergence of a predicted distribution p from a target q.
    ///
    /// ```text
    /// KL(q‖p) = Σ_{q_c > 0} q_c (ln q_c - ln p_c)
    /// ```
    /// # Gradient
    /// `(Σ q) p - q` from logits, `-q / p` from probabilities, `-q` from log-probabilities.
    /// # Domain
    /// As [`CrossEntropy`](super::CrossEntropy). Terms with q = 0 are 0 whatever p is; a label is the
    /// distribution that has all of it.
    /// # Parameters
    /// `from`: logits, probabilities or log-probabilities.
    /// # Cost
    /// O(C), a ln for each q, and from logits C + 2 exp and a ln; from probabilities it is a ln of q/p; no scratch. The mean
    /// is over rows, not over classes.
    /// # Accuracy
    /// At most 3 ULP (value) and 3 (gradient) in f32, 2 and 2 in f64: `tests/golden.rs`. Up to 4
    /// in adversarial rows of f32: `examples/accuracy.rs`.
    /// # Errors
    /// Those of the batch calls: see [`RowLoss`].
    /// # Reference
    /// Kullback and Leibler 1951. PyTorch `KLDivLoss(reduction="batchmean")` (its `"mean"` divides by C as well and
    /// is not the divergence), burn, optax, kornia; Keras clips p to [1e-7, 1]. CMSIS-DSP gives no gradient, and
    /// NaN for a zero.
    /// # Examples
    /// ```
    /// use microloss::{Rows, RowLoss, row::KlDivergence};
    /// let value = KlDivergence::new().mean(Rows::new(&[[1.0_f32, 1.0, 1.0]], &[[0.5_f32, 0.5, 0.0]]))?;
    /// assert!((value - 0.405_465).abs() < 1e-6, "{value}"); // ln(3/2)
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct KlDivergence[T] = "kl_divergence",
        "Kullback-Leibler divergence from a target distribution", [34], logarithmic: true {
        /// What the scores are.
        from: Input = Input::Logits,
            Domain::Inputs(&[Input::Logits, Input::Probabilities, Input::LogProbabilities]);
        }
}

impl<T: Real> RowLoss<T> for KlDivergence<T> {
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn rows<const L: usize, const R: usize, S: Access<T>>(
        &self,
        rows: &mut RowBlock<'_, T, L, R, S>,
    ) -> [T; R] {
        if let RowTargets::Classes(classes) = rows.targets() {
            return class_nll(rows, self.from, classes, [T::one(); R]);
        }
        weighted_nll(
            rows,
            self.from,
            #[inline(always)]
            |_, q| q,
            None,
            Real::ln,
            relative_entropy,
        )
    }

    fn input(&self) -> Input {
        self.from
    }
}
