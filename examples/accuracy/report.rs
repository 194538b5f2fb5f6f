//! The table, and the figures that are committed.

use super::measure::{Extent, Quantity, Unit, Worst};

/// A quantity with what was found.
pub struct Found {
    pub quantity: Quantity,
    pub worst: Worst,
}

/// Measures and prints what is wanted, line by line.
pub fn print(extent: Extent, wanted: impl Fn(&str) -> bool) -> Vec<Found> {
    let mut all = Vec::new();
    for group in super::groups(wanted) {
        let start = std::time::Instant::now();
        let worst = group.run(extent);
        for (quantity, worst) in group.quantities.into_iter().zip(worst) {
            let found = Found { quantity, worst };
            println!("{}", found.line());
            all.push(found);
        }
        println!("                                                        {:.1?}", start.elapsed());
    }
    all
}

impl Found {
    fn line(&self) -> String {
        let Quantity { name, real, what, unit, limit } = &self.quantity;
        let unit = match unit { Unit::Ulp => "ULP", Unit::Terms => "2^-24 of the terms" };
        let limit = limit.map_or("no limit".to_owned(), |limit| format!("{limit} allowed"));
        let over = if self.quantity.limit.is_some_and(|l| !(self.worst.error <= l)) { "!!" } else { "  " };
        format!("{over} {name:<42} {real} {what:<8} {:>12.3} {unit}, {limit}; {}", self.worst.error, self.worst.at)
    }
}

pub fn settle(_extent: Extent, found: &[Found]) -> bool {
    found.iter().all(|f| f.quantity.limit.is_none_or(|l| f.worst.error <= l))
}
