//! No panic can be reached from any loss: `panic_free/program.rs` links for a board, and not with a planted bounds check.

#[path = "support/toolchain.rs"]
mod toolchain;

use toolchain::{board_command, run, skip};

const TARGET: &str = "thumbv7em-none-eabihf";
const UNLINKABLE: &str = "microloss_panic_is_reachable";

/// Whether the program links at an optimisation level, and what the linker said.
fn link(opt_level: &str, plant: bool) -> Result<(bool, String), String> {
    let mut cargo = board_command(TARGET)?;
    // All features but `simd`, which the board's target sets, and `defmt`, which asks for a linker script and a logger.
    cargo.args(["build", "--release", "--test", "panic_free_program", "--features", "heapless,serde"]);
    cargo.args(["--target", TARGET, "--config"]);
    cargo.arg(format!("profile.release.opt-level={opt_level}"));
    if plant {
        cargo.env("MICROLOSS_PLANT_PANIC", "1");
    } else {
        cargo.env_remove("MICROLOSS_PLANT_PANIC");
    }
    let output = run(&mut cargo);
    let messages = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok((output.status.success(), messages))
}

fn check(opt_level: &str) {
    let test = format!("panic freedom at opt-level {opt_level}");
    match link(opt_level, false) {
        Err(reason) => return skip(&test, &reason),
        Ok((linked, messages)) => assert!(linked, "a panic is reachable:\n{messages}"),
    }
    let (linked, messages) = link(opt_level, true).unwrap();
    assert!(!linked, "the planted panic was not found");
    assert!(messages.contains(UNLINKABLE), "{messages}");
}

#[test]
fn at_opt_level_3() {
    check("3");
}

#[test]
fn at_opt_level_s() {
    check("\"s\"");
}
