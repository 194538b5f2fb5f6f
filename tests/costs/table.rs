//! Counts with their names, as they stand in a file: the compiler, a heading, and a line each that ends with two counts.

use std::fs;
use std::path::PathBuf;

/// Files of flash and stack, with the target and the core; the others bear the names of the boards.
pub const FOOTPRINTS: [(&str, &str, &str); 2] = [
    ("footprint-v6m", "thumbv6m-none-eabi", "Cortex-M0"),
    ("footprint-v7em", "thumbv7em-none-eabihf", "Cortex-M4F"),
];
/// The file of instructions over adversarial batches, on Cortex-M4F.
pub const ADVERSARIAL: &str = "adversarial-mps2-an386";
/// All losses in one program.
pub const ALL: &str = "all";
/// What flash and stack are measured at.
pub const OPT_LEVELS: [&str; 2] = ["3", "\"s\""];

pub struct Table {
    text: String,
}

/// A name, with single blanks, and the counts: value, and value with gradient.
pub type Line = (String, [Option<f64>; 2]);

fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "costs", &format!("{name}.txt")].iter().collect()
}

impl Table {
    pub fn parse(text: &str) -> Self {
        Self { text: text.to_owned() }
    }

    pub fn committed(name: &str) -> Self {
        let path = path(name);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { text }
    }

    pub fn commit(&self, name: &str) {
        fs::write(path(name), &self.text).unwrap();
    }

    fn compiler(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    pub fn lines(&self) -> Vec<Line> {
        let lines = self.text.lines().skip(2).map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (name, counts) = words.split_at(words.len() - 2);
            (name.join(" "), [counts[0].parse().ok(), counts[1].parse().ok()])
        });
        lines.collect()
    }

    /// What is worse than in the committed table, and what is better, or else worth knowing.
    pub fn compare(&self, committed: &Self) -> (Vec<String>, Vec<String>) {
        let (mut worse, mut better) = (Vec::new(), Vec::new());
        let mut tolerance = 0.02;
        if self.compiler() != committed.compiler() {
            tolerance = 0.2;
            let [ours, theirs] = [self.compiler(), committed.compiler()];
            better.push(format!("counted with {ours}, committed with {theirs}: only rises by 20 % fail"));
        }
        let (counted, mut known) = (self.lines(), committed.lines());
        for (name, counts) in counted {
            let Some(at) = known.iter().position(|(other, _)| *other == name) else {
                worse.push(format!("{name} is not in tests/costs"));
                continue;
            };
            let (_, before) = known.remove(at);
            for (what, (before, now)) in ["value", "value + gradient"].iter().zip(before.iter().zip(counts)) {
                let (Some(before), Some(now)) = (*before, now) else {
                    if before.is_some() != now.is_some() {
                        worse.push(format!("{name}, {what}: {before:?} before, {now:?} now"));
                    }
                    continue;
                };
                let line = format!("{name}, {what}: {before} before, {now} now");
                if now > before * (1.0 + tolerance) {
                    worse.push(line);
                } else if now < before * (1.0 - tolerance) {
                    better.push(format!("{line}: MICROLOSS_BLESS=1 cargo test --test costs"));
                }
            }
        }
        worse.extend(known.iter().map(|(name, _)| format!("{name} is only in tests/costs")));
        (worse, better)
    }
}
