//! Cosine embedding loss.

use crate::Real;
use crate::loss::loss;
use crate::math::{
    Length, Norm, negated_parts, product_of_parts, square_of_parts, sum, sum_of_parts, two_product,
};
use crate::parameter::Domain;
use crate::shape::{Access, PairLoss, TargetKind, Vectors};

loss! {
    /// Cosine embedding loss: two vectors point the same way, label 1, or not, label -1.
    ///
    /// ```text
    /// l = 1 - cos(a, b) for the label 1, max(cos(a, b) - m, 0) for -1
    /// cos(a, b) = a·b / (A B),   A² = |a|² + 1e-12,   B² = |b|² + 1e-12
    /// ```
    /// 1 - cos is computed as `(|a/A - b/B|² + 1e-12/A² + 1e-12/B²) / 2`, which small angles leave its digits.
    /// # Gradient
    /// With respect to a `∓(b/(A B) - cos a/A²)`, likewise to b; 0 where the loss is 0 by its margin, at the kink too.
    /// # Domain
    /// All numbers: vectors are scaled, so that no square overflows. A vector of zeros has the cosine 0, and a gradient
    /// of up to 1e6. A cosine that is the margin but for ε² of its terms is at the kink, and so is one that is subnormal
    /// where the margin is 0. 1 - cos is told from 0 down to ε⁴.
    /// # Parameters
    /// `margin` m from -1 to 1: 0. `zero_is_error`: false; if true, a vector of zeros is refused.
    /// # Cost
    /// O(D): four walks through the vectors, in two numbers each, and one for the gradient; two square roots; no scratch.
    /// # Accuracy
    /// At most 2 ULP (value) and 2 (gradient) in f32, 1 and 2 in f64: `tests/golden.rs`.
    /// # Errors
    /// Those of the batch calls: see [`PairLoss`]; [`Error::ZeroVector`](crate::Error::ZeroVector) where asked for.
    /// # Reference
    /// PyTorch `CosineEmbeddingLoss`, burn. optax `cosine_distance` is that of the label 1, with clipped squares; Keras
    /// `CosineSimilarity` gives -cos.
    /// # Examples
    /// ```
    /// use microloss::{PairLoss, Pairs, pair::CosineEmbedding};
    /// let batch = Pairs::new(&[[[3.0_f32, 4.0], [4.0, 3.0]]], &[1_i8]);
    /// let value = CosineEmbedding::new().mean(batch)?;
    /// assert!((value - 0.04).abs() < 1e-8, "{value}");
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub struct CosineEmbedding[T] = "cosine_embedding",
        "1 - cosine of like vectors, cosine of unlike ones", [70], logarithmic: false {
        /// The cosine that unlike vectors may have.
        margin: T = T::zero(), Domain::Cosine;
        /// Whether a vector of zeros is refused.
        zero_is_error: bool = false, Domain::Flags;
    }
}

impl<T: Real> PairLoss<T> for CosineEmbedding<T> {
    const VECTORS: usize = 2;
    const TARGETS: Option<TargetKind> = Some(TargetKind::Signs);

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn vectors<S: Access<T>>(&self, mut vectors: Vectors<T, S>) -> T {
        let none = T::zero();
        let length = |vector: usize| {
            let own = |[a, b]: [T; 2]| (if vector == 0 { a } else { b }, none);
            Length::of(Norm::Euclidean, &vectors, T::of(1e-12), own)
        };
        let lengths = [length(0), length(1)];
        let directions = |[a, b]: [T; 2]| {
            let [of_a, of_b] = lengths;
            [of_a.direction((a, none)), of_b.direction((b, none))]
        };
        let apart = |[a, b]: [(T, T); 2]| sum_of_parts(a, negated_parts(b));
        let [of_a, of_b] = lengths;
        // Both made as long as a: what is lost of the ratio is along b, and so hardly changes the square.
        let ratio = of_a.over_scaled(&of_b);
        let squares = sum(&vectors, |[a, b]: [T; 2]| {
            let (a, b) = ((of_a.scaled(a), none), of_b.scaled(b));
            let [whole, rest] = [two_product(ratio.0, b), two_product(ratio.1, b)];
            square_of_parts(apart([apart([a, whole]), rest]))
        });
        let squares = of_a.divide_scaled(of_a.divide_scaled(squares));
        let [a, b] = lengths.map(|length| length.added());
        let twice = sum_of_parts(squares, sum_of_parts(a, b));
        let half = T::of(0.5);
        let distance = (twice.0 * half, twice.1 * half);
        let cosine = inner_product(&vectors, lengths, |component| component);
        let (value, sign) = if vectors.target > T::zero() {
            (distance.0, T::one())
        } else {
            let over = sum_of_parts(cosine, (-self.margin, none)).0;
            // A cosine that is the margin but for what is lost in two numbers is at the kink. NaN stays.
            let magnitudes = inner_product(&vectors, lengths, T::abs);
            let lost = T::epsilon() * T::epsilon() * (magnitudes.0 + self.margin.abs());
            if over <= lost { (none, none) } else { (over, -T::one()) }
        };
        vectors.scale = vectors.scale * sign;
        let is_near = distance.0 < half;
        vectors.replace(|components: [T; 2]| {
            let [a, b] = directions(components);
            // cos a/A - b/B, written so that what is small is no difference.
            let slope = |own: (T, T), other: (T, T)| {
                let (from, less, factor) = if is_near {
                    (own, other, distance)
                } else {
                    ((none, none), other, negated_parts(cosine))
                };
                sum_of_parts(apart([from, less]), negated_parts(product_of_parts(factor, own)))
            };
            [of_a.divide(slope(a, b)), of_b.divide(slope(b, a))]
        });
        value
    }

    fn refuses_zero(&self) -> bool {
        self.zero_is_error
    }
}

/// The inner product over the lengths, of what `sized` makes of the vectors' components. They are not normalized first, so that a
/// right angle is one.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
fn inner_product<T: Real, S: Access<T>>(
    vectors: &Vectors<T, S>,
    [of_a, of_b]: [Length<T>; 2],
    sized: impl Fn(T) -> T,
) -> (T, T) {
    let products = sum(vectors, |[a, b]: [T; 2]| two_product(sized(of_a.scaled(a)), sized(of_b.scaled(b))));
    of_a.divide_scaled(of_b.divide_scaled(products))
}
