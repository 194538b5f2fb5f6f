//! How host tests build programs for a board and run them.
#![allow(dead_code, unused_imports)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

#[path = "../../examples/board/table.rs"]
mod table;
pub use table::{BOARDS, Board};

/// `cargo` for the host, as it was started for this test.
pub fn host_command() -> Command {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_string());
    cargo_in_crate(&cargo)
}

/// `cargo` for `target`, or why this machine has none.
pub fn board_command(target: &str) -> Result<Command, String> {
    let sysroot = query("rustc", &["--print", "sysroot"]).unwrap_or_default();
    let installed = Path::new(&sysroot).join("lib/rustlib").join(target);
    if installed.join("lib").exists() {
        return Ok(cargo_in_crate("cargo"));
    }
    let mut command = cargo_in_crate(concat!(env!("CARGO_MANIFEST_DIR"), "/.cargo/debian"));
    for name in ["RUSTC", "RUSTC_WRAPPER", "RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH"] {
        command.env_remove(name);
    }
    debian().map_err(|reason| format!("`rustup target add {target}`, or {reason}"))?;
    Ok(command)
}

/// `program` in the crate's folder, with this test's target folder and without flags from the environment.
fn cargo_in_crate(program: &str) -> Command {
    let mut command = Command::new(program);
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        command.env_remove(name);
    }
    command
        .env("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/.."))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null());
    command
}

/// Whether `.cargo/debian` works.
fn debian() -> Result<(), String> {
    let packages = "`apt-get install rustc-web cargo-web rust-web-src`";
    let sysroot = query("/usr/bin/rustc", &["--print", "sysroot"]).ok_or(packages)?;
    if !Path::new(&sysroot).join("lib/rustlib/src/rust/library").exists() {
        return Err(packages.to_string());
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/.cargo/debian");
    let version = query(script, &["--version"]).ok_or("`apt-get install lld`")?;
    let minor = |version: &str| version.split('.').nth(1)?.parse::<u32>().ok();
    if minor(&version) < minor(env!("CARGO_PKG_RUST_VERSION")) {
        return Err(format!("a newer /usr/bin/cargo than {version}"));
    }
    Ok(())
}

/// What a program prints if it succeeds.
fn query(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).env_remove("LD_LIBRARY_PATH").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_string())
}

/// Whether the emulator is there.
pub fn qemu() -> Result<(), String> {
    match Command::new("qemu-system-arm").arg("--version").output() {
        Ok(output) if output.status.success() => Ok(()),
        _ => Err("no qemu-system-arm: `apt-get install qemu-system-arm`".to_string()),
    }
}

/// Runs one `command` at a time to its end and returns what it printed: a program may be built for one run only. Panics if that
/// takes more than half an hour, for `cargo` waits where another builds.
pub fn run(command: &mut Command) -> Output {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    run_beside(command)
}

/// The same beside others, for a command whose program no other builds.
pub fn run_beside(command: &mut Command) -> Output {
    let what = format!("{command:?}");
    // A group of its own, so that the emulator dies with the cargo that started it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.unwrap_or_else(|error| panic!("{what}: {error}"));
    let group = format!("-{}", child.id());
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    match receiver.recv_timeout(Duration::from_secs(1800)) {
        Ok(output) => output.unwrap_or_else(|error| panic!("{what}: {error}")),
        Err(_) => {
            let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
            panic!("{what}: not finished after half an hour");
        }
    }
}

/// Says on standard error, past the test harness, that `test` cannot run here. CI sets `MICROLOSS_REQUIRE_BOARDS=1`: there it fails.
pub fn skip(test: &str, reason: &str) {
    if std::env::var("MICROLOSS_REQUIRE_BOARDS").is_ok_and(|value| value == "1") {
        panic!("{test} must run here: {reason}");
    }
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {reason}");
}
