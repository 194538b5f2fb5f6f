//! Distances from the truth, in units in the last place.

/// How far `found` is from `truth`, in steps of `f32` in the binade of the truth; below the normal numbers, in the
/// smallest step of all. Infinity stands for 2^128, and for all beyond. A NaN or a sign that is wrong is
/// infinitely far.
#[inline]
pub fn ulps(found: f32, truth: f64) -> f64 {
    distance(found, truth, inverse_step(truth))
}

/// As [`ulps`], in units of 2^-24 of `terms`: the sum of the magnitudes of what was added to make the number.
#[inline]
pub fn of_terms(found: f32, truth: f64, terms: f64) -> f64 {
    let unit = (terms.abs() * 2.0_f64.powi(-24)).max(2.0_f64.powi(-149));
    let error = (f64::from(found) - truth).abs() / unit;
    if error.is_finite() { error } else { distance(found, truth, 1.0 / unit) }
}

/// As [`ulps`], and zeros have signs.
#[inline]
pub fn ulps_signed(found: f32, truth: f64) -> f64 {
    let sign = found.is_sign_negative() == truth.is_sign_negative() || truth.is_nan();
    if sign { ulps(found, truth) } else { f64::INFINITY }
}

/// Whether all that was found is at most `error` [`ulps`] from the truth. Has no branch, so that it is fast; may say no
/// where a number is 0 or not finite.
#[inline]
pub fn are_within(error: f64, found: &[f32], truth: &[f64]) -> bool {
    let mut within = true;
    for (&found, &truth) in found.iter().zip(truth) {
        let found = f64::from(found);
        let has_sign = found * 1.0_f64.copysign(truth) >= 0.0;
        within &= has_sign & ((found - truth).abs() * inverse_step(truth) <= error);
    }
    within
}

/// One over the step of `f32` in the binade of the number.
#[inline]
fn inverse_step(truth: f64) -> f64 {
    const EXPONENT: u64 = 0x7ff << 52;
    let [smallest, largest] = [f64::from(f32::MIN_POSITIVE), 2.0_f64.powi(127)];
    let binade = f64::from_bits(truth.to_bits() & EXPONENT);
    let binade = if binade < smallest { smallest } else { binade };
    let binade = if binade > largest { largest } else { binade };
    f64::from_bits(((2046 + 23) << 52) - binade.to_bits())
}

#[inline]
fn distance(found: f32, truth: f64, scale: f64) -> f64 {
    let found = f64::from(found);
    let error = (found - truth).abs() * scale;
    let opposite = found.is_sign_negative() != truth.is_sign_negative() && found != 0.0 && truth != 0.0;
    if error.is_finite() && !opposite { error } else { beyond(found, truth, scale) }
}

/// The rare cases: no number, opposite signs, overflow.
#[cold]
fn beyond(found: f64, truth: f64, scale: f64) -> f64 {
    let largest = 2.0_f64.powi(128);
    if found.is_nan() && truth.is_nan() {
        0.0
    } else if found.is_infinite() && found.signum() == truth.signum() {
        (largest - truth.abs()).max(0.0) * scale
    } else {
        f64::INFINITY
    }
}
