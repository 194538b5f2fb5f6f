//! Dice loss.

use crate::loss::loss;
use crate::parameter::{Classes, Domain};
use crate::shape::{Overlap, OverlapLoss};
use crate::{Input, Real};

loss! {
    /// Dice loss: 1 minus twice the intersection over the sizes of predictions and region.
    ///
    /// ```text
    /// l = 1 - (2 I + s) / (P + T + s),   I = Σ p t,   P = Σ p or Σ p²,   T = Σ t or Σ t²
    /// ```
    /// of a class, times its weight, averaged over classes. It is computed as `(P + T - 2 I) / (P + T + s)`, whose
    /// numerator is a sum of positive terms: a good overlap keeps its digits.
    /// # Gradient
    /// With D = P + T + s and N = 2 I + s: `(N - 2 t D) / D²`, squared `2 (p N - t D) / D²`; from logits times p (1 - p).
    /// # Domain
    /// Probabilities: 0 to 1. Logits: all numbers, of one class. Targets: labels; with one score a pixel also numbers
    /// from 0 to 1. Neither region nor prediction: 0, and with s = 0 so is the gradient.
    /// # Parameters
    /// `from`: probabilities or logits. `classes`: all (default), those present in the image's labels, or a list, as one
    /// without the background. `weights` w ≥ 0, one a class: 1; the mean divides by the number of classes. `smooth`
    /// s ≥ 0: 1e-5. `squared`: false.
    /// # Cost
    /// O(N C), twice for the gradient; from logits two exponentials a pixel; no scratch.
    /// # Accuracy
    /// At most 2 ULP (value) and 3 (gradient) in f32, 1 and 2 in f64: `tests/golden.rs`.
    /// # Errors
    /// Those of the batch calls: see [`RegionLoss`](crate::RegionLoss).
    /// # Reference
    /// Milletari et al. 2016, V-Net, arXiv 1606.04797 (squared); Sudre et al. 2017. MONAI `DiceLoss`
    /// (`squared_pred`, `weight`, without `include_background` a list of the other classes). optax and
    /// segmentation-models-pytorch 0.6: s is twice their smooth. Keras adds its epsilon to the denominator alone, so that
    /// nothing against nothing is 1; kornia averages the classes present; `SegLossOdyssey` gives -Dice with s = 1.
    /// # Examples
    /// ```
    /// use microloss::{RegionLoss, Regions, region::Dice};
    /// let batch = Regions::binary(&[[0.9_f32, 0.2, 0.7]], &[[1_u8, 0, 1]], &mut []);
    /// let value = Dice::new().mean(batch)?;
    /// assert!((value - 0.157_894_3).abs() < 1e-6, "{value}");
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct Dice['a, T] = "dice",
        "1 - Dice coefficient of predictions and a region", [61], logarithmic: false {
        /// What the scores are: probabilities, or the logits of one class.
        from: Input = Input::Probabilities, Domain::Inputs(&[Input::Probabilities, Input::Logits]);
        /// The classes that are averaged over.
        classes: Classes<'a> = Classes::All, Domain::Classes;
        /// What the loss of each class is multiplied by; none is 1 for all.
        weights: Option<&'a [T]> = None, Domain::Weights;
        /// What is added to numerator and denominator.
        smooth: T = T::of(1e-5), Domain::NonNegative;
        /// Whether the sizes are sums of squares.
        squared: bool = false, Domain::Flags;
    }
}

impl<T: Real> OverlapLoss for Dice<'_, T> {
    type Number = T;

    fn overlap(&self) -> Overlap<'_, T> {
        let Self { from, classes, weights, smooth, squared: is_squared, .. } = *self;
        let [excess, missing] = [T::one(); 2];
        Overlap { from, classes, weights, shared: T::of(2.0), excess, missing, smooth, is_squared }
    }
}
