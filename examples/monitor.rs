//! A firmware that evaluates a model where it runs: takes the predictions of an int8 classifier of digits one at a time,
//! keeps loss, accuracy, calibration and a table of the classes in less than 2 KiB, logs a line every 100 items by `defmt`,
//! and at the end writes its state to a file, which `examples/fleet.rs` merges with those of other devices.
//!
//! On the host: `cargo run --release --example monitor --features defmt,serde`. On an emulated board, where
//! [`qemu-run`](https://crates.io/crates/qemu-run) reads the log, add `--config .cargo/defmt.toml --target
//! thumbv7em-none-eabihf` or another of `.cargo/config.toml`.
//!
//! `MICROLOSS_FIFTH=0` to `4`, when it is compiled, gives a device every fifth digit from that one on;
//! `MICROLOSS_STATE` names the file.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[path = "board/mod.rs"]
mod board;
#[path = "monitor/state.rs"]
mod state;

#[cfg(target_os = "none")]
use cortex_m as _; // its critical section
#[cfg(target_os = "none")]
use defmt_semihosting as _; // takes the log

use board::io::File;
use microloss::Error;
use microloss::metric::{Average, ZeroDivision};
use state::{CLASSES, State};

/// As the script beside them made them.
static DIGITS: &[[i8; CLASSES]] = &codes();
const SCALE: f32 = 0.048_304_3;
const ZERO_POINT: i32 = 28;
static LABELS: &[u8] = include_bytes!("data/digits.u8");

const fn codes() -> [[i8; CLASSES]; 899] {
    let bytes: &[u8; 899 * CLASSES] = include_bytes!("data/digits.i8");
    let mut codes = [[0; CLASSES]; 899];
    let mut index = 0;
    while index < bytes.len() {
        codes[index / CLASSES][index % CLASSES] = bytes[index].cast_signed();
        index += 1;
    }
    codes
}

/// Which digits this device sees: every so many from one on.
const PART: (usize, usize) = match option_env!("MICROLOSS_FIFTH") {
    Some(fifth) => {
        let [digit @ b'0'..=b'4'] = *fifth.as_bytes() else { panic!("MICROLOSS_FIFTH is 0 to 4") };
        ((digit - b'0') as usize, 5)
    }
    None => (0, 1),
};

const FILE: &str = match option_env!("MICROLOSS_STATE") {
    Some(path) => path,
    None => "target/monitor.state",
};

/// A line of the log: by `defmt` on a board, to the terminal on the host.
macro_rules! log {
    ($($arg:tt)*) => {
        #[cfg(target_os = "none")]
        defmt::println!($($arg)*);
        #[cfg(not(target_os = "none"))]
        board::say!($($arg)*);
    };
}

fn report(items: usize, state: &State) -> Result<(), Error> {
    let (loss, matrix, calibration) =
        (state.loss.stream(), state.matrix.stream(), state.calibration.stream());
    log!(
        "{} items, {} rejected: cross entropy {}, accuracy {}, expected calibration error {}",
        items,
        state.loss.rejected(),
        loss.mean()?,
        matrix.accuracy::<f32>()?,
        calibration.expected()?
    );
    Ok(())
}

fn monitor() -> Result<(), Error> {
    let mut state = State::default();
    let (first, step) = PART;
    let mut items = 0;
    for (codes, &label) in DIGITS.iter().zip(LABELS).skip(first).step_by(step) {
        items += 1;
        if let Err(_error) = state.take(label, codes, SCALE, ZERO_POINT) {
            #[cfg(target_os = "none")]
            log!("rejected: {}", _error);
        }
        if items % 100 == 0 {
            report(items, &state)?;
        }
    }
    report(items, &state)?;
    for class in 0..CLASSES {
        let (average, none) = (Average::Class(class), ZeroDivision::Zero);
        let matrix = state.matrix.stream();
        log!(
            "digit {}: precision {}, recall {}",
            class,
            matrix.precision::<f32>(average, none)?,
            matrix.recall::<f32>(average, none)?
        );
    }
    let mut file = File::create(FILE);
    let written = state.write(&mut |bytes| file.write(bytes));
    if written.is_err() || !file.is_written() {
        log!("{}: not written", FILE);
        return Err(Error::Overflow);
    }
    log!("state written to {}", FILE);
    Ok(())
}

fn run() -> bool {
    monitor().is_ok()
}
board::main!(run);
