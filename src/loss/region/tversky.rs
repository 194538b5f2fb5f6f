//! Tversky loss.

use crate::loss::loss;
use crate::parameter::{Classes, Domain};
use crate::shape::{Overlap, OverlapLoss};
use crate::{Input, Real};

loss! {
    /// Tversky loss: as Jaccard and Dice, with false positives and false negatives weighed each for itself.
    ///
    /// ```text
    /// l = 1 - (I + s) / (I + α FP + β FN + s),   I = Σ p t,   FP = Σ p (1 - t),   FN = Σ (1 - p) t
    /// ```
    /// of a class, averaged over classes. It is computed as `(α FP + β FN) / (I + α FP + β FN + s)`: a good overlap
    /// keeps its digits.
    /// # Gradient
    /// With D the denominator, N = I + s and E = D - N: `-(β N + E) / D²` of a pixel of the region and `α N / D²` of any
    /// other; between for a soft target; from logits times p (1 - p).
    /// # Domain
    /// Probabilities: 0 to 1. Logits: all numbers, of one class. Targets: labels; with one score a pixel also numbers
    /// from 0 to 1. Neither region nor prediction: 0, and with s = 0 so is the gradient.
    /// # Parameters
    /// `from`: probabilities or logits. `classes`: all (default), those present in the image's labels, or a list.
    /// `fp_weight` α ≥ 0: 0.5; `fn_weight` β ≥ 0: 0.5; 0.3 and 0.7 in the paper. `smooth` s ≥ 0: 1e-5.
    /// # Cost
    /// O(N C), twice for the gradient; from logits two exponentials a pixel; no scratch.
    /// # Accuracy
    /// At most 1 ULP (value) and 3 (gradient) in f32, 1 and 2 in f64: `tests/golden.rs`.
    /// # Errors
    /// Those of the batch calls: see [`RegionLoss`](crate::RegionLoss).
    /// # Reference
    /// Salehi et al. 2017, arXiv 1706.05721. MONAI and segmentation-models-pytorch `TverskyLoss`, optax. Keras up to
    /// 3.15.1 has α and β swapped. With 0.5 and 0.5 it is Dice with twice this s, with 1 and 1 Jaccard.
    /// segmentation-models-pytorch takes min(p, t) for p t of soft targets.
    /// # Examples
    /// ```
    /// use microloss::{RegionLoss, Regions, region::Tversky};
    /// let loss = Tversky::new().fp_weight(0.3)?.fn_weight(0.7)?;
    /// let value = loss.mean(Regions::binary(&[[0.9_f32, 0.2, 0.7]], &[[1_u8, 0, 1]], &mut []))?;
    /// assert!((value - 0.175_257).abs() < 1e-6, "{value}");
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct Tversky['a, T] = "tversky",
        "1 - Tversky index: false positives and negatives with weights", [63], logarithmic: false {
        /// What the scores are: probabilities, or the logits of one class.
        from: Input = Input::Probabilities, Domain::Inputs(&[Input::Probabilities, Input::Logits]);
        /// The classes that are averaged over.
        classes: Classes<'a> = Classes::All, Domain::Classes;
        /// The weight of false positives.
        fp_weight: T = T::of(0.5), Domain::NonNegative;
        /// The weight of false negatives.
        fn_weight: T = T::of(0.5), Domain::NonNegative;
        /// What is added to numerator and denominator.
        smooth: T = T::of(1e-5), Domain::NonNegative;
    }
}

impl<T: Real> OverlapLoss for Tversky<'_, T> {
    type Number = T;

    fn overlap(&self) -> Overlap<'_, T> {
        let Self { from, classes, fp_weight: excess, fn_weight: missing, smooth, .. } = *self;
        Overlap { from, classes, weights: None, shared: T::one(), excess, missing, smooth, is_squared: false }
    }
}
