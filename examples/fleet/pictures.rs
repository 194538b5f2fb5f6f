//! The reliability diagram and the confusion matrix.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

use crate::state::{BINS, CLASSES, State};

pub fn write(folder: &Path, state: &State) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    reliability(&folder.join("reliability.svg"), state)?;
    confusion(&folder.join("confusion.svg"), state)
}

/// How often the class of a confidence is right, a bar a bin, beside what a calibrated model would be.
fn reliability(path: &Path, state: &State) -> Result<(), Box<dyn Error>> {
    let calibration = state.calibration.stream();
    let area = SVGBackend::new(path, (480, 480)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption("reliability", ("sans-serif", 20))
        .margin(10)
        .x_label_area_size(40)
        .y_label_area_size(50)
        .build_cartesian_2d(0.0..1.0, 0.0..1.0)?;
    chart.configure_mesh().x_desc("confidence").y_desc("accuracy").draw()?;
    let bars = (0..BINS).filter_map(|bin| {
        let accuracy = f64::from(calibration.accuracy(bin).ok()?);
        let [low, high] = [bin, bin + 1].map(|end| end as f64 / BINS as f64);
        Some(Rectangle::new([(low, 0.0), (high, accuracy)], BLUE.mix(0.6).filled()))
    });
    chart.draw_series(bars)?;
    chart.draw_series(LineSeries::new([(0.0, 0.0), (1.0, 1.0)], BLACK))?;
    area.present()?;
    Ok(())
}

/// A cell a pair of true and predicted class, darker with its share of the true class.
fn confusion(path: &Path, state: &State) -> Result<(), Box<dyn Error>> {
    let counts = state.matrix.stream().counts();
    let area = SVGBackend::new(path, (480, 480)).into_drawing_area();
    area.fill(&WHITE)?;
    let (cell, left, top) = (40, 60, 50);
    let label =
        |text: &str, x, y| area.draw(&Text::new(text.to_owned(), (x, y), ("sans-serif", 14).into_font()));
    label("predicted class", left + 140, 12)?;
    label("true class", 2, 30)?;
    for class in 0..CLASSES {
        let along = class as i32 * cell;
        label(&class.to_string(), left + along + 16, 32)?;
        label(&class.to_string(), left - 16, top + along + 14)?;
    }
    for (class, row) in counts.iter().enumerate() {
        let all = f64::from(row.iter().sum::<u32>().max(1));
        for (predicted, &count) in row.iter().enumerate() {
            let (x, y) = (left + predicted as i32 * cell, top + class as i32 * cell);
            let share = f64::from(count) / all;
            area.draw(&Rectangle::new([(x, y), (x + cell, y + cell)], BLUE.mix(0.6 * share).filled()))?;
            area.draw(&Rectangle::new([(x, y), (x + cell, y + cell)], BLACK.mix(0.2)))?;
            if count > 0 {
                label(&count.to_string(), x + 8, y + 14)?;
            }
        }
    }
    area.present()?;
    Ok(())
}
