//! Balanced cross entropy.

use crate::lanes::{Sum, scalar};
use crate::loss::loss;
use crate::math::{binary_nll, label_nll, two_difference, two_quotient};
use crate::parameter::Domain;
use crate::shape::ElementLoss;
use crate::{Input, Real};

loss! {
    /// Balanced cross entropy: binary cross entropy in which both classes weigh the same, however rare one is.
    ///
    /// ```text
    /// l = α y sp(-x) + (1 - α) (1 - y) sp(x),   sp(z) = ln(1 + e^z)   from a logit x
    /// l = -α y ln p - (1 - α) (1 - y) ln(1 - p)                       from a probability p
    /// ```
    /// # Gradient
    /// `(1 - α) (1 - y) σ(x) - α y σ(-x)` from a logit; from a probability over `max(p (1 - p), 1e-12)`.
    /// # Domain
    /// As [`BinaryCrossEntropy`](super::BinaryCrossEntropy). A batch without positives has α = 1, one without
    /// negatives α = 0: both lose all terms, and the loss is 0.
    /// # Parameters
    /// `from`: logits or probabilities. `alpha` from 0 to 1, or none: computed from the batch's labels that are
    /// not ignored, α / (1 - α) = negatives / positives.
    /// # Cost
    /// O(1), that of [`BinaryCrossEntropy`](super::BinaryCrossEntropy); no scratch; a pass over the labels where α is
    /// computed. The mean divides by N.
    /// # Accuracy
    /// At most 3 ULP (value) and 3 (gradient) in f32, 2 and 3 in f64: `tests/golden.rs`. For all of
    /// f32: `examples/accuracy.rs`.
    /// # Errors
    /// Those of the batch calls: see [`ElementLoss`].
    /// # Reference
    /// Xie and Tu 2015, "Holistically-Nested Edge Detection", arXiv 1504.06375. Equals binary cross entropy with
    /// `pos_weight` α / (1 - α), times 1 - α.
    /// # Examples
    /// ```
    /// use microloss::{Elements, ElementLoss, element::BalancedCrossEntropy};
    /// let scores = [1.0_f32, -2.0, -1.0, 0.5];
    /// let value = BalancedCrossEntropy::new().mean(Elements::new(&scores, &[1_u8, 0, 0, 0]))?;
    /// assert!((value - 0.147_128_23).abs() < 1e-7, "{value}"); // α = 3/4
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct BalancedCrossEntropy[T] = "balanced_cross_entropy",
        "Binary cross entropy with each class weighted by the other's frequency", [23], logarithmic: true {
        /// What the scores are: logits or probabilities.
        from: Input = Input::Logits, Domain::Inputs(&[Input::Logits, Input::Probabilities]);
        /// The weight of label 1, and one minus that of label 0; none computes it from the batch.
        alpha: Option<T> = None, Domain::Unit;
    }
    derived {
        // The weight of label 0 with all its digits, where alpha was computed.
        complement: Option<T> = None;
        // What the rounding of both lost: of that weight, and of alpha.
        lost: [T; 2] = [T::zero(); 2];
    }
}

impl<T: Real> ElementLoss<T> for BalancedCrossEntropy<T> {
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn element(&self, input: Input, [score]: [T; 1], target: T, _column: usize) -> (T, [T; 1]) {
        let rest = T::one() - target;
        // A lone element is a batch of one: its own label has no opposite, and weighs nothing.
        let alpha = self.alpha.unwrap_or(rest);
        let [complement_lost, alpha_lost] = self.lost;
        let (complement, complement_lost) = self
            .complement
            .map_or_else(|| two_difference(T::one(), alpha), |complement| (complement, complement_lost));
        let (value, slope) = if input == Input::Logits && target == T::zero() {
            label_nll(score, target, (complement, complement_lost / complement))
        } else if input == Input::Logits && target == T::one() {
            label_nll(score, target, (alpha, alpha_lost / alpha))
        } else {
            binary_nll(score, input, complement * rest, alpha * target)
        };
        (value, [slope])
    }

    fn input(&self) -> Input {
        self.from
    }

    fn fit(&self, targets: impl Iterator<Item = T>) -> Self {
        if self.alpha.is_some() {
            return *self;
        }
        let (mut negatives, mut positives, mut count) = (Sum::default(), Sum::default(), 0_usize);
        for target in targets {
            scalar();
            negatives.add(T::one() - target);
            positives.add(target);
            count = count.saturating_add(1);
        }
        if count == 0 {
            return *self;
        }
        let count = (T::of_count(count), T::zero());
        let (alpha, alpha_lost) = two_quotient(negatives.parts(), count);
        let (complement, complement_lost) = two_quotient(positives.parts(), count);
        Self {
            alpha: Some(alpha),
            complement: Some(complement),
            lost: [complement_lost, alpha_lost],
            ..*self
        }
    }
}
