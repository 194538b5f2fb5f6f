//! One way to call any loss of the registry with codes for scores, as `call.rs` does with numbers.

#![allow(dead_code, reason = "each test uses its part of this")]

use microloss::loss::Configure;
use microloss::registry::{Visitor, visit};
use microloss::{
    Code, Dequantize, ElementLoss, Elements, Error, PairLoss, Pairs, Quantized, Real, RegionLoss, Regions,
    RowLoss, Rows, Scratch, Sort, Targets, Total,
};

use crate::call::{Buffers, Form, Problem, Reduction, entry, facts};

/// Codes of some type, drawn from anywhere in it.
pub(crate) trait Drawn: Code {
    const LEAST: i32;
    const MOST: i32;
    fn of(number: i32) -> Self;
}

macro_rules! drawn {
    ($($type:ident),*) => {$(
        impl Drawn for $type {
            const LEAST: i32 = $type::MIN as i32;
            const MOST: i32 = $type::MAX as i32;
            fn of(number: i32) -> Self { number.try_into().unwrap() }
        }
    )*};
}
drawn!(i8, u8, i16);

/// Codes, with a scale and a zero point for each column.
#[derive(Clone, Debug)]
pub(crate) struct Tensor<T, Q> {
    pub(crate) codes: Vec<Q>,
    pub(crate) scales: Vec<T>,
    pub(crate) zero_points: Vec<i32>,
}

impl<T: Real, Q: Drawn> Tensor<T, Q> {
    /// What the codes stand for.
    pub(crate) fn numbers(&self) -> Vec<T> {
        let columns = self.scales.iter().zip(&self.zero_points).cycle();
        let number = |(code, (scale, zero_point)): (&Q, (&T, &i32))| {
            *scale * T::of(f64::from(code.number() - zero_point))
        };
        self.codes.iter().zip(columns).map(number).collect()
    }
}

/// Numbers that stand in a column each.
pub(crate) fn columns<T>(problem: &Problem<T>) -> usize {
    let (shape, info) = entry(problem.loss);
    if shape == "element" { problem.columns.saturating_mul(facts(info.name).scores) } else { problem.columns }
}

/// Calls the loss with these codes for the problem's scores; see `Problem::call_with`. There is no call in place.
pub(crate) fn call_with<T: Real, Q: Code, D: Dequantize<T>>(
    problem: &Problem<T>,
    targets: Targets<'_, T>,
    form: Form,
    codes: Quantized<'_, [Q], D>,
    buffers: &mut Buffers<T>,
) -> Result<Option<Total<T>>, Error> {
    visit(problem.loss, Call { problem, targets, form, codes, buffers }).expect("a loss of the registry")
}

struct Call<'p, 'b, T, Q, D> {
    problem: &'p Problem<T>,
    targets: Targets<'b, T>,
    form: Form,
    codes: Quantized<'b, [Q], D>,
    buffers: &'b mut Buffers<T>,
}

impl<'p, T: Real, Q, D> Call<'p, '_, T, Q, D> {
    fn configure<L: Configure<'p, T>>(&self, loss: L) -> Result<L, Error> {
        self.problem.parameters.iter().try_fold(loss, |loss, (name, setting)| loss.set(name, setting.value()))
    }
}

/// Evaluates a batch of codes, with a gradient or without: these are two types.
macro_rules! evaluate {
    ($loss:ident, $call:ident, $batch:expr) => {{
        let (problem, batch) = ($call.problem, $batch);
        match $call.form {
            Form::Value => reduce!($loss, batch, problem, &mut $call.buffers.values[..]),
            _ => {
                let batch = batch.gradient(&mut $call.buffers.gradient);
                reduce!($loss, batch, problem, &mut $call.buffers.values[..])
            }
        }
    }};
}

/// The same of items that may have weights.
macro_rules! evaluate_weighted {
    ($loss:ident, $call:ident, $batch:expr) => {{
        let batch = $batch;
        match &$call.problem.weights {
            Some(weights) => evaluate!($loss, $call, batch.weights(weights)),
            None => evaluate!($loss, $call, batch),
        }
    }};
}

impl<'p, T: Real, Q: Code, D: Dequantize<T>> Visitor<'p, T> for Call<'p, '_, T, Q, D> {
    type Output = Result<Option<Total<T>>, Error>;

    fn element<L: ElementLoss<T, K> + Configure<'p, T>, const K: usize>(self, loss: L) -> Self::Output {
        let loss = self.configure(loss)?;
        evaluate_weighted!(
            loss,
            self,
            Elements::quantized_slices(self.codes, self.problem.columns, self.targets)
        )
    }

    fn row<L: RowLoss<T> + Configure<'p, T>>(self, loss: L) -> Self::Output {
        let loss = self.configure(loss)?;
        evaluate_weighted!(loss, self, Rows::quantized_slices(self.codes, self.problem.columns, self.targets))
    }

    fn region<L: RegionLoss<T> + Configure<'p, T>>(self, loss: L) -> Self::Output {
        let loss = self.configure(loss)?;
        let entries = &mut self.buffers.scratch[..];
        let scratch = match self.problem.sort {
            Sort::Insertion => Scratch::insertion(entries),
            Sort::Merge => Scratch::merge(entries),
        };
        let Problem { columns, pixels, .. } = *self.problem;
        evaluate_weighted!(
            loss,
            self,
            Regions::quantized_slices(self.codes, columns, pixels, self.targets, scratch)
        )
    }

    fn pair<L: PairLoss<T> + Configure<'p, T>>(self, loss: L) -> Self::Output {
        let loss = self.configure(loss)?;
        evaluate_weighted!(
            loss,
            self,
            Pairs::quantized_slices(self.codes, self.problem.columns, self.targets)
        )
    }
}
