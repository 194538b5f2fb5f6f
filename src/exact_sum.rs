//! Sums without rounding: their order and grouping cannot matter.

use core::cmp::Ordering;
use core::fmt;

use crate::stream::Words;
use crate::{Error, Real};

/// The sum of numbers, or of products of two, exactly: an integer of as many bits as the type needs.
///
/// ```text
/// f32: the sum in units of 2^-149,  in 352 bits,   44 bytes; of products in units of 2^-298,  in 704 bits,   88 bytes
/// f64: the sum in units of 2^-1074, in 2176 bits, 272 bytes; of products in units of 2^-2148, in 4352 bits, 544 bytes
/// ```
///
/// Nothing is rounded before a result is read, which is then the nearest number to the true one, of two the even. So equal
/// terms give equal states, and results, in any order and any grouping.
///
/// # Domain
/// All finite numbers, subnormal ones too, and both signs. Of the largest, 2^73 fit (`f64`: 2^76), of their products 2^148 (2^154).
///
/// # Cost
/// A term touches the two or three 32-bit limbs where its bits lie, and those that a carry runs through.
///
/// # Reference
/// U. Kulisch, Computer Arithmetic and Validity, 2013: the complete register. Python's `math.fsum` gives the same sums.
///
/// # Examples
/// ```
/// use microloss::{ExactProducts, ExactSum};
/// let mut sum = ExactSum::<f32>::new();
/// for term in [1e30, 1.0, -1e30] {
///     sum.add(term)?;
/// }
/// assert_eq!(sum.value()?, 1.0);
/// assert_eq!(sum.mean(3)?, 1.0 / 3.0);
///
/// let mut squares = ExactProducts::<f32>::new();
/// squares.add_product(1e-30, 1e-30)?;
/// assert_eq!(squares.root_mean(1)?, 1e-30);
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct ExactSum<T: Limbs<FACTORS>, const FACTORS: usize = 1> {
    /// In two's complement, the lowest first.
    limbs: T::Array,
}

/// The sum of products of two numbers, exactly. See [`ExactSum`].
pub type ExactProducts<T> = ExactSum<T, 2>;

/// What an [`ExactSum`] of terms of so many factors is made of. Sealed: [`Real`] brings it.
pub trait Limbs<const FACTORS: usize>: crate::sealed::Sealed + Copy {
    /// An array of limbs. Its highest one only takes carries of a term, and tells that there is room for it.
    #[doc(hidden)]
    type Array: Array;
    /// The exponent of the lowest bit.
    #[doc(hidden)]
    const UNIT: i32;
}

/// An array of limbs of any length.
#[doc(hidden)]
pub trait Array: Copy + Eq + AsRef<[u32]> + AsMut<[u32]> + Send + Sync + 'static {
    /// The number 0.
    const ZERO: Self;
}

impl<const N: usize> Array for [u32; N] {
    const ZERO: Self = [0; N];
}

/// What the bits of a number mean.
#[doc(hidden)]
pub trait Encoding: Sized {
    /// The type's format.
    const FORMAT: Format;
    /// The number of these bits.
    fn with_bits(bits: u64) -> Self;
}

/// A floating-point format.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// Binary digits.
    digits: i32,
    /// The exponent of the smallest number.
    smallest: i32,
    /// The bits of infinity.
    infinity: u64,
}

macro_rules! limbs {
    ($type:ident, $format:expr, $from_bits:expr, [$($factors:literal: $limbs:literal),*]) => {
        impl Encoding for $type {
            const FORMAT: Format = $format;

            fn with_bits(bits: u64) -> Self {
                Self::from_bits($from_bits(bits))
            }
        }

        $( impl Limbs<$factors> for $type {
            type Array = [u32; $limbs];
            const UNIT: i32 = Self::FORMAT.smallest * $factors;
        } )*
    };
}

limbs!(f32, Format { digits: 24, smallest: -149, infinity: 0x7F80_0000 }, low, [1: 11, 2: 22]);
limbs!(f64, Format { digits: 53, smallest: -1074, infinity: 0x7FF0 << 48 }, u64::from, [1: 68, 2: 136]);

impl<T: Limbs<FACTORS>, const FACTORS: usize> PartialEq for ExactSum<T, FACTORS> {
    fn eq(&self, other: &Self) -> bool {
        self.limbs == other.limbs
    }
}

impl<T: Limbs<FACTORS>, const FACTORS: usize> Eq for ExactSum<T, FACTORS> {}

impl<T: Limbs<FACTORS>, const FACTORS: usize> fmt::Debug for ExactSum<T, FACTORS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ExactSum").field(&self.limbs.as_ref()).finish()
    }
}

#[cfg(feature = "defmt")]
impl<T: Limbs<FACTORS>, const FACTORS: usize> defmt::Format for ExactSum<T, FACTORS> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "ExactSum({})", self.limbs.as_ref());
    }
}

/// Its limbs.
impl<T: Limbs<FACTORS>, const FACTORS: usize> Words for ExactSum<T, FACTORS> {
    fn each_word(&mut self, visit: &mut impl FnMut(&mut u32)) {
        self.limbs.as_mut().iter_mut().for_each(visit);
    }
}

impl<T: Limbs<FACTORS>, const FACTORS: usize> Default for ExactSum<T, FACTORS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Limbs<FACTORS>, const FACTORS: usize> ExactSum<T, FACTORS> {
    /// The sum of nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { limbs: T::Array::ZERO }
    }

    /// Adds all terms of another sum.
    ///
    /// # Errors
    /// [`Error::Overflow`] beyond the bits that there are. The sum stays as it was.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        combine(self.limbs.as_mut(), other.limbs.as_ref(), false)
    }

    /// Takes all terms of another sum away.
    ///
    /// # Errors
    /// [`Error::Overflow`] beyond the bits that there are. The sum stays as it was.
    pub fn subtract(&mut self, other: &Self) -> Result<(), Error> {
        combine(self.limbs.as_mut(), other.limbs.as_ref(), true)
    }

    /// The sum, times an integer.
    ///
    /// # Errors
    /// [`Error::Overflow`] beyond the bits that there are.
    pub fn times(&self, factor: u64) -> Result<Self, Error> {
        let mut product = Self::new();
        let (mut limbs, factor) = (self.limbs, [low(factor), low(factor >> 32)]);
        let is_negative = make_positive(limbs.as_mut());
        let limbs = limbs.as_ref();
        let fits = length(limbs).wrapping_add(length(&factor)) <= limbs.len().wrapping_mul(32);
        multiply(product.limbs.as_mut(), limbs, &factor);
        // The highest bit, which is the sign's, may yet be one of the product.
        if !fits || product.is_negative() {
            return Err(Error::Overflow);
        }
        if is_negative {
            negate(product.limbs.as_mut());
        }
        Ok(product)
    }

    /// Whether the sum is 0.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.limbs == T::Array::ZERO
    }

    /// Whether the sum is below 0.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        is_negative(self.limbs.as_ref())
    }

    /// Whether so many terms can have this sum: none is beyond the largest number, or its square.
    pub(crate) fn can_have(&self, terms: u64) -> bool
    where
        T: Encoding,
    {
        let mut limbs = self.limbs;
        make_positive(limbs.as_mut());
        let Format { digits, infinity, .. } = T::FORMAT;
        let leading = digits.wrapping_sub(1).unsigned_abs();
        let place = (low(infinity.wrapping_shr(leading)) as usize).wrapping_sub(2);
        let largest = 2_u64.wrapping_shl(leading).wrapping_sub(1);
        let most = (0..FACTORS).try_fold(Self::integer(terms), |product, _| product.times(largest));
        most.is_ok_and(|mut most| {
            shift_left(most.limbs.as_mut(), place.wrapping_mul(FACTORS));
            compare(limbs.as_ref(), most.limbs.as_ref()) != Ordering::Greater
        })
    }

    /// An integer.
    fn integer(value: u64) -> Self {
        let mut sum = Self::new();
        for (limb, half) in sum.limbs.as_mut().iter_mut().zip([value, value >> 32]) {
            *limb = low(half);
        }
        sum
    }
}

impl<T: Real + Limbs<FACTORS>, const FACTORS: usize> ExactSum<T, FACTORS> {
    /// The sum, correctly rounded.
    ///
    /// # Errors
    /// [`Error::Overflow`] beyond the largest number of the type.
    pub fn value(&self) -> Result<T, Error> {
        let mut limbs = self.limbs;
        let is_negative = make_positive(limbs.as_mut());
        let length = position(length(limbs.as_ref()));
        if length == 0 {
            return Ok(T::zero());
        }
        // Of the bits, those that the type has digits for, and that are no less than its smallest number.
        let unit = <T as Limbs<FACTORS>>::UNIT;
        let smallest = T::FORMAT.smallest.wrapping_sub(unit);
        let lowest = length.wrapping_sub(T::FORMAT.digits).max(smallest);
        let (bits, rest) = split(limbs.as_ref(), lowest.unsigned_abs());
        assemble(is_negative, bits, lowest.wrapping_add(unit), rest)
    }

    /// The sum over the number of its terms, correctly rounded.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] for a count of 0; [`Error::Overflow`] beyond the largest number of the type.
    pub fn mean(&self, count: u64) -> Result<T, Error> {
        self.quotient(&Self::integer(count), <T as Limbs<FACTORS>>::UNIT)
    }

    /// This sum over another, correctly rounded.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] where the other is 0; [`Error::Overflow`] beyond the largest number of the type.
    pub fn ratio(&self, other: &Self) -> Result<T, Error> {
        self.quotient(other, 0)
    }

    /// The quotient of two integers, times a power of 2.
    fn quotient(&self, other: &Self, exponent: i32) -> Result<T, Error> {
        let (mut over, mut under) = (self.limbs, other.limbs);
        let is_negative = make_positive(over.as_mut()) != make_positive(under.as_mut());
        let Some(shift) = align(over.as_mut(), under.as_mut())? else { return Ok(T::zero()) };
        let exponent = exponent.wrapping_add(shift);
        // Fewer digits for a subnormal number; none, or less, for one below the smallest.
        let digits = exponent.wrapping_sub(T::FORMAT.smallest).wrapping_add(1).min(T::FORMAT.digits);
        if digits < 0 {
            return assemble(is_negative, 0, T::FORMAT.smallest, Ordering::Less);
        }
        let (bits, rest) = divide(over.as_mut(), under.as_ref(), digits);
        assemble(is_negative, low_u64(bits), exponent.wrapping_sub(digits).wrapping_add(1), rest)
    }
}

impl<T: Real> ExactSum<T> {
    /// Adds a number.
    ///
    /// # Errors
    /// [`Error::NonFiniteTerm`] for one that is infinite or NaN; [`Error::Overflow`] beyond the bits that there are. The sum
    /// stays as it was.
    pub fn add(&mut self, term: T) -> Result<(), Error> {
        let term = self.term(term)?;
        self.add_term(&term);
        Ok(())
    }

    /// A number that can be added.
    pub(crate) fn term(&self, number: T) -> Result<Parts, Error> {
        check_room(self.limbs.as_ref())?;
        parts(number)
    }

    /// Adds what [`term`](Self::term) gave for this sum as it is.
    pub(crate) fn add_term(&mut self, term: &Parts) {
        add_at(self.limbs.as_mut(), term.place, term.digits, term.is_negative);
    }

    /// The square of the sum, exactly.
    #[must_use]
    pub fn squared(&self) -> ExactProducts<T> {
        let mut limbs = self.limbs;
        make_positive(limbs.as_mut());
        let mut square = ExactProducts::<T>::new();
        multiply(square.limbs.as_mut(), limbs.as_ref(), limbs.as_ref());
        square
    }
}

impl<T: Real> ExactProducts<T> {
    /// Adds the product of two numbers.
    ///
    /// # Errors
    /// [`Error::NonFiniteTerm`] for a number that is infinite or NaN; [`Error::Overflow`] beyond the bits that there are. The
    /// sum stays as it was.
    pub fn add_product(&mut self, a: T, b: T) -> Result<(), Error> {
        let (a, b) = (parts(a)?, parts(b)?);
        let limbs = self.limbs.as_mut();
        check_room(limbs)?;
        for (i, a_half) in [(0, low(a.digits)), (32, low(a.digits >> 32))] {
            for (j, b_half) in [(0, low(b.digits)), (32, low(b.digits >> 32))] {
                let product = u64::from(a_half).wrapping_mul(b_half.into());
                let place = a.place.wrapping_add(b.place).wrapping_add(i).wrapping_add(j);
                add_at(limbs, place, product, a.is_negative != b.is_negative);
            }
        }
        Ok(())
    }

    /// The square root of the sum over the number of its terms, correctly rounded.
    ///
    /// # Errors
    /// [`Error::NothingToAverage`] for a count of 0; [`Error::Parameter`] where the sum is below 0.
    pub fn root_mean(&self, count: u64) -> Result<T, Error> {
        if self.is_negative() {
            let value = self.value().unwrap_or_else(|_| T::neg_infinity()).to_double();
            return Err(Error::Parameter { name: "sum", index: 0, value, expected: "a sum of squares" });
        }
        let (mut over, mut under) = (self.limbs, Self::integer(count).limbs);
        let Some(shift) = align(over.as_mut(), under.as_mut())? else { return Ok(T::zero()) };
        let exponent = shift.wrapping_add(<T as Limbs<2>>::UNIT);
        // Of twice the digits, and of an even power of 2, the root has one digit more than the type.
        let digits = T::FORMAT.digits.wrapping_mul(2).wrapping_add(1).wrapping_add(exponent & 1);
        let (square, _) = divide(over.as_mut(), under.as_ref(), digits);
        let root = square_root(square);
        let is_exact = length(over.as_ref()) == 0 && u128::from(root).wrapping_mul(root.into()) == square;
        let lowest = exponent.wrapping_sub(digits).wrapping_add(1) >> 1;
        let dropped = T::FORMAT.smallest.wrapping_sub(lowest).max(1);
        let (bits, rest) = split(&[low(root), low(root >> 32)], dropped.unsigned_abs());
        let rest = if is_exact { rest } else { rest.then(Ordering::Greater) };
        assemble(false, bits, lowest.wrapping_add(dropped), rest)
    }
}

/// A finite number: digits times 2^(smallest + place).
pub(crate) struct Parts {
    is_negative: bool,
    digits: u64,
    place: u32,
}

fn parts<T: Real>(number: T) -> Result<Parts, Error> {
    if !number.is_finite() {
        return Err(Error::NonFiniteTerm { value: number.to_double() });
    }
    let (bits, _) = number.to_hex_bits();
    let leading = T::FORMAT.digits.wrapping_sub(1).unsigned_abs();
    let field = (bits & T::FORMAT.infinity).wrapping_shr(leading);
    let hidden = 1_u64.wrapping_shl(leading);
    let digits = bits & hidden.wrapping_sub(1);
    Ok(Parts {
        is_negative: number.is_sign_negative(),
        digits: if field == 0 { digits } else { digits | hidden },
        place: low(field.saturating_sub(1)),
    })
}

/// The number nearest to (bits + rest) 2^exponent, of two the even; `rest` is how what follows compares with half a bit.
/// There are as many bits as the type has digits, or fewer in units of its smallest number.
fn assemble<T: Real>(is_negative: bool, bits: u64, exponent: i32, rest: Ordering) -> Result<T, Error> {
    let Format { digits, smallest, infinity } = T::FORMAT;
    let leading = digits.wrapping_sub(1).unsigned_abs();
    let place = u64::from(exponent.wrapping_sub(smallest).unsigned_abs());
    if place >= infinity.wrapping_shr(leading) {
        return Err(Error::Overflow);
    }
    let is_up = rest == Ordering::Greater || rest == Ordering::Equal && bits & 1 == 1;
    // The highest bit, which is not written, adds one to the exponent; so does a carry.
    let bits = place.wrapping_shl(leading).wrapping_add(bits).wrapping_add(is_up.into());
    if bits >= infinity {
        return Err(Error::Overflow);
    }
    let number = T::with_bits(bits);
    Ok(if is_negative { -number } else { number })
}

#[allow(clippy::cast_possible_truncation, reason = "the low half is the purpose")]
fn low(x: u64) -> u32 {
    x as u32
}

#[allow(clippy::cast_possible_truncation, reason = "the low half is the purpose")]
fn low_u64(x: u128) -> u64 {
    x as u64
}

fn position(index: usize) -> i32 {
    i32::try_from(index).unwrap_or(i32::MAX)
}

fn is_negative(limbs: &[u32]) -> bool {
    limbs.last().is_some_and(|limb| limb.cast_signed() < 0)
}

/// Replaces a number by its magnitude; whether it was below 0.
fn make_positive(limbs: &mut [u32]) -> bool {
    let is_negative = is_negative(limbs);
    if is_negative {
        negate(limbs);
    }
    is_negative
}

fn negate(limbs: &mut [u32]) {
    let mut carry = true;
    for limb in limbs {
        (*limb, carry) = (!*limb).overflowing_add(carry.into());
    }
}

/// Refuses where a term could run over: it reaches the highest limb as a carry only.
fn check_room(limbs: &[u32]) -> Result<(), Error> {
    let highest = limbs.last().map_or(0, |limb| limb.cast_signed());
    if highest == i32::MAX || highest == i32::MIN { Err(Error::Overflow) } else { Ok(()) }
}

/// Adds words from limb `start` on, or takes them away: a - b is the complement of the complement of a, plus b.
#[inline(always)]
fn add_words(limbs: &mut [u32], start: usize, mut words: impl Iterator<Item = u32>, is_negative: bool) {
    let mask = if is_negative { u32::MAX } else { 0 };
    let mut carry = 0_u64;
    for limb in limbs.iter_mut().skip(start) {
        let word = words.next();
        if word.is_none() && carry == 0 {
            return;
        }
        carry = carry.wrapping_add((*limb ^ mask).into()).wrapping_add(word.unwrap_or(0).into());
        *limb = low(carry) ^ mask;
        carry >>= 32;
    }
}

/// Adds bits from place `place` on, or takes them away.
fn add_at(limbs: &mut [u32], place: u32, bits: u64, is_negative: bool) {
    let shift = place % 32;
    let lowest = u64::from(low(bits)) << shift;
    let rest = (lowest >> 32).wrapping_add((bits >> 32) << shift);
    let words = [low(lowest), low(rest), low(rest >> 32)];
    add_words(limbs, (place / 32) as usize, words.into_iter(), is_negative);
}

/// Adds a number of as many limbs, or takes it away; nothing if the result does not fit.
fn combine(limbs: &mut [u32], other: &[u32], is_subtracted: bool) -> Result<(), Error> {
    let before = is_negative(limbs);
    add_words(limbs, 0, other.iter().copied(), is_subtracted);
    if before == (is_negative(other) != is_subtracted) && is_negative(limbs) != before {
        add_words(limbs, 0, other.iter().copied(), !is_subtracted);
        return Err(Error::Overflow);
    }
    Ok(())
}

/// Adds the product of two magnitudes to limbs that have room for it.
fn multiply(limbs: &mut [u32], a: &[u32], b: &[u32]) {
    for (i, &a) in a.iter().enumerate() {
        for (j, &b) in b.iter().enumerate() {
            let product = u64::from(a).wrapping_mul(b.into());
            add_words(limbs, i.wrapping_add(j), [low(product), low(product >> 32)].into_iter(), false);
        }
    }
}

/// Bits up to the highest that is 1.
fn length(limbs: &[u32]) -> usize {
    let above = limbs.iter().rev().take_while(|&&limb| limb == 0).count();
    let used = limbs.len().wrapping_sub(above);
    let highest = used.checked_sub(1).and_then(|index| limbs.get(index)).copied().unwrap_or(0);
    used.wrapping_mul(32).saturating_sub(highest.leading_zeros() as usize)
}

/// The bits from place `lowest` on, and how those below compare with half of it.
fn split(limbs: &[u32], lowest: u32) -> (u64, Ordering) {
    let (index, shift) = ((lowest / 32) as usize, lowest % 32);
    let mut bits = 0_u128;
    for (&limb, place) in limbs.iter().skip(index).zip([0_u32, 32, 64]) {
        bits |= u128::from(limb).wrapping_shl(place);
    }
    // Below place 0 there is no limb.
    let half_place = lowest.wrapping_sub(1);
    let half_limb = limbs.get((half_place / 32) as usize).copied().unwrap_or(0);
    let half = 1_u32.wrapping_shl(half_place % 32);
    let is_below = |(&limb, index): (&u32, u32)| limb != 0 && index < half_place / 32;
    let has_more = half_limb & half.wrapping_sub(1) != 0 || limbs.iter().zip(0..).any(is_below);
    let rest = match (half_limb & half != 0, has_more) {
        (false, _) => Ordering::Less,
        (true, false) => Ordering::Equal,
        (true, true) => Ordering::Greater,
    };
    (low_u64(bits.wrapping_shr(shift)), rest)
}

/// Doubles a magnitude again and again.
fn shift_left(limbs: &mut [u32], places: usize) {
    let (distance, shift) = (places / 32, places % 32);
    for index in (0..limbs.len()).rev() {
        let from = |back: usize| {
            let index = index.checked_sub(distance).and_then(|index| index.checked_sub(back));
            index.and_then(|index| limbs.get(index)).copied().map_or(0, u64::from)
        };
        let both = from(0).wrapping_shl(32) | from(1);
        let shifted = low((both << shift) >> 32);
        if let Some(limb) = limbs.get_mut(index) {
            *limb = shifted;
        }
    }
}

fn compare(a: &[u32], b: &[u32]) -> Ordering {
    a.iter().rev().cmp(b.iter().rev())
}

/// Scales two magnitudes by powers of 2 so that the first is at least the second, and less than twice it: the power that
/// brings their quotient back. `None` if the first is 0.
fn align(over: &mut [u32], under: &mut [u32]) -> Result<Option<i32>, Error> {
    let (over_length, under_length) = (length(over), length(under));
    if under_length == 0 {
        return Err(Error::NothingToAverage);
    }
    if over_length == 0 {
        return Ok(None);
    }
    let mut power = position(over_length).wrapping_sub(position(under_length));
    shift_left(over, under_length.saturating_sub(over_length));
    shift_left(under, over_length.saturating_sub(under_length));
    if compare(over, under) == Ordering::Less {
        shift_left(over, 1);
        power = power.wrapping_sub(1);
    }
    Ok(Some(power))
}

/// The first digits of the quotient of two aligned magnitudes, and how the rest compares with half a digit. Long division, a
/// binary digit a turn; leaves twice the remainder.
fn divide(over: &mut [u32], under: &[u32], digits: i32) -> (u128, Ordering) {
    let mut quotient = 0_u128;
    for _ in 0..digits {
        quotient <<= 1;
        if compare(over, under) != Ordering::Less {
            add_words(over, 0, under.iter().copied(), true);
            quotient |= 1;
        }
        shift_left(over, 1);
    }
    (quotient, compare(over, under))
}

/// The root of a number of 108 bits at most, rounded down.
fn square_root(square: u128) -> u64 {
    (0..54).rev().fold(0_u64, |root, place| {
        let larger = root | 1 << place;
        if u128::from(larger).wrapping_mul(larger.into()) <= square { larger } else { root }
    })
}
