//! An image's scores by planes: all of one class beside one another, in the memory where they stood pixel by pixel.

use core::ops::Range;

use crate::Real;
use crate::shape::View;

/// Scores of a tile at most: what fits the second cache.
const TILE: usize = 1 << 16;

/// Pixels that are worked on side by side, class by class.
pub(crate) const BLOCK: usize = if cfg!(target_arch = "arm") { 1 } else { 64 };

/// Pixels are taken in tiles, and the scores of a tile turned from rows into planes with the help of memory for one
/// tile more. Where there is none, and on boards, which do not mind how far apart scores stand, a tile is one pixel
/// and stays as it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planes {
    pixels: usize,
    columns: usize,
    /// The pixels of a tile, as a power of two.
    shift: u32,
}

impl Planes {
    /// For so many scores, with memory for so many beside them.
    pub(crate) fn new(pixels: usize, columns: usize, room: usize) -> Self {
        let width = if room < TILE { room } else { TILE }.checked_div(columns).unwrap_or(0);
        let width = width.saturating_sub(3 * BLOCK);
        let is_wide = width >= BLOCK && !cfg!(target_arch = "arm");
        Self { pixels, columns, shift: if is_wide { width.checked_ilog2().unwrap_or(0) } else { 0 } }
    }

    pub(crate) const fn pixels(&self) -> usize {
        self.pixels
    }

    /// Where the score of a pixel and class stands.
    #[inline(always)]
    pub(crate) fn at(&self, pixel: usize, class: usize) -> usize {
        let start = self.start(pixel);
        let (full, last) = (class << self.shift, class.wrapping_mul(self.width(self.start(self.pixels))));
        let plane = if start == self.start(self.pixels) { last } else { full };
        start.wrapping_mul(self.columns).wrapping_add(plane).wrapping_add(pixel.wrapping_sub(start))
    }

    /// The first pixel of the tile that a pixel is in.
    #[inline(always)]
    const fn start(&self, pixel: usize) -> usize {
        pixel >> self.shift << self.shift
    }

    /// Pixels in the tile that starts at a pixel.
    #[inline(always)]
    fn width(&self, start: usize) -> usize {
        let (left, width) = (self.pixels.wrapping_sub(start), 1 << self.shift);
        if left < width { left } else { width }
    }

    /// The first pixels of the tiles, and how many there are.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn tiles(self) -> impl Iterator<Item = (usize, usize)> {
        let mut start = 0;
        core::iter::from_fn(move || {
            let width = self.width(start);
            let tile = (start, width);
            start = start.wrapping_add(width);
            (width != 0).then_some(tile)
        })
    }

    #[inline(always)]
    fn range(&self, start: usize, width: usize) -> Range<usize> {
        let first = start.wrapping_mul(self.columns);
        first..first.wrapping_add(width.wrapping_mul(self.columns))
    }

    /// Calls `f(pixel, scores)` for each piece of the plane of a class.
    #[inline(always)]
    pub(crate) fn each<T: Real>(&self, scores: &mut [T], class: usize, mut f: impl FnMut(usize, &mut [T])) {
        for (start, width) in self.tiles() {
            let first = self.at(start, class);
            f(start, scores.get_mut(first..first.wrapping_add(width)).unwrap_or_default());
        }
    }

    /// Turns rows into planes, and replaces them on the way. The rows may stand elsewhere.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn split<T: Real>(
        &self,
        scores: &mut [T],
        elsewhere: Option<impl View<T>>,
        room: &mut [T],
        by: &mut impl Replace<T>,
    ) {
        for (start, width) in self.tiles() {
            let range = self.range(start, width);
            let tile = scores.get_mut(range.clone()).unwrap_or_default();
            let elsewhere = elsewhere.and_then(|rows| rows.part(range, 0));
            if BLOCK == 1 || self.shift == 0 {
                if let Some(rows) = elsewhere {
                    rows.write(self.columns, tile);
                }
                by.replace::<1>(start, 1, tile, &mut []);
                continue;
            }
            let (rows, blocks) = room.split_at_mut_checked(tile.len()).unwrap_or_default();
            if let Some(elsewhere) = elsewhere {
                self.split_tile(start, width, elsewhere, tile, blocks, by);
            } else {
                copy(rows, tile);
                self.split_tile(start, width, &*rows, tile, blocks, by);
            }
        }
    }

    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    fn split_tile<T: Real>(
        &self,
        start: usize,
        width: usize,
        rows: impl View<T>,
        tile: &mut [T],
        blocks: &mut [T],
        by: &mut impl Replace<T>,
    ) {
        let size = BLOCK.wrapping_mul(self.columns);
        for (number, rows) in rows.parts(size).enumerate() {
            let first = number.wrapping_mul(BLOCK);
            let (block, room) = blocks.split_at_mut_checked(rows.len()).unwrap_or_default();
            let count = deal(rows, self.columns, block);
            by.replace::<BLOCK>(start.wrapping_add(first), count, block, room);
            for (plane, lanes) in pieces_mut(tile, width).zip(pieces(block, count)) {
                copy(plane.get_mut(first..).unwrap_or_default(), lanes);
            }
        }
    }

    /// Turns planes into rows, and replaces them on the way.
    #[cfg_attr(not(target_arch = "arm"), inline(always))]
    pub(crate) fn join<T: Real>(&self, scores: &mut [T], room: &mut [T], by: &mut impl Replace<T>) {
        for (start, width) in self.tiles() {
            let tile = scores.get_mut(self.range(start, width)).unwrap_or_default();
            if BLOCK == 1 || self.shift == 0 {
                by.replace::<1>(start, 1, tile, &mut []);
                continue;
            }
            let (planes, blocks) = room.split_at_mut_checked(tile.len()).unwrap_or_default();
            copy(planes, tile);
            let size = BLOCK.wrapping_mul(self.columns);
            for (number, rows) in pieces_mut(tile, size).enumerate() {
                let first = number.wrapping_mul(BLOCK);
                let (block, room) = blocks.split_at_mut_checked(rows.len()).unwrap_or_default();
                let count = rows.len().checked_div(self.columns).unwrap_or(0);
                for (plane, lanes) in pieces(planes, width).zip(pieces_mut(block, count)) {
                    copy(lanes, plane.get(first..).unwrap_or_default());
                }
                by.replace::<BLOCK>(start.wrapping_add(first), count, block, room);
                collect(block, self.columns, rows);
            }
        }
    }
}

/// What becomes of the scores of some pixels, at most L, the first of them at `pixel`. They stand class by class;
/// there is memory for as many, if L is not 1.
pub(super) trait Replace<T> {
    fn replace<const L: usize>(&mut self, pixel: usize, count: usize, scores: &mut [T], room: &mut [T]);
}

/// As many numbers as both have.
#[inline(always)]
pub(super) fn copy<T: Real>(to: &mut [T], from: &[T]) {
    for (to, &from) in to.iter_mut().zip(from) {
        *to = from;
    }
}

/// Deals rows out class by class; how many there are.
#[inline(always)]
pub(super) fn deal<T: Real>(rows: impl View<T>, columns: usize, block: &mut [T]) -> usize {
    let count = rows.len().checked_div(columns).unwrap_or(0);
    let mut lane = 0_usize;
    let mut rest = rows;
    // Some rows at once: what they have of a class is written in one go.
    while let Some(([a, b, c, d, e, f, g, h], after)) = take_rows::<_, _, 8>(rest, columns) {
        for class in 0..columns {
            let at = class.wrapping_mul(count).wrapping_add(lane);
            if let Some(slots) = block.get_mut(at..).and_then(<[T]>::first_chunk_mut) {
                *slots = [a, b, c, d, e, f, g, h].map(|row| row.get(class, class).unwrap_or_default());
            }
        }
        lane = lane.wrapping_add(8);
        rest = after;
    }
    for row in rest.parts(columns) {
        let mut at = lane;
        for score in row.row() {
            if let Some(slot) = block.get_mut(at) {
                *slot = score;
            }
            at = at.wrapping_add(count);
        }
        lane = lane.wrapping_add(1);
    }
    count
}

/// The first rows, and what comes after them.
#[inline(always)]
fn take_rows<T: Real, V: View<T>, const N: usize>(mut rest: V, columns: usize) -> Option<([V; N], V)> {
    let mut rows = [rest; N];
    for row in &mut rows {
        *row = rest.part(0..columns, 0)?;
        rest = rest.part(columns..rest.len(), 0)?;
    }
    Some((rows, rest))
}

/// Brings them back to rows.
#[inline(always)]
fn collect<T: Real>(block: &[T], columns: usize, rows: &mut [T]) {
    let count = rows.len().checked_div(columns).unwrap_or(0);
    for (lane, row) in pieces_mut(rows, columns).enumerate() {
        let mut at = lane;
        for score in row {
            if let Some(&number) = block.get(at) {
                *score = number;
            }
            at = at.wrapping_add(count);
        }
    }
}

/// Pieces of a length, the last one perhaps shorter. As `chunks`, but this has no panic to reach.
#[inline(always)]
pub(crate) fn pieces<T>(mut numbers: &[T], length: usize) -> impl Iterator<Item = &[T]> {
    core::iter::from_fn(move || {
        let (piece, rest) = numbers.split_at_checked(length).unwrap_or((numbers, &[]));
        numbers = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

/// The same, to be changed.
#[inline(always)]
pub(super) fn pieces_mut<T>(mut numbers: &mut [T], length: usize) -> impl Iterator<Item = &mut [T]> {
    core::iter::from_fn(move || {
        let all = core::mem::take(&mut numbers);
        let length = if length < all.len() { length } else { all.len() };
        let (piece, rest) = all.split_at_mut_checked(length)?;
        numbers = rest;
        (!piece.is_empty()).then_some(piece)
    })
}
