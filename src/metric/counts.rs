//! Counters.

use crate::Error;

/// Whether no counter would be full with these more.
pub(crate) fn fit(counts: &[u32], more: &[u32]) -> bool {
    counts.iter().zip(more).all(|(count, more)| count.checked_add(*more).is_some())
}

/// Adds to all counters, or to none.
pub(crate) fn merge(counts: &mut [u32], more: &[u32]) -> Result<(), Error> {
    if !fit(counts, more) {
        return Err(Error::Overflow);
    }
    for (count, &more) in counts.iter_mut().zip(more) {
        *count = count.wrapping_add(more);
    }
    Ok(())
}
