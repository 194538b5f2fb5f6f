//! What every loss costs on the boards, held against `tests/costs/`: instructions an element
//! (`benches/instructions.rs`), and bytes of flash and of stack (`tests/costs/program.rs`). No count may rise by more
//! than 2 %. The README shows the committed counts.
//!
//! `MICROLOSS_BLESS=1 cargo test --test costs` writes the files and the README's tables anew. Counts hang on the
//! compiler, which the files name; with another one they may rise by 20 %, and the test says so.

#[path = "costs/image.rs"]
mod image;
#[path = "costs/readme.rs"]
mod readme;
#[path = "costs/table.rs"]
mod table;
#[path = "support/toolchain.rs"]
mod toolchain;

use std::io::Write;

use image::Image;
use microloss::registry::LOSSES;
use table::{OPT_LEVELS, Table};
use toolchain::{BOARDS, board_command, qemu, run, skip};

/// The board whose flash and stack are measured.
const FOOTPRINT: &str = "thumbv7em-none-eabihf";

/// Runs `cargo` with these arguments: the last program it built, and what that printed if it ran.
fn cargo(target: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Result<(Image, String), String> {
    let mut cargo = board_command(target)?;
    cargo.args(arguments).args(["--target", target, "--message-format", "json"]);
    for name in ["MICROLOSS_COST", "MICROLOSS_COST_GRADIENT"] {
        cargo.env_remove(name);
    }
    let output = run(cargo.envs(environment.iter().copied()));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "cargo {arguments:?}:\n{out}\n{err}");
    let (messages, printed): (Vec<&str>, Vec<&str>) = out.lines().partition(|line| line.starts_with('{'));
    let path = messages.iter().rev().find_map(|message| {
        let message: serde_json::Value = serde_json::from_str(message).ok()?;
        Some(message["executable"].as_str()?.to_owned())
    });
    let file = std::fs::read(path.expect("a program")).unwrap();
    Ok((Image::read(file), printed.iter().map(|line| format!("{line}\n")).collect()))
}

/// Counts instructions on a board.
fn instructions(target: &str) -> Result<Table, String> {
    qemu()?;
    let (image, printed) = cargo(target, &["bench", "--bench", "instructions"], &[])?;
    let counts = printed.split_inclusive('\n').take_while(|line| *line != "\n").collect::<String>();
    Ok(Table::parse(&format!("{}\n{counts}", image.compiler())))
}

/// Measures flash, beyond a program without a loss, and stack, of the call with all it calls.
fn footprint() -> Result<Table, String> {
    let mut text = String::new();
    for opt_level in OPT_LEVELS {
        let level = format!("profile.bench.opt-level={opt_level}");
        let build = ["build", "--profile", "bench", "--test", "costs_program", "--config", &level];
        let (empty, _) = cargo(FOOTPRINT, &build, &[])?;
        if text.is_empty() {
            text = format!("{}\nbytes {:>43} {:>10}\n", empty.compiler(), "value", "+ gradient");
        }
        for (_, info) in LOSSES {
            let value = [("MICROLOSS_COST", info.name)];
            let gradient = [value[0], ("MICROLOSS_COST_GRADIENT", "1")];
            let (value, _) = cargo(FOOTPRINT, &build, &value)?;
            let (gradient, _) = cargo(FOOTPRINT, &build, &gradient)?;
            let mut line = |what: &str, measure: &dyn Fn(&Image) -> u32| {
                let (value, gradient) = (measure(&value), measure(&gradient));
                text += &format!(
                    "{:<24} {what} opt-level={opt_level:<8} {value:>10} {gradient:>10}\n",
                    info.name
                );
            };
            line("flash", &|image| image.flash() - empty.flash());
            line("stack", &|image| image.stack("8measured"));
        }
    }
    Ok(Table::parse(&text))
}

/// Says on standard error, past the test harness, what a passing test has to say.
fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

#[test]
fn no_cost_has_risen() {
    let bless = std::env::var_os("MICROLOSS_BLESS").is_some();
    let mut measured: Vec<(&str, Result<Table, String>)> =
        BOARDS.iter().map(|board| (board.name, instructions(board.target))).collect();
    measured.push((table::FOOTPRINT, footprint()));
    let mut risen = String::new();
    for (name, counted) in measured {
        match counted {
            Err(reason) => skip(&format!("costs of {name}"), &reason),
            Ok(counted) if bless => counted.commit(name),
            Ok(counted) => {
                let (worse, better) = counted.compare(&Table::committed(name));
                risen += &worse.iter().map(|line| format!("{name}: {line}\n")).collect::<String>();
                better.iter().for_each(|line| note(&format!("{name}: {line}")));
            }
        }
    }
    assert!(risen.is_empty(), "\n{risen}to accept it: MICROLOSS_BLESS=1 cargo test --test costs");
    if bless {
        readme::write();
    }
}

#[test]
fn the_readme_shows_the_committed_costs() {
    if std::env::var_os("MICROLOSS_BLESS").is_none() {
        readme::check();
    }
}
