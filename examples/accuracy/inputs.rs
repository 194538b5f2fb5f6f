//! Where functions of one number are tried, and random numbers.

use super::measure::{Extent, PIECES};

/// Numbers that are handed on together.
pub const BLOCK: usize = 4096;

/// Patterns of bits around which all are tried: thresholds of overflow and underflow, 0, 1, and the ends of the usual
/// reductions.
const SPOTS: [f32; 24] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    2.0,
    -2.0,
    88.722_84,
    -88.722_84,
    87.336_54,
    -87.336_54,
    103.972_08,
    -103.972_08,
    103.278_93,
    -103.278_93,
    16.635_532,
    -16.635_532,
    17.328_68,
    -17.328_68,
    0.346_573_6,
    -0.346_573_6,
    0.707_106_77,
    -0.292_893_2,
];

/// Shows one of [`PIECES`] parts of the 2^32 numbers, or of the fraction that is tried, in blocks: every `stride`th
/// pattern, the first and last significands of every exponent, and neighbourhoods of [`SPOTS`].
pub fn patterns(extent: Extent, piece: usize, mut show: impl FnMut(&[f32])) {
    let mut block = Vec::with_capacity(BLOCK);
    let mut add = |bits: u32| {
        block.push(f32::from_bits(bits));
        if block.len() == BLOCK {
            show(&block);
            block.clear();
        }
    };
    // Odd, so that all last bits occur; each divides the one before.
    let stride = extent.of([255 * 257, 255, 1]);
    let share = (1_u64 << 32) / PIECES as u64;
    let (start, end) = (share * piece as u64, share * (piece as u64 + 1));
    for bits in (start.next_multiple_of(stride)..end).step_by(stride as usize) {
        add(bits as u32);
    }
    if extent < Extent::Exhaustive {
        for binade in (start..end).step_by(1 << 23) {
            for edge in 0..4 {
                add((binade + edge) as u32);
                add((binade + (1 << 23) - 1 - edge) as u32);
            }
        }
        for spot in SPOTS.iter().skip(piece).step_by(PIECES) {
            let reach = extent.of([50, 5000, 0]);
            for step in 0..2 * reach {
                add(spot.to_bits().wrapping_sub(reach).wrapping_add(step));
            }
        }
    }
    if !block.is_empty() {
        show(&block);
    }
}

/// A generator of random numbers: splitmix64.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The same numbers for the same purpose and index.
    pub fn of(purpose: u64, index: usize) -> Self {
        let mut random = Self(purpose.wrapping_mul(0xD129_0A93_2C1F_7B35) ^ index as u64);
        Self(random.bits() ^ purpose)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }

    /// Between the two.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.bits() >> 11) as f64 * 2.0_f64.powi(-53)
    }

    /// Nearly normal: a sum of uniform numbers.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.between(-0.5, 0.5)).sum()
    }

    /// Often small, sometimes large, of either sign.
    pub fn any_size(&mut self, low: f64, high: f64) -> f64 {
        let size = 10.0_f64.powf(self.between(low, high));
        if self.bits() & 1 == 0 { size } else { -size }
    }
}
