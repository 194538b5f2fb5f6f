//! Jensen-Shannon divergence.

use crate::loss::loss;
use crate::math::{Pair, divergence, skip_zero, weighted_excess};
use crate::parameter::Domain;
use crate::shape::{Access, RowBlock, RowLoss, RowTargets};
use crate::{Input, Real};

loss! {
    /// Jensen-Shannon divergence of a predicted distribution p from a target q: finite whatever they are, and with
    /// π = 1/2 the same in both directions.
    ///
    /// ```text
    /// JS = π KL(p‖m) + (1 - π) KL(q‖m),   m = π p + (1 - π) q,   0 ln 0 = 0;   from 0 to ln 2 with π = 1/2
    /// ```
    /// # Gradient
    /// `π p (ln(p/m) - KL(p‖m))` from logits, `π ln(p/m)` from probabilities, `π p ln(p/m)` from log-probabilities.
    /// # Domain
    /// Logits: all numbers, infinities included, but not +inf twice nor nothing but -inf. Probabilities: 0 to 1; in
    /// the gradient ln(p/m) is bounded below by -100. Where q is 0, p/m is 1/π whatever p is. A label is the
    /// distribution that has all of it; distributions sum to 1 within 1e-3.
    /// # Parameters
    /// `from`: logits, probabilities or log-probabilities. `pi` π, the share of p in m, from 0 to 1: 1/2. At either
    /// end the loss is 0.
    /// # Cost
    /// O(C), from logits 2 C exp and a ln, from log-probabilities an exp a class; two ln a class, and for the gradient
    /// one more, from logits two; no scratch. The mean is over rows, not over classes.
    /// # Accuracy
    /// At most 2 ULP (value) and 3 (gradient) in f32, 2 and 3 in f64: `tests/golden.rs`. Up to 5 in
    /// adversarial rows of f32: `examples/accuracy.rs`.
    /// # Errors
    /// Those of the batch calls: see [`RowLoss`].
    /// # Reference
    /// Lin 1991. kornia `js_div_loss_2d` (of heat maps). SciPy `jensenshannon` and CMSIS-DSP
    /// `arm_jensenshannon_distance_f32` give the distance, which is the square root of this; with `base=2` SciPy's is
    /// in bits.
    /// # Examples
    /// ```
    /// use microloss::{Input, Rows, RowLoss, Unit, row::JensenShannon};
    /// let loss = JensenShannon::new().from(Input::Probabilities)?;
    /// let apart = Rows::new(&[[0.5_f32, 0.5, 0.0]], &[[0.0, 0.0, 1.0]]);
    /// assert_eq!(loss.mean(apart.unit(Unit::Bits)), Ok(1.0));
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct JensenShannon[T] = "jensen_shannon",
        "Jensen-Shannon divergence from a target distribution", [36], logarithmic: true {
        /// What the scores are.
        from: Input = Input::Logits,
            Domain::Inputs(&[Input::Logits, Input::Probabilities, Input::LogProbabilities]);
        /// The share of the prediction in the mixture.
        pi: T = T::of(0.5), Domain::Unit;
        }
}

impl<T: Real> RowLoss<T> for JensenShannon<T> {
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn rows<const L: usize, const R: usize, S: Access<T>>(
        &self,
        rows: &mut RowBlock<'_, T, L, R, S>,
    ) -> [T; R] {
        let surprise = T::zero() - skip_zero(self.pi, || self.pi.ln());
        let has_labels = matches!(rows.targets(), RowTargets::Classes(_));
        divergence(
            rows,
            self.from,
            #[inline(always)]
            |class| self.term(class, surprise),
            #[inline(always)]
            |from, class| {
                // From logits only differences of slopes count: with π ln(1/π) taken off, all but a label's are 0.
                let is_share = has_labels && from == Input::Logits;
                if is_share { self.slope_of_share(class) } else { self.slope(from, class, surprise) }
            },
        )
    }

    fn input(&self) -> Input {
        self.from
    }
}

impl<T: Real> JensenShannon<T> {
    /// π p ln(p/m) + (1 - π) q ln(q/m). With m taken off as often as it was added, both parts are at least 0.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn term(&self, Pair { p, q, difference }: Pair<T>, surprise: T) -> T {
        let rest = T::one() - self.pi;
        let m = self.pi * p + rest * q;
        let prediction = weighted_excess(self.pi, rest * difference / m, p / m);
        let target = weighted_excess(rest, -(self.pi * difference) / m, q / m);
        let sum = m * (prediction + target);
        // No branch around any of it, which would keep the loop out of vectors.
        let term = if m == T::zero() { m } else { sum };
        let own = surprise * p;
        if q == T::zero() { own } else { term }
    }

    /// π ln(p/m).
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn slope(&self, from: Input, Pair { p, q, difference }: Pair<T>, surprise: T) -> T {
        let rest = T::one() - self.pi;
        let m = self.pi * p + rest * q;
        let above = rest * difference / m;
        let (near, far) = (above.ln_1p(), ln_of_share(p, m));
        let ln = if above > T::of(-0.5) { near } else { far };
        let bound = T::of(-100.0);
        let ln = if from == Input::Probabilities && ln < bound { bound } else { ln };
        let slope = self.pi * ln;
        let slope = if m == T::zero() { m } else { slope };
        if q == T::zero() { surprise } else { slope }
    }

    /// π ln(π p/m).
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn slope_of_share(&self, Pair { p, q, .. }: Pair<T>) -> T {
        let (own, other) = (self.pi * p, (T::one() - self.pi) * q);
        let (near, far) = (-(other / own).ln_1p(), ln_of_share(own, own + other));
        let slope = self.pi * if own > other { near } else { far };
        if q == T::zero() || self.pi == T::zero() { T::zero() } else { slope }
    }
}

/// ln(part/whole), whose quotient may be subnormal.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
fn ln_of_share<T: Real>(part: T, whole: T) -> T {
    let is_small = part / whole < T::UNSCALE;
    let part = if is_small { part * T::SCALE } else { part };
    (part / whole).ln() - if is_small { T::SCALE_EXPONENT * T::LN_2 } else { T::zero() }
}
