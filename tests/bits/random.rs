//! Random numbers from integers alone, the same on every machine: scores, probabilities, weights.

use microloss::{Input, Real};

/// A float that is put together from bits.
pub trait Float: Real {
    const NAME: &'static str;
    /// What lines of codes are called.
    const CODES: &'static str;
    /// Bits of the fraction.
    const FRACTION: u32;
    /// The exponent of 1, as its bits say it.
    const BIAS: u64;
    /// From here to the second number e^-x is subnormal.
    const FAR: (f64, f64);
    fn of_bits(bits: u64) -> Self;

    /// 2^exponent times a significand from 1 to 2.
    fn of_parts(exponent: i64, fraction: u64) -> Self {
        let exponent = Self::BIAS.wrapping_add_signed(exponent);
        Self::of_bits(exponent << Self::FRACTION | Self::fraction(fraction))
    }

    fn fraction(bits: u64) -> u64 {
        bits & ((1 << Self::FRACTION) - 1)
    }
}

impl Float for f32 {
    const NAME: &'static str = "f32";
    const CODES: &'static str = "f32 codes";
    const FRACTION: u32 = 23;
    const BIAS: u64 = 127;
    const FAR: (f64, f64) = (86.0, 105.0);
    fn of_bits(bits: u64) -> Self {
        Self::from_bits(bits as u32)
    }
}

impl Float for f64 {
    const NAME: &'static str = "f64";
    const CODES: &'static str = "f64 codes";
    const FRACTION: u32 = 52;
    const BIAS: u64 = 1023;
    const FAR: (f64, f64) = (706.0, 747.0);
    fn of_bits(bits: u64) -> Self {
        Self::from_bits(bits)
    }
}

/// What the scores of a batch are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Plain,
    /// Of every size.
    Wide,
    /// Few values, both zeros among them.
    Ties,
    /// Subnormal first and last: vector units that flush often leave the tail of a slice to a scalar loop.
    Edges,
    /// Subnormal, most of them.
    Subnormal,
    /// So far from each other that results are subnormal.
    Far,
    /// Infinities, NaN, the largest and the smallest numbers, legal or not, here and there.
    Special,
    /// Any bits.
    Any,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::Plain,
        Self::Wide,
        Self::Ties,
        Self::Edges,
        Self::Subnormal,
        Self::Far,
        Self::Special,
        Self::Any,
    ];
}

/// Marsaglia's xorshift, multiplied; seeds that follow each other give sequences that do not.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        let mixed = (seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        Self(mixed ^ mixed >> 27)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub fn below(&mut self, count: usize) -> usize {
        (((self.bits() >> 32) * count as u64) >> 32) as usize
    }

    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub fn one_of<T: Copy, const N: usize>(&mut self, choices: [T; N]) -> T {
        choices[self.below(N)]
    }

    /// From 0 to 1, with all digits.
    pub fn unit<T: Float>(&mut self) -> T {
        T::of_parts(0, self.bits()) - T::one()
    }

    pub fn between<T: Float>(&mut self, (least, most): (f64, f64)) -> T {
        T::of(least) + self.unit::<T>() * T::of(most - least)
    }

    /// Above 0 and below the smallest normal number.
    pub fn subnormal<T: Float>(&mut self) -> T {
        // Of every size.
        let fraction = T::fraction(self.bits()) >> self.below(T::FRACTION as usize);
        T::of_bits(fraction.max(1))
    }

    fn signed<T: Float>(&mut self, number: T) -> T {
        if self.one_in(2) { -number } else { number }
    }

    pub fn special<T: Float>(&mut self) -> T {
        let number = self.one_of([
            T::nan(),
            T::infinity(),
            T::infinity(),
            T::max_value(),
            T::min_positive_value(),
            T::epsilon(),
            T::zero(),
            T::one(),
        ]);
        self.signed(number)
    }

    /// A score; `edge` says that it is the first or the last.
    pub fn score<T: Float>(&mut self, input: Input, kind: Kind, edge: bool) -> T {
        match input {
            Input::Logits | Input::Variances | Input::LogVariances => self.logit(kind, edge),
            Input::Probabilities => self.probability(kind, edge),
            Input::LogProbabilities if self.one_in(2000) => self.unit(),
            Input::LogProbabilities => {
                let logit = self.logit::<T>(kind, edge);
                if logit.is_sign_negative() { logit } else { -logit }
            }
        }
    }

    fn logit<T: Float>(&mut self, kind: Kind, edge: bool) -> T {
        match kind {
            Kind::Wide => {
                let size = T::of_parts(self.below(50) as i64 - 41, self.bits());
                self.signed(size)
            }
            Kind::Ties => {
                let number = self.one_of([0.0, 0.0, 1.0, 2.0]);
                self.signed(T::of(number))
            }
            Kind::Edges if edge => {
                let tiny = self.subnormal();
                self.signed(tiny)
            }
            Kind::Subnormal if !self.one_in(8) => {
                let tiny = self.subnormal();
                self.signed(tiny)
            }
            Kind::Far => match self.below(8) {
                0..3 => self.unit(),
                3 => self.between(T::FAR),
                _ => -self.between::<T>(T::FAR),
            },
            Kind::Special if self.one_in(40) => self.special(),
            Kind::Any => T::of_bits(self.bits()),
            _ => self.between((-8.0, 8.0)),
        }
    }

    /// From 0 to 1, with few exceptions.
    pub fn probability<T: Float>(&mut self, kind: Kind, edge: bool) -> T {
        match kind {
            Kind::Wide => {
                let small = T::of_parts(-1 - self.below(40) as i64, self.bits());
                if self.one_in(2) { T::one() - small } else { small }
            }
            Kind::Ties => {
                let number = self.one_of([0.0, 0.25, 0.5, 1.0]);
                T::of(number)
            }
            Kind::Edges if edge => self.subnormal(),
            Kind::Subnormal if !self.one_in(8) => self.subnormal(),
            Kind::Far => match self.below(4) {
                0 => T::one() - T::epsilon(),
                1 => T::min_positive_value(),
                _ => T::of_parts(-1 - self.below(T::BIAS as usize - 1) as i64, self.bits()),
            },
            Kind::Special if self.one_in(40) => match self.below(8) {
                0 => self.special(),
                1..5 => T::zero(),
                _ => T::one(),
            },
            Kind::Any if self.one_in(400) => T::of_bits(self.bits()),
            Kind::Any => T::of_bits(self.bits() % (T::BIAS << T::FRACTION)),
            _ => self.unit(),
        }
    }

    /// A weight, or another number of at least 0: often a simple one, seldom a subnormal.
    pub fn weight<T: Float>(&mut self) -> T {
        match self.below(16) {
            0..2 => T::zero(),
            2..6 => T::of(self.one_of([0.5, 1.0, 2.0, 3.0, 5.0])),
            6 => self.subnormal(),
            7 => T::of_parts(self.below(40) as i64 - 30, self.bits()),
            _ => self.between((0.0, 4.0)),
        }
    }
}
