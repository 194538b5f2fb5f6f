//! Multi-class focal loss.

use crate::lanes::scalar;
use crate::loss::loss;
use crate::math::{
    ScaledProbabilities, SoftmaxParts, power, probability_nll, product_of_parts, reciprocal, rounded,
    skip_zero, two_difference, two_sum,
};
use crate::parameter::Domain;
use crate::shape::{Access, RowBlock, RowLoss, RowTargets};
use crate::{Error, Input, Real};

loss! {
    /// Multi-class focal loss: cross entropy in which easy examples count little.
    ///
    /// ```text
    /// l = α_t u^γ (-ln p_t),   u = 1 - p_t
    /// ```
    /// # Gradient
    /// From logits, k = α_t u^γ (γ p_t (-ln p_t) / u + 1): `k p_j` for the wrong classes, `-k u` for the right one.
    /// From probabilities, at the right class only: `-α_t u^γ (γ (-ln p_t) / u + 1 / p_t)`.
    /// # Domain
    /// As [`CrossEntropy`](super::CrossEntropy), with labels only. From logits u is the sum of the other
    /// probabilities, never a subtraction. Where u^γ is subnormal it has few digits, which α above 1 shows.
    /// # Parameters
    /// `from`: logits or probabilities. `gamma` γ ≥ 0: 2. `alpha` α ≥ 0, one a class, or none: 1; from class
    /// counts by [`inverse_frequency`].
    /// # Cost
    /// From logits O(C): C + 1 exp, two ln and the `pow` of `libm` 0.2.16; from probabilities a ln and a `pow`; no
    /// scratch. α is part of the item's loss: the mean divides by N.
    /// # Accuracy
    /// At most 2 ULP (value) and 3 (gradient) in f32, 2 and 2 in f64: `tests/golden.rs`. For γ up to 5; grows with γ.
    /// Adversarial rows of f32: `examples/accuracy.rs`.
    /// # Errors
    /// Those of the batch calls: see [`RowLoss`].
    /// # Reference
    /// Lin et al. 2017, arXiv 1708.02002. kornia `focal_loss` (its `mean` divides by N C) and MONAI, whose α of one
    /// number is 1 - α for class 0; Keras `CategoricalFocalCrossentropy` multiplies every class by 0.25. That of
    /// segmentation-models-pytorch is a sigmoid for each class, another loss.
    /// # Examples
    /// ```
    /// use microloss::{Rows, RowLoss, row::{FocalMulticlass, inverse_frequency}};
    /// let alpha: [f32; 3] = inverse_frequency(&[100, 50, 10])?;
    /// let loss = FocalMulticlass::new().gamma(2.0)?.alpha(Some(&alpha))?;
    /// let value = loss.mean(Rows::new(&[[1.0_f32, 2.0, 0.5]], &[1_u8]))?;
    /// assert!((value - 0.068_349_48).abs() < 1e-7, "{value}");
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct FocalMulticlass['a, T] = "focal_multiclass",
        "Cross entropy that counts easy examples little", [41], logarithmic: true {
        /// What the scores are: logits or probabilities.
        from: Input = Input::Logits, Domain::Inputs(&[Input::Logits, Input::Probabilities]);
        /// How much less easy examples count.
        gamma: T = T::of(2.0), Domain::NonNegative;
        /// A weight for each class; none weighs all 1.
        alpha: Option<&'a [T]> = None, Domain::Weights;
    }
}

impl<T: Real> RowLoss<T> for FocalMulticlass<'_, T> {
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    #[allow(clippy::indexing_slicing, reason = "rows are below R, and the compiler sees it")]
    fn rows<const L: usize, const R: usize, S: Access<T>>(
        &self,
        rows: &mut RowBlock<'_, T, L, R, S>,
    ) -> [T; R] {
        let (zero, one) = (T::zero(), T::one());
        let RowTargets::Classes(classes) = rows.targets() else { return [T::nan(); R] };
        let alpha = classes
            .map(|class| self.alpha.and_then(|alpha| alpha.get(class as usize)).copied().unwrap_or(one));
        let scale = rows.scale();
        if self.from == Input::Probabilities {
            let scores = rows.at(&classes);
            let modulator =
                |row: usize| alpha[row] * rounded(power(two_difference(one, scores[row]), self.gamma));
            let nll = |row: usize| probability_nll(scores[row], scores[row].ln());
            rows.gradient(
                #[inline(always)]
                |_, _, _, _| zero,
            );
            rows.set(
                &classes,
                &rows.each(
                    #[inline(always)]
                    |row| {
                        let u = one - scores[row];
                        let slope = if u == zero {
                            one
                        } else {
                            self.gamma * (nll(row) / u) + reciprocal(scores[row])
                        };
                        -skip_zero(modulator(row), || slope) * scale[row]
                    },
                ),
            );
            return rows.each(
                #[inline(always)]
                |row| skip_zero(modulator(row), || nll(row)),
            );
        }
        let max = rows.max();
        let softmax = SoftmaxParts::of(rows, max, classes);
        let modulator = rows.each(
            #[inline(always)]
            |row| product_of_parts((alpha[row], zero), power(softmax.complement(row), self.gamma)),
        );
        let p = ScaledProbabilities::new(rows.each(
            #[inline(always)]
            |row| {
                scalar();
                let (slope, slope_error) = product_of_parts((self.gamma, zero), softmax.slope(row));
                let (k, error) = two_sum(one, slope);
                let k = product_of_parts(modulator[row], (k, error + slope_error));
                let factor = product_of_parts(k, (scale[row], zero));
                softmax.over_sum(row, if modulator[row].0 == zero { modulator[row] } else { factor })
            },
        ));
        rows.gradient(
            #[inline(always)]
            |_, row, e, _| p.of(row, e),
        );
        rows.set(
            &classes,
            &rows.each(
                #[inline(always)]
                |row| -p.of(row, softmax.rest(row)),
            ),
        );
        rows.each(
            #[inline(always)]
            |row| {
                scalar();
                let (nll, after) = softmax.nll(row);
                let value = rounded(product_of_parts(modulator[row], nll)) * after;
                if modulator[row].0 == zero { zero } else { value }
            },
        )
    }

    fn input(&self) -> Input {
        self.from
    }

    fn takes_distributions(&self) -> bool {
        false
    }
}

/// Class weights from class counts, `N / (C n_c)`: those of a balanced set are all 1, and the mean over the
/// counted items is 1.
///
/// # Errors
/// [`Error::Parameter`] for a class that was never seen.
pub fn inverse_frequency<T: Real, const C: usize>(counts: &[u32; C]) -> Result<[T; C], Error> {
    let total = counts.iter().fold(0_u64, |total, &count| total.saturating_add(count.into()));
    #[allow(clippy::cast_precision_loss, reason = "counts beyond 2^53 round")]
    let share = total as f64 / f64::of_count(C);
    let mut weights = [T::zero(); C];
    for (index, (weight, &count)) in weights.iter_mut().zip(counts).enumerate() {
        if count == 0 {
            let expected = "a class that was seen";
            return Err(Error::Parameter { name: "counts", index, value: 0.0, expected });
        }
        *weight = T::of(share / f64::from(count));
    }
    Ok(weights)
}
