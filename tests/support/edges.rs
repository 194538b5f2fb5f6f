//! Numbers at the edges of the floating-point format, of each kind of input and of each domain.

use microloss::parameter::Domain;
use microloss::{Input, Real};

/// The smallest number above 0.
pub(crate) fn smallest<T: Real>() -> T {
    let normal = T::min_positive_value();
    normal * T::epsilon()
}

/// Scores of an input: what is legal, and what is not.
pub(crate) fn scores<T: Real>(input: Input) -> (Vec<T>, Vec<T>) {
    let (zero, one, two) = (T::zero(), T::one(), T::of(2.0));
    let (tiny, normal, largest) = (smallest::<T>(), T::min_positive_value(), T::max_value());
    let infinity = T::infinity();
    let magnitudes: Vec<T> = [0.5, 5.0, 16.0, 17.0, 20.0, 50.0, 89.0, 100.0].map(T::of).to_vec();
    match input {
        Input::Logits | Input::Variances | Input::LogVariances => {
            let mut legal = magnitudes;
            legal.extend([zero, tiny, normal, T::epsilon(), T::of(1000.0), largest / two, largest, infinity]);
            legal.extend(legal.clone().iter().map(|&score| -score));
            (legal, Vec::new())
        }
        Input::Probabilities => {
            let legal = vec![
                zero,
                -zero,
                tiny,
                normal,
                T::of(1e-30),
                T::of(1e-12),
                T::epsilon(),
                T::of(0.5),
                one - T::epsilon(),
                one - T::epsilon() / two,
                one,
            ];
            (legal, vec![-tiny, -normal, -one, one + T::epsilon(), T::of(1.2), largest, infinity, -infinity])
        }
        Input::LogProbabilities => {
            let mut legal: Vec<T> = magnitudes.iter().map(|&score| -score).collect();
            legal.extend([zero, -zero, -tiny, -normal, T::of(-1000.0), -largest, -infinity]);
            (legal, vec![T::of(0.002), one, largest, infinity])
        }
    }
}

/// Numbers of a domain: those at its ends, and those just outside.
pub(crate) fn numbers<T: Real>(domain: Domain) -> (Vec<T>, Vec<T>) {
    let (zero, one) = (T::zero(), T::one());
    let (tiny, normal, largest) = (smallest::<T>(), T::min_positive_value(), T::max_value());
    let never = [T::nan(), T::infinity(), -T::infinity(), -tiny, -one, -largest];
    let (legal, more) = match domain {
        Domain::Unit => {
            let legal = vec![zero, -zero, tiny, normal, T::epsilon(), one - T::epsilon() / T::of(2.0), one];
            (legal, vec![one + T::epsilon(), T::of(1.5), largest])
        }
        Domain::OpenUnit => {
            let legal = vec![tiny, normal, T::epsilon(), one - T::epsilon() / T::of(2.0)];
            (legal, vec![zero, -zero, one, one + T::epsilon(), largest])
        }
        Domain::Cosine => {
            let above = one + T::epsilon();
            let legal = vec![-one, -normal, -tiny, zero, -zero, tiny, T::of(0.5), one];
            return (legal, vec![T::nan(), T::infinity(), -T::infinity(), above, -above, largest, -largest]);
        }
        Domain::OneOrTwo => (vec![one, T::of(2.0)], vec![zero, T::of(1.5), one + T::epsilon(), T::of(3.0)]),
        Domain::NonNegative | Domain::Weights => {
            (vec![zero, -zero, tiny, normal, one, T::of(100.0), largest], vec![])
        }
        Domain::Positive => (vec![tiny, normal, one, T::of(100.0), largest], vec![zero, -zero]),
        domain => panic!("edges.rs has no numbers of {domain:?}"),
    };
    (legal, [&more[..], &never[..]].concat())
}
