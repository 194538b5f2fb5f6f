//! Lovász hinge.

use crate::loss::loss;
use crate::math::{BLOCK, LovaszSum, entry, negated, ordered, pixel, unordered};
use crate::parameter::Domain;
use crate::shape::{Access, IGNORED, Image, RegionLoss, View, check_length};
use crate::{Error, Input, Real, Sort};

loss! {
    /// Lovász hinge: a convex surrogate of the Jaccard loss (1 - IoU) of a foreground against its background.
    ///
    /// ```text
    /// l = Σ_k [e_π(k)]₊ w_k,   e_i = 1 - s_i x_i,   s_i = ±1,   π sorts e in falling order
    /// w = 1/(G + B) for foreground, (G - F)/((G + B)(G + B + 1)) for background
    /// ```
    /// where G counts the foreground, F and B the fore- and background already seen.
    /// # Gradient
    /// `-s_i w` of the pixel's rank where e_i > 0, else 0. Of equal errors the lowest index comes first.
    /// # Domain
    /// Logits: all numbers. An image without foreground is not an error: its loss is the largest `max(e, 0)`.
    /// # Parameters
    /// `from`: logits.
    /// # Cost
    /// O(n log n) or O(n²) for the n pixels with e > 0, as the scratch allows: N entries for an insertion sort,
    /// 2 N for a merge sort, which on 64-bit hosts is a radix sort of O(n) for large images.
    /// # Accuracy
    /// At most 2 ULP (value) and 2 (gradient) in f32, 2 and 1 in f64: `tests/golden.rs`. Large images
    /// in f32: `examples/accuracy.rs`.
    /// # Errors
    /// Those of the batch calls: see [`RegionLoss`].
    /// # Reference
    /// Berman et al. 2018, "The Lovász-Softmax loss", arXiv 1705.08790; Yu and Blaschko 2015. The authors'
    /// `lovasz_hinge`, kornia, segmentation-models-pytorch `LovaszLoss`. The weights are in closed form; the reference's
    /// cumulative differences lose all digits in f32. Its variant with elu is another loss.
    /// # Examples
    /// ```
    /// use microloss::{Entry, RegionLoss, Regions, region::LovaszHinge};
    /// let mut scratch = [[Entry::default(); 3]; 1];
    /// let mut gradient = [[0.0; 3]];
    /// let batch = Regions::binary(&[[0.5_f32, -0.5, 2.0]], &[[1_u8, 0, 1]], &mut scratch);
    /// let value = LovaszHinge::new().mean(batch.gradient(&mut gradient))?;
    /// assert!((value - 0.333_333_33).abs() < 1e-7, "{value}");
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct LovaszHinge[T] = "lovasz_hinge",
        "Convex surrogate of 1 - IoU of a foreground, on logits", [58], logarithmic: false {
        /// What the scores are: logits.
        from: Input = Input::Logits, Domain::Inputs(&[Input::Logits]);
    }
}

impl<T: Real> RegionLoss<T> for LovaszHinge<T> {
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn image<S: Access<T>>(&self, image: Image<'_, T, S>) -> T {
        let Image { mut scores, labels, scratch, sort, scale, .. } = image;
        let (items, spare) = scratch.split_at_mut_checked(labels.count()).unwrap_or_default();
        let (mut count, mut foreground) = (0_usize, 0_u32);
        for (block, scores) in scores.view().parts(BLOCK).enumerate() {
            let start = block.wrapping_mul(BLOCK);
            let classes = labels.classes::<BLOCK>(start);
            let (mut entries, mut wrong) = ([[T::zero(); 2]; BLOCK], [false; BLOCK]);
            let found = entries.iter_mut().zip(&mut wrong);
            for (lane, ((score, &class), (slot, wrong))) in
                scores.column().zip(&classes).zip(found).enumerate()
            {
                let is_own = class == 1;
                // Exact; 1 + wrong is rounded, and would tie what does not.
                let key = ordered(negated(score, is_own));
                *slot = entry(key, start.wrapping_add(lane), is_own);
                *wrong = (class != IGNORED) & (key > ordered(-T::one()));
                foreground = foreground.wrapping_add(is_own.into());
            }
            for (entry, is_wrong) in entries.into_iter().zip(wrong) {
                if let Some(slot) = items.get_mut(count) {
                    *slot = entry;
                    count = count.wrapping_add(is_wrong.into());
                }
            }
        }
        let mut gradient = scores.slots();
        if let Some(gradient) = &mut gradient {
            gradient.fill(T::zero());
        }
        let mut sum = LovaszSum::new(sort);
        let error = |key| T::one() + unordered::<T>(key);
        let items = items.get_mut(..count).unwrap_or_default();
        sum.add(items, spare, foreground, error, |entry, slope| {
            if let Some(gradient) = &mut gradient
                && let Some(slot) = gradient.get_mut(pixel(entry))
            {
                *slot = slope * scale;
            }
        });
        sum.value()
    }

    fn input(&self) -> Input {
        self.from
    }

    fn classes(&self, columns: usize) -> Result<usize, Error> {
        check_length("columns", 1, columns)?;
        Ok(2)
    }

    fn entries(&self, sort: Sort, pixels: usize, _in_place: bool) -> usize {
        sort.entries(pixels)
    }
}
