//! Triplet margin loss.

use crate::Real;
use crate::lanes::largest;
use crate::loss::loss;
use crate::math::{
    Length, Norm, Parts, negated_parts, rounded, sigmoid, softplus, sum_of_parts, two_difference,
};
use crate::parameter::Domain;
use crate::shape::{Access, PairLoss, TargetKind, Vectors, View};

loss! {
    /// Triplet margin loss: an anchor a is nearer to a positive p than to a negative n, by a margin.
    ///
    /// ```text
    /// l = max(d(a, p) - d(a, n) + m, 0),   d(u, v) = |u - v + ε|, ε added to each component
    /// swap:        d(p, n) for d(a, n), where it is smaller
    /// soft_margin: ln(1 + exp(d(a, p) - d(a, n)))
    /// ```
    /// Distances and their differences are carried in two numbers.
    /// # Gradient
    /// With u the derivative of a distance by its first vector, (u - v + ε) / d for p = 2: `u_p - u_n` with respect to a,
    /// `-u_p` to p, `u_n` to n; swapped `u_p`, `-u_p - u_s`, `u_s`. 0 at a distance of 0, and where the loss is 0, at the
    /// kink too. With a soft margin times σ(d(a, p) - d(a, n)).
    /// # Domain
    /// All numbers: vectors are scaled, so that no square overflows. Distances that are equal but for their rounding count as
    /// equal: `swap` keeps d(a, n).
    /// # Parameters
    /// `margin` m ≥ 0: 1. `epsilon` ε ≥ 0: 1e-6. `p`: 1 for the sum of magnitudes, 2 (default) for the root of the sum of
    /// squares. `swap`: false. `soft_margin`: false; if true, there is no margin.
    /// # Cost
    /// O(D): four walks through the vectors, six with `swap`, in two numbers each, and one for the gradient; two or three
    /// square roots; no scratch.
    /// # Accuracy
    /// At most 2 ULP (value) and 3 (gradient) in f32, 1 and 2 in f64: `tests/golden.rs`.
    /// # Errors
    /// Those of the batch calls: see [`PairLoss`].
    /// # Reference
    /// Schroff et al. 2015, FaceNet, arXiv 1503.03832; Balntas et al. 2016 (swap). PyTorch `TripletMarginLoss`. optax adds
    /// its eps to the sum of squares, burn none: with ε = 0 they are this; pytorch-metric-learning normalises, and has a
    /// margin of 0.05.
    /// # Examples
    /// ```
    /// use microloss::{PairLoss, Pairs, pair::TripletMargin};
    /// let triplets = [[[0.0_f32, 0.0], [3.0, 4.0], [0.0, 5.5]]]; // anchor, positive, negative
    /// let value = TripletMargin::new().mean(Pairs::unlabelled(&triplets))?;
    /// assert!((value - 0.5).abs() < 1e-6, "{value}");
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct TripletMargin[T] = "triplet_margin",
        "An anchor is nearer to its like than to another, by a margin", [72], logarithmic: false {
        /// By how much nearer.
        margin: T = T::one(), Domain::NonNegative;
        /// What is added to each component of a difference.
        epsilon: T = T::of(1e-6), Domain::NonNegative;
        /// The norm: 1 or 2.
        p: T = T::of(2.0), Domain::OneOrTwo;
        /// Whether the negative's distance is the smaller one of those to anchor and positive.
        swap: bool = false, Domain::Flags;
        /// Whether a softplus stands for the margin.
        soft_margin: bool = false, Domain::Flags;
    }
}

impl<T: Real> PairLoss<T> for TripletMargin<T> {
    const VECTORS: usize = 3;
    const TARGETS: Option<TargetKind> = None;

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn vectors<S: Access<T>>(&self, mut vectors: Vectors<T, S>) -> T {
        let (none, one) = ((T::zero(), T::zero()), T::one());
        // What a difference would overflow is a quarter as long, and what comes of it four times as large.
        let quarter = T::of(0.25);
        let largest = largest(vectors.scores.view().row(), |component: T| component.abs().to_bits());
        let is_large = largest > (T::max_value() * quarter).to_bits();
        let (shrink, grow) = if is_large { (quarter, T::of(4.0)) } else { (one, one) };
        let apart = |u: T, v: T| -> Parts<T> {
            sum_of_parts(two_difference(u * shrink, v * shrink), (self.epsilon * shrink, T::zero()))
        };
        let norm = if self.p == one { Norm::Taxicab } else { Norm::Euclidean };
        let distance = |from_anchor: bool, to_positive: bool| {
            Length::of(norm, &vectors, T::zero(), |[a, p, n]: [T; 3]| {
                apart(if from_anchor { a } else { p }, if to_positive { p } else { n })
            })
        };
        let near = distance(true, true);
        let mut far = distance(true, false);
        let mut is_swapped = false;
        if self.swap {
            let other = distance(false, false);
            is_swapped = sum_of_parts(other.value(), negated_parts(far.value())).0 < T::zero();
            far = if is_swapped { other } else { far };
        }
        let (high, low) = sum_of_parts(near.value(), negated_parts(far.value()));
        let difference = (high * grow, low * grow);
        let (value, factor) = if self.soft_margin {
            let (high, low) = difference;
            let slope = sigmoid(high);
            (softplus(high) + low * slope, slope + low * slope * sigmoid(-high))
        } else {
            let value = sum_of_parts(difference, (self.margin, T::zero())).0;
            // NaN stays.
            if value <= T::zero() { (T::zero(), T::zero()) } else { (value, one) }
        };
        vectors.scale = vectors.scale * factor;
        vectors.replace(|[a, p, n]: [T; 3]| {
            let to_near = near.direction(apart(a, p));
            let to_far = far.direction(if is_swapped { apart(p, n) } else { apart(a, n) });
            let (of_a, of_p) = if is_swapped { (none, to_far) } else { (to_far, none) };
            let difference = |u: Parts<T>, v: Parts<T>| rounded(sum_of_parts(u, negated_parts(v)));
            [difference(to_near, of_a), -rounded(sum_of_parts(to_near, of_p)), rounded(to_far)]
        });
        value
    }
}
