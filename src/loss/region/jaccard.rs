//! Jaccard loss.

use crate::loss::loss;
use crate::parameter::{Classes, Domain};
use crate::shape::{Overlap, OverlapLoss};
use crate::{Input, Real};

loss! {
    /// Jaccard loss, or soft IoU: 1 minus the intersection over the union of predictions and region.
    ///
    /// ```text
    /// l = 1 - (I + s) / (U + s),   I = Σ p t,   U = Σ p + Σ t - I
    /// ```
    /// of a class, averaged over classes. It is computed as `(U - I) / (U + s)`, whose numerator is a sum of
    /// positive terms: a good overlap keeps its digits.
    /// # Gradient
    /// `-(U + s) / (U + s)²` of a pixel of the region and `(I + s) / (U + s)²` of any other; between for a soft target;
    /// from logits times p (1 - p).
    /// # Domain
    /// Probabilities: 0 to 1. Logits: all numbers, of one class. Targets: labels; with one score a pixel also numbers
    /// from 0 to 1. Neither region nor prediction: 0, and with s = 0 so is the gradient.
    /// # Parameters
    /// `from`: probabilities or logits. `classes`: all (default), those present in the image's labels, or a list.
    /// `smooth` s ≥ 0: 1e-5.
    /// # Cost
    /// O(N C), twice for the gradient; from logits two exponentials a pixel; no scratch.
    /// # Accuracy
    /// At most 1 ULP (value) and 3 (gradient) in f32, 1 and 2 in f64: `tests/golden.rs`.
    /// # Errors
    /// Those of the batch calls: see [`RegionLoss`](crate::RegionLoss).
    /// # Reference
    /// Rahman and Wang 2016. segmentation-models-pytorch `JaccardLoss` (its smooth is 0 by default); MONAI `DiceLoss`
    /// with `jaccard=True` is this with twice its smooth. `SegLossOdyssey` gives -IoU.
    /// # Examples
    /// ```
    /// use microloss::{RegionLoss, Regions, region::Jaccard};
    /// let batch = Regions::binary(&[[0.9_f32, 0.2, 0.7]], &[[1_u8, 0, 1]], &mut []);
    /// let value = Jaccard::new().mean(batch)?;
    /// assert!((value - 0.272_726).abs() < 1e-6, "{value}");
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct Jaccard['a, T] = "jaccard",
        "1 - IoU of predictions and a region", [60], logarithmic: false {
        /// What the scores are: probabilities, or the logits of one class.
        from: Input = Input::Probabilities, Domain::Inputs(&[Input::Probabilities, Input::Logits]);
        /// The classes that are averaged over.
        classes: Classes<'a> = Classes::All, Domain::Classes;
        /// What is added to intersection and union.
        smooth: T = T::of(1e-5), Domain::NonNegative;
    }
}

impl<T: Real> OverlapLoss for Jaccard<'_, T> {
    type Number = T;

    fn overlap(&self) -> Overlap<'_, T> {
        let Self { from, classes, smooth, .. } = *self;
        let [shared, excess, missing] = [T::one(); 3];
        Overlap { from, classes, weights: None, shared, excess, missing, smooth, is_squared: false }
    }
}
