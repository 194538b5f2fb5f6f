//! The elementary functions: all of f32 against libm's f64 functions, f64 against 128 bits.

use microloss::math;

use super::inputs::{Random, patterns};
use super::limits;
use super::measure::{Extent, Group, PIECES, Quantity, Unit, Worst, show};
use super::ulp::ulps_signed;
use super::wide::{self, Wide};

struct Function {
    name: &'static str,
    limit: Option<f64>,
    narrow: fn(&[f32], &mut [f32]),
    /// In f64: wrong by less than 1e-8 ULP of f32.
    reference: fn(f64) -> f64,
    double: fn(f64) -> f64,
    /// In 128 bits, for finite numbers in the function's domain.
    wide: fn(&Wide) -> Wide,
}

macro_rules! functions {
    ($($name:literal $function:path, $limit:expr, $reference:expr, $wide:expr;)*) => {
        &[$( Function {
            name: $name,
            limit: $limit,
            narrow: |from, to| for (to, &from) in to.iter_mut().zip(from) { *to = $function(from); },
            reference: $reference,
            double: $function,
            wide: $wide,
        }, )*]
    };
}

const FUNCTIONS: &[Function] = functions! {
    "exp" math::exp, limits::BASIC, libm::exp, wide::exp;
    "ln" math::ln, limits::BASIC, libm::log, wide::ln;
    "ln_1p" math::ln_1p, limits::BASIC, libm::log1p, wide::ln_1p;
    "exp_m1" math::exp_m1, limits::BASIC, libm::expm1, wide::exp_m1;
    "softplus" math::softplus, limits::COMPOSED, softplus_reference, wide::softplus;
    "sigmoid" math::sigmoid, limits::COMPOSED, sigmoid_reference, wide::sigmoid;
    "ln_sigmoid" math::ln_sigmoid, limits::COMPOSED, |x| -softplus_reference(-x), wide::ln_sigmoid;
};

fn softplus_reference(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}

fn sigmoid_reference(x: f64) -> f64 {
    let e = libm::exp(-x.abs());
    (if x < 0.0 { e } else { 1.0 }) / (1.0 + e)
}

pub fn groups(wanted: impl Fn(&str) -> bool) -> Vec<Group> {
    let functions = || FUNCTIONS.iter().filter(|function| wanted(function.name));
    let narrow = functions().map(|function| Group {
        quantities: vec![Quantity::new(function.name, "value", Unit::Ulp, function.limit).of_one_number()],
        measure: Box::new(|extent, piece| vec![narrow(function, extent, piece)]),
    });
    let double = functions().map(|function| Group {
        quantities: vec![Quantity {
            real: "f64",
            ..Quantity::new(function.name, "value", Unit::Ulp, limits::DOUBLE)
        }],
        measure: Box::new(|extent, piece| vec![double(function, extent, piece)]),
    });
    narrow.chain(double).collect()
}

/// The largest error, in ULP of f64, of the f64 functions that f32 is measured against.
pub fn error_of_references() -> f64 {
    let of =
        |function: &Function, x: f64| wide::ulps((function.reference)(x), &(function.wide)(&wide::of(x)));
    let numbers = (0..256).map(draw).filter(|x| x.abs() > 1e-30 && x.abs() < 100.0).map(f64::abs);
    numbers.flat_map(|x| FUNCTIONS.iter().map(move |function| of(function, x))).fold(0.0, f64::max)
}

fn narrow(function: &Function, extent: Extent, piece: usize) -> Worst {
    let mut worst = Worst::default();
    let mut found = Vec::new();
    patterns(extent, piece, |block| {
        found.resize(block.len(), 0.0);
        (function.narrow)(block, &mut found);
        for (&x, &y) in block.iter().zip(&found) {
            worst.see(ulps_signed(y, (function.reference)(f64::from(x))), || show(&[x]));
        }
    });
    worst
}

fn double(function: &Function, extent: Extent, piece: usize) -> Worst {
    let mut worst = Worst::default();
    for index in (piece..extent.of([1 << 10, 1 << 14, 1 << 18])).step_by(PIECES) {
        let x = draw(index);
        let y = (function.double)(x);
        let truth = (function.reference)(x);
        // Where libm's function has no number, infinity or a zero, so has the true one, but for overflow.
        let error = if truth.is_nan() || x.is_infinite() || x == 0.0 {
            let same = truth.is_nan() && y.is_nan()
                || truth == y && truth.is_sign_negative() == y.is_sign_negative();
            let close = truth.is_finite() && (y - truth).abs() <= truth.abs() * f64::EPSILON;
            if same || close { 0.0 } else { f64::INFINITY }
        } else {
            wide::ulps(y, &(function.wide)(&wide::of(x)))
        };
        worst.see(error, || format!("{x:e} ({:#018x})", x.to_bits()));
    }
    worst
}

/// A number of f64: of any exponent, of a usual size, near a threshold, or where a reduction turns over.
fn draw(index: usize) -> f64 {
    const SPOTS: [f64; 12] = [
        709.782_712_893_384,
        -709.782_712_893_384,
        -708.396_418_532_264_1,
        -745.133_219_101_941_1,
        -744.440_071_921_381_2,
        1.0,
        -1.0,
        0.5,
        2.0,
        36.736_800_569_677_1,
        -36.736_800_569_677_1,
        core::f64::consts::FRAC_1_SQRT_2,
    ];
    let mut random = Random::of(64, index);
    let sign = if random.bits() & 1 == 0 { 1.0 } else { -1.0 };
    match index % 8 {
        // Every exponent in turn.
        0 => f64::from_bits(((index as u64 / 8) << 52) ^ (random.bits() & ((1 << 52) - 1))) * sign,
        1 => random.between(-750.0, 750.0),
        2 => random.between(-40.0, 40.0),
        3 => 1.0 + sign * 2.0_f64.powf(random.between(-53.0, 0.0)),
        4 => sign * 2.0_f64.powf(random.between(-60.0, 10.0)),
        5 => {
            let steps = random.below(64) as u64;
            let spot = SPOTS[random.below(SPOTS.len())];
            f64::from_bits(spot.to_bits().wrapping_add(steps).wrapping_sub(32))
        }
        6 => {
            let reduction = random.below(2048) as f64 * core::f64::consts::LN_2 / 32.0;
            sign * f64::from_bits(reduction.to_bits().wrapping_add(random.bits() & 15))
        }
        _ => 2.0_f64.powf(random.between(-1.0, 1.0)),
    }
}
