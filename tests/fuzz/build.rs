//! Writes the C functions of every loss and evaluator, as the build of src/c does, and the lists of them that the targets `c`
//! and `evaluators` call.

extern crate microloss_core as microloss;

#[path = "../../src/c/generate/evaluators.rs"]
mod evaluators;
#[path = "../../src/c/generate/losses.rs"]
mod losses;

use std::fmt::Write;
use std::path::Path;

use evaluators::{Argument, Evaluator, Kind};

fn main() {
    println!("cargo::rerun-if-changed=../../src");
    let write = |name: &str, text: String| {
        let path = Path::new(&std::env::var_os("OUT_DIR").expect("cargo sets it")).join(name);
        std::fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    };
    write("losses.rs", losses::all().iter().map(losses::Entry::rust).collect());
    let evaluators: Vec<_> = evaluators::all().into_iter().chain([evaluators::confusion()]).collect();
    write("evaluators.rs", evaluators.iter().map(Evaluator::rust).collect());
    write("calls.rs", calls());
    write("evaluator_calls.rs", evaluator_calls(&evaluators));
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

/// What C declares, and a list: of every evaluator and type, its memory and functions, which draw what they take.
fn evaluator_calls(evaluators: &[Evaluator]) -> String {
    let (mut declared, mut list) = (String::new(), String::new());
    for evaluator in evaluators {
        let name = evaluator.name;
        let states: Vec<(&str, Option<evaluators::Layout>)> = match evaluator.states() {
            // The confusion matrix, whose state is five words.
            states if states.is_empty() => vec![("", None)],
            states => states.into_iter().map(|(of, _, layout)| (of, Some(layout))).collect(),
        };
        for (of, layout) in states {
            let suffix = if of.is_empty() { String::new() } else { format!("_{of}") };
            let of_state = |function: &str| format!("microloss_{name}_{function}{suffix}");
            let [merge, save, load] = ["merge", "save", "load"].map(of_state);
            writeln!(declared, "    fn {merge}(_: Place, _: Pointer, _: Place) -> i32;").expect("memory");
            let saved = layout.map(|layout| {
                writeln!(
                    declared,
                    "    fn {save}(_: Pointer, _: Place, _: usize, _: Place) -> i32;
    fn {load}(_: Place, _: Pointer, _: usize, _: Place) -> i32;"
                )
                .expect("memory");
                format!("Some(({}, {save}, {load}))", layout.bytes)
            });
            writeln!(
                list,
                "    Evaluator {{ name: \"{name}{suffix}\", words: {}, saved: {}, merge: {merge}, functions: &[",
                layout.map_or(5, |layout| layout.memory),
                saved.unwrap_or("None".into()),
            )
            .expect("memory");
            evaluator.each_function(|function, whole, of_function, (of_number, _)| {
                if of_function == suffix {
                    let (declaration, entry) = evaluator_call(function, whole, of_number);
                    declared += &declaration;
                    list += &entry;
                }
            });
            list += "    ] },\n";
        }
    }
    format!("unsafe extern \"C\" {{\n{declared}}}\nstatic EVALUATORS: &[Evaluator] = &[\n{list}];\n")
}

/// A function's declaration, and its entry of the list.
fn evaluator_call(function: &evaluators::Function, name: &str, of: &str) -> (String, String) {
    let (mut types, mut given) = (vec!["Place"], vec!["call.state"]);
    let (mut scores, draw) = (String::new(), format!("call.number::<{of}>()"));
    let total = format!("call.total::<{of}>()");
    if function.kind == Kind::Take {
        types.push("i32");
        given.push("call.given");
    }
    for argument in &function.arguments {
        let (mut of_argument, mut drawn) = match argument {
            Argument::Number(_) => (vec![of], vec![&*draw]),
            Argument::Double(_) => (vec!["f64"], vec!["call.number::<f64>()"]),
            Argument::Index(_) => (vec!["usize"], vec!["call.index()"]),
            Argument::Flag(_) => (vec!["u8"], vec!["call.flag()"]),
            Argument::Scores => {
                scores = format!("let scores = call.scores::<{of}>(); ");
                let at = "core::ptr::with_exposed_provenance(scores.data)";
                (vec!["Pointer", "usize"], vec![at, "scores.length"])
            }
            Argument::From | Argument::ZeroDivision | Argument::Disagreement => {
                (vec!["i32"], vec!["call.choice()"])
            }
            Argument::Average => (vec!["i32", "usize"], vec!["call.choice()", "call.index()"]),
            Argument::Total => (vec!["Pointer"], vec![&*total]),
        };
        types.append(&mut of_argument);
        given.append(&mut drawn);
    }
    if matches!(function.kind, Kind::Number | Kind::Bounds) {
        types.push("Place");
        given.push("call.value");
    }
    let is_count = function.kind == Kind::Count;
    if !is_count {
        types.push("Place");
        given.push("call.error");
    }
    let (types, given) = (types.join(", _: "), given.join(", "));
    let called = format!("unsafe {{ {name}({given}) }}");
    let (result, called) =
        if is_count { ("u64", called) } else { ("i32", format!("u64::from({called} as u32)")) };
    let size = if of == "f32" { 4 } else { 8 };
    let declaration = format!("    fn {name}(_: {types}) -> {result};\n");
    let entry =
        format!("        (\"{name}\", Kind::{:?}, {size}, |call| {{ {scores}{called} }}),\n", function.kind);
    (declaration, entry)
}
