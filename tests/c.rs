//! The C interface: its header is that of the registry, C and C++ compile it, C gets the results of Rust under gcc's
//! sanitizers, Python's `ctypes` the first example's, and firmware in C the table of `evaluate`. No function of a firmware takes
//! more stack than committed.
//!
//! `MICROLOSS_BLESS=1 cargo test --test c` writes the header and the stack anew.

#[path = "../src/c/src/constants.rs"]
#[allow(dead_code, reason = "the header needs the list only")]
mod constants;
#[path = "../src/c/generate/evaluators.rs"]
mod evaluators;
#[path = "../src/c/generate/header.rs"]
mod header;
#[path = "costs/image.rs"]
mod image;
#[path = "../src/c/generate/losses.rs"]
mod losses;
#[path = "support/toolchain.rs"]
mod toolchain;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use microloss::metric::{CalibrationError, LogLoss, MeanAbsoluteError, R2Score, TopKAccuracy};
use microloss::row::CrossEntropy;
use microloss::stream::{Evaluator, ExactTotal, State, Words};
use microloss::{Input, RowLoss, Rows};
use toolchain::{BOARDS, board_command, host_command, qemu, run, skip};

const HEADER: &str = "src/c/include/microloss.h";
/// Bytes of stack of every function, on Cortex-M4F.
const STACK: &str = "tests/c/stack.txt";

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

#[test]
fn c_gets_what_rust_gets() {
    if let Err(reason) = has("gcc", "gcc") {
        return skip("C", &reason);
    }
    let (source, program) = (target().join("tmp/defaults.c"), target().join("tmp/calls"));
    fs::write(&source, defaults()).unwrap();
    let flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-g"];
    output(
        Command::new("gcc")
            .args(flags)
            .args(["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-Isrc/c/include"])
            .arg("tests/c/calls.c")
            .arg(&source)
            .arg(library().join("libmicroloss.a"))
            .args(["-lgcc_s", "-lpthread", "-ldl", "-lm", "-o"])
            .arg(&program),
    );
    assert_eq!(output(&mut Command::new(&program)), "ok\n");
}

/// A state, saved, as numbers in C.
fn saved<S: State>(mut evaluator: Evaluator<S>) -> String {
    let mut bytes = vec![1];
    bytes.extend(S::TAG.to_le_bytes());
    evaluator.each_word(&mut |word| bytes.extend(word.to_le_bytes()));
    bytes.extend(crc_32(&bytes).to_le_bytes());
    bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ")
}

/// Items in C, some of them refused, and the state that they lead to in Rust: in one stream, and in two that merge.
#[allow(
    clippy::cast_sign_loss,
    clippy::cast_possible_truncation,
    reason = "small numbers, exact in each type"
)]
fn streams() -> String {
    let (x, y) = (|at: i32| f64::from(at * 7 % 24) / 8.0 - 1.0, |at: i32| f64::from(at * 5 % 13) / 16.0);
    let single = |at| (x(at) as f32, y(at) as f32);
    let row = |at| [x(at) as f32, y(at) as f32, 0.5];
    macro_rules! stream {
        ($name:literal, $suffix:literal, $stream:ty, |$evaluator:ident, $at:ident| $add:expr, $c:literal) => {{
            let mut $evaluator = Evaluator::<$stream>::default();
            for $at in 0..24 {
                let _ = $add;
            }
            format!(
                "{{ static const uint8_t expected[] = {{ {} }};\nSTREAM({}, {}, {}) }}\n",
                saved($evaluator),
                $name,
                $suffix,
                $c
            )
        }};
    }
    [
        stream!(
            "exact_total",
            "_f32",
            ExactTotal<f32>,
            |all, at| all.take(CrossEntropy::new().total(Rows::new(&[row(at)], &[at % 4]))),
            "float scores[3] = {(float)x(at), (float)y(at), 0.5f}; int32_t label = at % 4; microloss_status status;
            microloss_total_f32 item = MICROLOSS_TOTAL_INIT; microloss_batch_f32 batch = MICROLOSS_BATCH_INIT;
            batch.scores.data = scores; batch.scores.length = 3; batch.columns = 3; batch.total = &item;
            batch.reduction = MICROLOSS_SUM; batch.targets = microloss_labels_i32(&label, 1);
            status = microloss_cross_entropy_f32(NULL, &batch, NULL, NULL);
            (void)microloss_exact_total_take_f32(state, status, &item, NULL);"
        ),
        stream!(
            "log_loss",
            "_f32",
            LogLoss<f32>,
            |all, at| all.add_with(|loss| loss.add_scores(at as usize % 4, &row(at), Input::Logits)),
            "float scores[3] = {(float)x(at), (float)y(at), 0.5f};
            (void)microloss_log_loss_add_scores_f32(state, (size_t)at % 4, scores, 3, MICROLOSS_LOGITS, NULL);"
        ),
        stream!(
            "calibration_error_15",
            "_f64",
            CalibrationError<f64, 15>,
            |all, at| all.add((x(at), at % 2 == 0)),
            "(void)microloss_calibration_error_15_add_f64(state, x(at), at % 2 == 0, NULL);"
        ),
        stream!(
            "mean_absolute_error",
            "_f32",
            MeanAbsoluteError<f32>,
            |all, at| all.add(single(at)),
            "(void)microloss_mean_absolute_error_add_f32(state, (float)x(at), (float)y(at), NULL);"
        ),
        stream!(
            "r2_score",
            "_f64",
            R2Score<f64>,
            |all, at| all.add((x(at), 1.0 / y(at))),
            "(void)microloss_r2_score_add_f64(state, x(at), y(at) == 0.0 ? HUGE_VAL : 1.0 / y(at), NULL);"
        ),
        stream!(
            "top_k_accuracy_5",
            "",
            TopKAccuracy<5>,
            |all, at| all.add_with(|top| top.add_scores(at as usize % 4, &row(at))),
            "float scores[3] = {(float)x(at), (float)y(at), 0.5f};
            (void)microloss_top_k_accuracy_5_add_scores_f32(state, (size_t)at % 4, scores, 3, NULL);"
        ),
    ]
    .concat()
}

/// CRC-32 (ISO-HDLC), bit by bit.
fn crc_32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), step))
}

/// Of every evaluator the state of nothing, saved: what it must be, from its words. Every loss, with both types: NULL, and the options that its macro makes, give the same of any batch, and of some a value.
fn defaults() -> String {
    let mut text = r##"#include "microloss.h"
#include <math.h>
#include <string.h>
int defaults(const char **failed);
static const int8_t SIGNS[4] = {1, -1, 1, -1}, LABELS[4] = {1, 0, 1, 0};
#define CALL(NAME, OPTIONS, FLOAT, SUFFIX) \
{ \
    FLOAT data[24], values[2] = {0, 0}, gradients[2][24]; \
    microloss_entry_##SUFFIX entries[64]; \
    int good = 0; \
    for (int at = 0; at < 24; ++at) { data[at] = (FLOAT)((at * 7 % 24) + 1) / 26; } \
    for (int round = 0; round < 32; ++round) { \
        microloss_##NAME##_options_##SUFFIX options = OPTIONS; \
        microloss_batch_##SUFFIX batch = MICROLOSS_BATCH_INIT; \
        microloss_status status[2]; \
        batch.columns = (round & 1) != 0 ? 1 : 3, batch.pixels = 4, batch.sort = MICROLOSS_MERGE; \
        batch.scores.data = data, batch.scores.length = (size_t)(round & 6) * 4; \
        if (batch.scores.length == 0) { batch.scores.length = 12; } else if (batch.scores.length == 16) { batch.scores.length = 4; } \
        batch.gradient.length = batch.scores.length, batch.scratch.data = entries, batch.scratch.length = 64; \
        switch (round >> 3) { \
        case 0: batch.targets = microloss_labels_i8(LABELS, 4); break; \
        case 1: batch.targets = microloss_labels_i8(SIGNS, 4); break; \
        case 2: batch.targets = microloss_numbers_##SUFFIX(data, 4); break; \
        default: break; \
        } \
        memset(gradients, 0, sizeof gradients); \
        batch.gradient.data = gradients[0]; \
        status[0] = microloss_##NAME##_##SUFFIX(NULL, &batch, &values[0], NULL); \
        batch.gradient.data = gradients[1]; \
        status[1] = microloss_##NAME##_##SUFFIX(&options, &batch, &values[1], NULL); \
        if (status[0] != status[1] || memcmp(&values[0], &values[1], sizeof values[0]) != 0 \
            || memcmp(gradients[0], gradients[1], sizeof gradients[0]) != 0) { good = -99; } \
        good += status[0] == MICROLOSS_OK; \
    } \
    if (good <= 0) { *failed = #NAME " " #SUFFIX; return 1; } \
}
#define STATE(NAME, SUFFIX, INIT, ...) \
{ \
    static const uint8_t expected[] = { __VA_ARGS__ }; \
    microloss_##NAME##_state##SUFFIX state, other; \
    uint8_t bytes[sizeof expected + 1]; \
    size_t size = microloss_##NAME##_size##SUFFIX(); \
    int good; \
    memset(&state, 0, sizeof state); \
    INIT \
    other = state; \
    good = size == sizeof expected \
        && microloss_##NAME##_save##SUFFIX(&state, bytes, size, NULL) == MICROLOSS_OK \
        && memcmp(bytes, expected, size) == 0 \
        && microloss_##NAME##_merge##SUFFIX(&state, &other, NULL) == MICROLOSS_OK \
        && microloss_##NAME##_merge##SUFFIX(&state, &state, NULL) == MICROLOSS_OVERLAP \
        && microloss_##NAME##_merge##SUFFIX(&state, NULL, NULL) == MICROLOSS_NULL_POINTER \
        && microloss_##NAME##_load##SUFFIX(&state, bytes, size, NULL) == MICROLOSS_OK \
        && memcmp(&state, &other, sizeof state) == 0 \
        && microloss_##NAME##_load##SUFFIX(&state, bytes, size + 1, NULL) == MICROLOSS_LENGTH_MISMATCH \
        && microloss_##NAME##_items##SUFFIX(&state) == 0; \
    bytes[size / 2] ^= 16; \
    good = good && microloss_##NAME##_load##SUFFIX(&state, bytes, size, NULL) == MICROLOSS_NOT_A_STATE; \
    if (!good) { *failed = #NAME #SUFFIX; return 1; } \
}
static double x(int at) { return (at * 7 % 24) / 8.0 - 1.0; }
static double y(int at) { return (at * 5 % 13) / 16.0; }
#define STREAM(NAME, SUFFIX, ...) \
{ \
    microloss_##NAME##_state##SUFFIX states[3]; \
    uint8_t bytes[sizeof expected]; \
    int good = 1; \
    memset(states, 0, sizeof states); \
    for (int at = 0; at < 24; ++at) { \
        for (int twice = 0; twice < 2; ++twice) { \
            microloss_##NAME##_state##SUFFIX *state = twice == 0 ? states : &states[1 + at % 2]; \
            { __VA_ARGS__ } \
        } \
    } \
    good = microloss_##NAME##_merge##SUFFIX(&states[2], &states[1], NULL) == MICROLOSS_OK; \
    for (int merged = 0; merged < 3; merged += 2) { \
        good = good && microloss_##NAME##_save##SUFFIX(&states[merged], bytes, sizeof bytes, NULL) == MICROLOSS_OK \
            && memcmp(bytes, expected, sizeof bytes) == 0; \
    } \
    if (!good) { *failed = "items of " #NAME #SUFFIX; return 1; } \
}
int defaults(const char **failed)
{
"##
    .to_owned();
    text += &streams();
    for (state, is_zero, mut bytes) in evaluators::all().iter().flat_map(|all| all.states_of_nothing()) {
        let (name, _) = state.split_once(',').unwrap();
        let init = if is_zero { String::new() } else { format!("microloss_{name}_init(&state, NULL);") };
        bytes.extend(crc_32(&bytes).to_le_bytes());
        let bytes: Vec<String> = bytes.iter().map(u8::to_string).collect();
        text += &format!("STATE({state}, {init}, {})\n", bytes.join(", "));
    }
    for (_, info) in microloss::registry::LOSSES {
        for (suffix, float) in losses::TYPES {
            let (name, upper) = (info.name, info.name.to_uppercase());
            text += &format!("CALL({name}, MICROLOSS_{upper}_OPTIONS_INIT, {float}, {suffix})\n");
        }
    }
    text + "return 0;\n}\n"
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

const BOARD: &str = "mps2-an386";

/// The library for the board of the firmware, or why there is none.
fn board_library() -> Result<PathBuf, String> {
    has("arm-none-eabi-gcc", "gcc-arm-none-eabi")?;
    let board = BOARDS.iter().find(|board| board.name == BOARD).unwrap();
    let mut cargo = board_command(board.target)?;
    output(cargo.args(["build", "--release", "--package", "microloss-c", "--target", board.target]));
    let library = |folder: &str| target().join(format!("{folder}{}/release/libmicroloss.a", board.target));
    Ok(["boards/", ""].map(library).into_iter().find(|library| library.exists()).unwrap())
}

/// gcc for a firmware of these sources.
fn link(sources: &[&str], library: &Path, firmware: &Path) -> Command {
    let mut gcc = Command::new("arm-none-eabi-gcc");
    gcc.args(["-std=c11", "-Os", "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-nostdlib"])
        .args(["-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard", "-ffp-contract=off"])
        .args(["-Texamples/c/mps2-an386.ld", "-Isrc/c/include", "-Iexamples/c", "examples/c/firmware.c"])
        .args(sources)
        .arg(library)
        .args(["-lgcc", "-o"])
        .arg(firmware);
    gcc
}

/// The functions of the header.
fn functions(header: &str) -> impl Iterator<Item = &str> + Clone {
    header.lines().filter_map(|line| {
        let declared = ["microloss_status ", "size_t ", "uint64_t ", "const char *"];
        let rest = declared.iter().find_map(|of| line.strip_prefix(of))?;
        Some(rest.split_once('(')?.0)
    })
}

/// A firmware that has every function of the header links, and with it what no function calls it does not: the panic handler.
/// Nothing in it calls itself, or what is only known at run time; and the deepest stack of a function, with all that it calls,
/// is no more than committed.
#[test]
fn no_panic_is_reachable_from_c_and_the_stack_is_as_committed() {
    let library = match board_library() {
        Ok(library) => library,
        Err(reason) => return skip("panic freedom and stack in C", &reason),
    };
    let header = header::header();
    let mut program = "#include \"microloss.h\"\n#include \"evaluate.h\"\nvoid *volatile sink;\n".to_owned();
    program += "int evaluate(void)\n{\n";
    for name in functions(&header) {
        program += &format!("    sink = (void *)(uintptr_t){name};\n");
    }
    program += "    return 0;\n}\n";
    assert!(functions(&header).count() > 2 * microloss::registry::LOSSES.len(), "{program}");
    let (source, firmware) = (target().join("tmp/all.c"), target().join("tmp/all.elf"));
    fs::write(&source, program).unwrap();
    let source = source.to_str().unwrap();
    output(link(&[source], &library, &firmware).arg("-Wl,--gc-sections"));
    let image = image::Image::read(fs::read(&firmware).unwrap());
    let whole = run(link(&[source], &library, &firmware).current_dir(root()));
    assert!(!whole.status.success(), "the panic handler is nowhere");
    let messages = String::from_utf8_lossy(&whole.stderr);
    assert!(messages.contains("microloss_panic_is_reachable"), "{messages}");

    let measured = functions(&header).map(|name| (name, image.stack(name)));
    let path = root().join(STACK);
    if std::env::var_os("MICROLOSS_BLESS").is_some() {
        let lines: String = measured.clone().map(|(name, bytes)| format!("{name} {bytes}\n")).collect();
        fs::write(&path, format!("{}\n{lines}", image.compiler())).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let (compiler, lines) = committed.split_once('\n').unwrap_or_default();
    // As in tests/costs.rs: another compiler needs other stack.
    let tolerance = if compiler == image.compiler() { 1.02 } else { 1.2 };
    let known = |name: &str| {
        let line = lines.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
        line.parse::<u32>().ok()
    };
    let fits = |bytes: u32, known: u32| f64::from(bytes) <= f64::from(known) * tolerance;
    let risen: Vec<_> =
        measured.filter(|&(name, bytes)| !known(name).is_some_and(|known| fits(bytes, known))).collect();
    assert!(
        risen.is_empty(),
        "more than in {STACK}: {risen:?}\nto accept it: MICROLOSS_BLESS=1 cargo test --test c"
    );
}

/// One firmware and the same source on the host, against `evaluate`.
#[test]
fn firmware_prints_the_bits_of_evaluate() {
    let there = qemu().and_then(|()| has("gcc", "gcc")).and_then(|()| has("pkg-config", "pkg-config"));
    let library = match there.and_then(|()| board_library()) {
        Ok(library) => library,
        Err(reason) => return skip("firmware in C", &reason),
    };
    let firmware = target().join("tmp/evaluate.elf");
    let sources = ["examples/c/evaluate.c", "examples/c/data.S"];
    output(link(&sources, &library, &firmware).arg("-Wl,--gc-sections"));
    let table = output(Command::new(root().join(".cargo/qemu")).arg(BOARD).arg(&firmware));
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
