//! Says which digests of `tests/bits` differ in this build.

#[path = "../../bits/mod.rs"]
mod bits;

fn main() -> std::process::ExitCode {
    let differences = bits::host::differ();
    print!("{differences}");
    std::process::ExitCode::from(u8::from(!differences.is_empty()))
}
