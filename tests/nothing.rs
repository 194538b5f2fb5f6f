//! What counts for nothing: empty batches, ignored items, weights of 0, classes of which nothing is wanted.

#[path = "support/call.rs"]
mod call;
#[path = "support/refuse.rs"]
mod refuse;
#[path = "support/ulp.rs"]
mod ulp;

use call::{Answers, Form, Problem, Reduction, Setting, facts};
use microloss::Error;
use refuse::*;
use ulp::bits;

/// Nothing to average: the mean is an error that touches nothing; the sum is 0; all gradients are 0.
fn averages_nothing(problem: &Problem<f64>) {
    refuses_reduced(&problem.reduced(Reduction::Mean), &Error::NothingToAverage, Buffer::Untouched);
    for reduction in [Reduction::Sum, Reduction::None] {
        let problem = problem.reduced(reduction);
        for form in FORMS {
            let outcome = problem.call(form).unwrap();
            let total = outcome.total.unwrap();
            assert!(outcome.values.iter().all(|&value| value == 0.0), "{} {form:?}", problem.loss);
            assert!(outcome.gradient.iter().all(|&entry| entry == 0.0), "{} {form:?}", problem.loss);
            assert_eq!((total.sum(), total.mean()), (Ok(0.0), Err(Error::NothingToAverage)));
        }
    }
}

#[test]
fn batch_is_empty() {
    for name in names() {
        let mut problem = Problem::new(name, columns(name), Vec::new(), facts(name).answers(&[]));
        problem.pixels = 3;
        averages_nothing(&problem);
    }
}

#[test]
fn all_items_are_ignored() {
    for name in names().filter(|name| facts(name).takes_labels) {
        let mut problem = batch(name);
        problem.answers = Answers::Labels(vec![255; 3]);
        problem.ignore_index = Some(255);
        averages_nothing(&problem);
        problem.scores.fill(f64::NAN);
        averages_nothing(&problem);
    }
}

#[test]
fn all_sample_weights_are_zero() {
    let mut problem = batch("cross_entropy");
    problem.weights = Some(vec![0.0; 3]);
    averages_nothing(&problem);
}

#[test]
fn all_items_are_of_classes_with_weight_zero() {
    averages_nothing(&batch("cross_entropy").with("weights", Setting::Numbers(vec![0.0, 0.0, 1.0])));
}

#[test]
fn an_image_without_foreground_is_no_error() {
    let problem = Problem { answers: Answers::Labels(vec![0; 3]), ..batch("lovasz_hinge") };
    let outcome = problem.call(Form::Gradient).unwrap();
    assert_eq!((outcome.values, outcome.gradient), (vec![1.75], vec![0.0, 0.0, 1.0]));
}

#[test]
fn an_ignored_image_leaves_the_mean() {
    for name in regions() {
        let alone = batch(name);
        let mut both = alone.clone();
        both.scores.extend(vec![f64::NAN; alone.scores.len()]);
        both.answers = Answers::Labels(vec![1, 0, 1, 255, 255, 255]);
        both.ignore_index = Some(255);
        let (alone, both) = (alone.call(Form::Gradient).unwrap(), both.call(Form::Gradient).unwrap());
        assert_eq!(both.values, alone.values, "{name}");
        let mut gradient = alone.gradient;
        gradient.resize(2 * gradient.len(), 0.0);
        assert_eq!(both.gradient, gradient, "{name}");
    }
}

#[test]
fn ignored_items_may_hold_anything() {
    for name in names().filter(|name| facts(name).takes_labels) {
        for garbage in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for ignore in [255, -100] {
                for reduction in REDUCTIONS {
                    let mut problem = batch(name).reduced(reduction);
                    problem.answers = Answers::Labels(vec![1, ignore, 1]);
                    problem.ignore_index = Some(ignore.into());
                    let columns = problem.columns * facts(name).scores;
                    let clean = problem.clone();
                    problem.scores[columns..2 * columns].fill(garbage);
                    for form in FORMS {
                        let (clean, found) = (clean.call(form).unwrap(), problem.call(form).unwrap());
                        assert_eq!(bits(&found.values), bits(&clean.values), "{name}");
                        assert_eq!(bits(&found.gradient), bits(&clean.gradient), "{name}");
                        if form != Form::Value {
                            let own = &found.gradient[columns..2 * columns];
                            assert_eq!(bits(own), bits(&vec![0.0; columns]), "{name}: not exactly +0");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn infinite_scores_that_are_right_cost_nothing() {
    for name in ["binary_cross_entropy", "focal", "hinge"] {
        let answers = facts(name).answers(&[1, 0]);
        let problem = Problem::new(name, 1, vec![f64::INFINITY, f64::NEG_INFINITY], answers);
        for form in FORMS {
            let outcome = problem.call(form).unwrap();
            assert_eq!(outcome.values, [0.0], "{name}");
            assert!(outcome.gradient.iter().all(|&entry| entry == 0.0), "{name}");
        }
    }
}

#[test]
fn classes_ruled_out_cost_nothing_where_nothing_is_wanted_of_them() {
    let scores = vec![f64::NEG_INFINITY, 0.0, 0.0];
    for name in ["cross_entropy", "kl_divergence"] {
        let answers = Answers::Numbers(vec![0.0, 1.0, 0.0]);
        for answers in [answers, Answers::Labels(vec![1])] {
            let outcome = Problem::new(name, 3, scores.clone(), answers).call(Form::Gradient).unwrap();
            assert_eq!(outcome.values, [core::f64::consts::LN_2], "{name}");
            assert_eq!(outcome.gradient, [0.0, -0.5, 0.5], "{name}");
        }
    }
    let problem = Problem::new("cross_entropy", 3, scores, Answers::Labels(vec![0]));
    assert!(matches!(problem.call(Form::Value), Err(Error::NonFiniteLoss { index: 0, .. })));
}
