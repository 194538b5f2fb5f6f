//! Random scores as integer codes, with scales and zero points.

use microloss::{Code, Input};

use super::part::place_in;
use super::random::{Float, Kind, Random};

/// Losses that are tried with codes, of every shape and way to walk it: more do not fit on the smallest boards.
pub const TRIED: &[&str] =
    &["binary_cross_entropy", "gaussian_nll", "cross_entropy", "lovasz_softmax", "dice", "cosine_embedding"];

/// Codes that a loss is tried with: their type, and whether each column has a scale. All losses together have all of them.
pub const fn of_loss(name: &str, bytes: usize) -> (Type, bool) {
    let place = place_in(TRIED, name);
    let code = match place % 3 {
        0 => Type::U8,
        1 => Type::I16,
        _ => Type::I8,
    };
    (code, (place / 3 + bytes / 8) % 2 == 1)
}

/// A type of codes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Type {
    I8,
    U8,
    I16,
}

/// Codes of some type.
pub trait Drawn: Code + Default {
    const LEAST: i32;
    const MOST: i32;
    fn of(number: i16) -> Self;
}

macro_rules! drawn {
    ($($type:ident),*) => {$(
        impl Drawn for $type {
            const LEAST: i32 = $type::MIN as i32;
            const MOST: i32 = $type::MAX as i32;
            fn of(number: i16) -> Self {
                number as Self
            }
        }
    )*};
}
drawn!(i8, u8, i16);

/// Codes of any type, and the zero point of each column.
pub struct Tensor<const N: usize> {
    pub codes: [i16; N],
    pub zero_points: [i32; N],
}

impl<const N: usize> Tensor<N> {
    pub const NOTHING: Self = Self { codes: [0; N], zero_points: [0; N] };

    /// Draws `count` codes of type Q, with a scale and a zero point for each of the columns that `scales` has.
    pub fn fill<T: Float, Q: Drawn>(
        &mut self,
        random: &mut Random,
        kind: Kind,
        input: Input,
        count: usize,
        scales: &mut [T],
    ) {
        let (span, columns) = ((Q::MOST - Q::LEAST) as usize, scales.len());
        for (column, (scale, zero_point)) in scales.iter_mut().zip(&mut self.zero_points).enumerate() {
            let middle = Q::LEAST + random.below(span + 1) as i32;
            // What is no probability, logarithm of one, or variance, is drawn now and then.
            *zero_point = match input {
                _ if random.one_in(400) => middle,
                Input::Probabilities => Q::LEAST,
                Input::LogProbabilities => Q::MOST,
                Input::Variances if column % 2 == 1 || columns == 1 => Q::LEAST,
                _ => middle,
            };
            let is_probability = input == Input::Probabilities;
            // From the least code to the largest.
            let width: T = match kind {
                Kind::Wide if is_probability => T::of_parts(-1 - random.below(40) as i64, random.bits()),
                Kind::Wide => T::of_parts(random.below(50) as i64 - 41, random.bits()),
                Kind::Far if !is_probability => T::of(T::FAR.1),
                _ if is_probability => T::one() - random.unit::<T>(),
                _ => random.between((1.0, 24.0)),
            };
            *scale = match kind {
                Kind::Edges => T::min_positive_value() / T::of(8.0),
                Kind::Subnormal => random.subnormal(),
                Kind::Special if random.one_in(20) => random.special(),
                Kind::Any if random.one_in(2) => T::of_bits(random.bits()).abs(),
                _ => width / T::of_count(span),
            };
            if kind == Kind::Special && random.one_in(40) {
                *zero_point = random.one_of([Q::LEAST - 1, Q::MOST + 1, i32::MIN, i32::MAX]);
            }
        }
        for (index, code) in self.codes[..count].iter_mut().enumerate() {
            let number = match kind {
                Kind::Ties => random.one_of([Q::LEAST, 0, 1, Q::MOST]),
                // One step from 0: subnormal.
                Kind::Edges if index == 0 || index + 1 == count => {
                    let zero_point = self.zero_points[index % columns];
                    if zero_point == Q::MOST { zero_point - 1 } else { zero_point + 1 }
                }
                _ => Q::LEAST + random.below(span + 1) as i32,
            };
            *code = number as i16;
        }
    }

    /// The first codes, in their type.
    pub fn cast<Q: Drawn>(&self) -> [Q; N] {
        self.codes.map(Q::of)
    }
}
