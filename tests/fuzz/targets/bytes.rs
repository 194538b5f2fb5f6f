//! Arbitrary bytes as what a batch is made of: mostly what fits together, now and then what does not.

#![allow(dead_code, reason = "each target uses its part of this")]

use std::fmt::Debug;

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use microloss::Real;

/// A type of numbers.
pub(crate) trait Number: Real + Debug {
    /// Its bits, from as many of these.
    fn of_bits(bits: u64) -> Self;
}

impl Number for f32 {
    fn of_bits(bits: u64) -> Self {
        Self::from_bits(bits as u32)
    }
}

impl Number for f64 {
    fn of_bits(bits: u64) -> Self {
        Self::from_bits(bits)
    }
}

/// The bytes that a run was given, taken one after the other; zeros follow the last.
pub(crate) struct Bytes<'a> {
    left: Unstructured<'a>,
    /// Whether this run is of a batch that does not fit together.
    is_odd: bool,
}

impl<'a> Bytes<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Self {
        let mut bytes = Self { left: Unstructured::new(data), is_odd: false };
        bytes.is_odd = bytes.below(4) == 0;
        bytes
    }

    /// What `arbitrary` gives, or its first value: 0.
    fn take<T: Default>(&mut self, take: impl FnOnce(&mut Unstructured<'a>) -> Result<T>) -> T {
        take(&mut self.left).unwrap_or_default()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.take(|left| left.arbitrary())
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.take(|left| left.arbitrary())
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        self.take(|left| left.int_in_range(0..=count.saturating_sub(1)))
    }

    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }

    /// Something that does not fit, in an odd run.
    pub(crate) fn odd(&mut self) -> bool {
        self.is_odd && self.one_in(4)
    }

    /// The length, or in an odd run one near it, or any small one.
    pub(crate) fn length(&mut self, fits: usize) -> usize {
        if !self.odd() {
            return fits;
        }
        match self.below(4) {
            0 => fits.saturating_sub(1),
            1 => fits + 1,
            2 => 0,
            _ => self.below(2 * fits + 9),
        }
    }

    /// Any number: often a small one, often one that is special, else any bits.
    pub(crate) fn number<T: Number>(&mut self) -> T {
        let special = [
            0.0,
            -0.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            1.0,
            -1.0,
            0.5,
            -0.5,
            1e-3,
            f64::from(f32::MAX),
            -f64::from(f32::MAX),
            f64::from(f32::MIN_POSITIVE),
            1e-45,
            -1e-45,
            1e-20,
            1e20,
            88.5,
            -103.5,
            709.5,
            -745.0,
            f64::MAX,
            f64::MIN_POSITIVE,
            5e-324,
            16_777_216.0,
            1.0 - f64::EPSILON / 2.0,
            1.0 + f64::EPSILON,
            f64::from(1.0 - f32::EPSILON / 2.0),
            f64::from(1.0 + f32::EPSILON),
            0.001,
            -1e3,
            30.0,
        ];
        match self.byte() {
            byte @ 0..=159 => T::of((f64::from(byte) - 80.0) / 8.0),
            byte @ 160..=191 => T::of(special[usize::from(byte - 160)]),
            _ => T::of_bits(self.bits()),
        }
    }

    /// A number from 0 to 1, its ends often; in an odd run any.
    pub(crate) fn part<T: Number>(&mut self) -> T {
        if self.odd() {
            return self.number();
        }
        match self.byte() {
            byte @ 0..=199 => T::of(f64::from(byte) / 199.0),
            _ => T::of_bits(self.bits()).abs().min(T::one()),
        }
    }

    /// A number that is finite and not below 0; in an odd run any.
    pub(crate) fn size<T: Number>(&mut self) -> T {
        let number = self.number::<T>().abs();
        if number.is_finite() || self.is_odd { number } else { T::one() }
    }

    pub(crate) fn list<T>(&mut self, length: usize, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..length).map(|_| item(self)).collect()
    }

    /// A distribution; in an odd run one that does not sum to 1, or of any numbers.
    pub(crate) fn distribution<T: Number>(&mut self, length: usize) -> Vec<T> {
        let mut parts: Vec<T> = self.list(length, Self::part);
        if self.odd() {
            return parts;
        }
        let sum = parts.iter().fold(T::zero(), |sum, &part| sum + part);
        match sum > T::zero() {
            true => parts.iter_mut().for_each(|part| *part = *part / sum),
            false => parts.iter_mut().take(1).for_each(|part| *part = T::one()),
        }
        parts
    }
}
