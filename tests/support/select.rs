//! Parts of a problem: some of its items, in some order.

#![allow(dead_code, reason = "each test uses its part of this")]

use microloss::loss::Configure;
use microloss::registry::{Visitor, visit};
use microloss::{ElementLoss, PairLoss, Real, RegionLoss, RowLoss};

use crate::call::{Answers, Problem};

/// The entries of these groups, in this order, among numbers that are divided into `count` groups.
pub(crate) fn pick<T: Copy>(numbers: &[T], count: usize, chosen: &[usize]) -> Vec<T> {
    let size = numbers.len() / count;
    chosen.iter().flat_map(|group| &numbers[group * size..(group + 1) * size]).copied().collect()
}

/// The problem with these of its groups, in this order.
pub(crate) fn select<T: Real>(problem: &Problem<T>, count: usize, chosen: &[usize]) -> Problem<T> {
    Problem {
        scores: pick(&problem.scores, count, chosen),
        answers: match &problem.answers {
            Answers::Labels(labels) => Answers::Labels(pick(labels, count, chosen)),
            Answers::Numbers(numbers) => Answers::Numbers(pick(numbers, count, chosen)),
            Answers::None => Answers::None,
        },
        weights: problem.weights.as_ref().map(|weights| pick(weights, count, chosen)),
        ..problem.clone()
    }
}

/// Whether a parameter is computed from the batch: its items are not independent then.
pub(crate) fn is_fitted(problem: &Problem<f64>) -> bool {
    struct Fitted<'a>(&'a Problem<f64>);
    impl<'a> Visitor<'a, f64> for Fitted<'a> {
        type Output = bool;
        fn element<L: ElementLoss<f64, K> + Configure<'a, f64>, const K: usize>(self, loss: L) -> bool {
            let problem = self.0;
            let loss = problem
                .parameters
                .iter()
                .fold(loss, |loss, (name, setting)| loss.set(name, setting.value()).unwrap());
            let fitted = loss.fit([0.0, 1.0, 1.0].into_iter());
            L::INFO.parameters.iter().any(|parameter| loss.get(parameter.name) != fitted.get(parameter.name))
        }
        fn row<L: RowLoss<f64> + Configure<'a, f64>>(self, _: L) -> bool {
            false
        }
        fn region<L: RegionLoss<f64> + Configure<'a, f64>>(self, _: L) -> bool {
            false
        }
        fn pair<L: PairLoss<f64> + Configure<'a, f64>>(self, _: L) -> bool {
            false
        }
    }
    visit(problem.loss, Fitted(problem)).unwrap()
}
