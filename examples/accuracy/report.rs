//! The table that is printed, and its comparison with the limits and with the figures that are committed.

use std::time::Instant;

use super::figures::{Figures, rounded};
use super::measure::{Extent, Quantity, Worst};

/// A quantity with what was found.
pub struct Found {
    pub quantity: Quantity,
    pub worst: Worst,
}

impl Found {
    fn line(&self) -> String {
        let Quantity { name, real, what, unit, limit, .. } = &self.quantity;
        let mark = if self.is_allowed() { ' ' } else { '!' };
        let limit = limit.map_or_else(|| "-".to_owned(), |limit| limit.to_string());
        let error = rounded(self.worst.error);
        let unit = unit.name();
        format!("{mark} {name:<42} {real} {what:<8} {error:>9.3} {limit:>2} {unit:<5}  {}", self.worst.at)
    }

    fn is_allowed(&self) -> bool {
        self.quantity.limit.is_none_or(|limit| self.worst.error <= limit)
    }

    /// What is wrong with it, if anything.
    fn failure(&self, extent: Extent, committed: &Figures) -> Option<String> {
        let why = match committed.of(&self.quantity, extent) {
            _ if !self.is_allowed() => "above the limit".to_owned(),
            None => "not in tests/accuracy/figures.txt".to_owned(),
            Some(figure) if rounded(self.worst.error) > figure => format!("risen from {figure}"),
            Some(_) => return None,
        };
        Some(format!("{}: {why}", self.line()))
    }
}

/// Measures and prints what is wanted, line by line.
pub fn measure(extent: Extent, wanted: impl Fn(&str) -> bool) -> Vec<Found> {
    println!("  {:<42} type what     worst limit in     at", "function or loss");
    let start = Instant::now();
    let mut all = Vec::new();
    for group in super::groups(wanted) {
        let worst = group.run(extent);
        for (quantity, worst) in group.quantities.into_iter().zip(worst) {
            all.push(Found { quantity, worst });
            println!("{}", all.last().map(Found::line).unwrap_or_default());
        }
    }
    println!("{} figures in {:.0?}", all.len(), start.elapsed());
    all
}

/// What rose above the committed figures, or is above a limit. `MICROLOSS_BLESS=1` writes the figures first; where only
/// a part was measured (`whole` is false), only its own.
pub fn failures(extent: Extent, whole: bool, found: &[Found]) -> Vec<String> {
    let mut committed = Figures::read();
    if std::env::var_os("MICROLOSS_BLESS").is_some() {
        committed =
            committed.renew(extent, whole, found.iter().map(|found| (&found.quantity, found.worst.error)));
        committed.write();
    }
    found.iter().filter_map(|found| found.failure(extent, &committed)).collect()
}
