//! Arrays are slices: every loss of the registry gives the same bits through either.

#[path = "support/call.rs"]
mod call;
#[path = "support/ulp.rs"]
mod ulp;

use call::{Form, Problem, Reduction, facts, inputs};
use microloss::element::{BinaryCrossEntropy, GaussianNll, Hinge};
use microloss::loss::Configure;
use microloss::registry::{LOSSES, Visitor, visit};
use microloss::row::CrossEntropy;
use microloss::{
    ElementLoss, Elements, Entry, Error, Flat, Input, PairLoss, Pairs, Real, RegionLoss, Regions, RowLoss,
    Rows, Sign, Target, TargetKind, Targets, View,
};
use ulp::bits;

/// Twelve items, four rows of three, or two images of two pixels of three scores.
const SCORES: [f64; 12] = [0.5, -1.25, 2.0, 0.0, 1.5, -0.75, 3.0, 0.25, -2.0, 1.0, -0.5, 0.75];
const LABELS: [u8; 12] = [1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 1];
const WEIGHTS: [f64; 12] = [1.0, 0.5, 2.0, 0.0, 1.5, 3.0, 0.25, 1.0, 4.0, 0.5, 1.0, 2.0];

/// What the two must agree in: values of `each`, where it was called, the mean, and the mean's gradient, out of place and in.
#[derive(Debug, PartialEq)]
struct Found {
    values: Vec<Option<u64>>,
    mean: Vec<Option<u64>>,
    gradient: Vec<Option<u64>>,
    in_place: Vec<Option<u64>>,
}

/// Numbers of `T` in rows, and in images of rows.
fn flat<T: Real>(numbers: [f64; 12]) -> [T; 12] {
    numbers.map(T::of)
}

/// Scores that the loss takes.
fn scores<T: Real>(loss: &str) -> [T; 12] {
    let of_probabilities = inputs(loss)[0] == Input::Probabilities;
    flat(if of_probabilities { SCORES.map(|score| (score + 4.0) / 8.0) } else { SCORES })
}

fn rows<T: Copy, const C: usize, const N: usize>(numbers: &[T]) -> [[T; C]; N] {
    std::array::from_fn(|row| std::array::from_fn(|column| numbers[row * C + column]))
}

struct Arrays;

/// Calls with a batch of `$at`, its gradient in another buffer and in its own.
macro_rules! found {
    ($loss:ident, $scores:ident, $values:expr, $at:ident => $new:expr, $in_place:expr) => {{
        let mut values = $values;
        let $at = &$scores;
        $loss.each($new, &mut values).unwrap();
        let mut gradient = $scores;
        let mean = $loss.mean($new.gradient(&mut gradient)).unwrap();
        let mut replaced = $scores;
        let $at = &mut replaced;
        assert_eq!($loss.mean($in_place).unwrap(), mean);
        Found {
            values: bits(values.flat()),
            mean: bits(&[mean]),
            gradient: bits(gradient.flat()),
            in_place: bits(replaced.flat()),
        }
    }};
}

impl<'a, T: Real> Visitor<'a, T> for Arrays {
    type Output = Vec<(Problem<T>, Found)>;

    fn element<L: ElementLoss<T, K> + Configure<'a, T>, const K: usize>(self, loss: L) -> Self::Output {
        // Legal as variances, too.
        let scores = rows::<T, K, 6>(&flat::<T>(SCORES).map(|score| score.abs()));
        let labels: [u8; 6] = std::array::from_fn(|item| LABELS[item]);
        let found = match L::TARGETS {
            TargetKind::Binary => several(&loss, &scores, &labels),
            TargetKind::Numbers => several(&loss, &scores, &labels.map(|label| T::of(label.into()))),
            TargetKind::Signs => {
                let sign = |label| if label == 0 { Sign::Negative } else { Sign::Positive };
                several(&loss, &scores, &labels.map(sign))
            }
        };
        vec![(slices(L::INFO.name, 1, scores.as_flattened(), 6, false), found)]
    }

    fn row<L: RowLoss<T> + Configure<'a, T>>(self, loss: L) -> Self::Output {
        let scores = rows::<T, 3, 4>(&scores(L::INFO.name));
        let labels: [u8; 4] = std::array::from_fn(|row| LABELS[row]);
        let weights: [T; 4] = std::array::from_fn(|row| T::of(WEIGHTS[row]));
        let found = found!(
            loss,
            scores,
            [T::zero(); 4],
            at => Rows::new(at, &labels).weights(&weights),
            Rows::in_place(at, &labels).weights(&weights)
        );
        vec![(slices(L::INFO.name, 3, &flat(SCORES), 4, true), found)]
    }

    fn region<L: RegionLoss<T> + Configure<'a, T>>(self, loss: L) -> Self::Output {
        let name = L::INFO.name;
        if facts(name).is_binary {
            let (scores, labels) = (rows::<T, 6, 2>(&scores(L::INFO.name)), rows::<u8, 6, 2>(&LABELS));
            let mut scratch = [[Entry::default(); 6]; 2];
            let mut spare = [[Entry::default(); 6]; 1];
            let found = found!(
                loss,
                scores,
                [T::zero(); 2],
                at => Regions::binary(at, &labels, &mut scratch),
                Regions::binary_in_place(at, &labels, &mut spare)
            );
            return vec![(Problem { pixels: 6, ..slices(name, 1, &flat(SCORES), 12, false) }, found)];
        }
        let scores: [[[T; 3]; 2]; 2] = rows(&rows::<T, 3, 4>(&scores(L::INFO.name)));
        let labels = rows::<u8, 2, 2>(&LABELS);
        let mut scratch = [[Entry::default(); 2]; 2];
        let mut spare = [[Entry::default(); 2]; 3];
        let found = found!(
            loss,
            scores,
            [T::zero(); 2],
            at => Regions::multi_class(at, &labels, &mut scratch),
            Regions::multi_class_in_place(at, &labels, &mut spare)
        );
        vec![(Problem { pixels: 2, ..slices(name, 3, &self::scores::<T>(name), 4, false) }, found)]
    }

    fn pair<L: PairLoss<T> + Configure<'a, T>>(self, loss: L) -> Self::Output {
        let name = L::INFO.name;
        let labels = facts(name).answers(&[1, 0, 1]);
        if L::TARGETS.is_some() {
            let vectors: [[[T; 2]; 2]; 3] = rows(&rows::<T, 2, 6>(&scores(name)));
            let signs = [Sign::Positive, Sign::Negative, Sign::Positive];
            let weights: [T; 3] = std::array::from_fn(|item| T::of(WEIGHTS[item]));
            let found = found!(
                loss,
                vectors,
                [T::zero(); 3],
                at => Pairs::new(at, &signs).weights(&weights),
                Pairs::in_place(at, &signs).weights(&weights)
            );
            return vec![(Problem { answers: labels, ..slices(name, 2, &scores(name), 3, true) }, found)];
        }
        let vectors: [[[T; 2]; 3]; 2] = rows(&rows::<T, 2, 6>(&scores(name)));
        let found = found!(
            loss,
            vectors,
            [T::zero(); 2],
            at => Pairs::unlabelled(at),
            Pairs::unlabelled_in_place(at)
        );
        vec![(Problem { answers: labels, ..slices(name, 2, &scores(name), 2, false) }, found)]
    }
}

/// Several scores a target.
fn several<T: Real, L: ElementLoss<T, K>, Y: Target<T>, const K: usize>(
    loss: &L,
    scores: &[[T; K]; 6],
    targets: &[Y; 6],
) -> Found {
    let mut gradient = *scores;
    let mean = loss.mean(Elements::several(scores, targets).gradient(&mut gradient)).unwrap();
    let mut replaced = *scores;
    assert_eq!(loss.mean(Elements::several_in_place(&mut replaced, targets)).unwrap(), mean);
    let [gradient, in_place] = [gradient, replaced].map(|array| bits(array.as_flattened()));
    Found { values: Vec::new(), mean: bits(&[mean]), gradient, in_place }
}

/// The same batch in slices.
fn slices<T: Real>(loss: &str, columns: usize, scores: &[T], items: usize, weighted: bool) -> Problem<T> {
    let labels: Vec<i32> = LABELS[..items].iter().map(|&label| label.into()).collect();
    let weights = weighted.then(|| WEIGHTS[..items].iter().map(|&weight| T::of(weight)).collect());
    Problem { weights, ..Problem::new(loss, columns, scores.to_vec(), facts(loss).answers(&labels)) }
}

fn arrays_are_slices<T: Real>() {
    for (_, info) in LOSSES {
        for (problem, found) in visit::<T, _>(info.name, Arrays).unwrap() {
            same(&problem, &found);
        }
    }
}

fn same<T: Real>(problem: &Problem<T>, found: &Found) {
    let own = problem.reduced(Reduction::None).call(Form::Value).unwrap();
    let mean = problem.call(Form::Gradient).unwrap();
    let in_place = problem.call(Form::InPlace).unwrap();
    let expected = Found {
        values: if found.values.is_empty() { Vec::new() } else { bits(&own.values) },
        mean: bits(&mean.values),
        gradient: bits(&mean.gradient),
        in_place: bits(&in_place.gradient),
    };
    assert_eq!(found, &expected, "{}", problem.loss);
}

#[test]
fn arrays_are_slices_in_f32() {
    arrays_are_slices::<f32>();
}

#[test]
fn arrays_are_slices_in_f64() {
    arrays_are_slices::<f64>();
}

#[test]
fn pairs_have_a_weight_and_a_value_each() {
    let (loss, name) = (GaussianNll::<f32>::new(), "gaussian_nll");
    let scores = flat::<f32>(SCORES).map(f32::abs);
    let (targets, weights) = ([1.0, 0.0, 1.0, 1.0, 0.0, 0.0], flat::<f32>(WEIGHTS));
    let weights: [f32; 6] = std::array::from_fn(|item| weights[item]);
    let pairs = rows::<f32, 2, 6>(&scores);
    let found = found!(
        loss,
        pairs,
        [0.0; 6],
        at => Elements::several(at, &targets).weights(&weights),
        Elements::several_in_place(at, &targets).weights(&weights)
    );
    same(&slices::<f32>(name, 1, &scores, 6, true), &found);
}

#[test]
fn elements_stand_alone_or_as_several_labels() {
    let (loss, name) = (BinaryCrossEntropy::<f32>::new(), "binary_cross_entropy");
    let (scores, weights) = (flat::<f32>(SCORES), flat::<f32>(WEIGHTS));
    let one = found!(
        loss,
        scores,
        [0.0; 12],
        at => Elements::new(at, &LABELS).weights(&weights),
        Elements::in_place(at, &LABELS).weights(&weights)
    );
    same(&slices::<f32>(name, 1, &flat(SCORES), 12, true), &one);
    let (scores, labels) = (rows::<f32, 3, 4>(&scores), rows::<u8, 3, 4>(&LABELS));
    let several = found!(
        loss,
        scores,
        [[0.0; 3]; 4],
        at => Elements::multi_label(at, &labels),
        Elements::multi_label_in_place(at, &labels)
    );
    same(&slices::<f32>(name, 3, &flat(SCORES), 12, false), &several);
}

/// A [`Sign`] is ignored as the integer is that it stands for.
#[test]
fn signs_are_ignored_as_integers_are() {
    fn found<T: Target<f64>>(labels: &[T; 4], ignored: i64) -> (Result<f64, Error>, [f64; 4], usize) {
        let mut gradient = [7.0; 4];
        let loss = Hinge::new();
        let scores = [0.5, -0.25, 2.0, 0.125];
        let batch = || Elements::new(&scores, labels).ignore_index(ignored);
        let count = loss.total(batch()).unwrap().ignored();
        (loss.mean(batch().gradient(&mut gradient)), gradient, count)
    }
    let (signs, integers) =
        ([Sign::Positive, Sign::Negative, Sign::Negative, Sign::Negative], [1_i8, -1, -1, -1]);
    for (ignored, count) in [(-1, 3), (1, 1), (0, 0), (2, 0)] {
        let of_signs = found(&signs, ignored);
        assert_eq!(of_signs, found(&integers, ignored), "{ignored}");
        assert_eq!(of_signs.2, count, "{ignored}");
    }
}

/// As a class a [`Sign`] is the integer, too: 1, or none.
#[test]
fn signs_are_classes_as_integers_are() {
    fn found(targets: Targets<'_, f64>) -> Result<f64, Error> {
        CrossEntropy::new().sum(Rows::slices(&[0.5, -0.25, 2.0, 0.125], 2, targets))
    }
    let of_signs = found(Targets::Signs(&[Sign::Positive; 2]));
    assert!(of_signs.is_ok());
    assert_eq!(of_signs, found(Targets::I8(&[1; 2])));
    for (signs, index) in [([Sign::Negative, Sign::Positive], 0), ([Sign::Positive, Sign::Negative], 1)] {
        let refused = Err(Error::LabelOutOfRange { index, label: -1, classes: 2 });
        assert_eq!(found(Targets::Signs(&signs)), refused);
    }
}

#[test]
fn a_view_is_empty_without_scores() {
    assert!(View::<f64>::is_empty(&[][..]));
    assert!(!View::<f64>::is_empty(&[0.0][..]));
}
