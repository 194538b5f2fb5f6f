//! A program that cannot be linked while any panic is reachable: its panic handler calls a function that exists nowhere.
//!
//! `tests/panic_free.rs` builds it, for a board; on the host it does nothing. It calls every loss of the registry
//! through inputs that the compiler cannot see.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![cfg_attr(not(target_os = "none"), allow(dead_code, reason = "only built, never run"))]

use core::hint::black_box;
use microloss::element::MeanSquaredError;
use microloss::loss::Configure;
use microloss::math::SoftmaxTable;
use microloss::metric::{
    Average, BrierScore, CalibrationError, ConfusionMatrix, ConfusionSlice, Coverage, Disagreement, LogLoss,
    MeanAbsoluteError, MeanAbsolutePercentageError, R2Score, RankedScores, ScoreHistogram, TopKAccuracy,
    ZeroDivision, argmax, rank,
};
use microloss::parameter::{Classes, Value};
use microloss::region::Dice;
use microloss::registry::{LOSSES, Visitor, visit};
use microloss::row::inverse_frequency;
use microloss::stream::{CompensatedTotal, Evaluator, ExactTotal, State, Stream};
use microloss::{
    Code, Counts, Dequantize, ElementLoss, Elements, Entry, Error, ExactProducts, ExactSum, OverlapLoss,
    PairLoss, Pairs, PerColumn, Quantized, Real, RegionLoss, Regions, RowLoss, Rows, Scratch, Targets, Total,
    Unit,
};

/// Buffers whose contents and lengths the compiler does not know.
struct Opaque<'b, T: 'static> {
    scores: &'b mut [T],
    gradient: &'b mut [T],
    values: &'b mut [T],
    weights: &'static [T],
    entries: &'b mut [Entry<T>],
    size: usize,
}

impl<T: Real> Opaque<'_, T> {
    fn targets(&self) -> Targets<'static, T> {
        let labels: &'static [i16] = black_box(&[0, 1, 2]);
        black_box(if black_box(true) { Targets::I16(labels) } else { Targets::Values(self.weights) })
    }

    /// The loss with every parameter set, to a value that may be legal.
    fn configure<L: Configure<'static, T>>(&self, mut loss: L) -> L {
        let values = [
            Value::None,
            Value::Number(black_box(T::one())),
            Value::Numbers(self.weights),
            Value::Input(black_box(microloss::Input::Probabilities)),
            Value::Input(black_box(microloss::Input::LogVariances)),
            Value::Classes(Classes::List(black_box(&[0, 2]))),
            Value::Flag(black_box(true)),
        ];
        for parameter in L::INFO.parameters {
            for value in values {
                loss = loss.set(parameter.name, black_box(value)).unwrap_or(loss);
            }
            black_box(loss.get(parameter.name));
        }
        loss
    }
}

/// Calls every form of a batch: value only, with a gradient, and in place, with each reduction.
macro_rules! every_form {
    ($self:ident, $loss:ident, $read:expr, $in_place:expr) => {{
        let _ = black_box($loss.mean($read.unit(black_box(Unit::Bits)).ignore_index(black_box(255))));
        let _ = black_box($loss.sum($read.gradient($self.gradient)));
        let _ = black_box($loss.total($in_place).map(|total| total.merge(black_box(total)).mean()));
        let _ = black_box($loss.each($read.gradient($self.gradient), $self.values));
    }};
}

/// Codes of one type; the others differ in how wide they are.
fn codes<T: Real>(weights: &'static [T]) -> Result<Quantized<'static, [i8], PerColumn<'static, T>>, Error> {
    let _ = black_box(Quantized::per_tensor(black_box(&[0_u8; 12][..]), T::one(), black_box(300)));
    Quantized::per_column(black_box(&[5_i8; 12]), weights, black_box(&[0, 1, 2]))
}

/// Calls a loss with codes, for a value and for a gradient.
macro_rules! every_coded_form {
    ($self:ident, $loss:ident, $codes:ident, $batch:expr) => {
        if let Ok($codes) = codes($self.weights) {
            let _ = black_box($loss.mean($batch));
            let _ = black_box($loss.sum($batch.gradient($self.gradient)));
        }
    };
}

impl<T: Real> Visitor<'static, T> for Opaque<'_, T> {
    type Output = ();

    fn element<L: ElementLoss<T, K> + Configure<'static, T>, const K: usize>(self, loss: L) {
        let (loss, targets) = (self.configure(loss), self.targets());
        every_form!(
            self,
            loss,
            Elements::slices(self.scores, self.size, targets).weights(self.weights),
            Elements::slices_in_place(self.scores, self.size, targets)
        );
        every_coded_form!(self, loss, codes, Elements::quantized_slices(codes, self.size, targets));
    }

    fn row<L: RowLoss<T> + Configure<'static, T>>(self, loss: L) {
        let (loss, targets) = (self.configure(loss), self.targets());
        every_form!(
            self,
            loss,
            Rows::slices(self.scores, self.size, targets).weights(self.weights),
            Rows::slices_in_place(self.scores, self.size, targets)
        );
        every_coded_form!(self, loss, codes, Rows::quantized_slices(codes, self.size, targets));
    }

    fn region<L: RegionLoss<T> + Configure<'static, T>>(self, loss: L) {
        let (loss, targets) = (self.configure(loss), self.targets());
        every_form!(
            self,
            loss,
            Regions::slices(self.scores, self.size, self.size, targets, Scratch::merge(self.entries)),
            Regions::slices_in_place(
                self.scores,
                self.size,
                self.size,
                targets,
                Scratch::insertion(self.entries)
            )
        );
        every_coded_form!(
            self,
            loss,
            codes,
            Regions::quantized_slices(codes, self.size, self.size, targets, Scratch::merge(self.entries))
        );
    }

    fn pair<L: PairLoss<T> + Configure<'static, T>>(self, loss: L) {
        let (loss, targets) = (self.configure(loss), self.targets());
        every_form!(
            self,
            loss,
            Pairs::slices(self.scores, self.size, targets).weights(self.weights),
            Pairs::slices_in_place(self.scores, self.size, targets)
        );
        every_coded_form!(self, loss, codes, Pairs::quantized_slices(codes, self.size, targets));
    }
}

/// A region piece by piece.
fn stream<T: Real>(scores: &[T]) {
    let (loss, mut counts) = (Dice::<T>::new(), Counts::<T, 2>::new());
    let mut gradient = [T::zero(); 12];
    let labels: &[u8] = black_box(&[0, 1, 255]);
    let piece = || Regions::slices(scores, 2, 3, labels, Scratch::none()).ignore_index(black_box(255));
    let _ = black_box(loss.count(&mut counts, piece()));
    let _ = black_box(loss.gradient(&counts, piece().gradient(black_box(&mut gradient[..]))));
    if let Ok(codes) = Quantized::per_tensor(black_box(&[7_i16; 6][..]), T::one(), black_box(-3)) {
        let piece = || Regions::quantized_slices(codes, 2, 3, labels, Scratch::none());
        let _ = black_box(loss.count(&mut counts, piece()));
        let _ = black_box(loss.gradient(&counts, piece().gradient(black_box(&mut gradient[..]))));
    }
    let _ = black_box((loss.value(&counts.merge(&counts)), counts.valid(), counts.ignored()));
}

/// Totals of losses, item by item.
fn totals<T: Real>(scores: &[T]) {
    fn each<T: Real, S: Stream<Item = Total<T>> + State>(scores: &[T]) -> Evaluator<S> {
        let mut evaluator = Evaluator::<S>::default();
        for score in scores {
            let item = MeanSquaredError::new().total(Elements::new(&[*score], black_box(&[T::one()])));
            let _ = black_box(evaluator.take(item));
        }
        let other = black_box(evaluator);
        let _ = black_box((evaluator.merge(&other), evaluator.items(), evaluator.rejected()));
        #[cfg(feature = "serde")]
        {
            let mut buffer = [0; 1024];
            let room = black_box(buffer.len());
            let sent = buffer.get_mut(..room).and_then(|buffer| postcard::to_slice(&evaluator, buffer).ok());
            evaluator = postcard::from_bytes(sent.unwrap_or_default()).unwrap_or(evaluator);
        }
        #[cfg(feature = "heapless")]
        {
            let mut window = microloss::stream::Window::<S, 3>::default();
            for score in scores {
                let item = MeanSquaredError::new().total(Elements::new(&[*score], black_box(&[T::one()])));
                let _ = black_box((window.take(item), window.len(), window.is_full(), window.rejected()));
            }
            let _ = black_box(window.stream().map(|stream| evaluator.merge(&Evaluator::new(stream))));
        }
        evaluator
    }
    let (exact, compensated) = (each::<T, ExactTotal<T>>(scores), each::<T, CompensatedTotal<T>>(scores));
    let (exact, compensated) = (black_box(exact.stream()), black_box(compensated.stream()));
    let _ =
        black_box((exact.mean(), exact.sum(), exact.is_possible(), compensated.mean(), compensated.sum()));
    let _ = black_box((compensated.is_possible(), exact.valid(), exact.ignored()));
}

/// Every result of an exact sum.
fn exact_sum<T: Real>(terms: &[T]) {
    let (mut sum, mut products) = (ExactSum::<T>::new(), ExactProducts::<T>::new());
    for &term in terms {
        let _ = black_box((sum.add(term), products.add_product(term, term)));
    }
    let other = black_box(sum);
    let _ = black_box((sum.merge(&other), sum.subtract(&other), sum.times(black_box(3)), sum.is_zero()));
    let _ = black_box((sum.value(), sum.mean(black_box(3)), sum.ratio(&other)));
    let _ =
        black_box((products.subtract(&sum.squared()), products.value(), products.root_mean(black_box(3))));
}

/// A table of exponentials.
fn table_of_codes(gradient: &mut [f32]) {
    let codes = black_box(&[5_i8, -3, 7][..]);
    if let Ok(table) = SoftmaxTable::new(black_box(0.05)) {
        let _ = black_box(table.cross_entropy(codes, black_box(1)));
        let _ = black_box(table.cross_entropy_with_gradient(codes, black_box(1), gradient));
    }
}

/// A stream whose items its own method adds; merged.
fn kept<S: State>(stream: S, add: impl Fn(&mut S) -> Result<(), Error>) {
    let mut evaluator = Evaluator::new(black_box(stream));
    let _ = black_box(evaluator.add_with(add));
    let other = black_box(evaluator);
    let _ = black_box((evaluator.merge(&other), evaluator.items(), evaluator.rejected()));
}

/// Every metric that reads rows of codes, in an evaluator.
fn rows_of_codes<T: Real, Q: Code, D: Dequantize<T>>(row: Quantized<'_, [Q], D>) {
    let (label, from) = black_box((1, microloss::Input::Probabilities));
    let _ = black_box((argmax(row), rank(row, label)));
    kept(ConfusionMatrix::<3>::new(), |matrix| matrix.add_scores(label, row));
    kept(ConfusionMatrix::<3>::new(), |matrix| matrix.add_rows(row, black_box(&[1_u8]), black_box(Some(2))));
    kept(TopKAccuracy::<2>::new(), |top| top.add_scores(label, row));
    kept(LogLoss::<T>::new(), |loss| loss.add_scores(label, row, from));
    kept(BrierScore::<T>::new(), |score| score.add_scores(label, row, from));
    kept(CalibrationError::<T, 3>::new(), |calibration| calibration.add_scores(label, row, from));
}

/// Metrics of single numbers, with options, in an evaluator.
fn numbers_of_codes<T: Real>(numbers: impl Iterator<Item = T> + Clone) {
    let (flag, zero) = black_box((true, ZeroDivision::One));
    let next = || numbers.clone().next().unwrap_or_default();
    if let Ok(histogram) = ScoreHistogram::<4>::over(black_box(-1.0), black_box(1.0)) {
        kept(histogram, |histogram| histogram.add(next(), flag));
    }
    if let Ok(error) = MeanAbsolutePercentageError::<T>::new().zero_division(zero).floor(next()) {
        kept(error, |error| error.add((next(), next())));
    }
    kept(Coverage::new(), |coverage| coverage.add_interval(next(), next(), next()));
    kept(LogLoss::<T>::new(), |loss| loss.add_score(flag, next(), microloss::Input::Logits));
    kept(BrierScore::<T>::new(), |score| score.add_probability(flag, next()));
}

/// Codes of each type, with one scale or several.
fn metrics_of_codes<T: Real>(scales: &[T]) {
    if let Ok(codes) = Quantized::per_tensor(black_box(&[5_i8, -3, 7][..]), T::one(), black_box(3)) {
        rows_of_codes(codes);
        numbers_of_codes(codes.numbers());
    }
    if let Ok(codes) =
        Quantized::per_column(black_box(&[5_u8, 3, 7][..]), black_box(scales), black_box(&[1, 2, 3]))
    {
        rows_of_codes(codes);
        numbers_of_codes(codes.numbers());
    }
    if let Ok(codes) = Quantized::per_tensor(black_box(&[5_i16, 3, 7][..]), T::one(), black_box(3)) {
        rows_of_codes(codes);
    }
}

fn call_all<T: Real>(weights: &'static [T]) {
    for (_, info) in LOSSES {
        visit(
            black_box(info.name),
            Opaque {
                scores: black_box(&mut [T::one(); 12]),
                gradient: black_box(&mut [T::zero(); 12]),
                values: black_box(&mut [T::zero(); 12]),
                weights: black_box(weights),
                entries: black_box(&mut [Entry::default(); 12]),
                size: black_box(3),
            },
        );
    }
    stream::<T>(black_box(&[T::one(); 6]));
    exact_sum::<T>(black_box(&[T::one(); 6]));
    totals::<T>(black_box(&[T::one(); 6]));
    let _ = black_box(inverse_frequency::<T, 3>(black_box(&[1, 2, 3])));
    confusion::<T>(black_box(&[T::one(); 6]));
    ranking::<T>(black_box(&[T::one(); 6]));
    means::<T>(black_box(&[T::one(); 3]));
    metrics_of_codes::<T>(weights);
}

/// What is read off a confusion matrix, of either kind.
macro_rules! every_result {
    ($matrix:ident) => {{
        let (average, zero) = black_box((Average::Class(2), ZeroDivision::Skip));
        let _ = black_box(($matrix.accuracy::<T>(), $matrix.balanced_accuracy::<T>(zero), $matrix.items()));
        let _ = black_box(($matrix.precision::<T>(average, zero), $matrix.recall::<T>(average, zero)));
        let _ = black_box(($matrix.f1::<T>(average, zero), $matrix.dice::<T>(average, zero)));
        let _ = black_box(($matrix.iou::<T>(average, zero), $matrix.mean_iou::<T>()));
        let _ = black_box($matrix.cohen_kappa::<T>(black_box(Disagreement::Equal), zero));
        let _ = black_box($matrix.matthews_correlation::<T>(zero));
    }};
}

fn confusion<T: Real>(scores: &[T]) {
    let labels: &[i16] = black_box(&[0, 1, 2]);
    let mut matrix = black_box(ConfusionMatrix::<3>::new());
    let _ = black_box(matrix.add(black_box(1), black_box(2)));
    let _ = black_box(matrix.add_scores(black_box(1), scores));
    let _ = black_box(matrix.add_labels(labels, labels, black_box(Some(1))));
    let _ = black_box(matrix.add_rows(scores, labels, black_box(Some(1))));
    let _ = black_box(Stream::merge(&mut matrix, &black_box(ConfusionMatrix::<3>::new())));
    every_result!(matrix);
    let mut counts = [0; 9];
    let Ok(mut slice) = ConfusionSlice::new(black_box(&mut counts[..]), black_box(3)) else { return };
    let _ = black_box(slice.add(black_box(1), black_box(2)));
    let _ = black_box(slice.add_scores(black_box(1), scores));
    let _ = black_box(slice.add_labels(labels, labels, black_box(Some(1))));
    let _ = black_box(slice.add_rows(scores, labels, black_box(Some(1))));
    let _ = black_box(slice.merge(black_box(&[1; 9])));
    every_result!(slice);
}

fn ranking<T: Real>(scores: &[T]) {
    let mut top = black_box(TopKAccuracy::<2>::new());
    let _ = black_box((top.add_scores(black_box(1), scores), rank(scores, black_box(1))));
    let _ =
        black_box((top.merge(&black_box(TopKAccuracy::new())), top.accuracy::<T>(black_box(1)), top.items()));
    let zero = black_box(ZeroDivision::Skip);
    let Ok(mut histogram) = ScoreHistogram::<4>::over(black_box(0.0), black_box(1.0)) else { return };
    for score in scores {
        let _ = black_box(histogram.add(*score, black_box(true)));
    }
    state(&mut histogram);
    let _ = black_box((histogram.auroc::<T>(zero), histogram.auroc_bounds::<T>(zero)));
    let _ =
        black_box((histogram.average_precision::<T>(zero), histogram.average_precision_bounds::<T>(zero)));
    let _ = black_box((histogram.confusion(black_box(1)), histogram.counts()));
    let (mut entries, mut more) = ([Entry::default(); 6], [Entry::default(); 6]);
    let mut ranked = RankedScores::new(Scratch::merge(black_box(&mut entries[..])));
    let other = RankedScores::new(Scratch::insertion(black_box(&mut more[..])));
    for score in scores {
        let _ = black_box(ranked.add(*score, black_box(true)));
    }
    let _ = black_box((ranked.merge(&other), ranked.items()));
    let ranking = ranked.rank();
    let _ = black_box((ranking.auroc::<T>(zero), ranking.average_precision::<T>(zero), ranking.items()));
}

/// Merges a stream, and writes it over by words.
fn state<S: State>(stream: &mut S) {
    let _ = black_box(stream.merge(&black_box(S::default())));
    stream.each_word(&mut |word| *word = black_box(*word));
    let _ = black_box(stream.is_possible());
}

fn means<T: Real>(scores: &[T]) {
    let (input, label, flag) = black_box((microloss::Input::Probabilities, 1, true));
    let (x, y) = black_box((T::one(), T::one()));
    let mut loss = black_box(LogLoss::<T>::new());
    let _ = black_box((loss.add_scores(label, scores, input), loss.add_score(flag, x, input), loss.add(x)));
    state(&mut loss);
    let _ = black_box((loss.value(), loss.perplexity(), loss.items()));
    let mut brier = black_box(BrierScore::<T>::new());
    let _ = black_box((brier.add_scores(label, scores, input), brier.add_probability(flag, x), brier.add(x)));
    state(&mut brier);
    let _ = black_box(brier.value());
    let mut calibration = black_box(CalibrationError::<T, 3>::new());
    let _ = black_box((calibration.add_scores(label, scores, input), calibration.add((x, flag))));
    state(&mut calibration);
    let _ = black_box((calibration.expected(), calibration.maximum()));
    let _ = black_box((calibration.accuracy(label), calibration.confidence(label)));
    let mut mae = black_box(MeanAbsoluteError::<T>::new());
    let _ = black_box(mae.add((x, y)));
    state(&mut mae);
    let mut r2 = black_box(R2Score::<T>::new());
    let _ = black_box(r2.add((x, y)));
    state(&mut r2);
    let mut rmse = r2.root_mean_squared_error();
    let _ = black_box(rmse.add((x, y)));
    state(&mut rmse);
    let mape =
        black_box(MeanAbsolutePercentageError::<T>::new()).zero_division(black_box(ZeroDivision::Skip));
    let Ok(mut mape) = mape.floor(x) else { return };
    let _ = black_box(mape.add((x, y)));
    state(&mut mape);
    let mut coverage = black_box(Coverage::new());
    let _ = black_box((coverage.add_quantile(x, y), coverage.add_interval(x, y, x)));
    state(&mut coverage);
    let _ = black_box((mae.value(), r2.value(black_box(ZeroDivision::Skip)), mape.value()));
    let _ = black_box((rmse.value(), rmse.squared(), coverage.value::<T>()));
}

/// `black_box` hides the inputs from the compiler and keeps the results alive.
fn call_everything() {
    call_all::<f32>(&[1.0; 3]);
    call_all::<f64>(&[1.0; 3]);
    table_of_codes(black_box(&mut [0.0; 3]));
}

#[cfg(target_os = "none")]
mod board {
    use core::hint::black_box;
    use core::panic::PanicInfo;

    #[cortex_m_rt::entry]
    fn main() -> ! {
        crate::call_everything();
        if option_env!("MICROLOSS_PLANT_PANIC").is_some() {
            black_box([1, 2, 3][black_box(1)]);
        }
        loop {
            core::hint::spin_loop();
        }
    }

    #[panic_handler]
    fn panic(_info: &PanicInfo) -> ! {
        unsafe extern "C" {
            safe fn microloss_panic_is_reachable() -> !;
        }
        microloss_panic_is_reachable()
    }
}

#[cfg(not(target_os = "none"))]
fn main() {}
