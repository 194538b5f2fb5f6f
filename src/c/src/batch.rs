//! A batch as C gives it, and as the crate takes it.

use crate::constants::{reduction, sort, status, target_type, unit};
use crate::fault::Fault;
use crate::memory::{Buffer, Ledger, List, check};
use crate::options::Flag;
use crate::total::Total;
use microloss_core::{Entry, Real, Scratch, Sort, Targets, Unit};

/// Targets of any type.
#[repr(C)]
#[derive(Clone, Copy)]
struct TargetList {
    data: *const u8,
    length: usize,
    kind: i32,
}

/// A label to ignore, or none.
#[repr(C)]
#[derive(Clone, Copy)]
struct Ignore {
    is_some: Flag,
    label: i64,
}

/// `microloss_batch_*` of the header, which says what the fields are.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Batch<T> {
    scores: List<T>,
    columns: usize,
    targets: TargetList,
    reduction: i32,
    unit: i32,
    gradient: Buffer<T>,
    values: Buffer<T>,
    weights: List<T>,
    ignore: Ignore,
    pixels: usize,
    scratch: Buffer<Entry<T>>,
    sort: i32,
    pub total: *mut Total<T>,
}

/// Scores, and where their gradient goes.
pub enum Source<'a, T> {
    Read(&'a [T]),
    Copy(&'a [T], &'a mut [T]),
    InPlace(&'a mut [T]),
}

/// What becomes of the items' losses.
pub enum Reduction<'a, T> {
    Mean,
    Sum,
    None(&'a mut [T]),
}

/// A batch whose pointers have been checked.
pub struct Checked<'a, T> {
    pub source: Source<'a, T>,
    pub columns: usize,
    pub targets: Targets<'a, T>,
    pub reduction: Reduction<'a, T>,
    pub unit: Unit,
    pub weights: Option<&'a [T]>,
    pub ignore_index: Option<i64>,
    pub pixels: usize,
    pub scratch: Scratch<'a, T>,
}

impl<T: Real> Batch<T> {
    /// # Safety
    /// A pointer that is not refused must be to a batch.
    pub unsafe fn at(batch: *const Self) -> Result<Self, Fault> {
        check(batch, "batch")?;
        // SAFETY: not NULL and aligned; the rest is the caller's promise. A batch has no illegal bits.
        Ok(unsafe { batch.read() })
    }

    /// # Safety
    /// The batch's buffers must be memory of their length, which nobody else touches during `'a`.
    #[inline(never)]
    pub unsafe fn check<'a>(&self, ledger: &mut Ledger) -> Result<Checked<'a, T>, Fault> {
        let unit = match self.unit {
            unit::NATS => Unit::Nats,
            unit::BITS => Unit::Bits,
            found => return Err(Fault::Choice { name: "unit", found }),
        };
        let sort = sort_of(self.sort)?;
        if !matches!(self.reduction, reduction::MEAN | reduction::SUM | reduction::NONE) {
            return Err(Fault::Choice { name: "reduction", found: self.reduction });
        }
        // SAFETY: the promise of this function, for each of them. All reads come before the first write.
        unsafe {
            let targets = self.targets.read(ledger)?;
            let weights = ledger.read("weights", self.weights)?;
            let source = if self.is_in_place() {
                Source::InPlace(ledger.write("gradient", self.gradient)?.unwrap_or_default())
            } else {
                let scores = ledger.read("scores", self.scores)?.unwrap_or_default();
                match ledger.write("gradient", self.gradient)? {
                    None => Source::Read(scores),
                    Some(gradient) => Source::Copy(scores, gradient),
                }
            };
            let values = ledger.write("values", self.values)?.unwrap_or_default();
            let entries = ledger.write("scratch", self.scratch)?.unwrap_or_default();
            Ok(Checked {
                source,
                columns: self.columns,
                targets,
                reduction: match self.reduction {
                    reduction::SUM => Reduction::Sum,
                    reduction::NONE => Reduction::None(values),
                    _ => Reduction::Mean,
                },
                unit,
                weights,
                ignore_index: (self.ignore.is_some.0 != 0).then_some(self.ignore.label),
                pixels: self.pixels,
                scratch: match sort {
                    Sort::Insertion => Scratch::insertion(entries),
                    Sort::Merge => Scratch::merge(entries),
                },
            })
        }
    }

    /// Pixels an image, how they are sorted, and whether the scores become the gradient.
    pub fn sorting(&self) -> Result<(Sort, usize, bool), Fault> {
        Ok((sort_of(self.sort)?, self.pixels, self.is_in_place()))
    }

    fn is_in_place(&self) -> bool {
        let (List { data, length }, gradient) = (self.scores, self.gradient.as_list());
        !data.is_null() && data == gradient.data && length == gradient.length
    }
}

/// How to sort.
pub fn sort_of(choice: i32) -> Result<Sort, Fault> {
    match choice {
        sort::INSERTION => Ok(Sort::Insertion),
        sort::MERGE => Ok(Sort::Merge),
        found => Err(Fault::Choice { name: "sort", found }),
    }
}

impl TargetList {
    /// # Safety
    /// The targets must be memory of their length, which nobody writes to during `'a`.
    unsafe fn read<'a, T: Real>(self, ledger: &mut Ledger) -> Result<Targets<'a, T>, Fault> {
        let numbers = if size_of::<T>() == size_of::<f32>() {
            target_type::NUMBERS_F32
        } else {
            target_type::NUMBERS_F64
        };
        macro_rules! slice {
            () => {{
                let list = List { data: self.data.cast(), length: self.length };
                // SAFETY: the promise of this function; the type is the one that the caller names.
                unsafe { ledger.read("targets", list) }?.unwrap_or_default()
            }};
        }
        Ok(match self.kind {
            target_type::NO_TARGETS => Targets::none(),
            target_type::LABELS_U8 => Targets::U8(slice!()),
            target_type::LABELS_U16 => Targets::U16(slice!()),
            target_type::LABELS_U32 => Targets::U32(slice!()),
            target_type::LABELS_I8 => Targets::I8(slice!()),
            target_type::LABELS_I16 => Targets::I16(slice!()),
            target_type::LABELS_I32 => Targets::I32(slice!()),
            target_type::LABELS_I64 => Targets::I64(slice!()),
            kind if kind == numbers => Targets::Values(slice!()),
            found => return Err(Fault::Choice { name: "targets", found }),
        })
    }
}

/// Refuses a result that cannot be written.
pub fn check_results<T: Real>(batch: &Batch<T>, value: *mut T) -> Result<(), Fault> {
    if !value.is_null() || (batch.reduction == reduction::MEAN) {
        check(value, "value")?;
    }
    if batch.total.is_null() {
        return Ok(());
    }
    if batch.reduction != reduction::SUM {
        return Err(Fault::Refused(microloss_core::Error::Unsupported { name: "total", expected: "a sum" }));
    }
    check(batch.total, "total")
}

const _: () = assert!(status::OK == 0, "zeroed memory says that all is well");
