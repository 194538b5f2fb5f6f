//! The digests on the host.

use std::fmt::Write;
use std::thread::scope;

use microloss::registry::LOSSES;

use super::codes::TRIED;
use super::part::has_codes;
use super::random::Float;
use super::{Line, Room, check, coded_metrics, line, metrics};

/// Batches a loss and type; of codes a tenth as many.
const BATCHES: usize = 100_000;

const GOLDEN: &[Line] = &include!("golden.rs");

/// Codes of both types, or of none.
const HAS_CODES: bool = has_codes::<f32>() && has_codes::<f64>();

/// Scores of the largest batch; images have up to a quarter as many pixels as entries.
type Large<T> = Room<T, 2048, 4096>;

/// The line of a loss. With `MICROLOSS_TRACE=loss/type`, the digest of every batch of that line is printed.
fn of<T: Float, const CODED: bool>(loss: &'static str) -> Line {
    let name = if CODED { T::CODES } else { T::NAME };
    let traced = std::env::var("MICROLOSS_TRACE").is_ok_and(|line| line == format!("{loss}/{name}"));
    let batches = if CODED { BATCHES / 10 } else { BATCHES };
    line::<T, _, _, CODED>(loss, batches, &mut *Box::<Large<T>>::default(), &mut |batch, kind, digest| {
        if traced {
            println!("{batch} {kind:?} {digest:#018x}");
        }
    })
}

/// The lines of all losses, in the order of the registry, and of the metrics; then those of codes, if they are in this program.
pub fn lines() -> Vec<Line> {
    scope(|scope| {
        let mut threads = Vec::new();
        for (_, info) in LOSSES {
            threads.push(scope.spawn(|| of::<f32, false>(info.name)));
            threads.push(scope.spawn(|| of::<f64, false>(info.name)));
        }
        threads.push(scope.spawn(|| metrics::line::<f32>(BATCHES / 100)));
        threads.push(scope.spawn(|| metrics::line::<f64>(BATCHES / 100)));
        // Known to the compiler, or every program would hold them.
        if const { HAS_CODES } {
            for name in TRIED {
                threads.push(scope.spawn(|| of::<f32, true>(name)));
                threads.push(scope.spawn(|| of::<f64, true>(name)));
            }
            threads.push(scope.spawn(|| coded_metrics::line::<f32>(BATCHES / 100)));
            threads.push(scope.spawn(|| coded_metrics::line::<f64>(BATCHES / 100)));
        }
        threads.into_iter().map(|thread| thread.join().expect("a line")).collect()
    })
}

/// What differs from the golden list: nothing, if all is well.
pub fn differences(lines: &[Line], golden: &[Line]) -> String {
    let mut text = String::new();
    let mut say = |what: std::fmt::Arguments<'_>| writeln!(text, "{what}").expect("a string takes all");
    for (index, line) in lines.iter().enumerate() {
        check(line, golden.get(index), &mut say);
    }
    if lines.len() != golden.len() {
        say(format_args!("{} lines, expected {}", lines.len(), golden.len()));
    }
    text
}

/// Computes all lines; what differs from the golden list.
pub fn differ() -> String {
    let numbers = 2 * (LOSSES.len() + 1);
    let count = if HAS_CODES { GOLDEN.len() } else { numbers.min(GOLDEN.len()) };
    differences(&lines(), GOLDEN.get(..count).unwrap_or(GOLDEN))
}

/// Writes a golden list.
pub fn bless(lines: &[Line], path: &str) {
    let mut text = String::from("[\n");
    for (loss, name, digests) in lines {
        let digests = digests.map(|digest| format!("{digest:#018x}")).join(", ");
        text += &format!("    ({loss:?}, {name:?}, [{digests}]),\n");
    }
    std::fs::write(path, text + "]\n").expect("the golden list can be written");
}
