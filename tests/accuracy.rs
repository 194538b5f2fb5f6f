//! The errors of every function and loss are below the limits and have not risen: those of the inputs that
//! `examples/accuracy` tries in a test. `MICROLOSS_BLESS=1 cargo test --test accuracy` writes its figures, and the
//! README's tables, anew.

#[path = "../examples/accuracy/mod.rs"]
mod accuracy;

use std::fs;

use accuracy::figures::Figures;
use accuracy::measure::Extent;
use accuracy::ulp::{of_terms, ulps, ulps_signed};
use accuracy::{function, readme, report};

const BEGIN: &str = "<!-- accuracy -->\n";
const END: &str = "<!-- /accuracy -->";

/// One test, for the README tells what the first half may have written.
#[test]
fn no_error_has_risen_and_the_readme_tells_them() {
    no_error_has_risen();
    the_readme_tells_the_figures();
}

fn no_error_has_risen() {
    let found = report::measure(Extent::Test, |_| true);
    let failures = report::failures(Extent::Test, true, &found);
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

fn the_readme_tells_the_figures() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let text = fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("README.md has the line <!-- accuracy -->");
    let (found, after) = rest.split_once(END).expect("README.md has the line <!-- /accuracy -->");
    let quantities: Vec<_> =
        accuracy::groups(|_| true).into_iter().flat_map(|group| group.quantities).collect();
    let tables = readme::tables(&Figures::read(), &quantities);
    if found == tables {
        return;
    }
    if std::env::var_os("MICROLOSS_BLESS").is_some() {
        fs::write(path, format!("{before}{BEGIN}{tables}{END}{after}")).unwrap();
        return;
    }
    panic!("README.md has other tables:\n{tables}\nMICROLOSS_BLESS=1 cargo test --test accuracy");
}

/// A reference that is wrong by a few last places of f64 moves no figure: they are 2^29 times smaller than those of f32.
#[test]
fn the_references_are_right() {
    let error = function::error_of_references();
    assert!(error > 0.5 && error < 4.0, "{error} ULP of f64");
}

#[test]
fn errors_are_two_sided_and_relative_to_the_truth() {
    let step = 2.0_f64.powi(-23);
    let smallest = 2.0_f64.powi(-149);
    for (found, truth, error) in [
        (1.0, 1.0, 0.0),
        (1.0 + f32::EPSILON, 1.0, 1.0),
        (1.0, 1.0 + 0.25 * step, 0.25),
        (-1.0, -1.0 - 3.0 * step, 3.0),
        // Below 1 the step is half.
        (1.0, 1.0 - step, 2.0),
        (f32::from_bits(3), 2.5 * smallest, 0.5),
        (0.0, 0.25 * smallest, 0.25),
        (f32::INFINITY, 2.0_f64.powi(128) - 2.0_f64.powi(103), 0.5),
        (f32::INFINITY, 1e300, 0.0),
        (f32::MAX, 2.0_f64.powi(128), 1.0),
        (f32::NAN, f64::NAN, 0.0),
        (f32::NAN, 1.0, f64::INFINITY),
        (1.0, f64::NAN, f64::INFINITY),
        (f32::INFINITY, f64::NEG_INFINITY, f64::INFINITY),
        (f32::MAX, f64::INFINITY, f64::INFINITY),
        (-f32::from_bits(1), smallest, f64::INFINITY),
    ] {
        assert_eq!(ulps(found, truth), error, "{found:e} for {truth:e}");
    }
    assert_eq!(ulps_signed(-0.0, 0.0), f64::INFINITY);
    assert_eq!(ulps_signed(-0.0, -0.0), 0.0);
    assert_eq!(of_terms(0.0, 1e-3, 2.0_f64.powi(24)), 1e-3);
    assert_eq!(of_terms(f32::NAN, 1.0, 1.0), f64::INFINITY);
}
