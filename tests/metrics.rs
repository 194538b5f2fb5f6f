//! Metrics against scikit-learn, on the data of `examples/data` and on random ones; their edges, and merging.

#[path = "metrics/confusion.rs"]
mod confusion;
#[path = "metrics/golden.rs"]
mod golden;
#[path = "metrics/ranking.rs"]
mod ranking;
#[path = "support/seed.rs"]
mod seed;
#[path = "metrics/top_k.rs"]
mod top_k;

use microloss::Real;

/// A type, and how far from scikit-learn's results, which have roundings of their own, those of numbers up to 1 may be.
trait Float: Real {
    const TOLERANCE: f64;
}

impl Float for f32 {
    const TOLERANCE: f64 = 6e-8;
}

impl Float for f64 {
    const TOLERANCE: f64 = 4e-15;
}

fn close<T: Float>(found: T, expected: f64) -> bool {
    (found.to_double() - expected).abs() <= T::TOLERANCE * expected.abs().max(1.0)
}

/// The result is rounded correctly.
#[track_caller]
fn same_bits<T: Float>(what: &str, found: T, double: f64, single: f64) {
    let expected = if size_of::<T>() == 8 { double } else { single };
    assert_eq!(found.to_double().to_bits(), expected.to_bits(), "{what}: {found}, expected {expected}");
}
