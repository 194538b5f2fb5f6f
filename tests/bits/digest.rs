//! Bits of results, mixed into one number; any NaN is the same.

use microloss::{Error, Real, Total};

#[derive(Clone, Copy, Debug, Default)]
pub struct Digest(pub u64);

impl Digest {
    /// The rotation carries the highest bits, the signs, to where the product spreads them.
    pub fn add(&mut self, bits: u64) {
        self.0 = (self.0.rotate_left(23) ^ bits).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    pub fn number<T: Real>(&mut self, number: T) {
        self.add(if number.is_nan() { 1 } else { number.to_hex_bits().0 });
    }

    pub fn numbers<T: Real>(&mut self, numbers: &[T]) {
        for &number in numbers {
            self.number(number);
        }
    }

    pub fn total<T: Real>(&mut self, total: &Total<T>) {
        self.add(total.valid() as u64);
        self.add(total.ignored() as u64);
        for total in [*total, total.merge(*total)] {
            for reduced in [total.sum(), total.mean()] {
                match reduced {
                    Ok(number) => self.number(number),
                    Err(error) => self.error(error),
                }
            }
        }
    }

    /// Which error, of which item. (Text would be shorter here, and 30 KB longer on a board.)
    pub fn error(&mut self, error: Error) {
        match error {
            Error::LabelOutOfRange { index, label, classes } => self.place(1, index, classes, label as f64),
            Error::LengthMismatch { what, expected, found } => {
                self.text(what);
                self.place(2, expected, found, 0.0);
            }
            Error::NotAProbability { index, column, value } => self.place(3, index, column, value),
            Error::TargetOutOfRange { index, column, value } => self.place(4, index, column, value),
            Error::NotNormalized { index, sum } => self.place(5, index, 0, sum),
            Error::NonFiniteScore { index, column, value } => self.place(6, index, column, value),
            Error::NonFiniteLoss { index, value } => self.place(7, index, 0, value),
            Error::Parameter { name, index, value, expected } => {
                self.text(name);
                self.text(expected);
                self.place(8, index, 0, value);
            }
            Error::Unsupported { name, expected } => {
                self.text(name);
                self.text(expected);
                self.add(9);
            }
            Error::ScratchTooSmall { needed, found } => self.place(10, needed, found, 0.0),
            Error::Overflow => self.add(11),
            Error::NothingToAverage => self.add(12),
            Error::NotASign { index, label } => self.place(13, index, 0, label as f64),
            Error::NonFiniteTarget { index, value } => self.place(14, index, 0, value),
            Error::NegativeVariance { index, column, value } => self.place(15, index, column, value),
            Error::ZeroVector { index, vector } => self.place(16, index, vector, 0.0),
            Error::ZeroDivision { metric, class } => {
                self.text(metric);
                self.place(17, class, 0, 0.0);
            }
            Error::NonFiniteTerm { value } => self.place(20, 0, 0, value),
            _ => panic!("an error that digest.rs does not know"),
        }
    }

    fn place(&mut self, error: u64, index: usize, column: usize, value: f64) {
        self.add(error);
        self.add(index as u64);
        self.add(column as u64);
        self.number(value);
    }

    fn text(&mut self, text: &str) {
        for byte in text.bytes() {
            self.add(byte.into());
        }
    }
}
