//! One set of bits: 100 000 random batches of every loss in each type have the digests of one list, however the crate
//! is built.
//!
//! After a change that is meant to change bits: `MICROLOSS_BLESS=1 cargo test --test bits`. To find the batch that
//! differs between two builds of `tests/foreign`, compare what they print with `MICROLOSS_TRACE=cross_entropy/f32`.

#[path = "support/toolchain.rs"]
mod toolchain;

use std::fmt::Write as _;
use std::io::Write as _;

/// A vector unit of the host: its name for `MICROLOSS_SIMD`, and the least processor for the compiler that has it, unless
/// that is the least of all.
struct Unit {
    name: &'static str,
    processor: Option<&'static str>,
    is_here: bool,
}

#[cfg(target_arch = "x86_64")]
fn units() -> Vec<Unit> {
    let has_512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512cd")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl");
    let has_2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    vec![
        Unit { name: "sse2", processor: None, is_here: true },
        Unit { name: "avx2", processor: Some("x86-64-v3"), is_here: has_2 },
        Unit { name: "avx512", processor: Some("x86-64-v4"), is_here: has_512 },
    ]
}

#[cfg(not(target_arch = "x86_64"))]
fn units() -> Vec<Unit> {
    Vec::new()
}

/// One way to build `tests/foreign`, and to run it.
#[derive(Clone, Debug, Default)]
struct Build {
    release: bool,
    features: Vec<&'static str>,
    processor: Option<&'static str>,
    unit: Option<&'static str>,
    /// What of tests/bits is in it, all unless this says less (tests/bits/part.rs).
    part: Option<&'static str>,
}

impl Build {
    /// What it says of bits that differ.
    fn run(&self) -> Option<String> {
        let mut cargo = toolchain::host_command();
        cargo.args(["run", "--quiet", "--manifest-path", "tests/foreign/Cargo.toml"]);
        cargo.args(["--features", &self.features.join(",")]);
        cargo.env("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/foreign"));
        for name in ["MICROLOSS_TRACE", "MICROLOSS_SIMD", "MICROLOSS_PART"] {
            cargo.env_remove(name);
        }
        if self.release {
            cargo.arg("--release");
        }
        if let Some(processor) = self.processor {
            cargo.env("RUSTFLAGS", format!("-Ctarget-cpu={processor}"));
        }
        if let Some(unit) = self.unit {
            cargo.env("MICROLOSS_SIMD", unit);
        }
        if let Some(part) = self.part {
            cargo.env("MICROLOSS_PART", part);
        }
        let output = toolchain::run(&mut cargo);
        let texts = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        (!output.status.success()).then(|| format!("{self:?}:\n{}", texts.concat()))
    }
}

/// In release plain, and with all features that may make a difference, for the widest vector unit and held to each narrower one; and,
/// of numbers alone, for codes meet the same loops, compiled for each vector unit, and with all checks of a debug build.
fn builds() -> Vec<Build> {
    let plain = Build { release: true, ..Build::default() };
    let features = vec!["microloss/std", "microloss/simd", "num-traits/std"];
    let featured = Build { features, ..plain.clone() };
    let numbers = Build { part: Some("0/1"), ..Build::default() };
    let mut builds = vec![plain.clone(), featured.clone(), numbers.clone()];
    let (here, absent): (Vec<_>, Vec<_>) = units().into_iter().partition(|unit| unit.is_here);
    for unit in absent {
        let _ = writeln!(std::io::stderr(), "skipped: bits with {}: this processor has none", unit.name);
    }
    for (index, unit) in here.iter().enumerate() {
        if unit.processor.is_some() {
            builds.push(Build { processor: unit.processor, release: true, ..numbers.clone() });
        }
        if index + 1 < here.len() {
            builds.push(Build { unit: Some(unit.name), ..featured.clone() });
        }
    }
    builds
}

#[test]
fn every_build_has_the_golden_bits() {
    // One build writes the list.
    let count = if std::env::var_os("MICROLOSS_BLESS").is_some() { 1 } else { usize::MAX };
    let mut failures = String::new();
    for build in builds().into_iter().take(count) {
        let start = std::time::Instant::now();
        if let Some(failure) = build.run() {
            writeln!(failures, "{failure}").unwrap();
        }
        println!("{build:?}: {:?}", start.elapsed());
    }
    assert!(failures.is_empty(), "\n{failures}");
}
