//! Evaluates losses on predictions.
//!
//! `cargo run --release --example evaluate` prints a table of the predictions bundled in `examples/data`. The same source
//! prints it on emulated boards, with the same bits: add `--target thumbv7em-none-eabihf` or another of
//! `.cargo/config.toml`.
//!
//! On the host it evaluates files too: `cargo run --release --example evaluate -- --help`.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[path = "board/mod.rs"]
mod board;
#[path = "evaluate/bundled.rs"]
mod bundled;
#[cfg(not(target_os = "none"))]
#[path = "evaluate/command_line.rs"]
mod command_line;
#[path = "evaluate/predictions.rs"]
mod predictions;

fn run() -> bool {
    #[cfg(not(target_os = "none"))]
    if std::env::args_os().len() > 1 {
        command_line::run();
    }
    match bundled::print() {
        Ok(()) => true,
        Err(error) => {
            board::say!("error: {error}");
            false
        }
    }
}
board::main!(run);
