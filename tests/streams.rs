//! Streams: what a rejected item leaves, and merging.

use microloss::Error;
use microloss::metric::ConfusionMatrix;
use microloss::stream::Evaluator;

#[test]
fn a_rejected_item_is_counted_and_changes_nothing_else() {
    let mut evaluator = Evaluator::<ConfusionMatrix<3>>::default();
    evaluator.add((2, 1)).unwrap();
    let before = *evaluator.stream();
    assert_eq!(evaluator.add((255, 1)), Err(Error::LabelOutOfRange { index: 1, label: 255, classes: 3 }));
    assert_eq!(evaluator.take(Err(Error::NothingToAverage)), Err(Error::NothingToAverage));
    assert_eq!((*evaluator.stream(), evaluator.rejected()), (before, 2));
}

#[test]
fn parts_merge_in_any_order_and_grouping() {
    let items: [(usize, usize); 7] = [(0, 0), (1, 2), (9, 0), (2, 2), (2, 0), (1, 1), (0, 3)];
    let of = |items: &[(usize, usize)]| {
        let mut evaluator = Evaluator::<ConfusionMatrix<3>>::default();
        for &item in items {
            let _ = evaluator.add(item);
        }
        evaluator
    };
    let merged = |mut a: Evaluator<ConfusionMatrix<3>>, b| {
        a.merge(&b).unwrap();
        a
    };
    let (a, b, c) = (of(&items[..2]), of(&items[2..5]), of(&items[5..]));
    assert_eq!(of(&items), merged(merged(a, b), c));
    assert_eq!(of(&items), merged(c, merged(b, a)));
}
