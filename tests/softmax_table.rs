//! Cross entropy of int8 logits by a table of exponentials: against mpmath, and against the crate's own loss in f64.

#[path = "support/ulp.rs"]
mod ulp;

use microloss::math::SoftmaxTable;
use microloss::{Error, RowLoss, Rows, Targets, row};
use ulp::ulps;

/// A number in hexadecimal digits, as Python prints it. No value of the file is subnormal in f64.
fn hex(word: &str) -> f64 {
    let (sign, word) = word.strip_prefix('-').map_or((1.0, word), |word| (-1.0, word));
    let (significand, exponent) = word.strip_prefix("0x").unwrap().split_once('p').unwrap();
    let (whole, part) = significand.split_once('.').unwrap_or((significand, ""));
    let digits = u64::from_str_radix(&format!("{whole}{part}"), 16).unwrap() as f64;
    let exponent = exponent.parse::<i32>().unwrap() - 4 * part.len() as i32;
    sign * digits * 2_f64.powi(exponent)
}

/// The largest errors of value and gradient, in units in the last place.
#[derive(Default)]
struct Worst(f64, f64);

impl Worst {
    fn take(&mut self, table: &SoftmaxTable, codes: &[i8], label: usize, value: f64, gradient: &[f64]) {
        let found = table.cross_entropy(codes, label).unwrap();
        let mut slots = vec![f32::NAN; codes.len()];
        let again = table.cross_entropy_with_gradient(codes, label, &mut slots).unwrap();
        assert_eq!(found.to_bits(), again.to_bits());
        self.0 = self.0.max(ulps(found, value, value));
        for (&slot, &entry) in slots.iter().zip(gradient) {
            self.1 = self.1.max(ulps(slot, entry, entry));
        }
        // Codes of the other type are the same, moved.
        let moved: Vec<u8> = codes.iter().map(|&code| (i32::from(code) + 128) as u8).collect();
        assert_eq!(table.cross_entropy(&moved, label).unwrap().to_bits(), found.to_bits());
    }
}

/// Against mpmath: `softmax_table/generate.py`.
#[test]
fn the_table_agrees_with_mpmath() {
    let (mut worst, mut rows) = (Worst::default(), 0);
    for line in include_str!("softmax_table/table.txt").lines() {
        let [scale, label, value, codes, gradient] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let codes: Vec<i8> = codes.split(',').map(|code| code.parse().unwrap()).collect();
        let gradient: Vec<f64> = gradient.split(',').map(hex).collect();
        let table = SoftmaxTable::new(hex(scale) as f32).unwrap();
        worst.take(&table, &codes, label.parse().unwrap(), hex(value), &gradient);
        rows += 1;
    }
    assert_eq!(rows, 247);
    println!("mpmath: {} and {} ULP", worst.0, worst.1);
    assert!(worst.0 <= TABLE_ULPS.0 && worst.1 <= TABLE_ULPS.1, "{} {}", worst.0, worst.1);
}

/// What the docs of [`SoftmaxTable`] say.
const TABLE_ULPS: (f64, f64) = (2.1, 3.1);

/// Against the crate's own loss in f64, whose logits are exact.
#[test]
fn the_table_agrees_with_f64() {
    let mut state = 1_u32;
    let mut draw = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((u64::from(state) * u64::from(below)) >> 32) as u32
    };
    let mut worst = Worst::default();
    for _ in 0..100 {
        let scale = 10_f64.powf(f64::from(draw(3300)) / 1000.0 - 3.0) as f32;
        let table = SoftmaxTable::new(scale).unwrap();
        for _ in 0..100 {
            let codes: Vec<i8> = (0..2 + draw(20)).map(|_| (draw(256) as i32 - 128) as i8).collect();
            let label = draw(codes.len() as u32) as usize;
            let mut logits: Vec<f64> = codes.iter().map(|&code| f64::from(scale) * f64::from(code)).collect();
            let batch = Rows::slices_in_place(
                &mut logits,
                codes.len(),
                Targets::Usize(core::slice::from_ref(&label)),
            );
            let value = row::CrossEntropy::new().mean(batch).unwrap();
            worst.take(&table, &codes, label, value, &logits);
        }
    }
    println!("f64: {} and {} ULP", worst.0, worst.1);
    assert!(worst.0 <= TABLE_ULPS.0 && worst.1 <= TABLE_ULPS.1, "{} {}", worst.0, worst.1);
}

#[test]
fn the_table_refuses() {
    for scale in [0.0, -1.0, f32::INFINITY, f32::NAN] {
        assert!(matches!(SoftmaxTable::new(scale), Err(Error::Parameter { name: "scale", index: 0, .. })));
    }
    const TABLE: SoftmaxTable = match SoftmaxTable::new(0.25) {
        Ok(table) => table,
        Err(_) => panic!("no scale"),
    };
    assert_eq!(TABLE, SoftmaxTable::new(0.25).unwrap());
    assert_eq!(TABLE.scale(), 0.25);
    assert_eq!(format!("{TABLE:?}"), "SoftmaxTable { scale: 0.25, .. }");
    let refused = |label, classes| Err(Error::LabelOutOfRange { index: 0, label, classes });
    assert_eq!(TABLE.cross_entropy(&[1_i8, 2], 2), refused(2, 2));
    assert_eq!(TABLE.cross_entropy::<i8>(&[], 0), refused(0, 0));
    let mut gradient = [7.0; 2];
    assert_eq!(TABLE.cross_entropy_with_gradient(&[1_u8, 2], 5, &mut gradient), refused(5, 2));
    assert_eq!(
        TABLE.cross_entropy_with_gradient(&[1_u8, 2, 3], 0, &mut gradient),
        Err(Error::LengthMismatch { what: "gradient", expected: 3, found: 2 })
    );
    assert_eq!(gradient, [7.0; 2]);
    // The largest scale: what is not the largest is nothing, and a wrong label costs more than there is.
    let steep = SoftmaxTable::new(f32::MAX).unwrap();
    assert_eq!(steep.cross_entropy(&[1_i8, 2], 1), Ok(0.0));
    let beyond = Err(Error::NonFiniteLoss { index: 0, value: f64::INFINITY });
    assert_eq!(steep.cross_entropy(&[1_i8, 3], 0), beyond);
    let mut gradient = [7.0; 2];
    assert_eq!(steep.cross_entropy_with_gradient(&[1_i8, 3], 0, &mut gradient), beyond);
    assert_eq!(gradient, [7.0; 2]);
}
