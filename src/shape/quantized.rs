//! Scores as integer codes, the way quantised models give them.

mod dequantized;

pub use dequantized::Dequantized;

use core::ops::Range;

use super::access::{Access, Feed, ReadScores, View};
use super::batch::check_length;
use super::scores::item_range;
use crate::lanes::scalar;
use crate::sealed::Sealed;
use crate::{Error, Real};

/// The integers that codes are: `i8`, `u8` or `i16`. Sealed.
pub trait Code: Copy + Sealed + 'static {
    /// The code as a number.
    fn number(self) -> i32;
    /// Whether a number is a code.
    fn holds(number: i32) -> bool;
}

/// Codes in an array or slice. Sealed.
pub trait Codes: Sealed {
    /// The type of a code.
    type Code: Code;
    /// All codes, row after row.
    fn codes(&self) -> &[Self::Code];
}

macro_rules! codes {
    ($($type:ident),*) => {$(
        impl Code for $type {
            #[inline(always)]
            fn number(self) -> i32 { self.into() }
            #[inline(always)]
            fn holds(number: i32) -> bool { Self::try_from(number).is_ok() }
        }
        codes! { $type:
            [] [$type], self => self;
            [const N: usize] [$type; N], self => self;
            [const C: usize, const N: usize] [[$type; C]; N], self => self.as_flattened();
            [const C: usize, const N: usize, const M: usize] [[[$type; C]; N]; M], self =>
                self.as_flattened().as_flattened();
        }
    )*};
    ($code:ident: $([$($generic:tt)*] $type:ty, $self:ident => $read:expr;)*) => {$(
        impl<$($generic)*> Sealed for $type {}
        impl<$($generic)*> Codes for $type {
            type Code = $code;
            #[inline(always)]
            fn codes(&$self) -> &[$code] { $read }
        }
    )*};
}
codes!(i8, u8, i16);

/// What codes stand for. Sealed.
pub trait Dequantize<T: Real>: Copy + Sealed {
    /// The number that a code stands for, in a column.
    fn number(self, code: i32, column: usize) -> T;

    /// The same for columns from one on.
    #[must_use]
    fn skip_columns(self, column: usize) -> Self;

    /// Refuses rows of another number of columns.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`].
    fn check(self, columns: usize) -> Result<(), Error>;
}

/// One scale and zero point for all codes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PerTensor<T> {
    scale: T,
    zero_point: i32,
}

/// A scale and a zero point for each column.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PerColumn<'a, T> {
    scales: &'a [T],
    zero_points: &'a [i32],
}

/// Exact but for the product, which is rounded once.
#[inline(always)]
fn dequantized<T: Real>(code: i32, scale: T, zero_point: i32) -> T {
    // A scale may be subnormal.
    scalar();
    scale * T::of_int(code.wrapping_sub(zero_point))
}

impl<T: Real> Sealed for PerTensor<T> {}
impl<T: Real> Dequantize<T> for PerTensor<T> {
    #[inline(always)]
    fn number(self, code: i32, _column: usize) -> T {
        dequantized(code, self.scale, self.zero_point)
    }

    #[inline(always)]
    fn skip_columns(self, _column: usize) -> Self {
        self
    }

    #[inline(always)]
    fn check(self, _columns: usize) -> Result<(), Error> {
        Ok(())
    }
}

impl<T: Real> Sealed for PerColumn<'_, T> {}
impl<T: Real> Dequantize<T> for PerColumn<'_, T> {
    #[inline(always)]
    fn number(self, code: i32, column: usize) -> T {
        let (Some(&scale), Some(&zero_point)) = (self.scales.get(column), self.zero_points.get(column))
        else {
            return T::zero();
        };
        dequantized(code, scale, zero_point)
    }

    #[inline(always)]
    fn skip_columns(self, column: usize) -> Self {
        Self {
            scales: self.scales.get(column..).unwrap_or(&[]),
            zero_points: self.zero_points.get(column..).unwrap_or(&[]),
        }
    }

    fn check(self, columns: usize) -> Result<(), Error> {
        check_length("scales", columns, self.scales.len())
    }
}

/// Scores as codes q, the way `TensorFlow` Lite Micro and CMSIS-NN give them: of all of a tensor, or of each column, a score is
///
/// ```text
/// scale (q - zero_point)
/// ```
/// where the difference is exact and the product is rounded once. Every loss reads codes where they are, `S` being their
/// arrangement, and what it makes of them is to the last bit what it makes of those numbers. A gradient has the numbers' type,
/// and goes where it is told: `gradient` of the [`Batch`](super::Batch).
///
/// # Domain
/// Scales are finite and above 0; zero points are codes. A product beyond the type is infinite.
/// # Cost
/// A subtraction, a conversion and a product for each code that is read; no copy.
/// # Reference
/// Jacob et al. 2018, arXiv 1712.05877, equation 1.
/// # Examples
/// ```
/// use microloss::{Quantized, RowLoss, Rows, row::CrossEntropy};
/// let logits = [[10_i8, 42, -20], [30, 5, 11]];
/// let mut gradient = [[0.0; 3]; 2];
/// let scores = Quantized::per_tensor(&logits, 0.05_f32, -3)?;
/// let value = CrossEntropy::new().mean(Rows::quantized(scores, &[1_u8, 0]).gradient(&mut gradient))?;
///
/// let numbers = logits.map(|row| row.map(|q| 0.05 * f32::from(q + 3)));
/// assert_eq!(value, CrossEntropy::new().mean(Rows::new(&numbers, &[1_u8, 0]))?);
/// # Ok::<(), microloss::Error>(())
/// ```
/// Probabilities of an int8 softmax have the scale 1/256 and the zero point -128:
/// ```
/// use microloss::{Input, Quantized, RowLoss, Rows, row::CrossEntropy};
/// let probabilities = [[-128_i8, 63, -64]];
/// let scores = Quantized::per_tensor(&probabilities, 1.0 / 256.0_f32, -128)?;
/// let value = CrossEntropy::new().from(Input::Probabilities)?.mean(Rows::quantized(scores, &[1_u8]))?;
/// assert_eq!(value, -(191.0 / 256.0_f32).ln());
/// # Ok::<(), microloss::Error>(())
/// ```
/// Codes have no room for a gradient:
/// ```compile_fail,E0599
/// use microloss::{Quantized, Rows};
/// let mut logits = [[10_i8, 42, -20]];
/// let batch = Rows::quantized_in_place(Quantized::per_tensor(&mut logits, 0.05_f32, -3)?, &[1_u8]);
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Debug)]
pub struct Quantized<'a, S: ?Sized, D> {
    codes: &'a S,
    by: D,
}

impl<S: ?Sized, D: Copy> Clone for Quantized<'_, S, D> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S: ?Sized, D: Copy> Copy for Quantized<'_, S, D> {}

#[cfg(feature = "defmt")]
impl<S: Codes + ?Sized, D: defmt::Format> defmt::Format for Quantized<'_, S, D> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Quantized {{ codes: {}, by: {} }}", self.codes.codes().len(), self.by);
    }
}

impl<'a, T: Real, S: Codes + ?Sized> Quantized<'a, S, PerTensor<T>> {
    /// Codes with one scale and zero point.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a scale that is not finite and above 0, and for a zero point that is no code.
    pub fn per_tensor(codes: &'a S, scale: T, zero_point: i32) -> Result<Self, Error> {
        check::<T, S>(0, scale, zero_point)?;
        Ok(Self { codes, by: PerTensor { scale, zero_point } })
    }

    /// What the codes stand for, one after the other: for metrics of single numbers.
    ///
    /// # Examples
    /// ```
    /// use microloss::Quantized;
    /// use microloss::metric::{ScoreHistogram, ZeroDivision};
    /// let codes = [-100_i8, 90, 3]; // probabilities, as an int8 sigmoid gives them
    /// let mut histogram = ScoreHistogram::<16>::new();
    /// let probabilities = Quantized::per_tensor(&codes, 1.0 / 256.0_f32, -128)?.numbers();
    /// for (probability, is_positive) in probabilities.zip([false, true, true]) {
    ///     histogram.add(probability, is_positive)?;
    /// }
    /// assert_eq!(histogram.auroc::<f32>(ZeroDivision::Refuse)?, 1.0);
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub fn numbers(self) -> impl Iterator<Item = T> + Clone {
        let PerTensor { scale, zero_point } = self.by;
        self.codes.codes().iter().map(move |code| dequantized(code.number(), scale, zero_point))
    }
}

impl<'a, T: Real, S: Codes + ?Sized> Quantized<'a, S, PerColumn<'a, T>> {
    /// Codes with a scale and a zero point for each column: class, label, number an item, or component of a vector.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a scale that is not finite and above 0, and for a zero point that is no code;
    /// [`Error::LengthMismatch`] for lists of two lengths. A loss refuses lists that are not as long as its rows.
    pub fn per_column(codes: &'a S, scales: &'a [T], zero_points: &'a [i32]) -> Result<Self, Error> {
        check_length("zero_points", scales.len(), zero_points.len())?;
        for (index, (&scale, &zero_point)) in scales.iter().zip(zero_points).enumerate() {
            check::<T, S>(index, scale, zero_point)?;
        }
        Ok(Self { codes, by: PerColumn { scales, zero_points } })
    }

    /// What the codes stand for, one after the other, row after row: for metrics of single numbers.
    pub fn numbers(self) -> impl Iterator<Item = T> + Clone {
        let columns = self.by.scales.iter().zip(self.by.zero_points).cycle();
        let codes = self.codes.codes().iter().zip(columns);
        codes.map(|(code, (&scale, &zero_point))| dequantized(code.number(), scale, zero_point))
    }
}

fn check<T: Real, S: Codes + ?Sized>(index: usize, scale: T, zero_point: i32) -> Result<(), Error> {
    scalar();
    if !(scale > T::zero() && scale.is_finite()) {
        let expected = "a finite number above 0";
        return Err(Error::Parameter { name: "scale", index, value: scale.to_double(), expected });
    }
    if !S::Code::holds(zero_point) {
        let (value, expected) = (zero_point.into(), "a number of the codes' type");
        return Err(Error::Parameter { name: "zero_point", index, value, expected });
    }
    Ok(())
}

impl<'a, S: Codes + ?Sized, D> Quantized<'a, S, D> {
    /// The same as a slice, row after row.
    pub fn flat(self) -> Quantized<'a, [S::Code], D> {
        Quantized { codes: self.codes.codes(), by: self.by }
    }
}

impl<Q, D> Sealed for Quantized<'_, [Q], D> {}

impl<T: Real, Q: Code, D: Dequantize<T>> View<T> for Quantized<'_, [Q], D> {
    type Chunks<const L: usize, const N: usize> = [[T; L]; N];

    #[inline(always)]
    fn len(self) -> usize {
        self.codes.len()
    }

    #[inline(always)]
    fn get(self, index: usize, column: usize) -> Option<T> {
        Some(self.by.number(self.codes.get(index)?.number(), column))
    }

    #[inline(always)]
    fn part(self, range: Range<usize>, column: usize) -> Option<Self> {
        Some(Self { codes: self.codes.get(range)?, by: self.by.skip_columns(column) })
    }

    #[inline(always)]
    fn row(self) -> impl Iterator<Item = T> {
        self.codes.iter().enumerate().map(
            #[inline(always)]
            move |(column, code)| self.by.number(code.number(), column),
        )
    }

    #[inline(always)]
    fn column(self) -> impl Iterator<Item = T> {
        self.codes.iter().map(
            #[inline(always)]
            move |code| self.by.number(code.number(), 0),
        )
    }

    #[inline(always)]
    fn has_nan(self) -> bool {
        false
    }

    #[inline(always)]
    fn chunks<const L: usize, const N: usize>(self, chunk: usize) -> Option<[[T; L]; N]> {
        let codes = self.codes.as_chunks::<L>().0.get(chunk..)?.first_chunk::<N>()?;
        let mut numbers = [[T::zero(); L]; N];
        let mut column = chunk.wrapping_mul(L);
        for (slot, code) in numbers.as_flattened_mut().iter_mut().zip(codes.as_flattened()) {
            *slot = self.by.number(code.number(), column);
            column = column.wrapping_add(1);
        }
        Some(numbers)
    }

    #[inline(always)]
    fn block<'b, const K: usize, const B: usize>(
        self,
        start: usize,
        columns: usize,
        room: &'b mut Option<[[T; K]; B]>,
    ) -> &'b [[T; K]; B]
    where
        Self: 'b,
    {
        let numbers = room.insert([[T::zero(); K]; B]);
        let columns = columns.wrapping_mul(K);
        let start = start.wrapping_mul(K);
        let mut column = start.checked_rem(columns).unwrap_or(0);
        let codes = self.codes.get(start..).unwrap_or(&[]);
        for (slot, code) in numbers.as_flattened_mut().iter_mut().zip(codes) {
            *slot = self.by.number(code.number(), column);
            column = column.wrapping_add(1);
            column = if column == columns { 0 } else { column };
        }
        numbers
    }

    #[inline(always)]
    fn write(self, columns: usize, to: &mut [T]) {
        let mut column = 0;
        for (slot, code) in to.iter_mut().zip(self.codes) {
            *slot = self.by.number(code.number(), column);
            column = column.wrapping_add(1);
            column = if column == columns { 0 } else { column };
        }
    }

    #[inline(always)]
    fn items<const K: usize>(self, columns: usize) -> impl Iterator<Item = Self> {
        pieces::<T, Q, D>(self, K, K, columns.wrapping_mul(K))
    }

    #[inline(always)]
    fn parts(self, length: usize) -> impl Iterator<Item = Self> {
        pieces::<T, Q, D>(self, length, 0, usize::MAX)
    }

    #[inline(always)]
    fn planes(self, length: usize) -> impl Iterator<Item = Self> {
        pieces::<T, Q, D>(self, length, 1, usize::MAX)
    }
}

/// Pieces of a length, of which each begins `step` columns further, or, at the last column, in the first.
#[inline(always)]
fn pieces<T: Real, Q: Code, D: Dequantize<T>>(
    codes: Quantized<'_, [Q], D>,
    length: usize,
    step: usize,
    columns: usize,
) -> impl Iterator<Item = Quantized<'_, [Q], D>> {
    let (mut start, mut column) = (0_usize, 0_usize);
    core::iter::from_fn(move || {
        let end = start.saturating_add(length).min(codes.codes.len());
        let piece = View::<T>::part(codes, start..end, column).filter(|piece| !piece.codes.is_empty())?;
        (start, column) = (end, column.wrapping_add(step));
        column = if column == columns { 0 } else { column };
        Some(piece)
    })
}

impl<T: Real, Q: Code, D: Dequantize<T>> Access<T> for Quantized<'_, [Q], D> {
    type View<'b>
        = Quantized<'b, [Q], D>
    where
        Self: 'b;

    #[inline(always)]
    fn view(&self) -> Quantized<'_, [Q], D> {
        *self
    }

    #[inline(always)]
    fn slots(&mut self) -> Option<&mut [T]> {
        None
    }

    #[inline(always)]
    fn apart(&mut self) -> (Option<Quantized<'_, [Q], D>>, Option<&mut [T]>) {
        (Some(*self), None)
    }

    #[inline(always)]
    fn are_replaced(&self) -> bool {
        false
    }
}

impl<T: Real, Q: Code, D: Dequantize<T>> Feed<T> for Quantized<'_, [Q], D> {
    type Item<'b>
        = Quantized<'b, [Q], D>
    where
        Self: 'b;
    type Part<'b>
        = Quantized<'b, [Q], D>
    where
        Self: 'b;

    #[inline(always)]
    fn items(
        &mut self,
        first: usize,
        count: usize,
        width: usize,
        _columns: usize,
    ) -> Option<Quantized<'_, [Q], D>> {
        View::<T>::part(*self, first.checked_mul(width)?..first.checked_add(count)?.checked_mul(width)?, 0)
    }

    #[inline(always)]
    fn again(&mut self, index: usize, width: usize) -> Option<Quantized<'_, [Q], D>> {
        View::<T>::part(*self, item_range(index, width)?, 0)
    }

    #[inline(always)]
    fn part(&mut self, index: usize, width: usize) -> Option<Quantized<'_, [Q], D>> {
        View::<T>::part(*self, item_range(index, width)?, 0)
    }

    #[inline(always)]
    fn is_in_place(&self) -> bool {
        false
    }

    #[inline(always)]
    fn check(&self, columns: usize) -> Result<(), Error> {
        self.by.check(columns)
    }
}

impl<T: Real, Q: Code, D: Dequantize<T>> ReadScores<T> for Quantized<'_, [Q], D> {
    type View = Self;
    type Feed = Self;

    #[inline(always)]
    fn view(self) -> Self {
        self
    }

    #[inline(always)]
    fn feed(self) -> Self {
        self
    }
}

impl<'a, T: Real, Q: Code, D: Dequantize<T>, const N: usize> ReadScores<T> for Quantized<'a, [Q; N], D> {
    type View = Quantized<'a, [Q], D>;
    type Feed = Quantized<'a, [Q], D>;

    #[inline(always)]
    fn view(self) -> Quantized<'a, [Q], D> {
        Quantized { codes: self.codes, by: self.by }
    }

    #[inline(always)]
    fn feed(self) -> Quantized<'a, [Q], D> {
        Quantized { codes: self.codes, by: self.by }
    }
}
