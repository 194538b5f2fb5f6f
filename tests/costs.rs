//! What every loss and metric costs on the boards, held against `tests/costs/`: instructions an element
//! (`benches/instructions.rs`), and bytes of flash and of stack (`tests/costs/program.rs`). No count may rise by more
//! than 2 %. The README shows the committed counts.
//!
//! `MICROLOSS_BLESS=1 cargo test --test costs` writes the files and the README's tables anew. Counts hang on the
//! compiler, which the files name; with another one they may rise by 20 %, and the test says so.

#[path = "costs/image.rs"]
mod image;
#[path = "costs/metrics.rs"]
mod metrics;
#[path = "costs/readme.rs"]
mod readme;
#[path = "costs/table.rs"]
mod table;
#[path = "support/toolchain.rs"]
mod toolchain;

use std::io::Write;
use std::process::{Command, Output};
use std::thread::scope;

use image::Image;
use metrics::METRICS;
use microloss::registry::LOSSES;
use table::{ADVERSARIAL, ALL, FOOTPRINTS, OPT_LEVELS, Table};
use toolchain::{BOARDS, board_command, qemu, run, run_beside, skip};

/// What a build printed, or why this machine has no compiler for the target.
type Built = Result<(Image, String), String>;

/// Runs `cargo` with these arguments: the last program it built, and what that printed if it ran.
fn cargo(mut cargo: Command, arguments: &[&str], run: impl FnOnce(&mut Command) -> Output) -> Built {
    let output = run(cargo.args(arguments).args(["--message-format", "json"]));
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

/// Counts instructions on a board: of the batches of the benchmark, and on one board of adversarial ones.
fn instructions(target: &str) -> Result<Vec<Table>, String> {
    qemu()?;
    let bench = ["bench", "--bench", "instructions", "--target", target];
    let (image, printed) = cargo(board_command(target)?, &bench, run)?;
    let tables = printed.split("\n\n").filter(|table| !table.starts_with("flash"));
    Ok(tables.map(|table| Table::parse(&format!("{}\n{}\n", image.compiler(), table.trim_end()))).collect())
}

/// Builds the program with a loss, or without any.
fn program(target: &str, level: &str, loss: Option<&str>, gradient: bool) -> Result<Image, String> {
    let mut command = board_command(target)?;
    command.env("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/costs"));
    for (name, value) in [("MICROLOSS_COST", loss), ("MICROLOSS_COST_GRADIENT", gradient.then_some("1"))] {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    // As firmware is linked: as one unit, from which what the program does not use is gone. A target may have a level of its own.
    let level = level.trim_matches('"');
    let config = [
        "profile.release.lto=\"fat\"".to_owned(),
        "profile.release.codegen-units=1".to_owned(),
        format!("target.{target}.rustflags=[\"-Copt-level={level}\"]"),
    ];
    let mut build = vec!["build", "--release", "--test", "costs_program", "--target", target];
    build.extend(config.iter().flat_map(|setting| ["--config", setting]));
    Ok(cargo(command, &build, run_beside)?.0)
}

/// Measures flash, beyond a program without a loss, and stack, of the call with all it calls.
fn footprint(target: &str) -> Result<Table, String> {
    let mut text = String::new();
    for opt_level in OPT_LEVELS {
        let empty = program(target, opt_level, None, false)?;
        if text.is_empty() {
            text = format!("{}\nbytes {:>46} {:>10}\n", empty.compiler(), "value", "+ gradient");
        }
        for name in LOSSES.iter().map(|(_, info)| info.name).chain([ALL]) {
            let value = program(target, opt_level, Some(name), false)?;
            let gradient = program(target, opt_level, Some(name), true)?;
            let mut line = |what: &str, measure: &dyn Fn(&Image) -> u32| {
                let (value, gradient) = (measure(&value), measure(&gradient));
                text += &format!("{name:<27} {what} opt-level={opt_level:<8} {value:>10} {gradient:>10}\n");
            };
            line("flash", &|image| image.flash() - empty.flash());
            line("stack", &|image| image.stack("8measured"));
        }
        for name in METRICS {
            let image = program(target, opt_level, Some(name), false)?;
            let (flash, stack) = (image.flash() - empty.flash(), image.stack("8measured"));
            for (what, bytes) in [("flash", flash), ("stack", stack)] {
                text += &format!("{name:<27} {what} opt-level={opt_level:<8} {bytes:>10} {:>10}\n", "-");
            }
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
    let measured: Vec<(&str, Result<Table, String>)> = scope(|scope| {
        let of_programs = scope.spawn(|| FOOTPRINTS.map(|(name, target, _)| (name, footprint(target))));
        let mut measured = Vec::new();
        for board in BOARDS {
            match instructions(board.target) {
                Err(reason) => measured.push((board.name, Err(reason))),
                Ok(tables) => {
                    measured.extend([board.name, ADVERSARIAL].into_iter().zip(tables.into_iter().map(Ok)))
                }
            }
        }
        measured.extend(of_programs.join().expect("no panic"));
        measured
    });
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
