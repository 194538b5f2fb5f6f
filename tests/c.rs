//! The C interface: its header is that of the registry, C and C++ compile it, C gets the results of Rust under gcc's
//! sanitizers, Python's `ctypes` the first example's, and firmware in C the table of `evaluate`.
//!
//! `MICROLOSS_BLESS=1 cargo test --test c` writes the header anew.

#[path = "../src/c/src/constants.rs"]
#[allow(dead_code, reason = "the header needs the list only")]
mod constants;
#[path = "../src/c/generate/header.rs"]
mod header;
#[path = "../src/c/generate/losses.rs"]
mod losses;
#[path = "support/toolchain.rs"]
mod toolchain;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use toolchain::{BOARDS, board_command, host_command, qemu, run, skip};

const HEADER: &str = "src/c/include/microloss.h";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_owned()
}

/// What a command prints. Fails with all it says if it fails.
fn output(command: &mut Command) -> String {
    let output = run(command.current_dir(root()));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}:\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// Whether a program is there.
fn has(program: &str, package: &str) -> Result<(), String> {
    let found = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if found { Ok(()) } else { Err(format!("no {program}: `apt-get install {package}`")) }
}

/// The folder of the host's libraries.
fn library() -> PathBuf {
    output(host_command().args(["build", "--release", "--package", "microloss-c"]));
    target().join("release")
}

#[test]
fn the_header_is_that_of_the_registry() {
    let (path, header) = (root().join(HEADER), header::header());
    if fs::read_to_string(&path).is_ok_and(|found| found == header) {
        return;
    }
    assert!(
        std::env::var_os("MICROLOSS_BLESS").is_some(),
        "{HEADER} is stale: MICROLOSS_BLESS=1 cargo test --test c"
    );
    fs::write(&path, header).unwrap();
}

#[test]
fn cpp_includes_the_header() {
    if let Err(reason) = has("g++", "g++") {
        return skip("C++", &reason);
    }
    let flags = ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only"];
    output(Command::new("g++").args(flags).args(["-Isrc/c/include", "tests/c/include.cpp"]));
}

/// Every loss, with both types, called from C with its defaults: NULL, and those of its macro.
#[test]
fn c_gets_what_rust_gets() {
    if let Err(reason) = has("gcc", "gcc") {
        return skip("C", &reason);
    }
    let program = target().join("tmp/calls");
    let flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-g"];
    output(
        Command::new("gcc")
            .args(flags)
            .args(["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-Isrc/c/include"])
            .arg("tests/c/calls.c")
            .arg(library().join("libmicroloss.a"))
            .args(["-lgcc_s", "-lpthread", "-ldl", "-lm", "-o"])
            .arg(&program),
    );
    assert_eq!(output(&mut Command::new(&program)), "ok\n");
}

/// The Python of the README's section on C.
#[test]
fn python_reproduces_the_first_example() {
    if let Err(reason) = has("python3", "python3") {
        return skip("Python", &reason);
    }
    library();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, rest) = readme.split_once("```python\n").expect("Python in the README");
    let (example, _) = rest.split_once("```").unwrap();
    assert!(example.lines().count() <= 10, "more than ten lines");
    let example = example.replace("target/", &format!("{}/", target().display()));
    let found = output(Command::new("python3").args(["-c", &example]));
    assert_eq!(found, "0 [0.357, 0.916, 2.303] 0 1.192\n");
}

/// One firmware and the same source on the host, against `evaluate`.
#[test]
fn firmware_prints_the_bits_of_evaluate() {
    let test = "firmware in C";
    let there = has("arm-none-eabi-gcc", "gcc-arm-none-eabi")
        .and_then(|()| has("gcc", "gcc"))
        .and_then(|()| has("pkg-config", "pkg-config"))
        .and_then(|()| qemu());
    let board = BOARDS.iter().find(|board| board.name == "mps2-an386").unwrap();
    let mut cargo = match there.and_then(|()| board_command(board.target)) {
        Ok(cargo) => cargo,
        Err(reason) => return skip(test, &reason),
    };
    output(cargo.args(["build", "--release", "--package", "microloss-c", "--target", board.target]));
    let library = ["boards/", ""]
        .map(|folder| target().join(format!("{folder}{}/release/libmicroloss.a", board.target)));
    let library = library.iter().find(|library| library.exists()).unwrap();
    let firmware = target().join("tmp/evaluate.elf");
    output(
        Command::new("arm-none-eabi-gcc")
            .args(["-std=c11", "-Os", "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-nostdlib"])
            .args(["-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"])
            .args(["-ffp-contract=off", "-Wl,--gc-sections", "-Texamples/c/mps2-an386.ld", "-Isrc/c/include"])
            .args(["examples/c/evaluate.c", "examples/c/data.S", "examples/c/firmware.c"])
            .arg(library)
            .args(["-lgcc", "-o"])
            .arg(&firmware),
    );
    let table = output(Command::new(root().join(".cargo/qemu")).arg(board.name).arg(&firmware));
    let rust = output(host_command().args(["run", "--release", "--example", "evaluate"]));
    // Without the column of the value, which C leaves out.
    let expected: Vec<String> = rust
        .lines()
        .filter_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (bits, rest) = words.split_last()?;
            let (_, rest) = rest.split_last()?;
            bits.starts_with("0x").then(|| format!("{} {bits}", rest.join(" ")))
        })
        .collect();
    for table in [table, host()] {
        let found = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        let missing: Vec<String> = found.clone().filter(|row| !expected.contains(row)).collect();
        assert!(missing.is_empty(), "not rows of evaluate: {missing:#?}\n{rust}");
        assert_eq!(found.count(), 12, "{table}");
    }
}

/// What the program prints on the host, built as `pkg-config` says.
fn host() -> String {
    library();
    let prefix = target().join("tmp/installed");
    output(Command::new("src/c/install").arg(&prefix).env("CARGO_TARGET_DIR", target()));
    let flags = output(
        Command::new("pkg-config")
            .args(["--cflags", "--libs", "microloss"])
            .env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")),
    );
    let program = target().join("tmp/evaluate_c");
    output(
        Command::new("gcc")
            .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-fsanitize=address,undefined"])
            .args(["examples/c/evaluate.c", "examples/c/data.S", "examples/c/host.c"])
            .args(flags.split_whitespace())
            .arg("-o")
            .arg(&program),
    );
    output(Command::new(program).env("LD_LIBRARY_PATH", prefix.join("lib")))
}
