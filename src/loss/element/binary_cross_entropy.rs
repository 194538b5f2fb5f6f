//! Binary cross entropy.

use crate::loss::loss;
use crate::math::binary_nll;
use crate::parameter::{Domain, PerColumn};
use crate::shape::ElementLoss;
use crate::{Input, Real};

loss! {
    /// Binary cross entropy: the negative log-likelihood of a label 0 or 1, or of a soft one between.
    ///
    /// ```text
    /// l = w y sp(-x) + (1 - y) sp(x),   sp(z) = ln(1 + e^z)          from a logit x
    /// l = -w y ln p - (1 - y) ln(1 - p)                              from a probability p
    /// ```
    /// # Gradient
    /// `(1 - y) σ(x) - w y σ(-x)` from a logit; `((1 - y) p - w y (1 - p)) / max(p (1 - p), 1e-12)` from a
    /// probability.
    /// # Domain
    /// Logits: all numbers; ±inf costs 0 with its own label and is refused with the other. Probabilities:
    /// 0 to 1; the logarithms are bounded below by -100, so an exact 0 or 1 costs at most 100 w. Targets: 0 to 1. From
    /// logits, x beyond 131 (f64: 846) on its own side counts as that, which w above 1e11 (1e43) shows; and w above
    /// 1e19 (1e247) may be refused though the loss is within the type.
    /// # Parameters
    /// `from`: logits or probabilities. `pos_weight` w > 0, 1: a number, or one for each of several labels.
    /// `label_smoothing` s from 0 to 1, 0: y becomes y (1 - s) + s / 2.
    /// # Cost
    /// O(1), from logits an exp and a ln, from probabilities a ln, or two for a soft label; no scratch. The mean
    /// divides by the number of elements.
    /// # Accuracy
    /// At most 3 ULP (value) and 3 (gradient) in f32, 1 and 3 in f64: `tests/golden.rs`. For all of
    /// f32: `examples/accuracy.rs`.
    /// # Errors
    /// Those of the batch calls: see [`ElementLoss`].
    /// # Reference
    /// Good 1952. PyTorch `BCEWithLogitsLoss` (NaN for ±inf with its own label), `BCELoss`; optax
    /// `sigmoid_binary_cross_entropy`; Keras `BinaryCrossentropy` clips p to [1e-7, 1 - 1e-7] instead; candle takes the
    /// logarithm of a sigmoid, which is infinite or NaN in f32 from x = 17 on.
    /// # Examples
    /// ```
    /// use microloss::{Elements, ElementLoss, element::BinaryCrossEntropy};
    /// let value = BinaryCrossEntropy::new().mean(Elements::new(&[20.0_f32, -3.0], &[1_u8, 0]))?;
    /// assert!((value - 0.024_293_68).abs() < 1e-8);
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct BinaryCrossEntropy['a, T] = "binary_cross_entropy",
        "Binary cross entropy on logits or probabilities", [21, 22], logarithmic: true {
        /// What the scores are: logits or probabilities.
        from: Input = Input::Logits, Domain::Inputs(&[Input::Logits, Input::Probabilities]);
        /// Multiplies the term of label 1.
        pos_weight: PerColumn<'a, T> = PerColumn::Same(T::one()), Domain::Positive;
        /// Moves labels towards 1/2.
        label_smoothing: T = T::zero(), Domain::Unit;
    }
}

impl<T: Real> ElementLoss<T> for BinaryCrossEntropy<'_, T> {
    #[inline(always)]
    fn element(&self, input: Input, [score]: [T; 1], target: T, column: usize) -> (T, [T; 1]) {
        let (one, half) = (T::one(), T::of(0.5));
        // 1 - y is smoothed by itself: a subtraction would lose its last digits.
        let smooth = |y: T| y * (one - self.label_smoothing) + half * self.label_smoothing;
        let (negative, positive) = (smooth(one - target), smooth(target));
        let (value, slope) = binary_nll(score, input, negative, self.pos_weight.at(column) * positive);
        (value, [slope])
    }

    fn bears_flushing(&self) -> bool {
        let (least, most) = (T::of(1e-10), T::of(1e10));
        let PerColumn::Same(weight) = self.pos_weight else { return false };
        let is_moderate = weight >= least && weight <= most;
        is_moderate && (self.label_smoothing == T::zero() || self.label_smoothing >= least)
    }

    fn input(&self) -> Input {
        self.from
    }
}
