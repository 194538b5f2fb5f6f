//! Lengths of vectors and their directions, in two numbers: what a difference of lengths, or of directions, takes away
//! leaves a number's digits. Vectors are scaled by a power of 2 first, so that no square overflows or vanishes.

use super::{product_of_parts, two_product, two_quotient, two_sum};
use crate::Real;
use crate::lanes::{LANES, Sums, largest};
use crate::shape::{Access, Vectors};

/// A number with what its rounding left.
pub(crate) type Parts<T> = (T, T);

#[inline(always)]
pub(crate) fn sum_of_parts<T: Real>(a: Parts<T>, b: Parts<T>) -> Parts<T> {
    let (sum, error) = two_sum(a.0, b.0);
    two_sum(sum, error + (a.1 + b.1))
}

#[inline(always)]
pub(crate) fn negated_parts<T: Real>(a: Parts<T>) -> Parts<T> {
    (-a.0, -a.1)
}

/// Times a power of 2.
#[inline(always)]
fn scaled<T: Real>(a: Parts<T>, power: T) -> Parts<T> {
    (a.0 * power, a.1 * power)
}

#[inline(always)]
pub(crate) fn square_of_parts<T: Real>(a: Parts<T>) -> Parts<T> {
    let (square, error) = two_product(a.0, a.0);
    (square, error + (a.0 + a.0) * a.1)
}

/// The sum of what `term` makes of the components of vectors.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
pub(crate) fn sum<T: Real, S: Access<T>, const K: usize>(
    vectors: &Vectors<T, S>,
    term: impl Fn([T; K]) -> Parts<T>,
) -> Parts<T> {
    let (mut sums, zero) = (Sums::<T, LANES>::new(), T::zero());
    vectors.each(
        #[inline(always)]
        |lane, is_there, components| {
            let (high, low) = term(components);
            sums.add_parts(lane, if is_there { high } else { zero }, if is_there { low } else { zero });
        },
    );
    sums.total().parts()
}

/// The largest magnitude of what `term` makes of the components of vectors, and at least `floor`. NaN is the largest of all.
#[cfg_attr(not(target_arch = "arm"), inline(always))]
fn largest_magnitude<T: Real, S: Access<T>, const K: usize>(
    vectors: &Vectors<T, S>,
    floor: T,
    term: impl Fn([T; K]) -> T,
) -> T {
    let mut lanes = [floor.to_bits(); LANES];
    vectors.each(
        #[inline(always)]
        |lane, is_there, components| {
            let bits = term(components).abs().to_bits();
            if let Some(largest) = lanes.get_mut(lane) {
                *largest = if is_there && bits > *largest { bits } else { *largest };
            }
        },
    );
    T::from_bits(largest(lanes.map(T::from_bits), T::to_bits))
}

/// The square root, to twice the digits.
fn root<T: Real>(square: Parts<T>) -> Parts<T> {
    let root = square.0.sqrt();
    if root == T::zero() {
        return (root, root);
    }
    let (product, error) = two_product(root, root);
    let rest = ((square.0 - product) - error) + square.1;
    two_sum(root, rest / (root + root))
}

/// What scales a positive number to from 1 to 4, subnormal ones to less, and the inverse: powers of 2, none of them
/// subnormal.
fn scales<T: Real>(number: T) -> (T, T) {
    let bias = T::ONE_BITS >> T::SIGNIFICAND_BITS;
    let (least, most) = (T::from_index(1), bias + bias - T::from_index(1));
    let exponent = number.to_bits() >> T::SIGNIFICAND_BITS;
    let exponent = if exponent < least { least } else { exponent };
    let exponent = if exponent > most { most } else { exponent };
    let power = |exponent: T::Bits| T::from_bits(exponent << T::SIGNIFICAND_BITS);
    (power(bias + bias - exponent), power(exponent))
}

/// How vectors are measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Norm {
    /// The sum of the magnitudes.
    Taxicab,
    /// The root of the sum of the squares.
    Euclidean,
}

/// The length of a vector, and what makes its direction.
#[derive(Clone, Copy)]
pub(crate) struct Length<T> {
    norm: Norm,
    /// Of the scaled vector.
    total: Parts<T>,
    inverse: Parts<T>,
    /// What scales the vector, and its inverse: powers of 2.
    down: T,
    up: T,
    /// What was added to the square, over the square.
    added: Parts<T>,
}

impl<T: Real> Length<T> {
    /// Of the vector that `component` makes of the components of vectors; `added` to the square of a Euclidean length.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn of<S: Access<T>, const K: usize>(
        norm: Norm,
        vectors: &Vectors<T, S>,
        added: T,
        component: impl Fn([T; K]) -> Parts<T>,
    ) -> Self {
        let zero = (T::zero(), T::zero());
        let largest = largest_magnitude(vectors, added.sqrt(), |components| component(components).0);
        let (down, up) = scales(largest);
        let mut of = Self { norm, total: zero, inverse: zero, down, up, added: zero };
        let of_square = |square: Parts<T>| if square.0 == T::zero() { zero } else { root(square) };
        let added = added * down * down;
        let terms = |components| {
            let component = scaled(component(components), down);
            if norm == Norm::Euclidean {
                return square_of_parts(component);
            }
            if component.0 < T::zero() { negated_parts(component) } else { component }
        };
        let found = sum(vectors, terms);
        if norm == Norm::Euclidean {
            let square = sum_of_parts(found, (added, T::zero()));
            of.total = of_square(square);
            of.added = if added > T::zero() { two_quotient((added, T::zero()), square) } else { zero };
        } else {
            of.total = found;
        }
        if of.total.0 != T::zero() {
            of.inverse = two_quotient((T::one(), T::zero()), of.total);
        }
        of
    }

    /// The length; infinite where it overflows.
    pub(crate) fn value(&self) -> Parts<T> {
        let (high, low) = scaled(self.total, self.up);
        (high, if high.is_finite() { low } else { T::zero() })
    }

    /// What was added to the square, over the square.
    pub(crate) const fn added(&self) -> Parts<T> {
        self.added
    }

    /// The derivative of the length by a component of the vector; 0 where the length is.
    #[inline(always)]
    pub(crate) fn direction(&self, component: Parts<T>) -> Parts<T> {
        if self.norm == Norm::Euclidean {
            return product_of_parts(scaled(component, self.down), self.inverse);
        }
        let sign = if component.0 < T::zero() { -T::one() } else { T::one() };
        (if component.0 == T::zero() { T::zero() } else { sign }, T::zero())
    }

    /// Over another length, both of the scaled vectors.
    #[inline(always)]
    pub(crate) fn over_scaled(&self, other: &Self) -> Parts<T> {
        two_quotient(self.total, other.total)
    }

    /// A component of the scaled vector.
    #[inline(always)]
    pub(crate) fn scaled(&self, component: T) -> T {
        component * self.down
    }

    /// A number over the length of the scaled vector.
    #[inline(always)]
    pub(crate) fn divide_scaled(&self, number: Parts<T>) -> Parts<T> {
        product_of_parts(number, self.inverse)
    }

    /// A number over the length.
    #[inline(always)]
    pub(crate) fn divide(&self, number: Parts<T>) -> T {
        let quotient = self.divide_scaled(number);
        (quotient.0 + quotient.1) * self.down
    }
}
