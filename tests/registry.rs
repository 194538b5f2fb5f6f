//! The registry is complete: every loss file is listed, every listed loss has golden vectors and a row in
//! the README. `MICROLOSS_BLESS=1 cargo test --test registry` writes the README's table anew.

#[path = "support/call.rs"]
mod call;
#[path = "support/golden.rs"]
mod golden;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use microloss::loss::Info;
use microloss::parameter::{Kind, Parameter};
use microloss::registry::{LOSSES, Visitor, visit};
use microloss::{ElementLoss, PairLoss, RegionLoss, RowLoss};

/// Golden vectors that a loss must have.
const CASES: usize = 200;

const BEGIN: &str = "<!-- losses -->\n";
const END: &str = "<!-- /losses -->";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn paths(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn every_file_is_listed_and_every_listed_loss_has_its_file() {
    let mut files = BTreeSet::new();
    for shape in paths(&root().join("src/loss")).iter().filter(|path| path.is_dir()) {
        files.extend(paths(shape).iter().map(|file| (stem(shape), stem(file))));
    }
    let listed = LOSSES.iter().map(|(shape, info)| ((*shape).to_owned(), info.name.to_owned())).collect();
    assert_eq!(files, listed, "src/loss/<shape>/<name>.rs on the left, src/registry.rs on the right");
}

#[test]
fn every_loss_is_found_by_its_name_alone() {
    struct Name;
    impl Visitor<'_, f64> for Name {
        type Output = &'static str;
        fn element<L: ElementLoss<f64, K>, const K: usize>(self, _: L) -> &'static str {
            L::INFO.name
        }
        fn row<L: RowLoss<f64>>(self, _: L) -> &'static str {
            L::INFO.name
        }
        fn region<L: RegionLoss<f64>>(self, _: L) -> &'static str {
            L::INFO.name
        }
        fn pair<L: PairLoss<f64>>(self, _: L) -> &'static str {
            L::INFO.name
        }
    }
    for (_, info) in LOSSES {
        assert_eq!(visit::<f64, _>(info.name, Name), Some(info.name));
    }
    assert_eq!(visit::<f64, _>("no_such_loss", Name), None);
    let names: BTreeSet<&str> = LOSSES.iter().map(|(_, info)| info.name).collect();
    assert_eq!(names.len(), LOSSES.len(), "two losses have one name");
}

#[test]
fn every_loss_has_golden_vectors() {
    for (_, info) in LOSSES {
        let cases = golden::read(info.name).len();
        assert!(cases >= CASES, "{}: {cases} cases, {CASES} wanted", info.name);
    }
    let listed: BTreeSet<PathBuf> = LOSSES.iter().map(|(_, info)| golden::path(info.name)).collect();
    for file in
        paths(&root().join("tests/golden")).iter().filter(|file| file.extension().is_some_and(|e| e == "txt"))
    {
        assert!(listed.contains(file), "{} belongs to no loss", file.display());
    }
}

#[test]
fn the_readme_lists_every_loss() {
    let path = root().join("README.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("README.md has the line <!-- losses -->");
    let (found, after) = rest.split_once(END).expect("README.md has the line <!-- /losses -->");
    let table = table();
    if found == table {
        return;
    }
    if std::env::var_os("MICROLOSS_BLESS").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    panic!(
        "README.md has another table than the registry:\n{table}\nMICROLOSS_BLESS=1 cargo test --test registry"
    );
}

/// One row a loss.
fn table() -> String {
    let mut table =
        String::from("\n| loss | what it is | shape | catalogue | parameters |\n|---|---|---|---|---|\n");
    for (shape, info) in LOSSES {
        table += &row(shape, info);
    }
    table + "\n"
}

fn row(shape: &str, info: &Info) -> String {
    let entries: Vec<String> = info.catalogue.iter().map(u8::to_string).collect();
    let parameters: Vec<String> = info.parameters.iter().map(parameter).collect();
    let (name, summary) = (info.name, info.summary);
    format!("| `{name}` | {summary} | {shape} | {} | {} |\n", entries.join(", "), parameters.join("<br>"))
}

/// A parameter with its legal values in words.
fn parameter(Parameter { name, kind, domain }: &Parameter) -> String {
    let domain = domain.describe();
    let values = match kind {
        Kind::OptionalNumber => format!("{domain}; or none"),
        Kind::PerClass => format!("one a class, {domain}; or none"),
        Kind::PerColumn => format!("{domain}; or one a column"),
        Kind::Classes => kind.describe().to_owned(),
        _ => domain.to_owned(),
    };
    format!("`{name}`: {values}")
}
