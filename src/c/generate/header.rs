//! The header: `header.h`, with the constants, the types of each number, the losses and the evaluators filled in.

use std::fmt::Write;

use super::constants::GROUPS;
use super::evaluators;
use super::losses::{TYPES, all};

/// All of `microloss.h`.
pub fn header() -> String {
    let (before, rest) = include_str!("header.h").split_once("/* @constants@ */\n").expect("a mark");
    let (shared, rest) = rest.split_once("/* @each type@ */\n").expect("a mark");
    let (typed, rest) = rest.split_once("/* @end@ */\n").expect("a mark");
    let (middle, rest) = rest.split_once("/* @losses@ */\n").expect("a mark");
    let (between, rest) = rest.split_once("/* @evaluators@ */\n").expect("a mark");
    let (matrix, after) = rest.split_once("/* @confusion@ */\n").expect("a mark");
    let typed = TYPES.map(|(of, float)| typed.replace("@float@", float).replace("@f32@", of));
    let losses: String = all().iter().map(super::losses::Entry::c).collect();
    let evaluators: String = evaluators::all().iter().map(evaluators::Evaluator::c).collect();
    let confusion = evaluators::confusion().c();
    [
        before,
        &constants(),
        shared,
        &typed.concat(),
        middle,
        &losses,
        between,
        &evaluators,
        matrix,
        &confusion,
        after,
    ]
    .concat()
}

/// The constants of every kind: integers, for an enumeration has another size with every compiler.
fn constants() -> String {
    let mut text = String::new();
    for group in GROUPS {
        write!(text, "/* {} */\ntypedef int32_t microloss_{};\nenum {{\n", group.summary, group.name)
            .expect("memory");
        for (name, value, meaning) in group.constants {
            writeln!(text, "    MICROLOSS_{name} = {value}, /* {meaning} */").expect("memory");
        }
        let last = text.rfind(", /*").expect("a constant");
        text.replace_range(last..=last, "");
        text += "};\n\n";
    }
    text
}
