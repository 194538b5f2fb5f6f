//! The softmax of int8 logits, whose exponentials are few: from a table.

use super::Exponential;
use super::softmax::{ScaledProbabilities, Softmax};
use crate::lanes::{Sum, scalar};
use crate::shape::{Code, check_length};
use crate::{Error, Real};

/// Codes of eight bits: `i8` or `u8`.
pub trait ByteCode: Code {}
impl ByteCode for i8 {}
impl ByteCode for u8 {}

/// Softmax cross entropy of rows of int8 logits of one scale, with a table of all exponentials that there can be: faster than
/// [`row::CrossEntropy`](crate::row::CrossEntropy) of [`Quantized`](crate::Quantized) scores, and closer to what the codes mean.
///
/// ```text
/// l = scale (m - q_y) + ln Σ_c e^(-scale (m - q_c)),   m = max q
/// ```
/// The products are not rounded on their way into the exponentials, so the bits are not those of the dequantised logits. A zero
/// point would shift all logits alike: there is none.
/// # Gradient
/// With respect to the logits `p_c - [c = y]`.
/// # Domain
/// Rows of `i8` or `u8` codes, of any length.
/// # Cost
/// 1028 bytes, in flash if made by a `const`, or in RAM: then 256 exponentials in `f64` arithmetic are computed once. A row takes
/// O(C) additions and look-ups and a logarithm, with the gradient a multiplication or two a class more. Instructions an element, in rows of
/// 10: the README's table of costs, `softmax_table`, beside `cross_entropy` of the same int8 logits.
/// # Accuracy
/// Exponentials are rounded from `f64` ones. At most 2.1 ULP (value) and 3.1 (gradient) of the exact result: `tests/softmax_table.rs`.
/// # Errors
/// [`Error::Parameter`] for a scale that is not finite and above 0; [`Error::LabelOutOfRange`]; [`Error::LengthMismatch`];
/// [`Error::NonFiniteLoss`].
/// # Examples
/// ```
/// use microloss::math::SoftmaxTable;
/// use microloss::metric::LogLoss;
/// use microloss::stream::Stream;
///
/// static TABLE: SoftmaxTable = match SoftmaxTable::new(0.05) {
///     Ok(table) => table,
///     Err(_) => panic!("the scale is no scale"), // while compiling
/// };
/// let mut mean = LogLoss::new();
/// for (logits, label) in [([-20_i8, 42, 10], 1), ([61, 5, -7], 0)] {
///     mean.add(TABLE.cross_entropy(&logits, label)?)?;
/// }
/// assert!((mean.value()? - 0.155_352_7).abs() < 1e-7);
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct SoftmaxTable {
    scale: f32,
    /// e^(-scale d), times [`Exponential::SCALE`], so that none is subnormal.
    exponentials: [f32; 256],
}

impl core::fmt::Debug for SoftmaxTable {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SoftmaxTable").field("scale", &self.scale).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for SoftmaxTable {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "SoftmaxTable {{ scale: {} }}", self.scale);
    }
}

impl SoftmaxTable {
    /// The exponentials of this scale.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a scale that is not finite and above 0.
    #[allow(
        clippy::cast_lossless,
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "conversions that a constant can be made with; rounding is the purpose of the last"
    )]
    pub const fn new(scale: f32) -> Result<Self, Error> {
        if !(scale > 0.0 && scale < f32::INFINITY) {
            let expected = "a finite number above 0";
            return Err(Error::Parameter { name: "scale", index: 0, value: scale as f64, expected });
        }
        let mut exponentials = [0.0; 256];
        let mut rest: &mut [f32] = &mut exponentials;
        let mut difference = 0_u32;
        while let Some((slot, others)) = rest.split_first_mut() {
            // Exact, as is the power of 2.
            let e = exp_negated(scale as f64 * difference as f64) * <f32 as Exponential>::SCALE as f64;
            *slot = if e < f32::MIN_POSITIVE as f64 { 0.0 } else { e as f32 };
            rest = others;
            difference = difference.wrapping_add(1);
        }
        Ok(Self { scale, exponentials })
    }

    /// The scale.
    #[must_use]
    pub const fn scale(&self) -> f32 {
        self.scale
    }

    /// The cross entropy of a row with its label.
    ///
    /// # Errors
    /// [`Error::LabelOutOfRange`]; [`Error::NonFiniteLoss`] where it is beyond the type.
    pub fn cross_entropy<Q: ByteCode>(&self, codes: &[Q], label: usize) -> Result<f32, Error> {
        self.softmax(codes, label).map(|row| row.value)
    }

    /// The same, and its gradient with respect to the logits.
    ///
    /// # Errors
    /// Those of [`cross_entropy`](Self::cross_entropy); [`Error::LengthMismatch`] for a gradient of another length. Nothing is
    /// written then.
    pub fn cross_entropy_with_gradient<Q: ByteCode>(
        &self,
        codes: &[Q],
        label: usize,
        gradient: &mut [f32],
    ) -> Result<f32, Error> {
        check_length("gradient", codes.len(), gradient.len())?;
        let Row { softmax, max, value } = self.softmax(codes, label)?;
        let p = ScaledProbabilities::new([softmax.over_sum(0, (1.0, 0.0))]);
        for (slot, &code) in gradient.iter_mut().zip(codes) {
            scalar();
            *slot = p.of(0, self.exponential(max, code));
        }
        if let Some(own) = gradient.get_mut(label) {
            *own = -p.of(0, softmax.rest(0));
        }
        Ok(value)
    }

    /// The softmax of a row, the label's class apart.
    fn softmax<Q: ByteCode>(&self, codes: &[Q], label: usize) -> Result<Row, Error> {
        let Some((before, [own, after @ ..])) = codes.split_at_checked(label) else {
            let (label, classes) = (i64::try_from(label).unwrap_or(i64::MAX), codes.len());
            return Err(Error::LabelOutOfRange { index: 0, label, classes });
        };
        let max = codes.iter().fold(i32::MIN, |max, code| max.max(code.number()));
        let (mut sum, mut plain, mut waiting) = (Sum::default(), -0.0, 0);
        for codes in [before, after] {
            for &code in codes {
                scalar();
                plain += self.exponential(max, code);
                waiting += 1;
                if waiting == 4 {
                    sum.add(plain);
                    (plain, waiting) = (-0.0, 0);
                }
            }
        }
        sum.add(plain);
        let gap = self.scale * f32::of_int(max.wrapping_sub(own.number()));
        let (own, peak) = (self.exponential(max, *own), <f32 as Exponential>::SCALE);
        let softmax = Softmax::of_parts(gap, own, peak, sum.parts());
        let value = softmax.nll(0, 1.0);
        if !value.is_finite() {
            return Err(Error::NonFiniteLoss { index: 0, value: value.into() });
        }
        Ok(Row { softmax, max, value })
    }

    /// The exponential of a code, relative to that of the largest.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "codes have eight bits")]
    fn exponential<Q: ByteCode>(&self, max: i32, code: Q) -> f32 {
        let difference = max.wrapping_sub(code.number()) as u8;
        self.exponentials.get(usize::from(difference)).copied().unwrap_or_default()
    }
}

/// What a row comes to.
struct Row {
    softmax: Softmax<f32, 1>,
    /// The largest code.
    max: i32,
    value: f32,
}

/// e^-x for x of at least 0, to a unit in the last place; 0 beyond 700.
#[allow(
    clippy::cast_lossless,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounding down is the purpose; conversions that a constant can be made with"
)]
const fn exp_negated(x: f64) -> f64 {
    if x > 700.0 {
        return 0.0;
    }
    let k = (x * core::f64::consts::LOG2_E + 0.5) as u32;
    // ln 2 in two numbers, of which the first times k is exact.
    let (high, low) = (6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10);
    let count = k as f64;
    let r = (count * high - x) + count * low;
    // Below 0.35: what follows x^13 / 13! is less than 2^-57.
    let mut sum = 1.0;
    let mut n = 14_u32;
    while n > 1 {
        n = n.wrapping_sub(1);
        sum = 1.0 + sum * r / n as f64;
    }
    sum * f64::from_bits((1023_u32.wrapping_sub(k) as u64) << 52)
}
