//! The digests on the host.

use std::fmt::Write;
use std::thread::scope;

use microloss::registry::LOSSES;

use super::random::Float;
use super::{Line, Room, check, line, metrics};

/// Batches a loss and type.
const BATCHES: usize = 100_000;

const GOLDEN: &[Line] = &include!("golden.rs");

/// Scores of the largest batch; images have up to a quarter as many pixels as entries.
type Large<T> = Room<T, 2048, 4096>;

/// The line of a loss. With `MICROLOSS_TRACE=loss/type`, the digest of every batch of that line is printed.
fn of<T: Float>(loss: &'static str) -> Line {
    let traced = std::env::var("MICROLOSS_TRACE").is_ok_and(|line| line == format!("{loss}/{}", T::NAME));
    line(loss, BATCHES, &mut *Box::<Large<T>>::default(), &mut |batch, kind, digest| {
        if traced {
            println!("{batch} {kind:?} {digest:#018x}");
        }
    })
}

/// The lines of all losses, in the order of the registry, and of the metrics.
pub fn lines() -> Vec<Line> {
    scope(|scope| {
        let of_both = |(_, info): &(_, microloss::loss::Info)| {
            let name = info.name;
            [scope.spawn(move || of::<f32>(name)), scope.spawn(move || of::<f64>(name))]
        };
        let threads: Vec<_> = LOSSES.iter().flat_map(of_both).collect();
        let metrics = [
            scope.spawn(|| metrics::line::<f32>(BATCHES / 100)),
            scope.spawn(|| metrics::line::<f64>(BATCHES / 100)),
        ];
        threads.into_iter().chain(metrics).map(|thread| thread.join().expect("a line")).collect()
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
    differences(&lines(), GOLDEN)
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
