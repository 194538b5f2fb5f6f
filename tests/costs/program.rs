//! A program with one loss of the registry in it, f32, with its default parameters and the mean over a batch that the
//! compiler cannot see; or with one metric or total, which takes an item, merges and gives a result; or with the table of
//! exponentials, which it makes and asks for one loss with its gradient. `tests/costs.rs` builds it for a board and reads flash
//! and stack from it; it is never run. `MICROLOSS_COST` names one of them, or says `all` of the losses;
//! `MICROLOSS_COST_GRADIENT=1` asks a loss for the gradient, too.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![cfg_attr(not(target_os = "none"), allow(dead_code, reason = "only built for boards"))]

#[path = "metrics.rs"]
mod metrics;
#[path = "../support/same.rs"]
mod same;

use core::hint::black_box;
use microloss::loss::{Configure, Loss};
use microloss::math::SoftmaxTable;
use microloss::metric::{
    Average, BrierScore, CalibrationError, ConfusionMatrix, Coverage, LogLoss, MeanAbsoluteError,
    MeanAbsolutePercentageError, R2Score, RankedScores, RootMeanSquaredError, ScoreHistogram, TopKAccuracy,
    ZeroDivision,
};
use microloss::registry::{Visitor, visit};
use microloss::stream::{CompensatedTotal, ExactTotal, Stream};
use microloss::{
    ElementLoss, Elements, Entry, Input, PairLoss, Pairs, RegionLoss, Regions, RowLoss, Rows, Scratch,
    TargetKind, Targets, Total,
};

use metrics::METRICS;
use same::is_same;

const NAME: &str = match option_env!("MICROLOSS_COST") {
    Some(name) => name,
    None => "",
};
const GRADIENT: bool = option_env!("MICROLOSS_COST_GRADIENT").is_some();

/// Whether all losses are to be in the program.
const ALL: bool = is_same(NAME, "all");

/// Whether the loss is to be in the program: known to the compiler, so that no other is.
const fn is_chosen<L: Loss>() -> bool {
    ALL || is_same(NAME, L::INFO.name)
}

struct Hidden<'b> {
    scores: &'b [f32],
    labels: &'b [u8],
    signs: &'b [i8],
    gradient: &'b mut [f32],
    entries: &'b mut [Entry<f32>],
    columns: usize,
}

/// Calls the loss, if it is the chosen one.
macro_rules! call {
    ($loss:ident: $type:ty, $batch:expr, $gradient:expr) => {
        if const { is_chosen::<$type>() } {
            let gradient = $gradient;
            let _ = black_box($loss.mean(if GRADIENT { $batch.gradient(gradient) } else { $batch }));
        }
    };
}

impl<'a> Visitor<'a, f32> for Hidden<'_> {
    type Output = ();

    fn element<L: ElementLoss<f32, K> + Configure<'a, f32>, const K: usize>(self, loss: L) {
        let targets = match L::TARGETS {
            TargetKind::Binary => Targets::U8(self.labels),
            TargetKind::Numbers => Targets::Values(self.scores),
            TargetKind::Signs => Targets::I8(self.signs),
        };
        call!(loss: L, Elements::slices(self.scores, self.columns, targets), self.gradient);
    }

    fn row<L: RowLoss<f32> + Configure<'a, f32>>(self, loss: L) {
        call!(loss: L, Rows::slices(self.scores, self.columns, self.labels), self.gradient);
    }

    fn region<L: RegionLoss<f32> + Configure<'a, f32>>(self, loss: L) {
        let Self { scores, labels, gradient, entries, columns, .. } = self;
        let scratch = Scratch::merge(entries);
        call!(loss: L, Regions::slices(scores, columns, labels.len(), labels, scratch), gradient);
    }

    fn pair<L: PairLoss<f32> + Configure<'a, f32>>(self, loss: L) {
        let targets = if L::TARGETS.is_some() { Targets::I8(self.signs) } else { Targets::none() };
        call!(loss: L, Pairs::slices(self.scores, self.columns, targets), self.gradient);
    }
}

/// Calls a metric, if it is the chosen one.
macro_rules! metric {
    ($name:ident, $stream:ident: $type:ty, $add:expr, $result:expr) => {
        if const { is_same(NAME, stringify!($name)) } {
            let mut $stream = black_box(<$type>::default());
            let _ = black_box($add);
            let _ = black_box($stream.merge(&black_box(<$type>::default())));
            let _ = black_box($result);
        }
    };
}

impl Hidden<'_> {
    /// Calls the chosen metric.
    #[inline(always)]
    fn metric(self) {
        let Self { scores, labels, signs, gradient, entries, columns } = self;
        let (number, label, flag, from, zero) =
            black_box((1.0_f32, columns, true, Input::Logits, ZeroDivision::Skip));
        metric!(ConfusionMatrix, m: ConfusionMatrix<12>, m.add_scores(label, scores), m.f1::<f32>(Average::Macro, zero));
        metric!(TopKAccuracy, top: TopKAccuracy<3>, top.add_scores(label, scores), top.accuracy::<f32>(2));
        metric!(ScoreHistogram, h: ScoreHistogram<64>, h.add(number, flag), h.auroc::<f32>(zero));
        metric!(LogLoss, loss: LogLoss<f32>, loss.add_scores(label, scores, from), loss.value());
        metric!(BrierScore, score: BrierScore<f32>, score.add_scores(label, scores, from), score.value());
        metric!(CalibrationError, e: CalibrationError<f32, 10>, e.add_scores(label, scores, from), e.expected());
        metric!(MeanAbsoluteError, error: MeanAbsoluteError<f32>, error.add((number, number)), error.value());
        metric!(MeanAbsolutePercentageError, error: MeanAbsolutePercentageError<f32>, error.add((number, number)), error.value());
        metric!(RootMeanSquaredError, error: RootMeanSquaredError<f32>, error.add((number, number)), error.value());
        metric!(R2Score, r2: R2Score<f32>, r2.add((number, number)), r2.value(zero));
        metric!(Coverage, coverage: Coverage, coverage.add_quantile(number, number), coverage.value::<f32>());
        let item = black_box(Total::default());
        metric!(ExactTotal, total: ExactTotal<f32>, total.add(item), total.mean());
        metric!(CompensatedTotal, total: CompensatedTotal<f32>, total.add(item), total.mean());
        if const { is_same(NAME, "SoftmaxTable") } {
            let table = black_box(SoftmaxTable::new(number));
            let _ =
                black_box(table.and_then(|table| table.cross_entropy_with_gradient(signs, label, gradient)));
        }
        if const { is_same(NAME, "RankedScores") } {
            let mut ranked = RankedScores::new(Scratch::merge(entries));
            for (&score, &label) in scores.iter().zip(labels) {
                let _ = black_box(ranked.add(score, label == 1));
            }
            let _ = black_box(ranked.rank().auroc::<f32>(zero));
        }
    }
}

/// Where the stack is measured from.
#[inline(never)]
fn measured(data: Hidden) {
    if const { is_metric() } {
        data.metric();
    } else {
        visit(if ALL { black_box(NAME) } else { NAME }, data);
    }
}

/// Whether a metric is to be in the program.
const fn is_metric() -> bool {
    let mut place = 0;
    while place < METRICS.len() {
        if is_same(METRICS[place], NAME) {
            return true;
        }
        place += 1;
    }
    false
}

fn call_chosen() {
    measured(Hidden {
        scores: black_box(&[1.0; 12]),
        labels: black_box(&[0, 1, 2, 1]),
        signs: black_box(&[-1, 1, -1, 1]),
        gradient: black_box(&mut [0.0; 12]),
        entries: black_box(&mut [Entry::default(); 8]),
        columns: black_box(3),
    });
}

#[cfg(target_os = "none")]
#[cortex_m_rt::entry]
fn main() -> ! {
    call_chosen();
    loop {
        core::hint::spin_loop();
    }
}

#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_info: &core::panic::PanicInfo) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

#[cfg(not(target_os = "none"))]
fn main() {}
