//! The elementary functions in 128 bits, and errors of f64 against them.

use dashu_float::{FBig, round::mode::HalfEven};

pub type Wide = FBig<HalfEven, 2>;

const BITS: usize = 128;

/// A finite number, to be computed with in 128 bits.
pub fn of(x: f64) -> Wide {
    Wide::try_from(x).expect("a finite number").with_precision(BITS).value()
}

fn one() -> Wide {
    of(1.0)
}

/// Beyond 800 every exponential is beyond f64, too.
fn bounded(x: &Wide) -> Wide {
    let bound = of(800.0);
    if *x > bound {
        bound
    } else if *x < -bound.clone() {
        -bound
    } else {
        x.clone()
    }
}

pub fn exp(x: &Wide) -> Wide {
    bounded(x).exp()
}

pub fn exp_m1(x: &Wide) -> Wide {
    bounded(x).exp_m1()
}

pub fn ln(x: &Wide) -> Wide {
    x.ln()
}

pub fn ln_1p(x: &Wide) -> Wide {
    x.ln_1p()
}

pub fn softplus(x: &Wide) -> Wide {
    let zero = of(0.0);
    let tail = if *x > zero { exp(&-x.clone()) } else { exp(x) }.ln_1p();
    if *x > zero { x + tail } else { tail }
}

pub fn sigmoid(x: &Wide) -> Wide {
    let e = exp(x);
    &e / (one() + &e)
}

pub fn ln_sigmoid(x: &Wide) -> Wide {
    -softplus(&-x.clone())
}

/// How far `found` is from `truth`, in steps of f64 in the binade of the truth; as `ulp::ulps` is for f32.
pub fn ulps(found: f64, truth: &Wide) -> f64 {
    let nearest = truth.to_f64().value();
    if found.is_nan() || found != 0.0 && nearest != 0.0 && (found < 0.0) != (nearest < 0.0) {
        return f64::INFINITY;
    }
    let huge = one() << 1024;
    let found = match found {
        f64::INFINITY => huge.clone(),
        f64::NEG_INFINITY => -huge.clone(),
        _ => of(found),
    };
    let beyond = |number: &Wide| *number >= huge || *number <= -huge.clone();
    if beyond(&found) && beyond(truth) {
        return 0.0;
    }
    // The binade of the truth: that of the nearest number, or the one below where it rounded up into the next.
    let biased = (nearest.abs().to_bits() >> 52) as isize;
    let mut exponent = biased.clamp(1, 2046) - 1023;
    let magnitude = if *truth < of(0.0) { -truth.clone() } else { truth.clone() };
    if magnitude < one() << exponent && exponent > -1022 {
        exponent -= 1;
    }
    let error = ((found - truth) << (52 - exponent)).to_f64().value();
    error.abs()
}
