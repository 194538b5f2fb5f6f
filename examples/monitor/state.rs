//! What a device keeps of a classifier's predictions, sends, and merges with that of others.

use microloss::metric::{CalibrationError, ConfusionMatrix};
use microloss::row::CrossEntropy;
use microloss::stream::{Evaluator, ExactTotal};
use microloss::{Error, Input, Quantized, RowLoss, Rows};
use postcard::ser_flavors::Flavor;

pub const CLASSES: usize = 10;
pub const BINS: usize = 10;

/// Loss, table of classes and calibration.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct State {
    pub loss: Evaluator<ExactTotal<f32>>,
    pub matrix: Evaluator<ConfusionMatrix<CLASSES>>,
    pub calibration: Evaluator<CalibrationError<f32, BINS>>,
}

// All that a device needs memory for, but for a row of scores and a line of text.
const _: () = assert!(size_of::<State>() <= 2 << 10);

/// The three, as they are written.
type Parts =
    (Evaluator<ExactTotal<f32>>, Evaluator<ConfusionMatrix<CLASSES>>, Evaluator<CalibrationError<f32, BINS>>);

impl State {
    /// Takes an item: its label, and int8 logits of one scale and zero point. A refused one is counted by the loss, and no other
    /// takes it.
    #[allow(dead_code, reason = "the device's")]
    pub fn take(&mut self, label: u8, codes: &[i8], scale: f32, zero_point: i32) -> Result<(), Error> {
        let scores = Quantized::per_tensor(codes, scale, zero_point)?;
        let row = Rows::quantized_slices(scores, CLASSES, core::slice::from_ref(&label));
        self.loss.take(CrossEntropy::new().total(row))?;
        self.matrix.add_with(|matrix| matrix.add_scores(label.into(), scores))?;
        self.calibration.add_with(|calibration| calibration.add_scores(label.into(), scores, Input::Logits))
    }

    /// Takes all that another device has taken.
    #[allow(dead_code, reason = "the fleet's")]
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let mut merged = *self;
        merged.loss.merge(&other.loss)?;
        merged.matrix.merge(&other.matrix)?;
        merged.calibration.merge(&other.calibration)?;
        *self = merged;
        Ok(())
    }

    /// Writes the state, a few bytes at a time.
    #[allow(dead_code, reason = "the device's")]
    pub fn write(&self, sink: &mut dyn FnMut(&[u8])) -> postcard::Result<()> {
        let parts: Parts = (self.loss, self.matrix, self.calibration);
        postcard::serialize_with_flavor(&parts, Sink(sink))
    }

    /// Reads a state. What was cut or changed is refused.
    #[allow(dead_code, reason = "the fleet's")]
    pub fn read(bytes: &[u8]) -> postcard::Result<Self> {
        let ((loss, matrix, calibration), rest) = postcard::take_from_bytes::<Parts>(bytes)?;
        if rest.is_empty() {
            Ok(Self { loss, matrix, calibration })
        } else {
            Err(postcard::Error::DeserializeBadEncoding)
        }
    }
}

/// Hands on what is serialized.
struct Sink<'a>(&'a mut dyn FnMut(&[u8]));

impl Flavor for Sink<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.try_extend(&[byte])
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        (self.0)(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}
