//! Binary focal loss.

use crate::loss::loss;
use crate::math::{
    Odds, Sides, binary_nll, exp_scaled_factors, power, rounded, skip_zero, two_difference, two_product,
    two_quotient, two_sum,
};
use crate::parameter::Domain;
use crate::shape::ElementLoss;
use crate::{Input, Real};

loss! {
    /// Binary focal loss: binary cross entropy in which easy examples count little.
    ///
    /// ```text
    /// l = α_t (1 - p_t)^γ BCE,   p_t = p y + (1 - p)(1 - y),   α_t = α y + (1 - α)(1 - y),   p = σ(x)
    /// ```
    /// # Gradient
    /// With a hard label, s = ±1 and u = s x: `-s α_t e^(-γ sp(u)) (γ σ(u) sp(-u) + σ(-u))`, finite for every γ.
    /// # Domain
    /// As [`BinaryCrossEntropy`](super::BinaryCrossEntropy); soft labels mix p_t and α_t as above.
    /// # Parameters
    /// `from`: logits or probabilities. `gamma` γ ≥ 0, 2. `alpha` α from 0 to 1, or none: 0.25; it multiplies
    /// label 1. With γ = 0 and no α this is binary cross entropy.
    /// # Cost
    /// O(1), two exp and a ln from logits with a hard label; otherwise what
    /// [`BinaryCrossEntropy`](super::BinaryCrossEntropy) takes and the `pow` of `libm` 0.2.16; no scratch. α is part of
    /// the item's loss: the mean divides by N.
    /// # Accuracy
    /// At most 3 ULP (value) and 5 (gradient) in f32, 3 and 3 in f64: `tests/golden.rs`. For γ up to 5; grows with γ.
    /// For all of f32 with hard labels: `examples/accuracy.rs`.
    /// # Errors
    /// Those of the batch calls: see [`ElementLoss`].
    /// # Reference
    /// Lin et al. 2017, "Focal Loss for Dense Object Detection", arXiv 1708.02002. torchvision
    /// `sigmoid_focal_loss` (α < 0 is its none; at x = 20, y = 1, γ = 0.5 in f32 its gradient is NaN), optax, MONAI;
    /// Keras drops α unless `apply_class_balancing=True`; kornia adds the losses of both labels where one is soft.
    /// # Examples
    /// ```
    /// use microloss::{Elements, ElementLoss, element::Focal};
    /// let easy = Focal::new().gamma(0.5)?.mean(Elements::new(&[20.0_f32], &[1_u8]))?;
    /// assert!((easy / 2.339_5e-14 - 1.0).abs() < 1e-4, "{easy}");
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct Focal[T] = "focal",
        "Binary cross entropy that counts easy examples little", [24], logarithmic: true {
        /// What the scores are: logits or probabilities.
        from: Input = Input::Logits, Domain::Inputs(&[Input::Logits, Input::Probabilities]);
        /// How much less easy examples count.
        gamma: T = T::of(2.0), Domain::NonNegative;
        /// The weight of label 1, and one minus that of label 0; none weighs both 1.
        alpha: Option<T> = Some(T::of(0.25)), Domain::Unit;
    }
}

impl<T: Real> ElementLoss<T> for Focal<T> {
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn element(&self, input: Input, [score]: [T; 1], target: T, _column: usize) -> (T, [T; 1]) {
        let is_hard = target == T::zero() || target == T::one();
        let (value, slope) =
            if is_hard { self.hard(input, score, target) } else { self.soft(input, score, target) };
        (value, [slope])
    }

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn labelled(&self, input: Input, [score]: [T; 1], target: T, _column: usize) -> (T, [T; 1]) {
        let (value, slope) = self.hard(input, score, target);
        (value, [slope])
    }

    fn input(&self) -> Input {
        self.from
    }
}

impl<T: Real> Focal<T> {
    /// Of a target 0 or 1.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn hard(&self, input: Input, score: T, target: T) -> (T, T) {
        if input != Input::Logits {
            return self.soft(input, score, target);
        }
        let (zero, one) = (T::zero(), T::one());
        let alpha = self.alpha.map_or(one, |alpha| if target == zero { one - alpha } else { alpha });
        let sign = if target == zero { -one } else { one };
        let Sides { nll, wrong, right, softplus, after } = Sides::of(sign * score, Odds::share_scaled_parts);
        let (power, tail) = self.modulator(softplus);
        let product = right.0 * nll.0 + (right.0 * nll.1 + right.1 * nll.0);
        let slope = (self.gamma * alpha) * product + alpha * (wrong.0 + wrong.1);
        // Unscaled last where it may become subnormal, and first where it may overflow.
        let before = if after == one { power * T::UNSCALE } else { power };
        let weigh = |factor: T| {
            let weighted = factor * before;
            let value = ((weighted + weighted * tail) * after) * after;
            if alpha == zero {
                zero
            } else if power == zero {
                zero * factor
            } else {
                value
            }
        };
        (weigh(alpha * (nll.0 + nll.1)), zero - sign * weigh(slope))
    }

    /// σ(-u)^γ = exp(-γ sp(u)) times [`SCALE`](crate::math::Exponential::SCALE), as [`exp_scaled_factors`]; the
    /// exponent is carried in two numbers.
    #[inline(always)]
    fn modulator(&self, (softplus, low): (T, T)) -> (T, T) {
        let (exponent, error) = two_product(self.gamma, softplus);
        let negligible = self.gamma == T::zero();
        exp_scaled_factors(
            if negligible { T::zero() } else { -exponent },
            if negligible { T::zero() } else { -(error + self.gamma * low) },
        )
    }

    /// Of any target from 0 to 1.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn soft(&self, input: Input, score: T, target: T) -> (T, T) {
        let (zero, one) = (T::zero(), T::one());
        let rest = one - target;
        let alpha = self.alpha.map_or(one, |alpha| alpha * target + (one - alpha) * rest);
        let ((q, error), spread) = mixed(input, score, target);
        let (nll, slope) = binary_nll(score, input, rest, target);
        let modulator = alpha * rounded(power((q, error), self.gamma));
        let correction = if q == zero { zero } else { self.gamma * (rest - target) * spread * (nll / q) };
        (skip_zero(modulator, || nll), skip_zero(modulator, || slope + correction))
    }
}

/// Q = 1 - p_t = p (1 - y) + (1 - p) y, in two numbers, and the derivative of p with respect to the score.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
fn mixed<T: Real>(input: Input, score: T, target: T) -> ((T, T), T) {
    let one = T::one();
    let rest = two_difference(one, target);
    let dot = |a: (T, T), b: (T, T), c: (T, T), d: (T, T)| {
        let ((ab, ab_error), (cd, cd_error)) = (two_product(a.0, b.0), two_product(c.0, d.0));
        let (sum, error) = two_sum(ab, cd);
        let crossed = (a.0 * b.1 + a.1 * b.0) + (c.0 * d.1 + c.1 * d.0);
        (sum, error + (ab_error + cd_error) + crossed)
    };
    let exact = |number| (number, T::zero());
    if input == Input::Probabilities {
        return (dot(exact(score), rest, two_difference(one, score), exact(target)), one);
    }
    // Over 1 + e^-|x|, the likelier side has numerator 1.
    let odds = Odds::of(score);
    let e = odds.e();
    let (likely, unlikely) = if score < T::zero() { (exact(target), rest) } else { (rest, exact(target)) };
    let q = two_quotient(dot(exact(one), likely, exact(e), unlikely), two_sum(one, e));
    let share = odds.share_scaled() * T::UNSCALE;
    (q, share * (one - share))
}
