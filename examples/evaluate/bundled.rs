//! The table of the bundled predictions: the same lines, to the last bit, on the host and on every board that has the
//! memory.

use core::fmt::Display;

use microloss::element::{BalancedCrossEntropy, BinaryCrossEntropy, Focal};
use microloss::metric::{Average, ConfusionMatrix, ZeroDivision};
use microloss::region::{LovaszHinge, LovaszSoftmax};
use microloss::row::{CrossEntropy, FocalMulticlass, KlDivergence};
use microloss::{
    ElementLoss, Elements, Entry, Error, RegionLoss, Regions, RowLoss, Rows, Scratch, Sort, Total, Unit,
};

use crate::board::{THIS, say};
use crate::predictions::{
    COIN_LABELS, COIN3_LABELS, COINS, COINS3, DIGIT_LABELS, DIGITS, FACE_LABELS, FACES, PICTURE_WIDTH,
};

/// Pixels of the picture's upper part, which fits the smallest board.
const TILE: usize = 8 * PICTURE_WIDTH;
/// Entries of scratch that leave memory for the rest of the program: those of the whole picture, or of the tile.
const ENTRIES: usize = {
    let picture = Sort::Merge.entries(COINS.len());
    if picture * size_of::<Entry<f32>>() < THIS.ram { picture } else { Sort::Merge.entries(TILE) }
};

/// Prints the table.
pub fn print() -> Result<(), Error> {
    say!("{:<15} {:<34} {:>5}  {:<11} bits", "data set", "loss", "items", "value");
    digits()?;
    faces()?;
    let mut scratch = [Entry::default(); ENTRIES];
    picture(["coins", "coins3"], COINS.len(), &mut scratch)?;
    picture(["coins tile 512", "coins3 tile 512"], TILE, &mut scratch)
}

fn line(data: &str, loss: impl Display, items: usize, value: f32) {
    say!("{data:<15} {loss:<34} {items:>5}  {value:<11?} {:#010x}", value.to_bits());
}

fn digits() -> Result<(), Error> {
    let show = |loss: &str, value| line("digits", loss, DIGITS.len(), value);
    let rows = || Rows::new(&DIGITS, &DIGIT_LABELS);
    show("cross_entropy", CrossEntropy::new().mean(rows())?);
    show("cross_entropy unit=bits", CrossEntropy::new().mean(rows().unit(Unit::Bits))?);
    show("cross_entropy label_smoothing=0.1", CrossEntropy::new().label_smoothing(0.1)?.mean(rows())?);
    // Totals merge: one row at a time needs memory for one target distribution only.
    let mut divergence = Total::default();
    for (row, &label) in DIGITS.iter().zip(&DIGIT_LABELS) {
        let mut target = [0.01_f32; 10];
        if let Some(right) = target.get_mut(usize::from(label)) {
            *right += 0.9;
        }
        divergence = divergence.merge(KlDivergence::new().total(Rows::slices(row, 10, &target[..]))?);
    }
    show("kl_divergence targets smoothed 0.1", divergence.mean()?);
    show("focal_multiclass gamma=2", FocalMulticlass::new().mean(rows())?);
    let mut matrix = ConfusionMatrix::<10>::new();
    for (row, &label) in DIGITS.iter().zip(&DIGIT_LABELS) {
        matrix.add_scores(label.into(), row)?;
    }
    show("accuracy", matrix.accuracy()?);
    Ok(())
}

fn faces() -> Result<(), Error> {
    let show = |loss: &str, value| line("faces", loss, FACES.len(), value);
    let elements = || Elements::new(&FACES, &FACE_LABELS);
    show("binary_cross_entropy", BinaryCrossEntropy::new().mean(elements())?);
    show("balanced_cross_entropy", BalancedCrossEntropy::new().mean(elements())?);
    show("focal gamma=2 alpha=0.25", Focal::new().mean(elements())?);
    Ok(())
}

/// The first pixels of the picture, in two classes and in three.
fn picture(names: [&str; 2], pixels: usize, scratch: &mut [Entry<f32>]) -> Result<(), Error> {
    let [coins, coins3] = names;
    let loss = LovaszHinge::new();
    let scores = COINS.get(..pixels).unwrap_or(&COINS);
    let labels = COIN_LABELS.get(..pixels).unwrap_or(&COIN_LABELS);
    let value = loss.mean(Regions::slices(scores, 1, pixels, labels, Scratch::merge(scratch)));
    line_or_skipped(coins, "lovasz_hinge", pixels, value)?;
    let mut matrix = ConfusionMatrix::<2>::new();
    for (&score, &label) in scores.iter().zip(labels) {
        matrix.add(label.into(), usize::from(score > 0.0))?;
    }
    line(coins, "iou", pixels, matrix.iou(Average::Class(1), ZeroDivision::Refuse)?);

    let loss = LovaszSoftmax::new();
    let scores = COINS3.get(..pixels).unwrap_or(&COINS3);
    let labels = COIN3_LABELS.get(..pixels).unwrap_or(&COIN3_LABELS);
    let value = loss.mean(Regions::slices(scores.as_flattened(), 3, pixels, labels, Scratch::merge(scratch)));
    line_or_skipped(coins3, "lovasz_softmax", pixels, value)?;
    let mut matrix = ConfusionMatrix::<3>::new();
    for (row, &label) in scores.iter().zip(labels) {
        matrix.add_scores(label.into(), row)?;
    }
    line(coins3, "mean_iou", pixels, matrix.mean_iou()?);
    Ok(())
}

/// A sort without the memory for it is no failure of the board: it is named, and the table goes on.
fn line_or_skipped(data: &str, loss: &str, pixels: usize, value: Result<f32, Error>) -> Result<(), Error> {
    match value {
        Err(Error::ScratchTooSmall { needed, .. }) => {
            let bytes = needed * size_of::<Entry<f32>>();
            say!("skipped: {data} {loss}: {bytes} bytes of scratch, {} of RAM", THIS.ram);
        }
        value => line(data, loss, pixels, value?),
    }
    Ok(())
}
