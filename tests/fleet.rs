//! `examples/monitor.rs` on every emulated board, each with a fifth of the data, and on the host with all of it:
//! `examples/fleet.rs` makes the same report of both, to the last bit.

#[path = "support/toolchain.rs"]
mod toolchain;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use toolchain::{BOARDS, board_command, host_command, qemu, run, skip};

/// A folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fleet").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn text(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    format!("{out}\n{err}")
}

/// Runs `monitor` for a device; its log.
fn monitor(mut cargo: Command, state: &Path, fifth: Option<usize>) -> String {
    cargo.args(["run", "--release", "--example", "monitor", "--features", "defmt,serde"]);
    cargo.env("MICROLOSS_STATE", state).env_remove("MICROLOSS_FIFTH");
    if let Some(fifth) = fifth {
        cargo.env("MICROLOSS_FIFTH", fifth.to_string());
    }
    let output = run(&mut cargo);
    assert!(output.status.success(), "{cargo:?}:\n{}", text(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// The state of a device that has seen all of the data.
fn of_one(name: &str) -> (PathBuf, String) {
    let state = folder(name).join("one.state");
    let log = monitor(host_command(), &state, None);
    (state, log)
}

fn fleet(arguments: &[&Path]) -> Output {
    let mut cargo = host_command();
    cargo.args(["run", "--release", "--example", "fleet", "--features", "serde", "--"]);
    run(cargo.args(arguments))
}

/// The report, without the number of devices.
fn report(states: &[&Path]) -> String {
    let output = fleet(states);
    assert!(output.status.success(), "{}", text(&output));
    let report = String::from_utf8(output.stdout).unwrap();
    let (_, report) = report.split_once(" devices, ").expect("a report");
    report.to_owned()
}

fn qemu_run() -> Result<(), String> {
    let found = Command::new("qemu-run").arg("--version").output();
    found.map(drop).map_err(|_| "no qemu-run: `cargo install qemu-run`".to_owned())
}

#[test]
fn boards_and_host_make_the_same_report() {
    let (one, log) = of_one("boards");
    assert_eq!(log.lines().filter(|line| line.contains(" items, 0 rejected: ")).count(), 9, "{log}");
    let mut states = Vec::new();
    for (fifth, board) in BOARDS.iter().enumerate() {
        let cargo = match qemu().and_then(|()| qemu_run()).and_then(|()| board_command(board.target)) {
            Err(reason) => return skip("monitor on the boards", &reason),
            Ok(mut cargo) => {
                cargo.args(["--config", ".cargo/defmt.toml"]);
                cargo.env("CARGO_BUILD_TARGET", board.target);
                cargo
            }
        };
        let state = folder("boards").join(format!("{}.state", board.name));
        let log = monitor(cargo, &state, Some(fifth));
        assert!(log.contains("100 items, 0 rejected: cross entropy "), "{}: {log}", board.name);
        assert!(log.contains("digit 9: precision "), "{}: {log}", board.name);
        states.push(state);
    }
    let expected = report(&[&one]);
    assert!(expected.starts_with("899 items, 0 rejected\ncross entropy "), "{expected}");
    let mut states: Vec<&Path> = states.iter().map(PathBuf::as_path).collect();
    assert_eq!(report(&states), expected);
    states.reverse();
    assert_eq!(report(&states), expected);
}

#[test]
fn a_damaged_state_is_refused_and_named() {
    let (one, _) = of_one("damaged");
    let bytes = std::fs::read(&one).unwrap();
    let damaged = one.with_file_name("damaged.state");
    let (mut changed, mut longer, mut newer) = (bytes.clone(), bytes.clone(), bytes.clone());
    changed[bytes.len() / 2] ^= 1;
    longer.push(0);
    newer[0] = 2;
    for (wrong, why) in [
        (&bytes[..bytes.len() - 1], "1098 bytes, expected 1099: cut"),
        (&changed, "a state that was changed"),
        (&longer, "1100 bytes, expected 1099"),
        (&newer, "a state of version 2, expected 1"),
        (&[], "0 bytes, expected 1099"),
        // A device that reports twice would count twice.
        (&bytes, "the same state as "),
    ] {
        std::fs::write(&damaged, wrong).unwrap();
        let output = fleet(&[&one, &damaged]);
        assert!(!output.status.success());
        assert_eq!(String::from_utf8_lossy(&output.stdout), "");
        let text = text(&output);
        assert!(text.contains("error: ") && text.contains(&format!("damaged.state: {why}")), "{text}");
    }
}

#[test]
fn pictures_show_every_count() {
    let (one, _) = of_one("pictures");
    let folder = one.with_file_name("svg");
    let output = fleet(&[Path::new("--svg"), &folder, &one]);
    assert!(output.status.success(), "{}", text(&output));
    let picture = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let (reliability, confusion) = (picture("reliability.svg"), picture("confusion.svg"));
    for picture in [&reliability, &confusion] {
        assert!(picture.starts_with("<svg ") && picture.trim_end().ends_with("</svg>"), "{picture}");
    }
    // Labels of the axes and the counts: what is on the diagonal sums to the items that are right.
    let numbers = confusion.lines().filter_map(|line| line.trim().parse::<u32>().ok());
    assert_eq!(numbers.sum::<u32>(), 2 * 45 + 899, "{confusion}");
    assert!(reliability.contains("confidence") && reliability.contains("accuracy"));
}

#[test]
fn the_codes_are_those_of_the_predictions() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data");
    let scores = std::fs::read(data.join("digits.f32")).unwrap();
    let codes = std::fs::read(data.join("digits.i8")).unwrap();
    assert_eq!(codes.len(), scores.len() / 4);
    for (bytes, &code) in scores.as_chunks::<4>().0.iter().zip(&codes) {
        // Scale and zero point as in examples/monitor.rs; half a step is the least that rounding can be off.
        let number = 0.048_304_3 * f32::from(i16::from(code.cast_signed()) - 28);
        assert!((number - f32::from_le_bytes(*bytes)).abs() <= 0.0242, "{code}");
    }
}
