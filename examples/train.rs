//! Trains the last layer of a model on the device: a softmax regression of the digits bundled in `examples/data`, by plain
//! stochastic gradient descent, with cross entropy and then anew with the focal loss.
//!
//! `cargo run --release --example train` prints the loss of each epoch and the accuracy on images that were not trained
//! with. The same source trains on emulated boards, to the same weights, bit for bit: add `--target
//! thumbv7em-none-eabihf` or another of `.cargo/config.toml`.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[path = "board/mod.rs"]
mod board;

use board::say;
use microloss::metric::ConfusionMatrix;
use microloss::row::{CrossEntropy, FocalMulticlass};
use microloss::{Error, RowLoss, Rows, Total};

const CLASSES: usize = 10;
const PIXELS: usize = 64;
/// Images that the weights are changed after.
const BATCH: usize = 16;
const EPOCHS: usize = 10;
/// Divided by the batch, so that the step is the mean gradient's.
const RATE: f32 = 0.5 / BATCH as f32;

/// A label, and pixels from 0 to 16.
type Image = [u8; 1 + PIXELS];
/// In an order drawn once, by the script beside them.
static IMAGES: &[Image] = include_bytes!("data/digits_images.u8").as_chunks().0;
const TRAINED_WITH: usize = 896;

/// The layer that is trained: scores are weights times pixels, plus a bias.
struct Layer {
    weights: [[f32; PIXELS]; CLASSES],
    bias: [f32; CLASSES],
}

fn label([label, ..]: &Image) -> u8 {
    *label
}

/// From 0 to 1. One by one: the compiler's vector code for these bytes gives other numbers on Cortex-M55.
fn pixels([_, pixels @ ..]: &Image) -> [f32; PIXELS] {
    pixels.map(|pixel| f32::from(core::hint::black_box(pixel)) / 16.0)
}

impl Layer {
    fn new() -> Self {
        Self { weights: [[0.0; PIXELS]; CLASSES], bias: [0.0; CLASSES] }
    }

    fn scores(&self, image: &Image) -> [f32; CLASSES] {
        let (mut scores, pixels) = (self.bias, pixels(image));
        for (score, weights) in scores.iter_mut().zip(&self.weights) {
            for (weight, pixel) in weights.iter().zip(&pixels) {
                *score += weight * pixel;
            }
        }
        scores
    }

    /// One step down, along the gradient with respect to the scores of an image.
    fn descend(&mut self, gradient: &[f32; CLASSES], image: &Image) {
        let pixels = pixels(image);
        for ((weights, bias), slope) in self.weights.iter_mut().zip(&mut self.bias).zip(gradient) {
            let step = RATE * slope;
            *bias -= step;
            for (weight, pixel) in weights.iter_mut().zip(&pixels) {
                *weight -= step * pixel;
            }
        }
    }

    /// Takes the images once, batch after batch; their loss on the way.
    fn train<L: RowLoss<f32>>(&mut self, loss: &L, images: &[Image]) -> Result<Total<f32>, Error> {
        let mut total = Total::default();
        for batch in images.as_chunks::<BATCH>().0 {
            let mut scores = batch.each_ref().map(|image| self.scores(image));
            let labels = batch.each_ref().map(label);
            total = total.merge(loss.total(Rows::in_place(&mut scores, &labels))?);
            for (gradient, image) in scores.iter().zip(batch) {
                self.descend(gradient, image);
            }
        }
        Ok(total)
    }

    fn accuracy(&self, images: &[Image]) -> Result<f32, Error> {
        let mut matrix = ConfusionMatrix::<CLASSES>::new();
        for image in images {
            matrix.add_scores(label(image).into(), &self.scores(image))?;
        }
        matrix.accuracy()
    }

    /// A digest of all bits (FNV-1a).
    fn digest(&self) -> u64 {
        let numbers = self.weights.as_flattened().iter().chain(&self.bias);
        numbers
            .flat_map(|number| number.to_bits().to_le_bytes())
            .fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
                (digest ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
            })
    }
}

fn train<L: RowLoss<f32>>(loss: &L) -> Result<(), Error> {
    let (given, kept_back) = IMAGES.split_at(TRAINED_WITH);
    say!("{}", L::INFO.name);
    say!("epoch  loss        bits        weights");
    let mut layer = Layer::new();
    for epoch in 1..=EPOCHS {
        let mean = layer.train(loss, given)?.mean()?;
        say!("{epoch:>5}  {mean:<10}  {:#010x}  {:#018x}", mean.to_bits(), layer.digest());
    }
    say!("accuracy {} of {} other images", layer.accuracy(kept_back)?, kept_back.len());
    Ok(())
}

fn run() -> bool {
    match train(&CrossEntropy::new()).and_then(|()| train(&FocalMulticlass::new())) {
        Ok(()) => true,
        Err(error) => {
            say!("error: {error}");
            false
        }
    }
}
board::main!(run);
