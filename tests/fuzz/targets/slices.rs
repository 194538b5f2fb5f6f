//! Every loss of the registry through slices, of arbitrary bytes: of numbers, and of integer codes, of which it makes what it makes
//! of the numbers that they stand for.
#![no_main]

extern crate microloss_core as microloss;

#[path = "bytes.rs"]
mod bytes;
#[macro_use]
#[path = "../../support/call.rs"]
mod call;
#[path = "check.rs"]
mod check;
#[path = "../../support/codes.rs"]
mod codes;
#[path = "draw.rs"]
mod draw;

use bytes::{Bytes, Number};
use call::{Buffers, Form};
use check::Ran;
use codes::{Drawn, Tensor, call_with, columns};
use draw::Case;
use microloss::{Dequantize, Error, Input, Quantized};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut bytes = Bytes::new(data);
    match bytes.below(4) {
        0 => check::<f32>(&mut bytes),
        1 => check::<f64>(&mut bytes),
        // Each type with one kind of scales, as in tests/quantized.rs: all pairs take long to compile.
        2 => {
            let (case, tensor) = draw_codes::<f32, i8>(&mut bytes, true);
            match Quantized::per_tensor(&tensor.codes[..], tensor.scales[0], tensor.zero_points[0]) {
                Ok(codes) => check_codes(&case, codes, true),
                Err(error) => refused(&tensor, &error),
            }
        }
        _ => {
            let (case, tensor) = draw_codes::<f64, i16>(&mut bytes, false);
            let fits = tensor.scales.len() == columns(&case.problem);
            match Quantized::per_column(&tensor.codes[..], &tensor.scales, &tensor.zero_points) {
                Ok(codes) => check_codes(&case, codes, fits),
                Err(error) => refused(&tensor, &error),
            }
        }
    }
});

fn check<T: Number>(bytes: &mut Bytes<'_>) {
    let case = Case::<T>::draw(bytes);
    case.check(|form| {
        let before = case.buffers(form);
        let mut after = before.clone();
        let result = case.problem.call_with(case.targets.targets(), form, &mut after).map(drop);
        Ran { result, before, after }
    });
}

/// A case whose scores are what codes stand for.
fn draw_codes<T: Number, Q: Drawn>(bytes: &mut Bytes<'_>, is_whole: bool) -> (Case<T>, Tensor<T, Q>) {
    let mut case = Case::<T>::draw(bytes);
    let input = case.problem.input();
    let span = Q::MOST - Q::LEAST;
    let width = if is_whole { 1 } else { bytes.length(columns(&case.problem).min(90)) };
    let (mut scales, mut zero_points) = (Vec::new(), Vec::new());
    for _ in 0..width {
        let zero_point = match input {
            Input::Probabilities => Q::LEAST,
            Input::LogProbabilities => Q::MOST,
            _ => Q::LEAST + bytes.bits() as u16 as i32 % (span + 1),
        };
        scales.push(match input {
            _ if bytes.odd() => bytes.number(),
            Input::Probabilities => bytes.part::<T>() / T::of(span.into()),
            _ => bytes.size::<T>() / T::of(span.into()),
        });
        zero_points.push(if bytes.odd() { bytes.bits() as i32 } else { zero_point });
    }
    let codes = bytes
        .list(case.problem.scores.len(), |bytes| Q::of(Q::LEAST + bytes.bits() as u16 as i32 % (span + 1)));
    let tensor = Tensor { codes, scales, zero_points };
    // A zero point that is no code is refused before it stands for anything.
    if tensor.zero_points.iter().all(|zero_point| (Q::LEAST..=Q::MOST).contains(zero_point)) {
        case.problem.scores = tensor.numbers();
    }
    case.problem.scores.resize(tensor.codes.len(), T::zero());
    (case, tensor)
}

fn check_codes<T: Number, Q: Drawn, D: Dequantize<T>>(
    case: &Case<T>,
    codes: Quantized<'_, [Q], D>,
    fits: bool,
) {
    let run = |form| {
        let before = case.buffers(form);
        let mut after: Buffers<T> = before.clone();
        let (problem, targets) = (&case.problem, case.targets.targets());
        let result = match form {
            // Codes cannot become a gradient: the numbers do.
            Form::InPlace => problem.call_with(targets, form, &mut after),
            _ => call_with(problem, targets, form, codes, &mut after),
        };
        Ran { result: result.map(drop), before, after }
    };
    if fits {
        return case.check(run);
    }
    for form in [Form::Value, Form::Gradient] {
        let ran = run(form);
        assert!(ran.result.is_err(), "scales of another length");
        case.check_one(form, &ran);
    }
}

/// Scales and zero points are refused for a reason.
fn refused<T: Number, Q: Drawn>(tensor: &Tensor<T, Q>, error: &Error) {
    let &Error::Parameter { name, index, .. } = error else { panic!("{error:?}") };
    match name {
        "scale" => assert!(!(tensor.scales[index] > T::zero() && tensor.scales[index].is_finite())),
        _ => assert!(!(Q::LEAST..=Q::MOST).contains(&tensor.zero_points[index])),
    }
}
