//! Multi-class focal loss.

use crate::loss::loss;
use crate::math::{Exponentials, power, probability_nll, reciprocal, skip_zero, two_difference};
use crate::parameter::Domain;
use crate::shape::{RowLoss, RowTarget, Scores};
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
    /// probabilities, never a subtraction.
    /// # Parameters
    /// `from`: logits or probabilities. `gamma` γ ≥ 0: 2. `alpha` α ≥ 0, one a class, or none: 1; from class
    /// counts by [`inverse_frequency`].
    /// # Cost
    /// O(C), C exp, two ln and a pow; no scratch. α is part of the item's loss: the mean divides by N.
    /// # Accuracy
    /// At most 3 ULP (value) and 4 (gradient) in f32, 3 and 4 in f64: `tests/golden.rs`. For γ up to 5; grows with γ.
    /// # Errors
    /// Those of the batch calls: see [`RowLoss`].
    /// # Reference
    /// Lin et al. 2017, arXiv 1708.02002. kornia `focal_loss` (its `mean` divides by N C); Keras
    /// `CategoricalFocalCrossentropy` multiplies every class by 0.25.
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
    #[inline]
    fn row(&self, mut scores: Scores<'_, T>, target: RowTarget<'_, T>) -> T {
        let (zero, one) = (T::zero(), T::one());
        let RowTarget::Class(class) = target else { return T::nan() };
        let alpha = self.alpha.and_then(|alpha| alpha.get(class)).copied().unwrap_or(one);
        let score = scores.as_slice().get(class).copied().unwrap_or_else(T::nan);
        if self.from == Input::Probabilities {
            let (u, error) = two_difference(one, score);
            let nll = probability_nll(score, score.ln());
            let modulator = alpha * power((u, error), self.gamma);
            let slope = if u == zero { one } else { self.gamma * (nll / u) + reciprocal(score) };
            scores.replace(|index, _| if index == class { -skip_zero(modulator, || slope) } else { zero });
            return skip_zero(modulator, || nll);
        }
        let row = Exponentials::of(&mut scores);
        let gap = if class == row.argmax { zero } else { row.max - score };
        let nll = gap + row.tail().ln_1p();
        let (own, sum) = (row.term(class, score), row.sum());
        let (u, error) = row.complement(class, own);
        let p = own / sum;
        let modulator = alpha * power((u, error), self.gamma);
        let k = skip_zero(modulator, || if u == zero { one } else { self.gamma * p * (nll / u) + one });
        scores.replace(|index, e| if index == class { -(k * u) } else { k * (e / sum) });
        skip_zero(modulator, || nll)
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
