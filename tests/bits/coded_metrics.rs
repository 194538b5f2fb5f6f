//! Digests of metrics that read scores as codes, and of cross entropy by a table of exponentials.

use microloss::math::SoftmaxTable;
use microloss::metric::{BrierScore, CalibrationError, ConfusionMatrix, LogLoss, TopKAccuracy, argmax, rank};
use microloss::{Dequantize, Error, Input, Quantized, View};

use super::codes::{Drawn, Tensor};
use super::digest::Digest;
use super::lines::Line;
use super::metrics::{CLASSES, Draw, NAME};
use super::random::{Float, Kind, Random};

const ITEMS: usize = 8;
const CODES: usize = ITEMS * CLASSES;

/// The line of a type.
pub fn line<T: Float>(batches: usize) -> Line {
    let mut digests = [Digest::default(); Kind::ALL.len()];
    for batch in 0..batches {
        let place = batch % digests.len();
        let mut draw = Draw { random: Random::new(batch as u64), kind: Kind::ALL[place] };
        let (digest, mut tensor, input) = (&mut digests[place], Tensor::<CODES>::NOTHING, draw.input());
        let (scales, kind) = (&mut [T::zero(); CLASSES], draw.kind);
        // All kinds of codes for f32; for f64, which a device seldom has, one.
        let kinds = if const { size_of::<T>() == 4 } { 3 } else { 1 };
        let result = match draw.random.below(kinds) {
            1 if const { size_of::<T>() == 4 } => {
                tensor.fill::<T, i8>(&mut draw.random, kind, input, CODES, &mut scales[..1]);
                Quantized::per_tensor(&tensor.cast::<i8>()[..], scales[0], tensor.zero_points[0])
                    .map(|codes| metrics(&mut draw, digest, input, codes))
            }
            2 if const { size_of::<T>() == 4 } => {
                tensor.fill::<T, u8>(&mut draw.random, kind, input, CODES, scales);
                Quantized::per_column(&tensor.cast::<u8>()[..], scales, &tensor.zero_points[..CLASSES])
                    .map(|codes| metrics(&mut draw, digest, input, codes))
            }
            _ => {
                tensor.fill::<T, i16>(&mut draw.random, kind, input, CODES, scales);
                Quantized::per_column(&tensor.cast::<i16>()[..], scales, &tensor.zero_points[..CLASSES])
                    .map(|codes| metrics(&mut draw, digest, input, codes))
            }
        };
        digest.done(result);
        // The table has one type.
        if size_of::<T>() == 4 {
            let result = table(&mut draw, digest, &tensor);
            digest.done(result);
        }
    }
    (NAME, T::CODES, digests.map(|digest| digest.0))
}

#[inline(never)]
fn metrics<T: Float, Q: Drawn, D: Dequantize<T>>(
    draw: &mut Draw,
    digest: &mut Digest,
    input: Input,
    codes: Quantized<'_, [Q], D>,
) {
    let (mut matrix, mut top) = (ConfusionMatrix::<CLASSES>::new(), TopKAccuracy::<2>::new());
    let (mut loss, mut brier) = (LogLoss::<T>::new(), BrierScore::<T>::new());
    let mut calibration = CalibrationError::<T, CLASSES>::new();
    let mut labels = [0_u8; ITEMS];
    for (item, slot) in labels.iter_mut().enumerate() {
        let label = draw.label();
        let start = item * CLASSES;
        let Some(row) = View::<T>::part(codes, start..start + CLASSES, 0) else { return };
        for place in [argmax::<T>(row), rank::<T>(row, label)] {
            match place {
                Ok(place) => digest.add(place as u64),
                Err(error) => digest.error(error),
            }
        }
        digest.done(matrix.add_scores::<T>(label, row));
        digest.done(top.add_scores::<T>(label, row));
        digest.done(loss.add_scores(label, row, input));
        digest.done(brier.add_scores(label, row, input));
        digest.done(calibration.add_scores(label, row, input));
        View::<T>::row(row).for_each(|number| digest.number(number));
        *slot = label as u8;
    }
    digest.done(matrix.add_rows::<T, u8>(codes, &labels, Some(CLASSES as i64)));
    digest.words(&matrix);
    digest.words(&top);
    digest.words(&loss);
    digest.words(&brier);
    digest.words(&calibration);
}

/// Codes of both types that a table takes.
#[inline(never)]
fn table(draw: &mut Draw, digest: &mut Digest, tensor: &Tensor<CODES>) -> Result<(), Error> {
    let scale: f32 = draw.random.score(Input::Logits, draw.kind, true);
    let table = SoftmaxTable::new(scale.abs())?;
    let label = draw.label();
    let (mut gradient, mut other) = ([0.0; CLASSES], [0.0; CODES]);
    let signed = tensor.cast::<i8>();
    digest.result(table.cross_entropy_with_gradient(&signed[..CLASSES], label, &mut gradient));
    digest.result(table.cross_entropy_with_gradient(&tensor.cast::<u8>(), label, &mut other));
    digest.numbers(&gradient);
    digest.numbers(&other);
    Ok(())
}
