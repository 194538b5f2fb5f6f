//! Runs `tests/board.rs`, `examples/evaluate.rs` and `examples/train.rs` on every emulated board.

#[path = "support/toolchain.rs"]
mod toolchain;

use std::process::{Command, Output};
use toolchain::{BOARDS, Board, board_command, host_command, qemu, run_beside, skip};

/// Calls `check` with each board and its `cargo`, while a board runs the next one's program is built; fails if any check does.
fn on_every_board(test: &str, check: impl Fn(&Board, Command) -> Result<(), String> + Sync) {
    let on = |board: &Board| {
        let name = format!("{test} on {} ({})", board.core, board.name);
        match qemu().and_then(|()| board_command(board.target)) {
            Err(reason) => {
                skip(&name, &reason);
                Ok(())
            }
            Ok(cargo) => check(board, cargo).map_err(|failure| format!("{name}: {failure}\n")),
        }
    };
    let failures: String = std::thread::scope(|scope| {
        let threads: Vec<_> = BOARDS.iter().map(|board| scope.spawn(move || on(board))).collect();
        threads.into_iter().filter_map(|thread| thread.join().expect("no panic").err()).collect()
    });
    assert!(failures.is_empty(), "\n{failures}");
}

/// Standard output of a finished program, or all it printed.
fn stdout(output: Output) -> Result<String, String> {
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(out);
    }
    let err = String::from_utf8_lossy(&output.stderr);
    Err(format!("{}\n{out}\n{err}", output.status))
}

/// The rows of `evaluate`'s table: the lines that show bits.
fn rows(table: &str) -> Vec<&str> {
    let shown = |line: &&str| !line.starts_with("skipped:") && line.contains("0x");
    table.lines().filter(shown).collect()
}

#[test]
fn the_board_test_passes() {
    on_every_board("tests/board.rs", |board, mut cargo| {
        cargo.args(["test", "--release", "--test", "board", "--target", board.target]);
        let numbers = (0..board.parts).map(|part| format!("{part}/{}", board.parts));
        // One program holds all, or codes have theirs.
        let parts: Vec<_> = if board.parts == 1 {
            vec![String::new()]
        } else {
            numbers.chain(["f32 codes", "f64 codes"].map(str::to_owned)).collect()
        };
        for part in parts {
            stdout(run_beside(cargo.env("MICROLOSS_PART", part)))?;
        }
        Ok(())
    });
}

#[test]
fn evaluate_prints_the_rows_of_the_host() {
    let evaluate = ["run", "--release", "--example", "evaluate"];
    let host = stdout(run_beside(host_command().args(evaluate))).unwrap();
    let expected = rows(&host);
    assert!(!expected.is_empty(), "no row on the host:\n{host}");
    on_every_board("evaluate", |board, mut cargo| {
        let table = stdout(run_beside(cargo.args(evaluate).args(["--target", board.target])))?;
        let found = rows(&table);
        if let Some(row) = found.iter().find(|row| !expected.contains(row)) {
            return Err(format!("not a row of the host: {row}\n{host}\n{table}"));
        }
        let skipped = table.lines().filter(|line| line.starts_with("skipped:"));
        if found.is_empty() || found.len() + skipped.count() != expected.len() {
            return Err(format!("rows are missing:\n{host}\n{table}"));
        }
        Ok(())
    });
}

#[test]
fn train_ends_at_the_weights_of_the_host() {
    let train = ["run", "--release", "--example", "train"];
    let host = stdout(run_beside(host_command().args(train))).unwrap();
    let epochs = host.lines().filter(|line| line.matches("0x").count() == 2).count();
    assert_eq!(epochs, 20, "{host}");
    for line in host.lines().filter_map(|line| line.strip_prefix("accuracy ")) {
        let (accuracy, _) = line.split_once(' ').unwrap();
        assert!(accuracy.parse::<f32>().unwrap() > 0.95, "{host}");
    }
    on_every_board("train", |board, mut cargo| {
        let found = stdout(run_beside(cargo.args(train).args(["--target", board.target])))?;
        if found == host { Ok(()) } else { Err(format!("other than on the host:\n{host}\n{found}")) }
    });
}

#[test]
fn the_table_of_boards_knows_their_ram() {
    for board in BOARDS {
        let path = format!("{}/.cargo/{}/memory.x", env!("CARGO_MANIFEST_DIR"), board.name);
        let memory = std::fs::read_to_string(path).unwrap();
        let line = memory.lines().find(|line| line.contains("RAM"));
        let length = line.and_then(|line| line.split("LENGTH = ").nth(1)).unwrap();
        let (number, unit) = length.split_at(length.len() - 1);
        let shift = if unit == "M" { 20 } else { 10 };
        assert_eq!(board.ram, number.parse::<usize>().unwrap() << shift, "{}", board.name);
    }
}
