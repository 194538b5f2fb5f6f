//! A row has the same bits wherever it stands: among others, short and long, in a batch of its own, and by [`RowLoss::row`].

#[path = "support/call.rs"]
mod call;
#[path = "support/ulp.rs"]
mod ulp;

use call::{Answers, Form, Problem, Reduction, facts, inputs};
use microloss::registry::{LOSSES, Visitor, visit};
use microloss::{ElementLoss, Input, PairLoss, Real, RegionLoss, RowLoss, RowTargets, Scores};
use ulp::{Format, bits};

/// More than are evaluated together, be they short or long.
const ROWS: usize = 37;

/// Columns: short rows, the last short and the first long ones, and long ones with and without a remainder.
const COLUMNS: [usize; 8] = [2, 5, 20, 63, 64, 65, 80, 150];

/// Quarters, so that scores of a row are often equal, in an order without a pattern.
fn quarters(count: usize) -> impl Iterator<Item = f64> {
    (0..count).map(|i| f64::from((i * i * 7 + i * 3) as u32 % 101 % 29) / 4.0 - 3.0)
}

/// A batch of rows, of labels or of distributions.
fn problem<T: Real>(loss: &str, columns: usize, rows: usize, is_soft: bool) -> Problem<T> {
    let mut scores: Vec<f64> = quarters(rows * columns).collect();
    if inputs(loss)[0] == Input::Probabilities {
        scores.iter_mut().for_each(|score| *score = (*score + 3.0) / 8.0);
    }
    let answers = if is_soft {
        let numbers = quarters(rows * columns + 1).skip(1).map(|quarter| quarter + 3.0);
        let mut numbers: Vec<f64> = numbers.collect();
        for row in numbers.chunks_mut(columns) {
            row[0] += 1.0;
            let sum: f64 = row.iter().sum();
            row.iter_mut().for_each(|number| *number /= sum);
        }
        Answers::Numbers(numbers.into_iter().map(T::of).collect())
    } else {
        Answers::Labels((0..rows).map(|row| (row * 5 % columns) as i32).collect())
    };
    Problem::new(loss, columns, scores.into_iter().map(T::of).collect(), answers).reduced(Reduction::None)
}

/// The row of a batch, as a batch.
fn alone<T: Real>(batch: &Problem<T>, row: usize) -> Problem<T> {
    let range = row * batch.columns..(row + 1) * batch.columns;
    let answers = match &batch.answers {
        Answers::Numbers(numbers) => Answers::Numbers(numbers[range.clone()].to_vec()),
        Answers::Labels(labels) => Answers::Labels(vec![labels[row]]),
        Answers::None => panic!("rows have targets"),
    };
    Problem { scores: batch.scores[range].to_vec(), answers, ..batch.clone() }
}

/// The loss of one row that is not a batch.
struct Own<'a, T> {
    scores: &'a [T],
    target: RowTargets<'a, T, 1>,
}

impl<T: Real> Visitor<'_, T> for Own<'_, T> {
    type Output = T;
    fn element<L: ElementLoss<T, K>, const K: usize>(self, _: L) -> T {
        panic!("not of rows")
    }
    fn row<L: RowLoss<T>>(self, loss: L) -> T {
        loss.row(Scores::Read(self.scores), self.target)
    }
    fn region<L: RegionLoss<T>>(self, _: L) -> T {
        panic!("not of rows")
    }
    fn pair<L: PairLoss<T>>(self, _: L) -> T {
        panic!("not of rows")
    }
}

fn check<T: Format>(loss: &str, columns: usize, is_soft: bool) {
    let batch = problem::<T>(loss, columns, ROWS, is_soft);
    let [value, found, in_place] =
        [Form::Value, Form::Gradient, Form::InPlace].map(|form| batch.call(form).unwrap());
    let context = format!("{loss}, {columns} columns");
    assert_eq!(bits(&value.values), bits(&found.values), "{context}");
    assert_eq!(bits(&in_place.values), bits(&found.values), "{context}");
    assert_eq!(bits(&in_place.gradient), bits(&found.gradient), "{context}");
    for (row, gradient) in found.gradient.chunks(columns).enumerate() {
        let context = format!("{context}, row {row}");
        let problem = alone(&batch, row);
        let own = problem.call(Form::Gradient).unwrap();
        assert_eq!(bits(&own.values), bits(&found.values[row..=row]), "{context}");
        assert_eq!(bits(&own.gradient), bits(gradient), "{context}");
        let target = match &problem.answers {
            Answers::Numbers(numbers) => RowTargets::Distributions(numbers),
            Answers::Labels(labels) => RowTargets::Classes([labels[0] as u32]),
            Answers::None => panic!("rows have targets"),
        };
        let own = visit(loss, Own { scores: &problem.scores, target }).unwrap();
        assert_eq!(bits(&[own]), bits(&found.values[row..=row]), "{context}");
    }
}

#[test]
fn a_row_has_its_bits_wherever_it_stands() {
    for (_, info) in LOSSES.iter().filter(|(shape, _)| *shape == "row") {
        for columns in COLUMNS {
            for is_soft in [false, true] {
                if !is_soft || facts(info.name).takes_numbers {
                    check::<f32>(info.name, columns, is_soft);
                    check::<f64>(info.name, columns, is_soft);
                }
            }
        }
    }
}

#[test]
fn a_row_with_a_target_of_another_number_of_classes_is_nan() {
    for (_, info) in LOSSES.iter().filter(|(shape, _)| *shape == "row") {
        let scores = [0.5_f64, 0.25, 0.25];
        for target in [RowTargets::Classes([3]), RowTargets::Distributions(&[0.5, 0.5])] {
            assert!(visit(info.name, Own { scores: &scores, target }).unwrap().is_nan(), "{}", info.name);
        }
    }
}
