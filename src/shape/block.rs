//! A block of rows: what a loss of rows works on, as many rows at a time as there are lanes.

use super::scores::Scores;
use crate::Real;
use crate::lanes::{LANES, Sums, scalar};

/// `R` rows of scores in `L` lanes: either a row a lane, column after column (R = L), or one row whose columns
/// are dealt to the lanes (R = 1). A loss is written once for both: it names a score by its column and its
/// row, and what it knows of the rows stands in arrays of R numbers.
///
/// A short row is summed in one partial sum and a long one in a partial sum a lane, wherever it stands: its bits
/// depend on nothing but itself.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RowBlock<'a, T, const L: usize, const R: usize> {
    scores: Scores<'a, T>,
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

/// Rows of this many columns and more are dealt to the lanes.
pub(crate) const LONG: usize = 4 * LANES;

#[allow(clippy::indexing_slicing, reason = "lanes are below L, rows below R, and the compiler sees it")]
impl<'a, T: Real, const L: usize, const R: usize> RowBlock<'a, T, L, R> {
    #[inline(always)]
    pub(crate) fn new(scores: Scores<'a, T>, targets: RowTargets<'a, T, R>, scale: [T; R]) -> Self {
        Self { scores, targets, scale }
    }

    /// Scores in a row.
    #[inline(always)]
    #[must_use]
    pub fn columns(&self) -> usize {
        self.scores.as_slice().len() / R.max(1)
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
    pub(crate) fn is_finite(&self) -> bool {
        let mut finite = true;
        if let Scores::Replace(scores) = &self.scores {
            for score in scores.iter() {
                finite &= score.is_finite();
            }
        }
        finite
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
        let scores = self.scores.as_slice();
        self.each(
            #[inline(always)]
            |row| scores.get(Self::position(columns[row], row)).copied().unwrap_or_else(T::nan),
        )
    }

    /// The target of each row in a column of its own.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    #[must_use]
    pub fn target_at(&self, columns: &[u32; R]) -> [T; R] {
        self.each(
            #[inline(always)]
            |row| {
                let targets =
                    if let RowTargets::Distributions(targets) = self.targets { targets } else { &[] };
                let target = targets.get(Self::position(columns[row], row)).copied().unwrap_or_default();
                self.targets.at(columns[row], row, target)
            },
        )
    }

    /// The largest score of each row.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    #[must_use]
    pub fn max(&self) -> [T; R] {
        let mut max = [T::neg_infinity(); L];
        self.each_chunk(
            #[inline(always)]
            |_, scores| {
                for lane in 0..L {
                    max[lane] = if scores[lane] > max[lane] { scores[lane] } else { max[lane] };
                }
            },
        );
        let mut found = [max[0]; R];
        for lane in 1..L {
            let row = if R == 1 { 0 } else { lane };
            found[row] = if R == L || max[lane] > found[row] { max[lane] } else { found[row] };
        }
        found
    }

    /// The largest score of each row, and its column: of equals, the first.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    #[must_use]
    pub fn largest(&self) -> ([T; R], [u32; R]) {
        let (mut max, mut columns) = ([T::neg_infinity(); L], [0; L]);
        self.each_chunk(
            #[inline(always)]
            |number, scores| {
                for lane in 0..L {
                    let larger = scores[lane] > max[lane];
                    max[lane] = if larger { scores[lane] } else { max[lane] };
                    columns[lane] = if larger { Self::place(number, lane).0 } else { columns[lane] };
                }
            },
        );
        let (mut found, mut places) = ([max[0]; R], [columns[0]; R]);
        for lane in 1..L {
            let row = if R == 1 { 0 } else { lane };
            let earlier = max[lane] == found[row] && columns[lane] < places[row];
            if R == L || max[lane] > found[row] || earlier {
                (found[row], places[row]) = (max[lane], columns[lane]);
            }
        }
        (found, places)
    }

    /// The sum over each row of `f(column, row, score, target).0`, in two numbers; where the gradient is wanted,
    /// `.1` takes the score's place. `target` is that of [`RowTargets::Distributions`], or else 0.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub fn sum(&mut self, f: impl Fn(u32, usize, T, T) -> (T, T)) -> [(T, T); R] {
        let targets = if let RowTargets::Distributions(targets) = self.targets { targets } else { &[] };
        let mut sums = Sums::<T, L>::new();
        let mut number = 0;
        let short = R == 1 && self.columns() < LONG;
        // Four terms are added plainly before the sum that carries its rounding. With vectors that is one loop.
        while let (false, Some(scores)) =
            (cfg!(target_arch = "arm") || short, chunks_at::<T, L, 4>(self.scores.as_slice(), number))
        {
            let none = [[T::zero(); L]; 4];
            let targets = chunks_at(targets, number).unwrap_or(&none);
            let mut replaced = [[T::zero(); L]; 4];
            for lane in 0..L {
                let mut four = T::zero();
                for k in 0..4 {
                    let (column, row) = Self::place(number + k, lane);
                    let (term, new) = f(column, row, scores[k][lane], targets[k][lane]);
                    replaced[k][lane] = new;
                    four = if k == 0 { term } else { four + term };
                }
                sums.add(lane, four);
            }
            for (k, replaced) in replaced.iter().enumerate() {
                self.store(number + k, replaced);
            }
            number += 4;
        }
        let (mut terms, mut four) = ([T::zero(); L], T::zero());
        while number < self.chunks() {
            let (scores, targets) =
                (Chunk::<T, L>::of(self.scores.as_slice(), number), Chunk::<T, L>::of(targets, number));
            let (scores, targets) = (scores.get(), targets.get());
            let mut replaced = [T::zero(); L];
            let left = (self.scores.as_slice().len() - number * L).min(L);
            if short || number.is_multiple_of(4) {
                terms = [T::zero(); L];
            }
            // Without vectors the lanes past the end are not worth their while.
            for lane in 0..if cfg!(target_arch = "arm") { left } else { L } {
                let (column, row) = Self::place(number, lane);
                let (term, new) = f(column, row, scores[lane], targets[lane]);
                terms[lane] = terms[lane] + if lane < left { term } else { T::zero() };
                replaced[lane] = new;
            }
            self.store(number, &replaced);
            number += 1;
            if short {
                for (lane, &term) in terms.iter().enumerate() {
                    four = if lane.is_multiple_of(4) { term } else { four + term };
                    if lane % 4 == 3 {
                        sums.add(0, four);
                    }
                }
            } else if number.is_multiple_of(4) || number == self.chunks() {
                sums.add_each(&terms);
            }
        }
        if R == 1 {
            return [sums.total().parts(); R];
        }
        self.each(
            #[inline(always)]
            |row| sums.lane(row).parts(),
        )
    }

    /// As [`sum`](Self::sum), of terms in two numbers, each of which is added with its rounding.
    #[inline(always)]
    pub(crate) fn sum_of_parts(&mut self, f: impl Fn(u32, usize, T) -> ((T, T), T)) -> [(T, T); R] {
        let mut sums = Sums::<T, L>::new();
        let apart = R > 1 || self.columns() >= LONG;
        for number in 0..self.chunks() {
            let chunk = Chunk::<T, L>::of(self.scores.as_slice(), number);
            let left = self.scores.as_slice().len() - number * L;
            let mut replaced = [T::zero(); L];
            for (lane, (&score, replaced)) in chunk.get().iter().zip(&mut replaced).enumerate() {
                let (column, row) = Self::place(number, lane);
                let ((high, low), new) = f(column, row, score);
                let (high, low) = if lane < left { (high, low) } else { (T::zero(), T::zero()) };
                sums.add_parts(if apart { lane } else { 0 }, high, low);
                *replaced = new;
            }
            self.store(number, &replaced);
        }
        if R == 1 {
            return [sums.total().parts(); R];
        }
        self.each(
            #[inline(always)]
            |row| sums.lane(row).parts(),
        )
    }

    /// Where the gradient is wanted, `f(column, row, score, target)` takes the score's place as its derivative,
    /// multiplied by the row's [`scale`](Self::scale).
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub fn gradient(&mut self, f: impl Fn(u32, usize, T, T) -> T) {
        let Scores::Replace(scores) = &mut self.scores else { return };
        let targets = if let RowTargets::Distributions(targets) = self.targets { targets } else { &[] };
        if R == 1 {
            if targets.is_empty() {
                for (column, score) in (0..).zip(scores.iter_mut()) {
                    scalar();
                    *score = f(column, 0, *score, T::zero());
                }
            } else {
                for (column, (score, &target)) in (0..).zip(scores.iter_mut().zip(targets)) {
                    scalar();
                    *score = f(column, 0, *score, target);
                }
            }
            return;
        }
        let none = [[T::zero(); L]];
        for (number, scores) in scores.as_chunks_mut::<L>().0.iter_mut().enumerate() {
            let targets = chunks_at::<T, L, 1>(targets, number).unwrap_or(&none);
            for lane in 0..L {
                scalar();
                let (column, row) = Self::place(number, lane);
                scores[lane] = f(column, row, scores[lane], targets[0][lane]);
            }
        }
    }

    /// Where the gradient is wanted, replaces one entry of each row.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub fn set(&mut self, columns: &[u32; R], derivatives: &[T; R]) {
        let Scores::Replace(scores) = &mut self.scores else { return };
        for row in 0..R {
            if let Some(slot) = scores.get_mut(Self::position(columns[row], row)) {
                *slot = derivatives[row];
            }
        }
    }

    /// Calls `f` with each chunk and its number.
    #[inline(always)]
    fn each_chunk(&self, mut f: impl FnMut(usize, &[T; L])) {
        let (whole, rest) = self.scores.as_slice().as_chunks::<L>();
        for (number, chunk) in whole.iter().enumerate() {
            f(number, chunk);
        }
        if !rest.is_empty() {
            f(whole.len(), Chunk::of(self.scores.as_slice(), whole.len()).get());
        }
    }

    /// Chunks of L scores, the last one perhaps short.
    #[inline(always)]
    fn chunks(&self) -> usize {
        self.scores.as_slice().len().div_ceil(L)
    }

    /// Replaces a chunk, where the gradient is wanted.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn store(&mut self, chunk: usize, numbers: &[T; L]) {
        let Scores::Replace(scores) = &mut self.scores else { return };
        let rest = scores.get_mut(chunk.wrapping_mul(L)..).unwrap_or(&mut []);
        if let Some(full) = rest.first_chunk_mut::<L>() {
            *full = *numbers;
            return;
        }
        for (slot, &number) in rest.iter_mut().zip(numbers) {
            *slot = number;
        }
    }

    /// The column and the row of a lane.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "the driver refuses rows of 2³² columns")]
    fn place(chunk: usize, lane: usize) -> (u32, usize) {
        if R == 1 { (chunk as u32 * L as u32 + lane as u32, 0) } else { (chunk as u32, lane) }
    }

    /// Where a score stands.
    #[inline(always)]
    fn position(column: u32, row: usize) -> usize {
        (column as usize).wrapping_mul(R).wrapping_add(row)
    }
}

/// `N` whole chunks from a place on, if there are so many.
#[inline(always)]
fn chunks_at<T, const L: usize, const N: usize>(numbers: &[T], chunk: usize) -> Option<&[[T; L]; N]> {
    numbers.as_chunks::<L>().0.get(chunk..)?.first_chunk::<N>()
}

/// A chunk of L numbers.
enum Chunk<'a, T, const L: usize> {
    Whole(&'a [T; L]),
    /// The last one; what is missing from it is -inf.
    Padded([T; L]),
}

impl<'a, T: Real, const L: usize> Chunk<'a, T, L> {
    #[inline(always)]
    fn of(numbers: &'a [T], chunk: usize) -> Self {
        if let Some([whole]) = chunks_at(numbers, chunk) {
            return Self::Whole(whole);
        }
        let mut padded = [T::neg_infinity(); L];
        let rest = numbers.get(chunk.wrapping_mul(L)..).unwrap_or(&[]);
        for (slot, &number) in padded.iter_mut().zip(rest) {
            *slot = number;
        }
        Self::Padded(padded)
    }

    #[inline(always)]
    fn get(&self) -> &[T; L] {
        match self {
            Self::Whole(whole) => whole,
            Self::Padded(padded) => padded,
        }
    }
}
