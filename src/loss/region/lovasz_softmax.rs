//! Lovász softmax.

use crate::loss::loss;
use crate::math::ByClass;
use crate::parameter::{Classes, Domain};
use crate::shape::{Access, Image, RegionLoss};
use crate::{Error, Input, Real, Sort};

loss! {
    /// Lovász softmax: a surrogate of the Jaccard loss (1 - IoU), averaged over classes.
    ///
    /// ```text
    /// l = mean over classes c of Σ_k e_π(k) w_k,   e_i = |[t_i = c] - p_ic|,   π sorts e in falling order
    /// ```
    /// with the weights w of [`LovaszHinge`](super::LovaszHinge), the class being the foreground.
    /// # Gradient
    /// With respect to p_ic `sign(p_ic - [t_i = c]) w / classes`, then through the softmax. Of equal errors the
    /// lowest index comes first.
    /// # Domain
    /// Logits: all numbers. Probabilities: 0 to 1.
    /// # Parameters
    /// `from`: logits or probabilities. `classes`: those present in the image's labels (default), all, or a list.
    /// # Cost
    /// A sort of the N pixels for each class: N entries of scratch for an insertion sort, 2 N for a merge sort. Twice
    /// N C exponentials; with an insertion sort the value takes N C² / 2. The value walks through all scores for each
    /// class; every N / 2 entries more take in one more class on each walk. In place from logits the gradient takes
    /// 2 N entries more, and sorts each class three times.
    /// # Accuracy
    /// At most 2 ULP (value) and 4 (gradient) in f32, 1 and 4 in f64: `tests/golden.rs`. That of the gradient holds
    /// for the order of the errors as computed: errors closer than their own rounding may change places. From logits in
    /// f32 it is at most 3.3 times 2^-24 of the magnitudes of its terms in the images of `examples/accuracy.rs`.
    /// # Errors
    /// Those of the batch calls: see [`RegionLoss`].
    /// # Reference
    /// Berman et al. 2018, arXiv 1705.08790. The authors' `lovasz_softmax` takes a batch for one image unless
    /// `per_image=True`. kornia's equals `classes` all (before 0.9.0 its weights were another function of the labels);
    /// segmentation-models-pytorch's present; `SegLossOdyssey` all.
    /// # Examples
    /// ```
    /// use microloss::{Entry, RegionLoss, Regions, region::LovaszSoftmax};
    /// let scores = [[[2.0_f32, 0.1, -1.0], [0.3, 1.0, 0.0], [0.0, 0.2, 0.9]]]; // one image of three pixels
    /// let mut scratch = [[Entry::default(); 3]; 2];
    /// let value = LovaszSoftmax::new().mean(Regions::multi_class(&scores, &[[0_u8, 1, 2]], &mut scratch))?;
    /// assert!((value - 0.387_464).abs() < 1e-6, "{value}");
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct LovaszSoftmax['a, T] = "lovasz_softmax",
        "Surrogate of 1 - mean IoU over classes", [59], logarithmic: false {
        /// What the scores are: logits or probabilities.
        from: Input = Input::Logits, Domain::Inputs(&[Input::Logits, Input::Probabilities]);
        /// The classes that are averaged over.
        classes: Classes<'a> = Classes::Present, Domain::Classes;
    }
}

impl<T: Real> RegionLoss<T> for LovaszSoftmax<'_, T> {
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn image<S: Access<T>>(&self, image: Image<'_, T, S>) -> T {
        let Image { mut scores, columns, labels, scratch, sort, scale } = image;
        let by_class = ByClass { from: self.from, classes: self.classes, columns, labels, sort };
        match scores.apart() {
            (original, Some(buffer)) => by_class.gradient(buffer, original, scratch, scale),
            (Some(scores), None) => by_class.value(scores, scratch),
            (None, None) => T::zero(),
        }
    }

    fn input(&self) -> Input {
        self.from
    }

    fn classes(&self, columns: usize) -> Result<usize, Error> {
        Ok(columns)
    }

    fn entries(&self, sort: Sort, pixels: usize, in_place: bool) -> usize {
        let kept = if in_place && self.from == Input::Logits { pixels.saturating_mul(2) } else { 0 };
        sort.entries(pixels).saturating_add(kept)
    }
}
