//! Cross entropy.

use crate::loss::loss;
use crate::math::{class_nll, probability_sum, weighted_nll};
use crate::parameter::Domain;
use crate::shape::{Access, Denominator, RowBlock, RowLoss, RowTargets};
use crate::{Input, Real};

loss! {
    /// Cross entropy: the negative log-likelihood of the right class, or its expectation under a distribution.
    ///
    /// ```text
    /// l = Σ_c w_c q'_c (-ln p_c),   q' = (1 - ε) q + ε / C,   q = the one-hot of a label, or a distribution
    /// p = softmax(x) from logits; the scores from probabilities; their exponentials from log-probabilities
    /// ```
    /// # Gradient
    /// With a = w q': `(Σ a) p - a` from logits, `-a / p` from probabilities, `-a` from log-probabilities.
    /// # Domain
    /// Logits: all numbers; -inf is legal where q' is 0. Probabilities: 0 to 1; ln p is bounded below by -100 and
    /// 1/p above by 1e12. Distributions sum to 1 within 1e-3. From logits, what is below e^-131 of the largest
    /// exponential (f64: e^-846) counts as 0, which a weight above 1e11 (1e43) shows.
    /// # Parameters
    /// `from`: logits, probabilities or log-probabilities. `weights` w ≥ 0, one a class: 1. `label_smoothing` ε
    /// from 0 to 1: 0.
    /// # Cost
    /// O(C), from logits C + 2 exp and a ln, for the gradient a multiplication or two a class more; from probabilities
    /// a ln, or C with a distribution; no scratch. With labels the mean divides by the sum of the labels' weights
    /// (class weight times sample weight), with distributions by N.
    /// # Accuracy
    /// At most 3 ULP (value) and 3 (gradient) in f32, 2 and 3 in f64: `tests/golden.rs`. Up to 4 in
    /// adversarial rows of f32: `examples/accuracy.rs`.
    /// # Errors
    /// Those of the batch calls: see [`RowLoss`].
    /// # Reference
    /// Good 1952; smoothing: Szegedy et al. 2016, arXiv 1512.00567. PyTorch `CrossEntropyLoss`, whose distributions need
    /// not sum to 1; optax, Keras `CategoricalCrossentropy`. The mean of burn and of segmentation-models-pytorch
    /// `SoftCrossEntropyLoss` counts ignored items. Smoothing with ε / (C - 1), as in fairseq, is this with
    /// ε C / (C - 1).
    /// # Examples
    /// ```
    /// use microloss::{Rows, RowLoss, row::CrossEntropy};
    /// let loss = CrossEntropy::new().weights(Some(&[1.0, 2.0, 0.5]))?.label_smoothing(0.1)?;
    /// let value = loss.mean(Rows::new(&[[2.0_f32, -1.0, 0.3], [0.1, 0.2, 3.0]], &[0_u8, 255]).ignore_index(255))?;
    /// assert!((value - 0.440_837_8).abs() < 1e-6, "{value}");
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct CrossEntropy['a, T] = "cross_entropy",
        "Cross entropy against labels or distributions", [31, 32, 33], logarithmic: true {
        /// What the scores are.
        from: Input = Input::Logits,
            Domain::Inputs(&[Input::Logits, Input::Probabilities, Input::LogProbabilities]);
        /// A weight for each class; none weighs all 1.
        weights: Option<&'a [T]> = None, Domain::Weights;
        /// The part of the target that is spread evenly over all classes.
        label_smoothing: T = T::zero(), Domain::Unit;
    }
}

impl<T: Real> RowLoss<T> for CrossEntropy<'_, T> {
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn rows<const L: usize, const R: usize, S: Access<T>>(
        &self,
        rows: &mut RowBlock<'_, T, L, R, S>,
    ) -> [T; R] {
        if let (RowTargets::Classes(classes), true) = (rows.targets(), self.label_smoothing == T::zero()) {
            return class_nll(rows, self.from, classes, classes.map(|class| self.weight(class)));
        }
        if self.from == Input::Logits {
            self.soft::<L, R, S, true>(rows)
        } else {
            self.soft::<L, R, S, false>(rows)
        }
    }

    fn input(&self) -> Input {
        self.from
    }

    fn denominator(&self) -> Denominator<'_, T> {
        Denominator::Weights(self.weights)
    }
}

impl<T: Real> CrossEntropy<'_, T> {
    /// Against distributions and smoothed labels. On boards a function of its own: with it the whole is too large for the
    /// compiler to see that few need it; and `LOGITS` says what the scores are, so that those of one kind need no other.
    #[cfg_attr(target_arch = "arm", inline(never))]
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn soft<const L: usize, const R: usize, S: Access<T>, const LOGITS: bool>(
        &self,
        rows: &mut RowBlock<'_, T, L, R, S>,
    ) -> [T; R] {
        let from = match self.from {
            _ if LOGITS => Input::Logits,
            Input::LogProbabilities => Input::LogProbabilities,
            _ => Input::Probabilities,
        };
        let kept = T::one() - self.label_smoothing;
        let spread = self.label_smoothing / T::of_count(rows.columns());
        let is_label = matches!(rows.targets(), RowTargets::Classes(_));
        let mass = (is_label && self.weights.is_none()).then_some(T::one());
        let coefficient = |class, q| self.weight(class) * (kept * q + spread);
        weighted_nll(
            rows,
            from,
            coefficient,
            mass,
            |_| T::zero(),
            #[inline(always)]
            |rows| probability_sum(rows, coefficient),
        )
    }

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn weight(&self, class: u32) -> T {
        self.weights.and_then(|weights| weights.get(class as usize)).copied().unwrap_or_else(T::one)
    }
}
