//! The same bits everywhere: every loss of the registry, on the host and on each board, against one list.
//!
//! `cargo test --test board` runs it here, with `--target T` on the board of that target. The list,
//! `board/bits.rs`, is written on the host: `MICROLOSS_BLESS=1 cargo test --test board`.
#![cfg_attr(target_os = "none", no_std, no_main)]

use microloss::loss::{Configure, Loss};
use microloss::parameter::{Kind, Value};
use microloss::registry::{LOSSES, Visitor, visit};
use microloss::{
    ElementLoss, Elements, Entry, Error, Input, Real, RegionLoss, Regions, RowLoss, Rows, Scratch,
};

#[path = "../examples/board/mod.rs"]
mod board;

/// (loss, type and case, bits of the value, digest of the gradient's bits)
type Line = (&'static str, &'static str, u64, u64);
const GOLDEN: &[Line] = &include!("board/bits.rs");

/// Scores in a case; the shapes read them as 24 elements or pixels, or as 6 rows of 4.
const SCORES: usize = 24;
const COLUMNS: usize = 4;

/// What the scores of a case are made of. Subnormals stand first and last: vector units that flush them
/// often leave the tail of a slice to a scalar loop that does not.
const CASES: [(&str, &str); 5] = [
    ("f32 plain", "f64 plain"),
    ("f32 subnormal scores", "f64 subnormal scores"),
    ("f32 subnormal results", "f64 subnormal results"),
    ("f32 ties", "f64 ties"),
    ("f32 probabilities", "f64 probabilities"),
];

fn scores<T: Real>(case: usize) -> [T; SCORES] {
    let mut state = 0x9E37_79B9_u32;
    let mut scores = [T::zero(); SCORES];
    let last = SCORES - 1;
    for (index, score) in scores.iter_mut().enumerate() {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let uniform = f64::from(state >> 8) / f64::from(1_u32 << 24);
        let tiny = T::min_positive_value() * T::of(0.25 + 0.5 * uniform);
        let edge = index == 0 || index == last;
        // exp of minus this is subnormal.
        let far = if size_of::<T>() == 4 { 90.0 } else { 710.0 };
        *score = match case {
            1 if edge || index % 3 == 0 => tiny,
            2 if edge || index % 4 == 3 => {
                T::of(if label(index) == 1 { far + 8.0 * uniform } else { -far - uniform })
            }
            3 => T::of(f64::from(state % 3) - 1.0),
            4 if edge => tiny,
            4 => T::of(uniform),
            _ => T::of(8.0 * uniform - 4.0),
        };
    }
    scores
}

fn label(index: usize) -> u8 {
    u8::from(index % 5 == 2 || index % 7 == 0)
}

/// FNV-1a over the bits; any NaN is the same.
fn digest<T: Real>(numbers: &[T]) -> u64 {
    numbers.iter().fold(0xCBF2_9CE4_8422_2325, |hash, number| {
        let bits = if number.is_nan() { 1 } else { number.to_hex_bits().0 };
        (hash ^ bits).wrapping_mul(0x0100_0000_01B3)
    })
}

/// Runs the cases of one loss and type through `check`.
struct Cases<'c, T: 'static> {
    name: &'static str,
    kind: usize,
    check: &'c mut dyn FnMut(Line),
    weights: &'static [T],
}

impl<T: Real> Cases<'_, T> {
    /// Every case with the default parameters, and every parameter once with another value.
    fn all<L: Loss + Configure<'static, T>>(
        self,
        loss: L,
        run: impl Fn(L, &[T; SCORES], &mut [T; SCORES]) -> Result<T, Error>,
    ) {
        for (case, names) in CASES.iter().enumerate() {
            let label = if self.kind == 0 { names.0 } else { names.1 };
            let scores = scores::<T>(case);
            let mut report = |loss: Result<L, Error>| {
                let mut gradient = [T::nan(); SCORES];
                let value =
                    loss.and_then(|loss| run(loss, &scores, &mut gradient)).unwrap_or_else(|_| T::nan());
                let bits = if value.is_nan() { 1 } else { value.to_hex_bits().0 };
                (self.check)((self.name, label, bits, digest(&gradient)));
            };
            let probabilities = loss.set("from", Value::Input(Input::Probabilities));
            let base = if case == 4 { probabilities } else { Ok(loss) };
            report(base);
            for parameter in L::INFO.parameters {
                let value = match parameter.kind {
                    Kind::Number | Kind::OptionalNumber => Value::Number(T::of(0.625)),
                    Kind::PerColumn => Value::Number(T::of(3.0)),
                    Kind::PerClass => Value::Numbers(self.weights),
                    _ => continue,
                };
                report(base.and_then(|loss| loss.set(parameter.name, value)));
            }
        }
    }
}

impl<T: Real> Visitor<'static, T> for Cases<'_, T> {
    type Output = ();

    fn element<L: ElementLoss<T> + Configure<'static, T>>(self, loss: L) {
        let labels: [u8; SCORES] = core::array::from_fn(label);
        self.all(loss, |loss, scores, gradient| loss.mean(Elements::new(scores, &labels).gradient(gradient)));
    }

    fn row<L: RowLoss<T> + Configure<'static, T>>(self, loss: L) {
        let labels: [u8; SCORES / COLUMNS] = core::array::from_fn(|row| row as u8 % COLUMNS as u8);
        self.all(loss, |loss, scores, gradient| {
            loss.mean(Rows::slices(scores, COLUMNS, &labels[..]).gradient(gradient))
        });
    }

    fn region<L: RegionLoss<T> + Configure<'static, T>>(self, loss: L) {
        let columns = if loss.classes(COLUMNS).is_err() { 1 } else { COLUMNS };
        let pixels = SCORES / columns;
        let labels: [u8; SCORES] = core::array::from_fn(label);
        self.all(loss, |loss, scores, gradient| {
            let mut entries = [Entry::default(); 2 * SCORES];
            let scratch = Scratch::merge(&mut entries);
            loss.mean(Regions::slices(scores, columns, pixels, &labels[..pixels], scratch).gradient(gradient))
        });
    }
}

/// Every case of every loss, in the order of the registry.
fn each(check: &mut dyn FnMut(Line)) {
    for (_, info) in LOSSES {
        let weights = &[0.5_f32, 2.0, 0.0, 1.25];
        visit(info.name, Cases::<f32> { name: info.name, kind: 0, check, weights });
        let weights = &[0.5_f64, 2.0, 0.0, 1.25];
        visit(info.name, Cases::<f64> { name: info.name, kind: 1, check, weights });
    }
}

fn run() -> bool {
    #[cfg(not(target_os = "none"))]
    if std::env::var_os("MICROLOSS_BLESS").is_some() {
        return bless();
    }
    let (mut count, mut wrong) = (0, 0);
    each(&mut |line| {
        if GOLDEN.get(count) != Some(&line) {
            wrong += 1;
            let (name, case, value, gradient) = line;
            board::say!(
                "{name}, {case}: value {value:#018x}, gradient {gradient:#018x}, expected {:x?}",
                GOLDEN.get(count)
            );
        }
        count += 1;
    });
    let good = wrong == 0 && count == GOLDEN.len();
    board::say!(
        "{}: {} of {} golden bits differ: {}",
        board::THIS.name,
        wrong,
        GOLDEN.len(),
        if good { "ok" } else { "FAILED" }
    );
    good
}

#[cfg(not(target_os = "none"))]
fn bless() -> bool {
    let mut text = String::from("[\n");
    each(&mut |(name, case, value, gradient)| {
        text += &format!("    ({name:?}, {case:?}, {value:#018x}, {gradient:#018x}),\n");
    });
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/board/bits.rs");
    std::fs::write(path, text + "]\n").is_ok()
}

board::main!(run);
