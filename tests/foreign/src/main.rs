//! Says which digests of `tests/bits` differ in this build; with `MICROLOSS_BLESS` in the environment, writes them.

#[path = "../../bits/mod.rs"]
mod bits;

fn main() -> std::process::ExitCode {
    if std::env::var_os("MICROLOSS_BLESS").is_some() {
        let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../bits/golden.rs");
        bits::host::bless(&bits::host::lines(), golden);
        return std::process::ExitCode::SUCCESS;
    }
    let differences = bits::host::differ();
    print!("{differences}");
    std::process::ExitCode::from(u8::from(!differences.is_empty()))
}
