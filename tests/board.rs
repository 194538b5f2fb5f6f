//! The same bits everywhere: digests of random batches of every loss of the registry, and of the metrics, on the host and on each board,
//! against one list.
//!
//! `cargo test --test board` runs it here, with `--target T` on the board of that target. The list,
//! `board/golden.rs`, is written on the host: `MICROLOSS_BLESS=1 cargo test --test board`.
#![cfg_attr(target_os = "none", no_std, no_main)]

use microloss::registry::LOSSES;

#[path = "../examples/board/mod.rs"]
mod board;

#[path = "bits/mod.rs"]
mod bits;

use bits::codes::TRIED;
use bits::{Line, Room, check, coded_metrics, line, metrics, part};

/// Batches a loss and type.
const BATCHES: usize = 1000;

const GOLDEN: &[Line] = &include!("board/golden.rs");

/// What fits on the smallest board.
type Small<T> = Room<T, 96, 96>;

/// All lines of what is in this program, losses in the order of the registry, metrics, then what reads codes; and the golden ones.
fn each(take: &mut dyn FnMut(Line, Option<&Line>)) {
    let mut golden = GOLDEN.iter();
    let mut pair = || (golden.next(), golden.next());
    let trace = &mut |_, _, _| {};
    for (_, info) in LOSSES {
        let ((single, double), name) = (pair(), info.name);
        if part::has(name) {
            take(line::<f32, _, _, false>(name, BATCHES, &mut Small::default(), trace), single);
            take(line::<f64, _, _, false>(name, BATCHES, &mut Small::default(), trace), double);
        }
    }
    let (single, double) = pair();
    // The place after the last loss.
    // Known to the compiler, or every part would hold the metrics.
    if const { part::has(metrics::NAME) } {
        take(metrics::line::<f32>(BATCHES / 10), single);
        take(metrics::line::<f64>(BATCHES / 10), double);
    }
    for name in TRIED {
        let (single, double) = pair();
        if const { part::has_codes::<f32>() } {
            take(line::<f32, _, _, true>(name, BATCHES, &mut Small::default(), trace), single);
        }
        if const { part::has_codes::<f64>() } {
            take(line::<f64, _, _, true>(name, BATCHES, &mut Small::default(), trace), double);
        }
    }
    let (single, double) = pair();
    if const { part::has_codes::<f32>() } {
        take(coded_metrics::line::<f32>(BATCHES / 10), single);
    }
    if const { part::has_codes::<f64>() } {
        take(coded_metrics::line::<f64>(BATCHES / 10), double);
    }
}

fn run() -> bool {
    #[cfg(not(target_os = "none"))]
    if std::env::var_os("MICROLOSS_BLESS").is_some() {
        let mut lines = Vec::new();
        each(&mut |line, _| lines.push(line));
        bits::host::bless(&lines, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/board/golden.rs"));
        return true;
    }
    let (mut count, mut wrong) = (0, 0);
    each(&mut |line, golden| {
        let good = check(&line, golden, &mut |what| board::say!("{what}"));
        wrong += usize::from(!good);
        count += 1;
    });
    let good = wrong == 0 && GOLDEN.len() == 2 * (LOSSES.len() + TRIED.len() + 2);
    let verdict = if good { "ok" } else { "FAILED" };
    board::say!("{}: {wrong} of {count} golden lines differ: {verdict}", board::THIS.name);
    good
}

board::main!(run);
