//! A block of rows: what a loss of rows works on, as many rows at a time as there are lanes.

use core::borrow::Borrow;
use core::ops::Range;

use super::access::{Access, View};
use super::scores::Scores;
use crate::Real;
use crate::lanes::{LANES, LaneTree, Sums, Term, VECTORS, all_finite, chunk, scalar};

/// `R` rows of scores in `L` lanes: short rows side by side, a row a lane, column after column (L = R), or row after
/// row, the columns of each dealt to the lanes. A loss is written once for both: it names a score by its column
/// and its row, and what it knows of the rows stands in arrays of R numbers.
///
/// A short row is summed in one partial sum and a long one in a partial sum a lane, wherever it stands: its bits
/// depend on nothing but itself.
///
/// `S` is what the scores are stored as.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RowBlock<'a, T, const L: usize, const R: usize, S = Scores<'a, T>> {
    scores: S,
    columns: usize,
    targets: RowTargets<'a, T, R>,
    scale: [T; R],
}

/// The targets of a block of rows.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RowTargets<'a, T, const R: usize> {
    /// The right class of each row.
    Classes([u32; R]),
    /// A probability for each score, in the order of the scores.
    Distributions(&'a [T]),
}

#[allow(clippy::indexing_slicing, reason = "rows are below R, and the compiler sees it")]
impl<T: Real, const R: usize> RowTargets<'_, T, R> {
    /// The target of a score, given what stands for it in a distribution.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    #[must_use]
    pub fn at(&self, column: u32, row: usize, target: T) -> T {
        match self {
            Self::Classes(classes) if classes[row] == column => T::one(),
            Self::Classes(_) => T::zero(),
            Self::Distributions(_) => target,
        }
    }
}

/// Rows of this many columns and more are summed in as many partial sums as there are lanes.
pub(crate) const LONG: usize = 4 * LANES;

#[allow(clippy::indexing_slicing, reason = "lanes are below L, rows below R, and the compiler sees it")]
impl<'a, T: Real, const L: usize, const R: usize, S: Access<T>> RowBlock<'a, T, L, R, S> {
    /// Whether the rows stand side by side.
    const SIDE_BY_SIDE: bool = L == R && R > 1;

    #[inline(always)]
    pub(crate) fn new(scores: S, columns: usize, targets: RowTargets<'a, T, R>, scale: [T; R]) -> Self {
        Self { scores, columns, targets, scale }
    }

    /// Scores in a row.
    #[inline(always)]
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The targets.
    #[inline(always)]
    #[must_use]
    pub fn targets(&self) -> RowTargets<'a, T, R> {
        self.targets
    }

    /// What the gradient of each row is multiplied by.
    #[inline(always)]
    #[must_use]
    pub fn scale(&self) -> [T; R] {
        self.scale
    }

    /// Whether the gradient is wanted.
    #[inline(always)]
    #[must_use]
    pub fn are_replaced(&self) -> bool {
        self.scores.are_replaced()
    }

    /// Whether all that stands where the gradient is wanted is finite.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn is_finite(&mut self) -> bool {
        self.scores.slots().is_none_or(|scores| all_finite(scores))
    }

    /// `f(row)` of each row.
    #[inline(always)]
    #[must_use]
    pub fn each<U: Copy + Default>(&self, f: impl Fn(usize) -> U) -> [U; R] {
        let mut all = [U::default(); R];
        for (row, slot) in all.iter_mut().enumerate() {
            *slot = f(row);
        }
        all
    }

    /// The score of each row in a column of its own; NaN where there is no such column.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    #[must_use]
    pub fn at(&self, columns: &[u32; R]) -> [T; R] {
        let scores = self.scores.view();
        self.each(
            #[inline(always)]
            |row| {
                let column = columns[row];
                scores.get(self.position(column, row), column as usize).unwrap_or_else(T::nan)
            },
        )
    }

    /// The target of each row in a column of its own.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    #[must_use]
    pub fn target_at(&self, columns: &[u32; R]) -> [T; R] {
        let targets = self.distributions();
        self.each(
            #[inline(always)]
            |row| {
                let target = targets.get(self.position(columns[row], row)).copied().unwrap_or_default();
                self.targets.at(columns[row], row, target)
            },
        )
    }

    /// The largest score of each row.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    #[must_use]
    pub fn max(&self) -> [T; R] {
        let mut found = [T::neg_infinity(); R];
        let larger = |a: T, b: T| if a > b { a } else { b };
        if self.in_turn() {
            for score in self.scores.view().row() {
                found[0] = larger(score, found[0]);
            }
            return found;
        }
        for strip in 0..self.strips() {
            let mut max = [T::neg_infinity(); L];
            self.each_chunk(
                strip,
                #[inline(always)]
                |_, scores| {
                    for lane in 0..L {
                        max[lane] = larger(scores[lane], max[lane]);
                    }
                },
            );
            for lane in 0..L {
                let row = Self::row_of(strip, lane);
                found[row] = larger(max[lane], found[row]);
            }
        }
        found
    }

    /// The largest score of each row, and its column: of equals, the first.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    #[must_use]
    pub fn largest(&self) -> ([T; R], [u32; R]) {
        let (mut found, mut places) = ([T::neg_infinity(); R], [0; R]);
        if self.in_turn() {
            for (column, score) in (0..).zip(self.scores.view().row()) {
                scalar();
                if score > found[0] {
                    (found[0], places[0]) = (score, column);
                }
            }
            return (found, places);
        }
        for strip in 0..self.strips() {
            let (mut max, mut columns) = ([T::neg_infinity(); L], [0; L]);
            self.each_chunk(
                strip,
                #[inline(always)]
                |number, scores| {
                    for lane in 0..L {
                        scalar();
                        let larger = scores[lane] > max[lane];
                        max[lane] = if larger { scores[lane] } else { max[lane] };
                        columns[lane] = if larger { Self::column_of(number, lane) } else { columns[lane] };
                    }
                },
            );
            for lane in 0..L {
                let row = Self::row_of(strip, lane);
                let earlier = max[lane] == found[row] && columns[lane] < places[row];
                if max[lane] > found[row] || earlier {
                    (found[row], places[row]) = (max[lane], columns[lane]);
                }
            }
        }
        (found, places)
    }

    /// The sum over each row of `f(column, row, score, target).0`, in two numbers; where the gradient is wanted,
    /// `.1` takes the score's place. `target` is that of [`RowTargets::Distributions`], or else 0.
    #[inline(always)]
    pub fn sum(&mut self, f: impl Fn(u32, usize, T, T) -> (T, T)) -> [(T, T); R] {
        self.sum_of::<T, false>(f)
    }

    /// As [`sum`](Self::sum), of terms that take so many steps that the compiler makes vectors of one chunk of them, but
    /// not of four at once.
    #[inline(always)]
    pub(crate) fn sum_of_long_terms(&mut self, f: impl Fn(u32, usize, T, T) -> (T, T)) -> [(T, T); R] {
        self.sum_of::<T, true>(f)
    }

    /// As [`sum`](Self::sum), of terms in two numbers, each of which is added with its rounding.
    #[inline(always)]
    pub(crate) fn sum_of_parts(&mut self, f: impl Fn(u32, usize, T, T) -> ((T, T), T)) -> [(T, T); R] {
        self.sum_of::<(T, T), false>(f)
    }

    #[inline(always)]
    fn sum_of<A: Term<T, L> + Term<T, 1>, const LONG_TERMS: bool>(
        &mut self,
        f: impl Fn(u32, usize, T, T) -> (A, T),
    ) -> [(T, T); R] {
        if self.in_turn() {
            return [self.sum_in_turn(f); R];
        }
        let mut found = [(T::zero(), T::zero()); R];
        for strip in 0..self.strips() {
            let mut sums = self.sum_strip::<A, LONG_TERMS>(strip, &f);
            if Self::SIDE_BY_SIDE {
                for row in 0..R {
                    found[row] = sums.lane(row % L).parts();
                }
            } else {
                found[strip % R] = sums.total().parts();
            }
        }
        found
    }

    /// The partial sums of a strip. Four terms are added plainly before the sum that carries its rounding.
    #[inline(always)]
    fn sum_strip<A: Term<T, L>, const LONG_TERMS: bool>(
        &mut self,
        strip: usize,
        f: &impl Fn(u32, usize, T, T) -> (A, T),
    ) -> Sums<T, L> {
        let range = self.range(strip);
        let targets = self.distributions().get(range.clone()).unwrap_or(&[]);
        let (mut sums, mut number) = (Sums::new(), 0);
        let zeros = [[T::zero(); L]; 4];
        while let Some(scores) = self.strip(&range).and_then(
            #[inline(always)]
            |scores| scores.chunks::<L, 4>(number),
        ) {
            let scores = scores.borrow();
            let targets = chunks_at(targets, number).unwrap_or(&zeros);
            let mut replaced = zeros;
            // A closure would hide from the compiler that the places differ.
            macro_rules! add {
                ($k:ident, $lane:ident, $plain:expr) => {
                    let (column, row) = (Self::column_of(number + $k, $lane), Self::row_of(strip, $lane));
                    let (term, new) = f(column, row, scores[$k][$lane], targets[$k][$lane]);
                    replaced[$k][$lane] = new;
                    term.collect($plain, &mut sums, $lane);
                };
            }
            // Of f64, LLVM 22 for x86-64-v4 makes a program of it that crashes (tests/bits.rs).
            if LONG_TERMS && size_of::<T>() == size_of::<f32>() {
                let mut plain = [T::neg_zero(); L];
                for k in 0..4 {
                    chunk();
                    for lane in 0..L {
                        add!(k, lane, &mut plain[lane]);
                    }
                }
                chunk();
                for lane in 0..L {
                    sums.add(lane, plain[lane]);
                }
            } else {
                for lane in 0..L {
                    let mut plain = T::neg_zero();
                    for k in 0..4 {
                        add!(k, lane, &mut plain);
                    }
                    sums.add(lane, plain);
                }
            }
            self.store(range.clone(), number, replaced.as_flattened());
            number += 4;
        }
        let chunks = range.len().div_ceil(L);
        if number == chunks {
            return sums;
        }
        let mut plain = [T::neg_zero(); L];
        while number < chunks {
            let scores = self.strip(&range).map_or(
                [T::neg_infinity(); L],
                #[inline(always)]
                |scores| padded::<T, L>(scores, number),
            );
            let targets = if targets.is_empty() { [T::zero(); L] } else { padded::<T, L>(targets, number) };
            let left = range.len() - number * L;
            let mut replaced = [T::zero(); L];
            for lane in 0..L {
                let (column, row) = (Self::column_of(number, lane), Self::row_of(strip, lane));
                let (term, new) = f(column, row, scores[lane], targets[lane]);
                replaced[lane] = new;
                let term = if lane < left { term } else { A::default() };
                term.collect(&mut plain[lane], &mut sums, lane);
            }
            self.store(range.clone(), number, &replaced);
            number += 1;
        }
        sums.add_each(&plain);
        sums
    }

    /// The same sum, of one row and one score after the other: where there are no vectors, or little to sum. A long row
    /// goes lane after lane, so that one partial sum is in memory, and not one a lane.
    #[inline(always)]
    fn sum_in_turn<A: Term<T, 1>>(&mut self, f: impl Fn(u32, usize, T, T) -> (A, T)) -> (T, T) {
        let lanes = if self.columns < LONG { 1 } else { LANES };
        let targets = self.distributions();
        let mut all = LaneTree::new();
        for turn in 0..lanes {
            let (mut sum, mut plain) = (Sums::<T, 1>::new(), T::neg_zero());
            let (mut index, mut waiting) = (LaneTree::<T>::lane(turn, lanes), 0);
            while let Some(score) = self.scores.view().get(index, index) {
                scalar();
                let target = targets.get(index).copied().unwrap_or_default();
                let (term, new) = f(Self::column_of(0, index), 0, score, target);
                if let Some(scores) = self.scores.slots()
                    && let Some(slot) = scores.get_mut(index)
                {
                    *slot = new;
                }
                term.collect(&mut plain, &mut sum, 0);
                waiting += 1;
                if waiting == 4 {
                    sum.add(0, plain);
                    (plain, waiting) = (T::neg_zero(), 0);
                }
                index += lanes;
            }
            sum.add(0, plain);
            all.push(turn, sum.lane(0));
        }
        all.total().parts()
    }

    /// Where the gradient is wanted, `f(column, row, score, target)` takes the score's place as its derivative,
    /// multiplied by the row's [`scale`](Self::scale).
    #[inline(always)]
    pub fn gradient(&mut self, f: impl Fn(u32, usize, T, T) -> T) {
        let (targets, columns) = (self.distributions(), self.columns.max(1));
        let Some(scores) = self.scores.slots() else { return };
        if Self::SIDE_BY_SIDE {
            let none = [[T::zero(); L]];
            for (number, scores) in scores.as_chunks_mut::<L>().0.iter_mut().enumerate() {
                chunk();
                let targets = chunks_at::<T, L, 1>(targets, number).unwrap_or(&none);
                let column = Self::column_of(number, 0);
                let mut derivatives = [T::zero(); L];
                for lane in 0..L {
                    derivatives[lane] = f(column, Self::row_of(0, lane), scores[lane], targets[0][lane]);
                }
                *scores = derivatives;
            }
            return;
        }
        for (row, scores) in scores.chunks_mut(columns).enumerate() {
            let row = row % R;
            if targets.is_empty() {
                for (column, score) in (0..).zip(scores) {
                    scalar();
                    *score = f(column, row, *score, T::zero());
                }
            } else {
                let targets = targets.get(row * columns..).unwrap_or(&[]);
                for (column, (score, &target)) in (0..).zip(scores.iter_mut().zip(targets)) {
                    scalar();
                    *score = f(column, row, *score, target);
                }
            }
        }
    }

    /// Where the gradient is wanted, replaces one entry of each row.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub fn set(&mut self, columns: &[u32; R], derivatives: &[T; R]) {
        let positions = self.each(
            #[inline(always)]
            |row| self.position(columns[row], row),
        );
        let Some(scores) = self.scores.slots() else { return };
        for row in 0..R {
            if let Some(slot) = scores.get_mut(positions[row]) {
                *slot = derivatives[row];
            }
        }
    }

    /// Whether the one row is worked on a score at a time.
    #[inline(always)]
    fn in_turn(&self) -> bool {
        R == 1 && (!VECTORS || self.columns < LONG)
    }

    /// The target distributions, if that is what the targets are.
    #[inline(always)]
    fn distributions(&self) -> &'a [T] {
        if let RowTargets::Distributions(targets) = self.targets { targets } else { &[] }
    }

    /// What is summed in the same lanes: all rows side by side, or one row.
    #[inline(always)]
    fn strips(&self) -> usize {
        if Self::SIDE_BY_SIDE { 1 } else { (self.scores.view().len() / self.columns.max(1)).min(R) }
    }

    /// Where a strip stands.
    #[inline(always)]
    fn range(&self, strip: usize) -> Range<usize> {
        let count = if Self::SIDE_BY_SIDE { self.scores.view().len() } else { self.columns };
        strip * count..(strip + 1) * count
    }

    /// The scores of a strip.
    #[inline(always)]
    fn strip(&self, range: &Range<usize>) -> Option<S::View<'_>> {
        self.scores.view().part(range.clone(), 0)
    }

    /// Calls `f` with each chunk of a strip and its number.
    #[inline(always)]
    fn each_chunk(&self, strip: usize, mut f: impl FnMut(usize, &[T; L])) {
        let Some(scores) = self.strip(&self.range(strip)) else { return };
        let whole = scores.len() / L;
        for number in 0..whole {
            if let Some(chunk) = scores.chunks::<L, 1>(number) {
                let [chunk] = chunk.borrow();
                f(number, chunk);
            }
        }
        if whole * L < scores.len() {
            f(whole, &padded(scores, whole));
        }
    }

    /// Replaces what stands in a strip from a chunk on, where the gradient is wanted.
    #[inline(always)]
    fn store(&mut self, strip: Range<usize>, chunk: usize, numbers: &[T]) {
        let Some(scores) = self.scores.slots() else { return };
        let slots = scores.get_mut(strip).unwrap_or(&mut []).get_mut(chunk * L..).unwrap_or(&mut []);
        if let Some(slots) = slots.get_mut(..numbers.len()) {
            slots.copy_from_slice(numbers);
            return;
        }
        for (slot, &number) in slots.iter_mut().zip(numbers) {
            *slot = number;
        }
    }

    /// The column of a lane.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "the driver refuses rows of 2³² columns")]
    fn column_of(chunk: usize, lane: usize) -> u32 {
        if Self::SIDE_BY_SIDE { chunk as u32 } else { chunk as u32 * L as u32 + lane as u32 }
    }

    /// The row of a lane.
    #[inline(always)]
    fn row_of(strip: usize, lane: usize) -> usize {
        if Self::SIDE_BY_SIDE { lane % R } else { strip % R }
    }

    /// Where a score stands.
    #[inline(always)]
    fn position(&self, column: u32, row: usize) -> usize {
        let column = column as usize;
        if Self::SIDE_BY_SIDE {
            column.wrapping_mul(R).wrapping_add(row)
        } else {
            row.wrapping_mul(self.columns).wrapping_add(column)
        }
    }
}

/// `N` whole chunks from a place on, if there are so many.
#[inline(always)]
fn chunks_at<T, const L: usize, const N: usize>(numbers: &[T], chunk: usize) -> Option<&[[T; L]; N]> {
    numbers.as_chunks::<L>().0.get(chunk..)?.first_chunk::<N>()
}

/// A chunk; what is missing from the last one is -inf.
#[inline(always)]
pub(super) fn padded<T: Real, const L: usize>(numbers: impl View<T>, chunk: usize) -> [T; L] {
    if let Some(whole) = numbers.chunks::<L, 1>(chunk) {
        let [whole] = whole.borrow();
        return *whole;
    }
    let mut padded = [T::neg_infinity(); L];
    let start = chunk.wrapping_mul(L);
    let rest = numbers.part(start..numbers.len(), start);
    for (slot, number) in padded.iter_mut().zip(rest.into_iter().flat_map(View::row)) {
        *slot = number;
    }
    padded
}
