//! Digests of streams, of losses and of metrics: in two random parts, their results after merging, and the words of their states,
//! which are what is sent.

use microloss::element::{BinaryCrossEntropy, MeanSquaredError};
use microloss::metric::{
    Average, BrierScore, CalibrationError, ConfusionMatrix, Coverage, Disagreement, LogLoss,
    MeanAbsoluteError, MeanAbsolutePercentageError, R2Score, RankedScores, ScoreHistogram, TopKAccuracy,
    ZeroDivision,
};
use microloss::stream::{CompensatedTotal, Evaluator, ExactTotal, Stream, Words};
use microloss::{ElementLoss, Elements, Entry, Error, ExactProducts, ExactSum, Input, Real, Scratch};

use super::digest::Digest;
use super::lines::Line;
use super::random::{Float, Kind, Random};

/// What the line is called: no loss of the registry.
pub const NAME: &str = "metrics";

pub const CLASSES: usize = 3;
const ITEMS: usize = 8;

impl Digest {
    pub fn result<T: Real>(&mut self, result: Result<T, Error>) {
        match result {
            Ok(number) => self.number(number),
            Err(error) => self.error(error),
        }
    }

    pub fn words(&mut self, state: &(impl Words + Copy)) {
        { *state }.each_word(&mut |word| self.add((*word).into()));
    }

    pub fn done(&mut self, done: Result<(), Error>) {
        if let Err(error) = done {
            self.error(error);
        }
    }
}

/// The line of a type.
pub fn line<T: Float>(batches: usize) -> Line {
    let mut digests = [Digest::default(); Kind::ALL.len()];
    for batch in 0..batches {
        let place = batch % digests.len();
        let mut draw = Draw { random: Random::new(batch as u64), kind: Kind::ALL[place] };
        let digest = &mut digests[place];
        confusion::<T>(&mut draw, digest);
        ranking::<T>(&mut draw, digest);
        probabilities::<T>(&mut draw, digest);
        regression::<T>(&mut draw, digest);
        totals::<T>(&mut draw, digest);
        sums::<T>(&mut draw, digest);
    }
    (NAME, T::NAME, digests.map(|digest| digest.0))
}

pub struct Draw {
    pub random: Random,
    pub kind: Kind,
}

impl Draw {
    fn score<T: Float>(&mut self, input: Input) -> T {
        let edge = self.random.one_in(3);
        self.random.score(input, self.kind, edge)
    }

    fn row<T: Float>(&mut self, input: Input) -> [T; CLASSES] {
        core::array::from_fn(|_| self.score(input))
    }

    /// A class, or now and then none.
    pub fn label(&mut self) -> usize {
        if self.random.one_in(32) { CLASSES } else { self.random.below(CLASSES) }
    }

    pub fn input(&mut self) -> Input {
        self.random.one_of([Input::Logits, Input::Probabilities, Input::LogProbabilities])
    }

    fn zero(&mut self) -> ZeroDivision {
        self.random.one_of([ZeroDivision::Refuse, ZeroDivision::Zero, ZeroDivision::One, ZeroDivision::Skip])
    }

    fn flag(&mut self) -> bool {
        self.random.one_in(2)
    }

    pub fn items(&mut self) -> usize {
        1 + self.random.below(ITEMS)
    }
}

#[inline(never)]
fn confusion<T: Float>(draw: &mut Draw, digest: &mut Digest) {
    let (mut matrix, mut top) = (ConfusionMatrix::<CLASSES>::new(), TopKAccuracy::<2>::new());
    for _ in 0..2 {
        let (mut part, mut top_part) = (ConfusionMatrix::<CLASSES>::new(), TopKAccuracy::<2>::new());
        for _ in 0..draw.items() {
            let (label, row) = (draw.label(), draw.row::<T>(Input::Logits));
            digest.done(part.add_scores(label, &row));
            digest.done(top_part.add_scores(label, &row));
        }
        digest.done(matrix.merge(&part).and(top.merge(&top_part)));
    }
    let (zero, class) = (draw.zero(), draw.random.below(CLASSES));
    digest.result(matrix.accuracy::<T>());
    for average in [Average::Class(class), Average::Macro, Average::Micro, Average::Weighted] {
        digest.result(matrix.precision::<T>(average, zero));
        digest.result(matrix.recall::<T>(average, zero));
        digest.result(matrix.f1::<T>(average, zero));
        digest.result(matrix.iou::<T>(average, zero));
    }
    for disagreement in [Disagreement::Equal, Disagreement::Linear, Disagreement::Quadratic] {
        digest.result(matrix.cohen_kappa::<T>(disagreement, zero));
    }
    digest.result(matrix.matthews_correlation::<T>(zero));
    digest.result(top.accuracy::<T>(1));
    digest.result(top.accuracy::<T>(2));
    digest.words(&matrix);
    digest.words(&top);
}

#[inline(never)]
fn ranking<T: Float>(draw: &mut Draw, digest: &mut Digest) {
    let (mut entries, mut more) = ([Entry::default(); 4 * ITEMS], [Entry::default(); ITEMS]);
    let mut ranked = RankedScores::<T>::new(Scratch::merge(&mut entries));
    let range = draw.random.one_of([(0.0, 1.0), (-2.5, 4.0), (-1e-300, 1e-310)]);
    let Ok(empty) = ScoreHistogram::<5>::over(range.0, range.1) else { return };
    let mut histogram = empty;
    for _ in 0..2 {
        let (mut part, mut list) = (empty, RankedScores::new(Scratch::insertion(&mut more)));
        for _ in 0..draw.items() {
            let (score, flag) = (draw.score::<T>(Input::Logits), draw.flag());
            digest.done(part.add(score, flag));
            digest.done(list.add(score, flag));
        }
        digest.done(histogram.merge(&part));
        digest.done(ranked.merge(&list));
    }
    let (zero, ranking) = (draw.zero(), ranked.rank());
    digest.result(ranking.auroc::<T>(zero));
    digest.result(ranking.average_precision::<T>(zero));
    digest.result(histogram.auroc::<T>(zero));
    digest.result(histogram.average_precision::<T>(zero));
    for bounds in [histogram.auroc_bounds::<T>(zero), histogram.average_precision_bounds(zero)] {
        let bounds = bounds.unwrap_or_default();
        digest.numbers(&bounds);
    }
    digest.words(&histogram);
}

#[inline(never)]
fn probabilities<T: Float>(draw: &mut Draw, digest: &mut Digest) {
    let (mut loss, mut brier) = (LogLoss::<T>::new(), BrierScore::<T>::new());
    let mut calibration = CalibrationError::<T, CLASSES>::new();
    for _ in 0..2 {
        let (mut part, mut brier_part, mut bins) =
            (LogLoss::new(), BrierScore::new(), CalibrationError::new());
        for _ in 0..draw.items() {
            let (label, input) = (draw.label(), draw.input());
            let row = draw.row::<T>(input);
            digest.done(part.add_scores(label, &row, input));
            digest.done(brier_part.add_scores(label, &row, input));
            digest.done(bins.add_scores(label, &row, input));
        }
        let (flag, probability) = (draw.flag(), draw.score(Input::Probabilities));
        digest.done(part.add_score(flag, probability, Input::Probabilities));
        digest.done(brier_part.add_probability(flag, probability));
        digest.done(bins.add((probability, flag)));
        digest.done(loss.merge(&part).and(brier.merge(&brier_part)).and(calibration.merge(&bins)));
    }
    digest.result(loss.value());
    digest.result(loss.perplexity());
    digest.result(brier.value());
    digest.result(calibration.expected());
    digest.result(calibration.maximum());
    for bin in 0..CLASSES {
        digest.result(calibration.accuracy(bin));
        digest.result(calibration.confidence(bin));
    }
    digest.words(&loss);
    digest.words(&brier);
    digest.words(&calibration);
}

#[inline(never)]
fn regression<T: Float>(draw: &mut Draw, digest: &mut Digest) {
    let zero = draw.zero();
    let Ok(empty) = MeanAbsolutePercentageError::<T>::new().zero_division(zero).floor(draw.random.weight())
    else {
        return;
    };
    let (mut mae, mut mape, mut coverage) = (MeanAbsoluteError::<T>::new(), empty, Coverage::new());
    let mut r2 = R2Score::<T>::new();
    for _ in 0..2 {
        let (mut part, mut mape_part, mut r2_part) = (MeanAbsoluteError::new(), empty, R2Score::new());
        for _ in 0..draw.items() {
            let item = (draw.score::<T>(Input::Logits), draw.score(Input::Logits));
            digest.done(part.add(item));
            digest.done(mape_part.add(item));
            digest.done(r2_part.add(item));
            digest.done(coverage.add_quantile(item.0, item.1));
        }
        digest.done(mae.merge(&part).and(mape.merge(&mape_part)).and(r2.merge(&r2_part)));
    }
    digest.result(mae.value());
    digest.result(mape.value());
    digest.result(r2.value(zero));
    digest.result(r2.root_mean_squared_error().value());
    digest.result(r2.root_mean_squared_error().squared());
    digest.result(coverage.value::<T>());
    digest.words(&mae);
    digest.words(&mape);
    digest.words(&r2);
    digest.words(&coverage);
}

#[inline(never)]
fn totals<T: Float>(draw: &mut Draw, digest: &mut Digest) {
    let mut exact = Evaluator::<ExactTotal<T>>::default();
    let mut compensated = Evaluator::<CompensatedTotal<T>>::default();
    for _ in 0..2 {
        let (mut part, mut compensated_part) = (Evaluator::default(), Evaluator::default());
        for _ in 0..draw.items() {
            let (scores, label) = ([draw.score::<T>(Input::Logits)], [draw.label() as u8]);
            let (target, weights) = ([draw.score::<T>(Input::Logits)], [draw.random.weight()]);
            let item = if draw.flag() {
                BinaryCrossEntropy::new().total(Elements::new(&scores, &label).weights(&weights))
            } else {
                MeanSquaredError::new().total(Elements::new(&scores, &target))
            };
            digest.done(part.take(item));
            digest.done(compensated_part.take(item));
        }
        digest.done(exact.merge(&part).and(compensated.merge(&compensated_part)));
    }
    digest.result(exact.stream().mean());
    digest.result(exact.stream().sum());
    digest.result(compensated.stream().mean());
    digest.result(compensated.stream().sum());
    digest.words(&exact);
    digest.words(&compensated);
}

#[inline(never)]
fn sums<T: Float>(draw: &mut Draw, digest: &mut Digest) {
    let (mut sum, mut products) = (ExactSum::<T>::new(), ExactProducts::<T>::new());
    let items = draw.items();
    for _ in 0..items {
        let (a, b) = (draw.score::<T>(Input::Logits), draw.score(Input::Logits));
        digest.done(sum.add(a));
        digest.done(products.add_product(a, b));
    }
    let count = items as u64;
    digest.result(sum.mean(count));
    digest.result(products.mean(count));
    digest.result(products.root_mean(count));
    let squared = sum.squared();
    digest.result(squared.value());
    digest.done(products.times(count).and_then(|scaled| {
        products = scaled;
        products.subtract(&squared)
    }));
    digest.result(products.ratio(&squared));
    digest.words(&sum);
    digest.words(&products);
}
