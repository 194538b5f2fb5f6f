//! Measures the errors of every function and loss, and the inputs that give the largest.
//!
//! `cargo run --release --example accuracy` tries a fixed fraction of the inputs that has every exponent; with
//! `-- --exhaustive` all 2^32 numbers of f32, in minutes; with names (`-- exp focal`) only those whose name has one of
//! them. `MICROLOSS_BLESS=1` writes the figures to `tests/accuracy/figures.txt`, against which all runs are checked.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(not(target_os = "none"))]
#[path = "accuracy/mod.rs"]
mod accuracy;
#[path = "board/mod.rs"]
mod board;

/// The numbers have the same bits on a board: the host measures for all.
#[cfg(target_os = "none")]
fn run() -> bool {
    board::say!("accuracy is measured on the host");
    true
}

#[cfg(not(target_os = "none"))]
fn run() -> bool {
    use accuracy::measure::Extent;

    let mut extent = Extent::Sample;
    let mut names = Vec::new();
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--exhaustive" => extent = Extent::Exhaustive,
            _ => names.push(argument),
        }
    }
    let wanted = |name: &str| names.is_empty() || names.iter().any(|part| name.contains(part.as_str()));
    let found = accuracy::report::measure(extent, wanted);
    let failures = accuracy::report::failures(extent, names.is_empty(), &found);
    for failure in &failures {
        eprintln!("error: {failure}");
    }
    failures.is_empty()
}

board::main!(run);
