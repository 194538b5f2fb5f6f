//! What must hold of every call, whatever the bytes.

use std::fmt::Debug;

use microloss::{Entry, Error, Input, Unit};

use crate::bytes::Number;
use crate::call::{Buffers, Form, Reduction, Setting, entry};
use crate::draw::Case;

/// What stands in a buffer before the call.
const FILLING: f64 = 7.25;

/// What came of a call, and the buffers before and after it.
#[derive(Clone, Debug)]
pub(crate) struct Ran<T> {
    pub(crate) result: Result<(), Error>,
    pub(crate) before: Buffers<T>,
    pub(crate) after: Buffers<T>,
}

impl<T: Number> Case<T> {
    /// Buffers of the case's lengths.
    pub(crate) fn buffers(&self, form: Form) -> Buffers<T> {
        let values = if self.problem.reduction == Reduction::None { self.values } else { 1 };
        let filling = vec![T::of(FILLING); self.gradient];
        Buffers {
            values: vec![T::of(FILLING); values],
            gradient: if form == Form::InPlace { self.problem.scores.clone() } else { filling },
            scratch: vec![Entry::default(); self.scratch],
        }
    }

    /// All three forms, and what must hold among them.
    pub(crate) fn check(&self, run: impl Fn(Form) -> Ran<T>) {
        self.print();
        let [value, gradient, in_place] = [Form::Value, Form::Gradient, Form::InPlace].map(|form| {
            let ran = run(form);
            self.check_one(form, &ran);
            ran
        });
        match (&value.result, &gradient.result) {
            (Ok(()), Ok(())) => {
                same("values with and without gradient", &value.after.values, &gradient.after.values)
            }
            // A derivative may be beyond the type where the loss is not, and is found before what is wrong with a later item.
            (_, Err(Error::Overflow)) => {}
            (_, Err(Error::LengthMismatch { what: "gradient" | "scores", .. })) => {}
            (Err(one), Err(other)) => equal(one, other),
            other => panic!("without and with gradient: {other:?}"),
        }
        if self.gradient != self.problem.scores.len() {
            return;
        }
        match (&gradient.result, &in_place.result) {
            (Ok(()), Ok(())) => {
                same("values of a gradient in place", &gradient.after.values, &in_place.after.values);
                same("gradient in place", &gradient.after.gradient, &in_place.after.gradient);
            }
            (_, Err(Error::ScratchTooSmall { .. })) => {}
            (Err(one), Err(other)) => equal(one, other),
            other => panic!("a gradient apart and in place: {other:?}"),
        }
    }

    /// Says what the bytes stand for, where `MICROLOSS_PRINT` is set.
    fn print(&self) {
        if std::env::var_os("MICROLOSS_PRINT").is_some() {
            eprintln!("{self:#?}");
        }
    }

    /// What must hold of one call.
    pub(crate) fn check_one(&self, form: Form, Ran { result, before, after }: &Ran<T>) {
        let is_none = self.problem.reduction == Reduction::None;
        let Err(error) = result else {
            if form == Form::Value {
                same("a gradient that was not asked for", &before.gradient, &after.gradient);
            } else {
                finite("gradient", &after.gradient);
                self.check_ignored(&after.gradient);
            }
            finite("values", &after.values);
            if is_none {
                self.check_range(&after.values);
            }
            return;
        };
        let error = Clone::clone(error);
        assert!(!format!("{error}").is_empty());
        // Untouched, or zeros where only the walk through the items finds what is wrong.
        let may_be_zeros =
            matches!(error, Error::NonFiniteScore { .. } | Error::NonFiniteLoss { .. } | Error::Overflow);
        let must_be_zeros = may_be_zeros && error != Error::Overflow;
        let is_kept = |before: &[T], after: &[T]| bits(before) == bits(after);
        let is_zero = |after: &[T]| after.iter().all(|&number| number == T::zero());
        let kept = is_kept(&before.gradient, &after.gradient)
            && (!is_none || is_kept(&before.values, &after.values));
        let zeros = (form == Form::Value || is_zero(&after.gradient)) && (!is_none || is_zero(&after.values));
        assert!(
            (kept && !must_be_zeros) || (zeros && may_be_zeros),
            "{error:?} left {after:?} of {before:?}"
        );
        if !is_none {
            same("the value of a refused call", &before.values, &after.values);
        }
    }

    /// The gradient of what is ignored is 0.
    fn check_ignored(&self, gradient: &[T]) {
        let labels = self.targets.labels();
        let width = gradient.len().checked_div(labels.len()).unwrap_or(0);
        for (label, gradient) in labels.iter().zip(gradient.chunks(width.max(1))) {
            if Some(*label) == self.problem.ignore_index {
                assert!(gradient.iter().all(|&entry| entry == T::zero()), "ignored: {gradient:?}");
            }
        }
    }

    /// An item's loss is in the range of the loss.
    fn check_range(&self, values: &[T]) {
        let (least, most) = self.range();
        for (index, value) in values.iter().enumerate() {
            let weight = self.problem.weights.as_ref().map_or(1.0, |weights| weights[index].to_double());
            let is_bits = self.problem.unit == Unit::Bits && entry(self.problem.loss).1.logarithmic;
            let unit = if is_bits { std::f64::consts::LN_2 } else { 1.0 };
            // Each rounds, and may round to the smallest number there is.
            let size = least.abs().max(if most.is_finite() { most } else { 0.0 }).max(1.0);
            let slack = 1e-5_f64.mul_add(weight * size, 2.0 * T::of_bits(1).to_double());
            let value = value.to_double();
            assert!(
                least.is_infinite() || value >= least * weight / unit - slack,
                "{index}: {value} below {least} x {weight}"
            );
            assert!(
                most.is_infinite() || value <= most * weight / unit + slack,
                "{index}: {value} above {most} x {weight}"
            );
        }
    }

    /// The least and the greatest loss of an item, by the catalogue's formulas: at least 0, where nothing else is said.
    fn range(&self) -> (f64, f64) {
        let from_logits = self.problem.input() == Input::Logits;
        let columns = self.problem.columns as f64;
        // Distributions sum to 1 but for 1e-3, logarithms of probabilities are below 1e-3; probabilities may all be 1.
        let near = 1.002;
        let mass = if from_logits { near } else { columns * near };
        match self.problem.loss {
            "gaussian_nll" => (f64::NEG_INFINITY, f64::INFINITY),
            "cross_entropy" | "focal_multiclass" if !from_logits => {
                (-2e-3 * self.largest("weights"), f64::INFINITY)
            }
            "kl_divergence" => (-0.002 - if from_logits { 0.0 } else { near * mass.ln() }, f64::INFINITY),
            "jensen_shannon" => (0.0, 0.74 * (mass + near) / 2.0),
            "brier" => (0.0, mass + near),
            "lovasz_softmax" | "jaccard" | "dice" | "tversky" => (0.0, self.largest("weights")),
            "cosine_embedding" => (0.0, 2.0),
            _ => (0.0, f64::INFINITY),
        }
    }

    /// The largest of a list of numbers, 1 without one.
    fn largest(&self, name: &str) -> f64 {
        match self.problem.setting(name) {
            Some(Setting::Numbers(numbers)) => {
                numbers.iter().fold(1.0, |largest: f64, number| largest.max(number.to_double()))
            }
            _ => 1.0,
        }
    }
}

fn bits<T: Number>(numbers: &[T]) -> Vec<Option<u64>> {
    numbers.iter().map(|number| (!number.is_nan()).then(|| number.to_hex_bits().0)).collect()
}

/// NaN is NaN.
pub(crate) fn same<T: Number>(what: &str, one: &[T], other: &[T]) {
    assert!(bits(one) == bits(other), "{what}: {one:?}, {other:?}");
}

/// Errors have floats, which may be NaN.
fn equal(one: &Error, other: &Error) {
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
}

fn finite<T: Number>(what: &str, numbers: &[T]) {
    assert!(numbers.iter().all(|number| number.is_finite()), "{what}: {numbers:?}");
}
