//! Writes the C functions of every loss, as the build of src/c does, and the list of them that the target `c` calls.

extern crate microloss_core as microloss;

#[path = "../../src/c/generate/evaluators.rs"]
mod evaluators;
#[path = "../../src/c/generate/losses.rs"]
mod losses;

use std::fmt::Write;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=../../src");
    let write = |name: &str, text: String| {
        let path = Path::new(&std::env::var_os("OUT_DIR").expect("cargo sets it")).join(name);
        std::fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    };
    write("losses.rs", losses::all().iter().map(losses::Entry::rust).collect());
    write(
        "evaluators.rs",
        evaluators::all().iter().chain([&evaluators::confusion()]).map(evaluators::Evaluator::rust).collect(),
    );
    write("calls.rs", calls());
}

/// What C declares, and a list: of every loss and type, the function and where there is one that of its scratch.
fn calls() -> String {
    let (mut declared, mut list) = (String::new(), String::new());
    for (shape, info) in microloss::registry::LOSSES {
        for (of, _) in losses::TYPES {
            let call = format!("microloss_{}_{of}", info.name);
            let scratch = format!("microloss_{}_scratch_{of}", info.name);
            writeln!(declared, "    fn {call}(_: Pointer, _: Pointer, _: Place, _: Place) -> i32;")
                .expect("memory");
            let mut asked = "None".to_owned();
            if *shape == "region" {
                writeln!(declared, "    fn {scratch}(_: Pointer, _: Pointer) -> usize;").expect("memory");
                asked = format!("Some({scratch})");
            }
            writeln!(list, "    ({:?}, {of:?}, {call}, {asked}),", info.name).expect("memory");
        }
    }
    format!(
        "unsafe extern \"C\" {{\n{declared}}}\nconst CALLS: &[(&str, &str, Call, Option<Ask>)] = &[\n{list}];\n"
    )
}
