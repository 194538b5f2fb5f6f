//! One set of bits: 100 000 random batches of every loss in each type have the digests of one list, however the crate
//! is built.
//!
//! After a change that is meant to change bits: `MICROLOSS_BLESS=1 cargo test --test bits`. To find the batch that
//! differs between two builds, compare what they print with `MICROLOSS_TRACE=cross_entropy/f32`.

#[path = "bits/mod.rs"]
mod bits;
#[path = "support/toolchain.rs"]
mod toolchain;

use std::fmt::Write as _;
use std::io::Write as _;

use bits::host::{bless, differ, lines};

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

/// Whether the crate has the feature.
fn has_feature(name: &str) -> bool {
    let features = include_str!("../Cargo.toml").split("[features]").nth(1).unwrap();
    let features = features.split("\n[").next().unwrap();
    features.lines().any(|line| line.split(" =").next() == Some(name))
}

/// One way to build `tests/foreign`, and to run it.
#[derive(Clone, Debug, Default)]
struct Build {
    release: bool,
    features: Vec<&'static str>,
    processor: Option<&'static str>,
    unit: Option<&'static str>,
}

impl Build {
    /// What it says of bits that differ.
    fn run(&self) -> Option<String> {
        let mut cargo = toolchain::host_command();
        cargo.args(["run", "--quiet", "--manifest-path", "tests/foreign/Cargo.toml"]);
        cargo.args(["--features", &self.features.join(",")]);
        cargo.env("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/foreign"));
        cargo.env_remove("MICROLOSS_TRACE").env_remove("MICROLOSS_SIMD");
        if self.release {
            cargo.arg("--release");
        }
        if let Some(processor) = self.processor {
            cargo.env("RUSTFLAGS", format!("-Ctarget-cpu={processor}"));
        }
        if let Some(unit) = self.unit {
            cargo.env("MICROLOSS_SIMD", unit);
        }
        let output = toolchain::run(&mut cargo);
        let texts = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        (!output.status.success()).then(|| format!("{self:?}:\n{}", texts.concat()))
    }
}

/// In release plain, with features, with the feature `simd` held to each vector unit, and compiled for each; with the
/// checks of a debug build, with all that may make a difference at once. This test's own build is one more.
fn builds() -> Vec<Build> {
    let of_crate = |name: &'static str, feature| has_feature(name).then_some(feature);
    let features = [of_crate("std", "microloss/std"), of_crate("simd", "microloss/simd")];
    let features: Vec<&'static str> = features.into_iter().flatten().chain(["num-traits/std"]).collect();
    let plain = Build { release: true, ..Build::default() };
    let mut builds = vec![plain.clone(), Build { features: features.clone(), ..Build::default() }];
    let without_units = features.into_iter().filter(|&feature| feature != "microloss/simd").collect();
    builds.push(Build { features: without_units, ..plain.clone() });
    for unit in units() {
        if !unit.is_here {
            let _ = writeln!(std::io::stderr(), "skipped: bits with {}: this processor has none", unit.name);
            continue;
        }
        if let Some(processor) = unit.processor {
            builds.push(Build { processor: Some(processor), ..plain.clone() });
        }
        if has_feature("simd") {
            builds.push(Build { features: vec!["microloss/simd"], unit: Some(unit.name), ..plain.clone() });
        }
    }
    builds
}

#[test]
fn this_build_has_the_golden_bits() {
    if std::env::var_os("MICROLOSS_BLESS").is_some() {
        bless(&lines(), concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bits/golden.rs"));
        return;
    }
    let differences = differ();
    assert!(differences.is_empty(), "\n{differences}");
}

#[test]
fn every_build_has_the_golden_bits() {
    if std::env::var_os("MICROLOSS_BLESS").is_some() {
        return;
    }
    let mut failures = String::new();
    for build in builds() {
        let start = std::time::Instant::now();
        if let Some(failure) = build.run() {
            writeln!(failures, "{failure}").unwrap();
        }
        println!("{build:?}: {:?}", start.elapsed());
    }
    assert!(failures.is_empty(), "\n{failures}");
}
