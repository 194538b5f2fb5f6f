//! The caller's memory: the one place where pointers become slices.

use crate::constants::status;
use crate::fault::Fault;

/// Numbers that are read; NULL is none.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct List<T> {
    pub data: *const T,
    pub length: usize,
}

/// Numbers that are written; NULL is none.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Buffer<T> {
    pub data: *mut T,
    pub length: usize,
}

impl<T> Buffer<T> {
    /// The same, to be read.
    pub const fn as_list(&self) -> List<T> {
        List { data: self.data, length: self.length }
    }
}

/// Refuses a pointer that no `T` can be at.
pub fn check<T>(data: *const T, name: &'static str) -> Result<(), Fault> {
    if data.is_null() {
        return Err(Fault::Pointer { name, status: status::NULL_POINTER });
    }
    if !data.is_aligned() {
        return Err(Fault::Pointer { name, status: status::MISALIGNED });
    }
    Ok(())
}

/// Slices that a call has made so far. Everything that is only read comes first: then nothing that is written
/// may overlap anything before it.
pub struct Ledger {
    ranges: [(usize, usize); Self::SLICES],
    used: usize,
}

impl Ledger {
    /// More than any call makes; one more is refused.
    const SLICES: usize = 10;

    pub const fn new() -> Self {
        Self { ranges: [(0, 0); Self::SLICES], used: 0 }
    }

    /// Notes a range of addresses: NULL only if it is empty, aligned, of a legal length.
    #[inline(never)]
    fn note(
        &mut self,
        name: &'static str,
        (address, align): (usize, usize),
        bytes: Option<usize>,
        written: bool,
    ) -> Result<(), Fault> {
        let refused = |status| Err(Fault::Pointer { name, status });
        let end = bytes.filter(|bytes| isize::try_from(*bytes).is_ok());
        let Some(end) = end.and_then(|bytes| address.checked_add(bytes)) else {
            return refused(status::TOO_LONG);
        };
        if address == 0 {
            return if end == 0 { Ok(()) } else { refused(status::NULL_POINTER) };
        }
        if address & align.wrapping_sub(1) != 0 {
            return refused(status::MISALIGNED);
        }
        let overlaps = |&(start, other): &(usize, usize)| address < other && start < end;
        if written && address < end && self.ranges.iter().any(overlaps) {
            return refused(status::OVERLAP);
        }
        let Some(slot) = self.ranges.get_mut(self.used) else {
            return refused(status::OTHER);
        };
        *slot = (address, end);
        self.used = self.used.wrapping_add(1);
        Ok(())
    }

    /// The list as a slice; NULL is `None`.
    ///
    /// # Safety
    /// Unless it is refused, the list must be memory of that length, which nobody writes to during `'a`.
    pub unsafe fn read<'a, T>(
        &mut self,
        name: &'static str,
        list: List<T>,
    ) -> Result<Option<&'a [T]>, Fault> {
        let place = (list.data.addr(), align_of::<T>());
        self.note(name, place, list.length.checked_mul(size_of::<T>()), false)?;
        if list.data.is_null() {
            return Ok(None);
        }
        // SAFETY: not NULL, aligned and no longer than `isize::MAX` bytes (`note`); the rest is the caller's promise.
        // Numbers have no illegal bits.
        Ok(Some(unsafe { core::slice::from_raw_parts(list.data, list.length) }))
    }

    /// The buffer as a slice; NULL is `None`.
    ///
    /// # Safety
    /// Unless it is refused, the buffer must be memory of that length, which nobody else touches during `'a`.
    pub unsafe fn write<'a, T>(
        &mut self,
        name: &'static str,
        buffer: Buffer<T>,
    ) -> Result<Option<&'a mut [T]>, Fault> {
        let place = (buffer.data.addr(), align_of::<T>());
        self.note(name, place, buffer.length.checked_mul(size_of::<T>()), true)?;
        if buffer.data.is_null() {
            return Ok(None);
        }
        // SAFETY: as in `read`; and no other slice of this call overlaps it (`note`).
        Ok(Some(unsafe { core::slice::from_raw_parts_mut(buffer.data, buffer.length) }))
    }
}
