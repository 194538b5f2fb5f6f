//! The report, as a table.

use std::fmt::Display;

use microloss::Error;
use microloss::metric::{Average, Disagreement, ZeroDivision};

use crate::board::say;
use crate::state::{BINS, State};

fn line(name: &str, value: Result<f32, Error>) {
    match value {
        Ok(value) => say!("{name:<34} {value:<12?} {:#010x}", value.to_bits()),
        Err(error) => say!("{name:<34} {error}"),
    }
}

fn cell(value: Result<f32, Error>) -> Box<dyn Display> {
    match value {
        Ok(value) => Box::new(format!("{value:.4}")),
        Err(_) => Box::new("-"),
    }
}

pub fn print(devices: usize, state: &State) -> Result<(), Error> {
    let (loss, matrix, calibration) =
        (state.loss.stream(), state.matrix.stream(), state.calibration.stream());
    say!("{devices} devices, {} items, {} rejected", loss.valid(), state.loss.rejected());
    line("cross entropy", loss.mean());
    line("accuracy", matrix.accuracy());
    line("balanced accuracy", matrix.balanced_accuracy(ZeroDivision::Refuse));
    line("macro F1", matrix.f1(Average::Macro, ZeroDivision::Refuse));
    line("Matthews correlation", matrix.matthews_correlation(ZeroDivision::Refuse));
    line("Cohen's kappa", matrix.cohen_kappa(Disagreement::Equal, ZeroDivision::Refuse));
    line("expected calibration error", calibration.expected());
    line("maximum calibration error", calibration.maximum());

    say!("\nclass  items  precision  recall  F1");
    for (class, row) in matrix.counts().iter().enumerate() {
        let [precision, recall, f1] = [
            matrix.precision(Average::Class(class), ZeroDivision::Refuse),
            matrix.recall(Average::Class(class), ZeroDivision::Refuse),
            matrix.f1(Average::Class(class), ZeroDivision::Refuse),
        ]
        .map(cell);
        say!("{class:>5}  {:>5}  {precision:>9}  {recall:>6}  {f1}", row.iter().sum::<u32>());
    }

    say!("\nconfidence   items  mean    accuracy");
    for (bin, items) in calibration.counts().iter().enumerate() {
        let [low, high] = [bin, bin + 1].map(|end| end as f32 / BINS as f32);
        let (confidence, accuracy) = (cell(calibration.confidence(bin)), cell(calibration.accuracy(bin)));
        say!("{low:.1} to {high:.1}  {items:>6}  {confidence:<6}  {accuracy}");
    }
    Ok(())
}
