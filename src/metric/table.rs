//! What is read off a table of counts, whatever its number of classes: compiled once for each type.

use super::options::{Average, Disagreement, ZeroDivision};
use super::ratio::{double, ratio, ratio_of_difference};
use crate::{Error, Real};

/// The counts of a confusion matrix, row after row: true classes are rows, predicted ones columns.
#[derive(Clone, Copy)]
pub(crate) struct Table<'a> {
    pub counts: &'a [u32],
    pub classes: usize,
}

/// The items of a class. Counts of fewer than 2^16 classes do not overflow here; more are beyond any memory.
#[derive(Clone, Copy)]
struct Class {
    /// That bear it and are given it.
    hits: u128,
    /// That bear it.
    support: u128,
    /// That are given it.
    predicted: u128,
}

/// A ratio of the items of a class.
#[derive(Clone, Copy)]
pub(crate) enum Quotient {
    Precision,
    Recall,
    F1,
    Iou,
}

impl Quotient {
    const fn name(self) -> &'static str {
        match self {
            Self::Precision => "precision",
            Self::Recall => "recall",
            Self::F1 => "F1",
            Self::Iou => "IoU",
        }
    }

    /// Dividend and divisor.
    const fn of(self, Class { hits, support, predicted }: Class) -> (u128, u128) {
        match self {
            Self::Precision => (hits, predicted),
            Self::Recall => (hits, support),
            Self::F1 => (hits << 1, support.wrapping_add(predicted)),
            Self::Iou => (hits, support.wrapping_add(predicted).wrapping_sub(hits)),
        }
    }
}

fn sum(counts: impl Iterator<Item = u128>) -> u128 {
    counts.fold(0, u128::wrapping_add)
}

impl Table<'_> {
    fn class(&self, class: usize) -> Class {
        let rows = || self.counts.chunks(self.classes.max(1));
        let row = rows().nth(class).unwrap_or_default();
        Class {
            hits: row.get(class).copied().unwrap_or_default().into(),
            support: sum(row.iter().map(|&count| count.into())),
            predicted: sum(rows().filter_map(|row| row.get(class)).map(|&count| count.into())),
        }
    }

    fn each(&self) -> impl Iterator<Item = Class> {
        (0..self.classes).map(|class| self.class(class))
    }

    pub(crate) fn total(&self) -> u128 {
        sum(self.counts.iter().map(|&count| count.into()))
    }

    /// The number of items, which is not 0.
    fn some(&self) -> Result<u128, Error> {
        Some(self.total()).filter(|&total| total != 0).ok_or(Error::NothingToAverage)
    }

    /// A class that all items bear, or are given.
    fn only(&self) -> usize {
        let total = self.total();
        self.each().position(|class| class.support == total || class.predicted == total).unwrap_or_default()
    }

    pub(crate) fn accuracy<T: Real>(&self) -> Result<T, Error> {
        let total = self.some()?;
        Ok(ratio(sum(self.each().map(|class| class.hits)), total))
    }

    pub(crate) fn quotient<T: Real>(
        &self,
        quotient: Quotient,
        average: Average,
        zero_division: ZeroDivision,
    ) -> Result<T, Error> {
        let name = quotient.name();
        match average {
            Average::Class(class) if class >= self.classes => {
                let value = double(class as u128);
                return Err(Error::Parameter {
                    name: "class",
                    index: 0,
                    value,
                    expected: "one of the matrix",
                });
            }
            _ => self.some()?,
        };
        match average {
            Average::Class(class) => {
                let (part, whole) = quotient.of(self.class(class));
                zero_division.ratio(part, whole, name, class)?.ok_or(Error::NothingToAverage)
            }
            Average::Micro => {
                let (mut parts, mut wholes) = (0_u128, 0_u128);
                for (part, whole) in self.each().map(|class| quotient.of(class)) {
                    (parts, wholes) = (parts.wrapping_add(part), wholes.wrapping_add(whole));
                }
                Ok(ratio(parts, wholes))
            }
            Average::Macro => self.mean(quotient, zero_division, |_| 1),
            Average::Weighted => self.mean(quotient, zero_division, |class| class.support),
        }
    }

    /// The weighted mean over classes.
    fn mean<T: Real>(
        &self,
        quotient: Quotient,
        zero_division: ZeroDivision,
        weight: impl Fn(Class) -> u128,
    ) -> Result<T, Error> {
        let (mut sum, mut weights) = (0.0, 0_u128);
        for (number, class) in self.each().enumerate() {
            let (part, whole) = quotient.of(class);
            if let Some(value) = zero_division.ratio::<f64>(part, whole, quotient.name(), number)? {
                sum += double(weight(class)) * value;
                weights = weights.wrapping_add(weight(class));
            }
        }
        if weights == 0 { Err(Error::NothingToAverage) } else { Ok(T::of(sum / double(weights))) }
    }

    pub(crate) fn cohen_kappa<T: Real>(
        &self,
        disagreement: Disagreement,
        zero_division: ZeroDivision,
    ) -> Result<T, Error> {
        self.some()?;
        let (observed, expected) = self.disagreements(disagreement).ok_or(Error::Overflow)?;
        if expected == 0 {
            return zero_division.answer("kappa", self.only())?.ok_or(Error::NothingToAverage);
        }
        Ok(ratio_of_difference(expected, observed, expected))
    }

    /// The weighted disagreements, observed and expected, both times the square of the number of items; `None` where they
    /// overflow. The sums over pairs of classes are taken apart, so that each takes as long as reading the table.
    fn disagreements(&self, disagreement: Disagreement) -> Option<(u128, u128)> {
        let total = self.total();
        let mut observed = 0_u128;
        for (class, row) in self.counts.chunks(self.classes.max(1)).enumerate() {
            for (predicted, &count) in row.iter().enumerate() {
                let distance = class.abs_diff(predicted) as u128;
                let weight = match disagreement {
                    Disagreement::Equal => distance.min(1),
                    Disagreement::Linear => distance,
                    Disagreement::Quadratic => distance.checked_mul(distance)?,
                };
                observed = observed.checked_add(weight.checked_mul(count.into())?)?;
            }
        }
        let mut expected = 0_u128;
        match disagreement {
            // All pairs but those that agree.
            Disagreement::Equal => {
                let mut agreeing = 0_u128;
                for class in self.each() {
                    agreeing = agreeing.checked_add(class.support.checked_mul(class.predicted)?)?;
                }
                expected = total.checked_mul(total)?.checked_sub(agreeing)?;
            }
            // |i - j| is the number of steps between, and a step counts the pairs on its two sides.
            Disagreement::Linear => {
                let (mut support, mut predicted) = (0_u128, 0_u128);
                for class in self.each() {
                    support = support.checked_add(class.support)?;
                    predicted = predicted.checked_add(class.predicted)?;
                    for (low, high) in [(support, predicted), (predicted, support)] {
                        expected = expected.checked_add(low.checked_mul(total.checked_sub(high)?)?)?;
                    }
                }
            }
            // (i - j)² is i² - 2 i j + j².
            Disagreement::Quadratic => {
                let (mut squares, mut support, mut predicted) = (0_u128, 0_u128, 0_u128);
                for (number, class) in self.each().enumerate() {
                    let number = number as u128;
                    let items = class.support.checked_add(class.predicted)?;
                    squares = squares.checked_add(number.checked_mul(number)?.checked_mul(items)?)?;
                    support = support.checked_add(number.checked_mul(class.support)?)?;
                    predicted = predicted.checked_add(number.checked_mul(class.predicted)?)?;
                }
                let mixed = support.checked_mul(predicted)?.checked_mul(2)?;
                expected = squares.checked_mul(total)?.checked_sub(mixed)?;
            }
        }
        Some((observed.checked_mul(total)?, expected))
    }

    pub(crate) fn matthews_correlation<T: Real>(&self, zero_division: ZeroDivision) -> Result<T, Error> {
        let total = self.some()?;
        let [mut hits, mut both, mut support, mut predicted] = [0_u128; 4];
        for class in self.each() {
            hits = hits.wrapping_add(class.hits);
            both = both.wrapping_add(class.support.wrapping_mul(class.predicted));
            support = support.wrapping_add(class.support.wrapping_mul(class.support));
            predicted = predicted.wrapping_add(class.predicted.wrapping_mul(class.predicted));
        }
        let square = total.wrapping_mul(total);
        let (support, predicted) = (square.wrapping_sub(support), square.wrapping_sub(predicted));
        let right = hits.wrapping_mul(total);
        if support == 0 || predicted == 0 {
            return zero_division.answer("MCC", self.only())?.ok_or(Error::NothingToAverage);
        }
        if support == predicted {
            return Ok(ratio_of_difference(right, both, support));
        }
        let covariance = double(right.abs_diff(both));
        let value = covariance / Real::sqrt(double(support) * double(predicted));
        Ok(T::of(if right < both { -value } else { value }))
    }
}
