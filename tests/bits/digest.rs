//! Bits of results, mixed into one number; any NaN is the same.

use core::fmt::{self, Write};

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

    /// Which error, of which item.
    pub fn error(&mut self, error: Error) {
        let _ = write!(self, "{error:?}");
    }
}

impl Write for Digest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.add(byte.into());
        }
        Ok(())
    }
}
