//! Instructions an element on a board, f32: the elementary functions, and every loss of the registry, value and value
//! with gradient. Exact, as QEMU's `-icount` (`.cargo/config.toml`) makes them; not cycles, of which QEMU knows nothing.
//!
//! `cargo bench --bench instructions --target T` prints them for the board of target T. `tests/costs.rs` holds them
//! against `tests/costs/`, and measures flash and stack.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[path = "../examples/board/mod.rs"]
mod board;
#[cfg(target_os = "none")]
#[path = "instructions/counter.rs"]
mod counter;
#[cfg(target_os = "none")]
#[path = "instructions/lines.rs"]
mod lines;

#[cfg(target_os = "none")]
fn run() -> bool {
    lines::print()
}

#[cfg(not(target_os = "none"))]
fn run() -> bool {
    board::say!(
        "Instructions are counted on the emulated boards: cargo bench --bench instructions --target T,"
    );
    for board in board::BOARDS {
        board::say!("with T = {:<28} for {}", board.target, board.core);
    }
    board::say!("Counts, flash and stack as committed, and how they are checked: README.md, tests/costs.rs");
    true
}

board::main!(run);
