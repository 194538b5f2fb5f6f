//! Merges the states that devices sent (`examples/monitor.rs`) into one report, on the host.
//!
//! `cargo run --release --example fleet --features serde -- [--svg FOLDER] FILE...` prints it as a table, the same to the last bit
//! in whatever order the files come and however the items were spread over the devices. A file that is no state, or that holds what
//! another one does, is an error. `--svg` writes `reliability.svg` and `confusion.svg` there.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[path = "board/mod.rs"]
mod board;
#[cfg(not(target_os = "none"))]
#[path = "fleet/pictures.rs"]
mod pictures;
#[cfg(not(target_os = "none"))]
#[path = "fleet/report.rs"]
mod report;
#[cfg(not(target_os = "none"))]
#[path = "monitor/state.rs"]
mod state;

#[cfg(target_os = "none")]
fn run() -> bool {
    board::say!("a fleet is reported on the host");
    true
}

#[cfg(not(target_os = "none"))]
fn run() -> bool {
    match fleet() {
        Ok(()) => true,
        Err(error) => {
            eprintln!("error: {error}");
            false
        }
    }
}

#[cfg(not(target_os = "none"))]
fn fleet() -> Result<(), String> {
    use std::ffi::OsString;

    use lexopt::Arg::{Long, Value};
    use state::State;

    let (mut files, mut folder) = (Vec::new(), None);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next().map_err(|error| error.to_string())? {
        match argument {
            Long("svg") => folder = Some(arguments.value().map_err(|error| error.to_string())?),
            Value(file) => files.push(file),
            other => return Err(other.unexpected().to_string()),
        }
    }
    if files.is_empty() {
        return Err("usage: fleet [--svg FOLDER] FILE...".to_owned());
    }
    let (mut all, mut states) = (State::default(), Vec::<(&OsString, State)>::new());
    for file in &files {
        let at = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
        let bytes = std::fs::read(file).map_err(|error| at(&error))?;
        let state = State::read(&bytes).map_err(|_| at(&fault(&bytes)))?;
        // A device that reports twice counts once. Devices that have seen nothing are alike.
        let before = states.iter().find(|(_, other)| *other == state);
        if let Some((first, _)) = before.filter(|_| state != State::default()) {
            return Err(at(&format!("the same state as {}", first.display())));
        }
        all.merge(&state).map_err(|error| at(&error))?;
        states.push((file, state));
    }
    report::print(files.len(), &all).map_err(|error| error.to_string())?;
    match folder {
        Some(folder) => {
            let written = pictures::write(folder.as_ref(), &all);
            written.map_err(|error| format!("{}: {error}", folder.display()))
        }
        None => Ok(()),
    }
}

/// What is wrong with the bytes of a state. `postcard` does not hand on the reason.
#[cfg(not(target_os = "none"))]
fn fault(bytes: &[u8]) -> String {
    let mut own = Vec::new();
    let _ = state::State::default().write(&mut |bytes| own.extend_from_slice(bytes));
    match (bytes.first(), own.first()) {
        (Some(found), Some(expected)) if found != expected => {
            format!("a state of version {found}, expected {expected}")
        }
        _ if bytes.len() != own.len() => format!(
            "{} bytes, expected {}: cut, or of a device with other classes or bins",
            bytes.len(),
            own.len()
        ),
        _ => "a state that was changed, or of other streams".to_owned(),
    }
}

board::main!(run);
