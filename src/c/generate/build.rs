//! Writes the functions of every loss of the registry.

extern crate microloss_core as microloss;

mod losses;

fn main() {
    println!("cargo::rerun-if-changed=generate");
    let path = std::path::Path::new(&std::env::var_os("OUT_DIR").expect("cargo sets it")).join("losses.rs");
    std::fs::write(&path, losses::all().iter().map(losses::Entry::rust).collect::<String>())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
