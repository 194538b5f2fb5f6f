//! How numbers are walked and summed, the same on every target, and the one place where the vector unit is chosen.
//!
//! A loop runs over [`LANES`] numbers at a time, each lane for itself, so that a compiler with vectors and one
//! without come to the same bits. Sums run in one partial sum a lane and end in a fixed tree.

use crate::Real;
use crate::math::two_sum;

/// Numbers that are worked on side by side.
pub(crate) const LANES: usize = 16;

/// Whether loops over lanes become vectors. On Arm only Helium has any, and the feature `simd` asks for it: elsewhere
/// such loops are long code, and no faster.
pub(crate) const VECTORS: bool = cfg!(any(not(target_arch = "arm"), feature = "simd"));

/// Whether these vectors take subnormal numbers for 0, as Helium's do.
pub(crate) const FLUSHES: bool = cfg!(all(target_arch = "arm", feature = "simd"));

/// Runs `f`, compiled once for each vector unit, on the widest that this processor has.
///
/// All that `f` calls must be inlined into it, or it stays with the unit of the build.
#[inline(always)]
pub(crate) fn vectorized<R>(f: impl FnOnce() -> R) -> R {
    apart(
        #[inline(always)]
        || {
            #[cfg(all(feature = "simd", target_arch = "x86_64"))]
            {
                use fearless_simd::Simd;
                let unit = unit::detected();
                if let Some(avx512) = unit.as_avx512() {
                    return avx512.vectorize(
                        #[inline(always)]
                        || framed(f),
                    );
                }
                if let Some(avx2) = unit.as_avx2() {
                    return avx2.vectorize(
                        #[inline(always)]
                        || framed(f),
                    );
                }
            }
            f()
        },
    )
}

/// Runs `f` in a function of its own that has its frame first.
#[cfg_attr(target_arch = "x86_64", inline(never))]
#[cfg_attr(not(target_arch = "x86_64"), inline(always))]
fn apart<R>(f: impl FnOnce() -> R) -> R {
    framed(f)
}

/// Runs `f` at the start of a function whose frame may be larger than eight pages. LLVM 22 for x86-64 makes room for such a frame with
/// the help of a register, r11. Where a function may end before it needs its frame, it makes room later, though by then that
/// register may hold the place of the result. A use of the frame at the start keeps the two in order.
#[inline(always)]
pub(crate) fn framed<R>(f: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    core::hint::black_box(0_u8);
    f()
}

#[cfg(all(feature = "simd", target_arch = "x86_64"))]
mod unit {
    extern crate std;

    use fearless_simd::Level;
    use std::sync::OnceLock;

    /// The widest vector unit, or a narrower one that `MICROLOSS_SIMD` names: sse2 or avx2. Any other word, and a unit that
    /// the processor lacks, leave the widest: bits are the same, and no loss has a way to refuse its environment.
    #[inline]
    pub(super) fn detected() -> Level {
        static UNIT: OnceLock<Level> = OnceLock::new();
        *UNIT.get_or_init(|| {
            let widest = Level::new();
            let wanted = std::env::var("MICROLOSS_SIMD").unwrap_or_default();
            match wanted.as_str() {
                "sse2" => widest.as_sse2().map(Level::Sse2),
                "avx2" => widest.as_avx2().map(Level::Avx2),
                _ => None,
            }
            .unwrap_or(widest)
        })
    }
}

/// How far a loop over the `count` items of a block goes that has room for more: with vectors over all of it, as far
/// as the compiler knows, and without over the items, so that it is not written out.
#[inline(always)]
pub(crate) fn extent(count: usize, room: usize) -> usize {
    if cfg!(target_arch = "arm") { count.min(room) } else { room }
}

/// Stands in loops over floats that may be subnormal. Helium, which the compiler uses for such loops on
/// Cortex-M55, flushes subnormals where every other unit of the promise keeps them; an empty barrier keeps the
/// loop in the scalar unit. Elsewhere it is nothing.
#[inline(always)]
pub(crate) fn scalar() {
    #[cfg(target_arch = "arm")]
    core::hint::black_box(());
}

/// Stands in a loop that no vector unit can spoil: where there are vectors it is nothing, and elsewhere it keeps the loop from
/// being written out.
#[inline(always)]
pub(crate) fn rolled() {
    if !VECTORS {
        core::hint::black_box(());
    }
}

/// Stands in a loop over chunks whose lanes are to become a vector: else the compiler may take one lane of many chunks.
#[inline(always)]
pub(crate) fn chunk() {
    #[cfg(not(target_arch = "arm"))]
    core::hint::black_box(());
}

/// As [`scalar`], for a loop over a few lanes: once that is unrolled, the compiler finds vectors across the barrier
/// in what stands in memory, unless it does not know the place.
#[inline(always)]
pub(crate) fn scalar_lane(lane: usize) -> usize {
    #[cfg(target_arch = "arm")]
    return core::hint::black_box(lane);
    #[cfg(not(target_arch = "arm"))]
    lane
}

/// The largest of what `bits` makes of numbers. A loop over integers: no vector unit loses a subnormal number or a NaN in it.
#[inline(always)]
pub(crate) fn largest<T: Real>(numbers: impl IntoIterator<Item = T>, bits: impl Fn(T) -> T::Bits) -> T::Bits {
    let mut largest = T::zero().to_bits();
    for number in numbers {
        let bits = bits(number);
        largest = if bits > largest { bits } else { largest };
    }
    largest
}

/// The largest magnitude, as the bits of twice it: NaN is beyond infinity.
#[cfg_attr(target_arch = "arm", inline(never))]
#[cfg_attr(not(target_arch = "arm"), inline(always))]
fn magnitude<T: Real>(numbers: &[T]) -> T::Bits {
    largest(
        numbers.iter().copied(),
        #[inline(always)]
        |number| number.to_bits() + number.to_bits(),
    )
}

/// Whether all numbers are finite.
#[inline(always)]
pub(crate) fn all_finite<T: Real>(numbers: &[T]) -> bool {
    magnitude(numbers) < T::infinity().to_bits() + T::infinity().to_bits()
}

/// Whether a number is NaN.
#[inline(always)]
pub(crate) fn has_nan<T: Real>(numbers: &[T]) -> bool {
    magnitude(numbers) > T::infinity().to_bits() + T::infinity().to_bits()
}

/// A compensated sum: the error of 65 536 equal terms is the rounding of the result, not 795 ULP.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Sum<T> {
    high: T,
    low: T,
}

impl<T: Real> Sum<T> {
    #[inline(always)]
    pub(crate) fn add(&mut self, term: T) {
        let (high, error) = two_sum(self.high, term);
        self.high = high;
        self.low = self.low + error;
    }

    #[inline(always)]
    pub(crate) fn merge(&mut self, other: Self) {
        self.add(other.high);
        self.low = self.low + other.low;
    }

    /// A term in two numbers; a second one that cannot be had is none.
    #[inline(always)]
    pub(crate) fn add_parts(&mut self, (high, low): (T, T)) {
        self.add(high);
        self.low = self.low + if low.is_finite() { low } else { T::zero() };
    }

    /// The sum, rounded once; infinite where it overflowed.
    #[inline(always)]
    pub(crate) fn value(&self) -> T {
        self.parts().0
    }

    /// The sum, rounded once, and what the rounding left.
    #[inline(always)]
    pub(crate) fn parts(&self) -> (T, T) {
        if self.high.is_finite() { two_sum(self.high, self.low) } else { (self.high, T::zero()) }
    }
}

impl<T> Sum<T> {
    /// The sum, and the errors of its steps.
    pub(crate) fn parts_mut(&mut self) -> [&mut T; 2] {
        [&mut self.high, &mut self.low]
    }
}

/// A compensated sum a lane.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Sums<T, const L: usize> {
    high: [T; L],
    low: [T; L],
}

#[allow(clippy::indexing_slicing, reason = "a lane is less than L, and the compiler sees it")]
impl<T: Real, const L: usize> Sums<T, L> {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self { high: [T::zero(); L], low: [T::zero(); L] }
    }

    #[inline(always)]
    pub(crate) fn add(&mut self, lane: usize, term: T) {
        if let (Some(high), Some(low)) = (self.high.get_mut(lane), self.low.get_mut(lane)) {
            let (sum, error) = two_sum(*high, term);
            *high = sum;
            *low = *low + error;
        }
    }

    /// A term in two numbers.
    #[inline(always)]
    pub(crate) fn add_parts(&mut self, lane: usize, high: T, low: T) {
        self.add(lane, high);
        if let Some(lost) = self.low.get_mut(lane) {
            *lost = *lost + low;
        }
    }

    /// A term for each lane. A function of its own: the compiler would take the lanes apart if it inlined this. On boards it
    /// must not know their number, or it writes the loop out and makes vectors of it, across the barrier.
    #[inline(never)]
    pub(crate) fn add_each(&mut self, terms: &[T; L]) {
        for (lane, &term) in terms.iter().enumerate().take(scalar_lane(L)) {
            scalar();
            self.add(lane, term);
        }
    }

    /// Four terms for each lane, which are added plainly first.
    #[inline(always)]
    pub(crate) fn add_four(&mut self, terms: &[[T; L]; 4]) {
        chunk();
        for lane in 0..L {
            scalar();
            let lane = scalar_lane(lane) % L;
            self.add(lane, ((terms[0][lane] + terms[1][lane]) + terms[2][lane]) + terms[3][lane]);
        }
    }

    /// What was lost of the terms of each lane.
    #[inline(never)]
    pub(crate) fn add_lost(&mut self, lost: &[T; L]) {
        for lane in 0..scalar_lane(L) {
            scalar();
            let lane = scalar_lane(lane) % L;
            self.low[lane] = self.low[lane] + lost[lane];
        }
    }

    /// Adds the sums of other lanes, lane by lane.
    pub(crate) fn merge(&mut self, other: &Self) {
        for lane in 0..scalar_lane(L) {
            scalar();
            let lane = scalar_lane(lane) % L;
            let mut sum = self.lane(lane);
            sum.merge(other.lane(lane));
            (self.high[lane], self.low[lane]) = (sum.high, sum.low);
        }
    }

    /// The sum of one lane.
    #[inline(always)]
    pub(crate) fn lane(&self, lane: usize) -> Sum<T> {
        Sum { high: self.high[lane], low: self.low[lane] }
    }

    /// The sum of all lanes: half is added to the other half again and again. In place: a copy would
    /// double the stack.
    #[cfg_attr(target_arch = "arm", inline(never))]
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn total(&mut self) -> Sum<T> {
        // Not known to the compiler on boards, which would write it out.
        let mut width = scalar_lane(L);
        while width > 1 {
            width /= 2;
            for lane in 0..width {
                scalar();
                let lane = scalar_lane(lane) % L;
                let mut sum = self.lane(lane);
                sum.merge(self.lane((lane + width) % L));
                (self.high[lane], self.low[lane]) = (sum.high, sum.low);
            }
        }
        self.lane(0)
    }
}

/// The sums of lanes that come one after the other, brought together in the order of [`Sums::total`]: two sums
/// merge as soon as both are there.
pub(crate) struct LaneTree<T> {
    /// `waiting[i]`, where bit i of the turn is set, is the sum of 2^i lanes.
    waiting: [Sum<T>; LANES.ilog2() as usize],
    last: Sum<T>,
}

impl<T: Real> LaneTree<T> {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self { waiting: [Sum::default(); LANES.ilog2() as usize], last: Sum::default() }
    }

    /// The lane whose turn it is, of so many: the bits of the turn, backwards.
    #[inline(always)]
    pub(crate) fn lane(turn: usize, lanes: usize) -> usize {
        turn.reverse_bits().checked_shr(lanes.leading_zeros().wrapping_add(1)).unwrap_or(0)
    }

    #[inline(always)]
    pub(crate) fn push(&mut self, turn: usize, sum: Sum<T>) {
        self.last = sum;
        for (level, waiting) in self.waiting.iter_mut().enumerate() {
            if turn >> level & 1 == 0 {
                *waiting = self.last;
                return;
            }
            waiting.merge(self.last);
            self.last = *waiting;
        }
    }

    /// The sum of all lanes, once the last has had its turn.
    #[inline(always)]
    pub(crate) fn total(&self) -> Sum<T> {
        self.last
    }
}

/// What a sum is made of: numbers, or numbers in two.
pub(crate) trait Term<T, const L: usize>: Copy + Default {
    /// Adds the term plainly to what waits for the lane's partial sum, or at once to that.
    fn collect(self, plain: &mut T, sums: &mut Sums<T, L>, lane: usize);
}

impl<T: Real, const L: usize> Term<T, L> for T {
    #[inline(always)]
    fn collect(self, plain: &mut T, _sums: &mut Sums<T, L>, _lane: usize) {
        *plain = *plain + self;
    }
}

impl<T: Real, const L: usize> Term<T, L> for (T, T) {
    #[inline(always)]
    fn collect(self, _plain: &mut T, sums: &mut Sums<T, L>, lane: usize) {
        sums.add_parts(lane, self.0, self.1);
    }
}

/// The sum of numbers that come one after the other: number i goes to lane i modulo [`LANES`], where four are added plainly
/// before the sum that carries its rounding.
pub(crate) struct DealtSum<T> {
    sums: Sums<T, LANES>,
    plain: [T; LANES],
}

impl<T: Real> DealtSum<T> {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self { sums: Sums::new(), plain: [T::neg_zero(); LANES] }
    }

    /// Adds numbers from `start` on.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn extend(&mut self, start: usize, numbers: &[T]) {
        let (mut start, mut rest) = (start, numbers);
        if VECTORS && start.is_multiple_of(4 * LANES) {
            let (chunks, _) = numbers.as_chunks::<LANES>();
            let (quads, _) = chunks.as_chunks::<4>();
            for quad in quads {
                self.sums.add_four(quad);
            }
            let done = quads.as_flattened().as_flattened().len();
            (start, rest) = (start.wrapping_add(done), numbers.get(done..).unwrap_or(&[]));
        }
        while !rest.is_empty() {
            let lane = start % LANES;
            let (now, later) = rest.split_at(rest.len().min(LANES.wrapping_sub(lane)));
            for (plain, &number) in self.plain.iter_mut().skip(lane).zip(now) {
                scalar();
                *plain = *plain + number;
            }
            (start, rest) = (start.wrapping_add(now.len()), later);
            if start.is_multiple_of(4 * LANES) {
                self.close();
            }
        }
    }

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn close(&mut self) {
        self.sums.add_each(&self.plain);
        self.plain = [T::neg_zero(); LANES];
    }

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn total(&mut self) -> Sum<T> {
        self.close();
        self.sums.total()
    }
}
