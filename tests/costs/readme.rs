//! The README's tables of costs, made of the committed counts.

use std::fs;

use super::table::{ADVERSARIAL, ALL, FOOTPRINTS, OPT_LEVELS, Table};
use super::toolchain::BOARDS;

const BEGIN: &str = "<!-- costs -->\n";
const END: &str = "<!-- /costs -->";
const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// What C takes: the name in words, ours in the files, instructions an element on Cortex-M4F and Cortex-M55.
const C: [(&str, &str, &str, &str); 5] = [
    ("exp", "exp 1000 x 1", "75.9", "8.05 (4.1 ULP)"),
    ("ln", "ln 1000 x 1", "79.9", "8.05 (229 ULP near 1)"),
    ("cross entropy (logsumexp)", "cross_entropy 1 x 1000", "86.7", "9.4 (0 from margin 15)"),
    ("KL divergence of probabilities", "kl_divergence 1 x 1000 probabilities", "81.3", "20.3 (NaN at 0)"),
    ("binary cross entropy of logits", "binary_cross_entropy 1000 x 1", "136", "94"),
];
const M4F: &str = "mps2-an386";
const M55: &str = "mps3-an547";

/// The README around its tables.
fn parts() -> [String; 3] {
    let text = fs::read_to_string(PATH).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("README.md has the line <!-- costs -->");
    let (found, after) = rest.split_once(END).expect("README.md has the line <!-- /costs -->");
    [before, found, after].map(str::to_owned)
}

pub fn write() {
    let [before, _, after] = parts();
    fs::write(PATH, format!("{before}{BEGIN}{}{END}{after}", tables())).unwrap();
}

pub fn check() {
    let [_, found, _] = parts();
    let expected = tables();
    assert!(
        found == expected,
        "README.md shows other costs than tests/costs:\n{expected}\nMICROLOSS_BLESS=1 cargo test --test costs"
    );
}

fn tables() -> String {
    let boards: Vec<_> =
        BOARDS.iter().map(|board| (board.core, Table::committed(board.name).lines())).collect();
    let mut text = String::from(
        "\n| | Cortex-M4F: C | microloss | Cortex-M55: C | microloss |\n|---|---|---|---|---|\n",
    );
    let [m4f, m55] = [M4F, M55].map(|name| Table::committed(name).lines());
    for (words, name, c_m4f, c_m55) in C {
        let [m4f, m55] = [&m4f, &m55].map(|lines| {
            let (_, counts) = lines.iter().find(|(other, _)| other == name).expect(name);
            count(counts[0])
        });
        text += &format!("| {words} | {c_m4f} | {m4f} | {c_m55} | {m55} |\n");
    }

    text += "\n| instructions an element";
    boards.iter().for_each(|(core, _)| text += &format!(" | {core}"));
    text += &format!(" |\n|---{}|\n", "|---".repeat(boards.len()));
    // The boards differ in the sizes of their batches, not in the order of the lines.
    let names = m4f.iter().map(|(name, _)| name);
    for (index, name) in names.enumerate() {
        text += &format!("| `{}", name.replacen(' ', "`, ", 1));
        boards.iter().for_each(|(_, lines)| text += &format!(" | {}", pair(lines[index].1)));
        text += " |\n";
    }

    text += "\n| instructions an element over adversarial batches on Cortex-M4F | value | value with gradient |\n|---|---|---|\n";
    for [value, gradient] in Table::committed(ADVERSARIAL).lines().as_chunks().0 {
        let name = value.0.trim_end_matches(" value").replacen(' ', "`, ", 1);
        let [value, gradient] = [value, gradient].map(|(_, [fewest, most])| {
            if fewest == most {
                format!("always {}", count(*most))
            } else {
                format!("{} to {}", count(*fewest), count(*most))
            }
        });
        text += &format!("| `{name} | {value} | {gradient} |\n");
    }

    for (file, _, core) in FOOTPRINTS {
        text += &format!(
            "\n| bytes on {core} | flash, `opt-level` 3 | stack | flash, `opt-level` \"s\" | stack |\n|---|---|---|---|---|\n"
        );
        let lines = Table::committed(file).lines();
        let losses = lines
            .iter()
            .filter_map(|(name, _)| name.strip_suffix(&format!(" flash opt-level={}", OPT_LEVELS[0])));
        for loss in losses {
            text += &if loss == ALL { "| all of them".to_owned() } else { format!("| `{loss}`") };
            for opt_level in OPT_LEVELS {
                for what in ["flash", "stack"] {
                    let name = format!("{loss} {what} opt-level={opt_level}");
                    let (_, counts) =
                        lines.iter().find(|(other, _)| *other == name).expect("a line of each kind");
                    text += &format!(" | {}", pair(*counts));
                }
            }
            text += " |\n";
        }
    }
    text + "\n"
}

/// Value, and value with gradient.
fn pair(counts: [Option<f64>; 2]) -> String {
    match counts {
        [value, None] => count(value),
        [value, gradient] => format!("{} / {}", count(value), count(gradient)),
    }
}

/// Three digits or more.
fn count(count: Option<f64>) -> String {
    match count {
        None => "-".to_owned(),
        Some(count) if count < 10.0 => format!("{count:.2}"),
        Some(count) if count < 100.0 => format!("{count:.1}"),
        Some(count) => format!("{count:.0}"),
    }
}
