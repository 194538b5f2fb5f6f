//! The program, its files and its output.

#[path = "../support/toolchain.rs"]
mod toolchain;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

/// The example, built from today's source.
pub fn program() -> Command {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let path = BUILT.get_or_init(|| {
        let mut cargo = toolchain::host_command();
        cargo.args(["build", "--example", "evaluate"]);
        let profile = if cfg!(debug_assertions) {
            "debug"
        } else {
            cargo.arg("--release");
            "release"
        };
        let output = toolchain::run(&mut cargo);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name(profile).join("examples");
        folder.join(format!("evaluate{}", std::env::consts::EXE_SUFFIX))
    });
    Command::new(path)
}

/// A path that no other test uses.
pub fn new_path() -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("evaluate-{}-{number}.csv", std::process::id()))
}

/// A file that is gone when this is.
pub struct TestFile(pub PathBuf);

impl TestFile {
    pub fn new(content: impl AsRef<[u8]>) -> Self {
        let path = new_path();
        std::fs::write(&path, content).unwrap();
        Self(path)
    }
}

impl Drop for TestFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Runs the program with these arguments, separated by spaces, on a file with this content.
pub fn evaluate(arguments: &str, content: impl AsRef<[u8]>) -> Output {
    let file = TestFile::new(content);
    program().args(arguments.split_whitespace()).arg(&file.0).output().unwrap()
}

/// What the program prints when it succeeds.
pub fn stdout(output: &Output) -> &str {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*error), (Some(0), ""), "{output:?}");
    std::str::from_utf8(&output.stdout).unwrap()
}

/// The JSON objects for a file with this content.
pub fn objects(arguments: &str, content: &str) -> Vec<Value> {
    let output = evaluate(&format!("--format json {arguments}"), content);
    stdout(&output).lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// The one JSON object.
pub fn object(arguments: &str, content: &str) -> Value {
    let mut objects = objects(arguments, content);
    assert_eq!(objects.len(), 1, "{objects:?}");
    objects.remove(0)
}

/// The object, and the gradient's file: its header and its numbers, row after row.
pub fn object_and_gradient(arguments: &str, content: &str) -> (Value, String, Vec<Vec<f64>>) {
    let file = TestFile(new_path());
    let object = object(&format!("{arguments} --gradient {}", file.0.display()), content);
    let text = std::fs::read_to_string(&file.0).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let numbers = |row: &str| row.split(',').map(|number| number.parse().unwrap()).collect();
    (object, header.to_owned(), rows.lines().map(numbers).collect())
}

/// `value`, as a list, its bits checked.
pub fn values(object: &Value) -> Vec<f64> {
    let list = |field: &str| match &object[field] {
        Value::Array(items) => items.clone(),
        item => vec![item.clone()],
    };
    let (values, hex) = (list("value"), list("hex"));
    assert_eq!(values.len(), hex.len(), "{object}");
    values
        .iter()
        .zip(hex)
        .map(|(value, hex)| {
            let (value, hex) = (value.as_f64().unwrap(), hex.as_str().unwrap().to_owned());
            #[allow(clippy::cast_possible_truncation, reason = "the value is one of f32")]
            let expected = if hex.len() == 10 {
                format!("{:#010x}", (value as f32).to_bits())
            } else {
                format!("{:#018x}", value.to_bits())
            };
            assert_eq!(hex, expected, "{object}");
            value
        })
        .collect()
}
