//! Writes the functions of every loss of the registry, and of every evaluator.

extern crate microloss_core as microloss;

mod evaluators;
mod losses;

fn main() {
    println!("cargo::rerun-if-changed=generate");
    let folder = std::path::PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    };
    write("losses.rs", losses::all().iter().map(losses::Entry::rust).collect());
    write(
        "evaluators.rs",
        evaluators::all().iter().chain([&evaluators::confusion()]).map(evaluators::Evaluator::rust).collect(),
    );
}
