//! Gaussian negative log-likelihood.

use crate::loss::loss;
use crate::math::{
    exp_parts, ln_parts, product_of_parts, rounded, two_difference, two_product, two_quotient, two_sum,
};
use crate::parameter::Domain;
use crate::shape::{ElementLoss, TargetKind};
use crate::{Input, Real};

loss! {
    /// Gaussian negative log-likelihood: of a target, for a model that predicts a mean and how far from it to expect
    /// the target.
    ///
    /// ```text
    /// l = (ln v' + e² / v') / 2,   e = μ - y,   v' = max(v, ε)     from a variance v
    /// l = (s + e² e^-s) / 2                                        from its logarithm s
    /// ```
    /// with ln(2π) / 2 added where the loss is to be full.
    /// # Gradient
    /// `e / v'` for the mean, `(1 - e² / v') / (2 v')` for the variance, also where ε takes its place;
    /// from a logarithm `e e^-s` and `(1 - e² e^-s) / 2`.
    /// # Domain
    /// Pairs of scores: a mean, any finite number, and a variance of at least 0, or any finite logarithm of one.
    /// Targets: finite numbers.
    /// # Parameters
    /// `from`: variances or log_variances, which need no ε. `full`: whether ln(2π) / 2 is added; false.
    /// `eps` ε > 0, 1e-6: the smallest variance, in the square of the target's unit.
    /// # Cost
    /// O(1), a ln and three divisions from variances, an exp from logarithms; no scratch. The mean divides by the number
    /// of targets.
    /// # Accuracy
    /// At most 2 ULP (value) and 3 (gradient) in f32, 2 and 2 in f64: `tests/golden.rs`. ULP are those of
    /// the sum of the magnitudes of the terms, which may cancel, but for the gradient from variances. In f32:
    /// `examples/accuracy.rs`.
    /// # Errors
    /// Those of the batch calls: see [`ElementLoss`]. A negative variance is refused.
    /// # Reference
    /// Nix and Weigend 1994. PyTorch `GaussianNLLLoss`, whose gradient of the variance passes ε too, burn; they have no
    /// logarithms of variances.
    /// # Examples
    /// ```
    /// use microloss::{Elements, ElementLoss, element::GaussianNll};
    /// let mut scores = [[1.0_f32, 0.25]]; // mean and variance
    /// let value = GaussianNll::new().mean(Elements::several_in_place(&mut scores, &[0.5]))?;
    /// assert!((value - (0.25_f32.ln() + 1.0) / 2.0).abs() < 1e-7);
    /// assert_eq!(scores, [[2.0, 0.0]]);
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct GaussianNll[T] = "gaussian_nll",
        "Negative log-likelihood of a normal distribution", [18], logarithmic: true {
        /// What the second score of a pair is: a variance, or its logarithm.
        from: Input = Input::Variances, Domain::Inputs(&[Input::Variances, Input::LogVariances]);
        /// Whether the constant ln(2π) / 2 is added.
        full: bool = false, Domain::Flags;
        /// The smallest variance.
        eps: T = T::of(1e-6), Domain::Positive;
    }
}

impl<T: Real> ElementLoss<T, 2> for GaussianNll<T> {
    const TARGETS: TargetKind = TargetKind::Numbers;

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn element(&self, input: Input, [mean, spread]: [T; 2], target: T, _column: usize) -> (T, [T; 2]) {
        let error = two_difference(mean, target);
        let fit = if input == Input::LogVariances {
            Fit::of_log_variance(error, spread)
        } else {
            Fit::of_variance(error, if spread < self.eps { self.eps } else { spread })
        };
        let Fit { logarithm, square, slopes } = fit;
        let constant = if self.full { T::of(1.837_877_066_409_345_5) } else { T::zero() };
        let (sum, lost) = two_sum(logarithm.0, square.0);
        let (sum, rest) = two_sum(sum, constant);
        let value = rounded((sum, (lost + rest) + (logarithm.1 + square.1)));
        (T::of(0.5) * value, slopes)
    }

    fn input(&self) -> Input {
        self.from
    }
}

/// What the loss is made of.
struct Fit<T> {
    /// ln v, in two numbers.
    logarithm: (T, T),
    /// e² / v, in two numbers.
    square: (T, T),
    slopes: [T; 2],
}

impl<T: Real> Fit<T> {
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn of_variance(error: (T, T), variance: T) -> Self {
        let (zero, one, half) = (T::zero(), T::one(), T::of(0.5));
        // Scaled so that neither 1 / v nor e² / v is lost on the way.
        let large = if variance > T::SCALE { T::UNSCALE } else { one };
        let scale = if variance < T::UNSCALE { T::SCALE } else { large };
        let error = (error.0 * scale, error.1 * scale);
        let scaled = (variance * scale) * scale;
        let (inverse, inverse_low) = two_quotient((one, zero), (scaled, zero));
        // e² as a sum of four, and with that v - e² whole, however near the two are to each other.
        let (square, square_low) = two_product(error.0, error.0);
        let (cross, cross_low) = two_product(error.0 + error.0, error.1);
        let (rest, lost) = two_sum(scaled, -square);
        let (rest, lost_low) = two_sum(rest, -square_low);
        let (rest, lost_cross) = two_sum(rest, -cross);
        let (tail, tail_low) = two_sum(lost_low, lost_cross);
        let (tail, tail_cross) = two_sum(tail, lost - cross_low);
        let rest = rounded((rest, tail + (tail_low + tail_cross - error.1 * error.1)));
        let square_low = square_low + cross;
        let inverse = (inverse, inverse_low);
        let slope = product_of_parts(product_of_parts((rest, zero), inverse), inverse);
        Self {
            logarithm: if variance < T::infinity() { ln_parts(variance) } else { (variance, zero) },
            square: product_of_parts((square, square_low), inverse),
            slopes: [
                rounded(product_of_parts(error, inverse)) * scale,
                ((half * rounded(slope)) * scale) * scale,
            ],
        }
    }

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn of_log_variance(error: (T, T), logarithm: T) -> Self {
        let (one, half) = (T::one(), T::of(0.5));
        // In four factors, of which none is beyond the type; farther out the result is, or is nothing.
        let quarter = logarithm * T::of(-0.25);
        let quarter = if quarter < T::LN_MIN_POSITIVE { T::LN_MIN_POSITIVE } else { quarter };
        let quarter = if quarter > -T::LN_MIN_POSITIVE { -T::LN_MIN_POSITIVE } else { quarter };
        let factor = exp_parts(quarter);
        let deviation = product_of_parts(product_of_parts(error, factor), factor);
        let square = product_of_parts(deviation, deviation);
        let slope = product_of_parts(product_of_parts(deviation, factor), factor);
        let (rest, lost) = two_sum(one, -square.0);
        Self {
            logarithm: (logarithm, T::zero()),
            square,
            slopes: [rounded(slope), half * rounded((rest, lost - square.1))],
        }
    }
}
