//! AUROC and average precision of all scores at once, without error.

use crate::batch::sort_of;
use crate::call::refuse;
use crate::constants::status;
use crate::fault::{Details, Fault};
use crate::memory::{Buffer, Ledger, List};
use crate::options::{Field, ZeroDivisionChoice};
use microloss_core::metric::{RankedScores, Ranking, ZeroDivision};
use microloss_core::{Entry, Error, Real, Scratch, Sort};

/// What is ranked, and where.
struct Items<T> {
    scores: List<T>,
    labels: *const u8,
    scratch: Buffer<Entry<T>>,
    sort: i32,
}

/// # Safety
/// Pointers that are not refused must be to memory of their types and lengths.
unsafe fn rank<T: Real>(
    items: Items<T>,
    zero_division: ZeroDivisionChoice,
    (value, error): (*mut T, *mut Details),
    read_off: impl FnOnce(&Ranking, ZeroDivision) -> Result<T, Error>,
) -> i32 {
    let run = || {
        let mut ledger = Ledger::new();
        let sort = sort_of(items.sort)?;
        let labels = List { data: items.labels, length: items.scores.length };
        // SAFETY: the promise of this function, for all. All reads come before the first write.
        let (zero_division, scores, labels, scratch, place) = unsafe {
            (
                zero_division.read("zero_division", &mut ledger)?,
                ledger.read("scores", items.scores)?.unwrap_or_default(),
                ledger.read("labels", labels)?.unwrap_or_default(),
                ledger.write("scratch", items.scratch)?.unwrap_or_default(),
                ledger.write("value", Buffer { data: value, length: 1 })?,
            )
        };
        let mut ranked = RankedScores::new(match sort {
            Sort::Insertion => Scratch::insertion(scratch),
            Sort::Merge => Scratch::merge(scratch),
        });
        for (index, (&score, &label)) in scores.iter().zip(labels).enumerate() {
            if label > 1 {
                return Err(Error::LabelOutOfRange { index, label: label.into(), classes: 2 }.into());
            }
            ranked.add(score, label == 1)?;
        }
        let found = read_off(&ranked.rank(), zero_division)?;
        place.unwrap_or_default().fill(found);
        Ok::<_, Fault>(())
    };
    match run() {
        Ok(()) => status::OK,
        // SAFETY: the promise of this function.
        Err(fault) => unsafe { refuse(fault, error) },
    }
}

macro_rules! rankings {
    ($type:ident: $($name:ident $metric:ident),*) => {$(
        /// # Safety
        /// Pointers must be as the header says.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            scores: List<$type>,
            labels: *const u8,
            scratch: Buffer<Entry<$type>>,
            sort: i32,
            zero_division: ZeroDivisionChoice,
            value: *mut $type,
            error: *mut Details,
        ) -> i32 {
            let items = Items { scores, labels, scratch, sort };
            // SAFETY: the promise of this function.
            unsafe { rank(items, zero_division, (value, error), |ranking, zero| ranking.$metric(zero)) }
        }
    )*};
}
rankings!(f32: microloss_ranked_auroc_f32 auroc, microloss_ranked_average_precision_f32 average_precision);
rankings!(f64: microloss_ranked_auroc_f64 auroc, microloss_ranked_average_precision_f64 average_precision);
