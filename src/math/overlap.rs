//! How far predictions overlap a region: sums over its pixels, and the losses that are ratios of them.

use crate::lanes::{LANES, Sums, scalar, scalar_lane};
use crate::math::{product_of_parts, rounded, sigmoid, sum_of_parts, two_quotient};
use crate::shape::{Access, Overlap, Pixels, View};
use crate::{Input, Real};

/// Sums over the pixels of a class with targets t, from predictions p. All terms are at least 0, so that nothing
/// cancels, and each sum carries its rounding. Pixel i adds to lane i mod [`LANES`], counted over all that was added:
/// pieces that are added one after the other give the bits of the whole.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct OverlapSums<T> {
    /// Σ p t.
    shared: Sums<T, LANES>,
    /// Σ p (1 - t), or Σ (p - t)² times [`SCALE`](crate::math::Exponential::SCALE).
    excess: Sums<T, LANES>,
    /// Σ (1 - p) t, or nothing.
    missing: Sums<T, LANES>,
    /// Where the next pixel goes.
    lane: usize,
    /// Whether a pixel is of the class.
    is_present: bool,
}

impl<T: Real> OverlapSums<T> {
    pub(crate) fn new() -> Self {
        let [shared, excess, missing] = [Sums::new(); 3];
        Self { shared, excess, missing, lane: 0, is_present: false }
    }

    pub(crate) const fn is_present(&self) -> bool {
        self.is_present
    }

    /// Adds the sums of pixels that were added elsewhere.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.shared.merge(&other.shared);
        self.excess.merge(&other.excess);
        self.missing.merge(&other.missing);
        self.is_present |= other.is_present;
    }
}

/// The gradient of a class: of each pixel `error (1 - t) + shared t`, or `error (p - t) + shared t`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slopes<T> {
    error: T,
    shared: T,
}

/// A prediction, its complement, and what rounding took from that.
#[derive(Clone, Copy)]
struct Prediction<T> {
    p: T,
    rest: T,
    lost: T,
}

impl<T: Real> Prediction<T> {
    #[inline(always)]
    fn of(from: Input, score: T) -> Self {
        if from == Input::Logits {
            return Self { p: sigmoid(score), rest: sigmoid(-score), lost: T::zero() };
        }
        let rest = T::one() - score;
        Self { p: score, rest, lost: (T::one() - rest) - score }
    }

    /// p - t.
    #[inline(always)]
    fn error(self, target: T) -> T {
        if target == T::one() { -self.rest } else { self.p - target }
    }
}

impl<T: Real> Overlap<'_, T> {
    /// Adds the pixels of a class; those that are ignored add nothing.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn add(
        &self,
        sums: &mut OverlapSums<T>,
        scores: impl View<T>,
        columns: usize,
        class: usize,
        pixels: Pixels<'_, T>,
    ) {
        // The score of a prediction of 0.
        let none = if self.from == Input::Logits { T::neg_infinity() } else { T::zero() };
        let scale = T::SCALE.sqrt();
        let mut start = 0;
        while start < pixels.count() {
            let count = LANES.wrapping_sub(sums.lane).min(pixels.count().wrapping_sub(start));
            let mut targets: [T; LANES] = pixels.targets(start, columns, class);
            let mut given: [T; LANES] = column(scores, columns, class, start);
            if sums.lane != 0 {
                (targets, given) = (turned(targets, sums.lane), turned(given, sums.lane));
            }
            let [mut shared, mut excess, mut missing, mut lost] = [[T::zero(); LANES]; 4];
            let found = shared.iter_mut().zip(&mut excess).zip(missing.iter_mut().zip(&mut lost));
            let mut is_present = false;
            for (lane, ((&score, &t), ((shared, excess), (missing, lost)))) in
                given.iter().zip(&targets).zip(found).enumerate().take(scalar_lane(LANES))
            {
                scalar();
                let is_out = t.has_nan_bits() | (lane.wrapping_sub(sums.lane) >= count);
                let (score, t) = (if is_out { none } else { score }, if is_out { T::zero() } else { t });
                let prediction = Prediction::of(self.from, score);
                let error = prediction.error(t) * scale;
                is_present |= t > T::zero();
                *shared = prediction.p * t;
                *excess = if self.is_squared { error * error } else { prediction.p * (T::one() - t) };
                *missing = prediction.rest * t;
                *lost = prediction.lost * t;
            }
            sums.is_present |= is_present;
            sums.shared.add_each(&shared);
            sums.excess.add_each(&excess);
            if !self.is_squared {
                sums.missing.add_each(&missing);
                sums.missing.add_lost(&lost);
            }
            sums.lane = sums.lane.wrapping_add(count) % LANES;
            start = start.wrapping_add(count);
        }
    }

    /// The loss of a class, in two numbers, times the weight of the class.
    pub(crate) fn loss(&self, sums: &OverlapSums<T>, class: usize) -> (T, T) {
        let Parts { error, whole, .. } = self.parts(sums);
        let ratio = if whole.0 == T::zero() { whole } else { two_quotient(error, whole) };
        times(ratio, self.weight(class))
    }

    /// The gradient of a class, whose loss is one of `share` that are averaged; of none it is 0.
    pub(crate) fn slopes(&self, sums: &OverlapSums<T>, class: usize, share: usize) -> Slopes<T> {
        let Parts { agreement, error, whole, up } = self.parts(sums);
        if whole.0 == T::zero() || share == 0 {
            return Slopes { error: T::zero(), shared: T::zero() };
        }
        // d(E/D) = (N dE - E dN) / D², with D = N + E and dN = κ t: no step leaves the normal numbers before the last.
        let is_tiny = whole.0 < T::one();
        let near = if is_tiny { whole } else { times(whole, up.recip()) };
        let own = |part: (T, T), factor: T| {
            let part = times(times(part, if is_tiny { up } else { T::one() }), factor);
            let part = two_quotient(two_quotient(times(part, self.weight(class)), near), whole);
            two_quotient(part, (T::of_count(share), T::zero()))
        };
        let shared = own(error, self.shared);
        let (missing, excess) = if self.is_squared {
            ((T::zero(), T::zero()), own(agreement, T::of(2.0)))
        } else {
            (own(agreement, self.missing), own(agreement, self.excess))
        };
        // Without a pixel of the class none has this part, which may be beyond the type.
        let own = if sums.is_present { rounded(sum_of_parts(missing, shared)) } else { T::zero() };
        Slopes { error: rounded(excess), shared: -own }
    }

    fn parts(&self, sums: &OverlapSums<T>) -> Parts<T> {
        let [shared, excess, missing] =
            [sums.shared, sums.excess, sums.missing].map(|mut sums| sums.total().parts());
        let scaled = |up: T| {
            let agreement =
                sum_of_parts(times(times(shared, up), self.shared), (self.smooth * up, T::zero()));
            let excess =
                times(times(excess, if self.is_squared { up * T::UNSCALE } else { up }), self.excess);
            let error = sum_of_parts(excess, times(times(missing, up), self.missing));
            Parts { agreement, error, whole: sum_of_parts(agreement, error), up }
        };
        let plain = scaled(T::one());
        if plain.whole.0 < T::of(1e6) { scaled(T::SCALE) } else { plain }
    }

    /// The gradient with respect to the scores of a class, where it goes; 0 for pixels that are ignored.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn replace(
        &self,
        slopes: Slopes<T>,
        scores: &mut impl Access<T>,
        [columns, class]: [usize; 2],
        pixels: Pixels<'_, T>,
    ) {
        for start in (0..pixels.count()).step_by(LANES) {
            let targets: [T; LANES] = pixels.targets(start, columns, class);
            let mut entries: [T; LANES] = column(scores.view(), columns, class, start);
            for (entry, &t) in entries.iter_mut().zip(&targets).take(scalar_lane(LANES)) {
                scalar();
                let prediction = Prediction::of(self.from, *entry);
                let error = if self.is_squared { prediction.error(t) } else { T::one() - t };
                let slope = slopes.error * error + slopes.shared * t;
                let is_logit = self.from == Input::Logits;
                let slope = if is_logit { slope * prediction.p * prediction.rest } else { slope };
                *entry = if t.has_nan_bits() { T::zero() } else { slope };
            }
            let Some(gradient) = scores.slots() else { return };
            let mut at = start.wrapping_mul(columns).wrapping_add(class);
            for entry in entries.into_iter().take(pixels.count().wrapping_sub(start)) {
                if let Some(slot) = gradient.get_mut(at) {
                    *slot = entry;
                }
                at = at.wrapping_add(columns);
            }
        }
    }

    fn weight(&self, class: usize) -> T {
        self.weights.and_then(|weights| weights.get(class)).copied().unwrap_or_else(T::one)
    }
}

/// N = κ I + s, E and D = N + E, each in two numbers, and multiplied against the loss of subnormal digits.
struct Parts<T> {
    agreement: (T, T),
    error: (T, T),
    whole: (T, T),
    /// By how much.
    up: T,
}

/// Moves what lanes hold to later lanes, the last to the first.
fn turned<T: Real>(lanes: [T; LANES], by: usize) -> [T; LANES] {
    let mut turned = lanes;
    for (lane, slot) in turned.iter_mut().enumerate() {
        *slot = lanes.get(lane.wrapping_sub(by) % LANES).copied().unwrap_or_default();
    }
    turned
}

/// The scores of a class for [`LANES`] pixels; 0 past the end.
#[inline(always)]
fn column<T: Real>(scores: impl View<T>, columns: usize, class: usize, start: usize) -> [T; LANES] {
    let mut lanes = [T::zero(); LANES];
    let mut at = start.wrapping_mul(columns).wrapping_add(class);
    for lane in &mut lanes {
        *lane = scores.get(at, class).unwrap_or_default();
        at = at.wrapping_add(columns);
    }
    lanes
}

#[inline(always)]
fn times<T: Real>(number: (T, T), factor: T) -> (T, T) {
    product_of_parts(number, (factor, T::zero()))
}
