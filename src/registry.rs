//! The one list of all losses. Tests, the bench, the command line and the README's table come from it.

use crate::Real;
use crate::loss::{Configure, Info, Loss, element, pair, region, row};
use crate::shape::{ElementLoss, PairLoss, RegionLoss, RowLoss};

/// What is done with a loss that was found by its name, one method a shape.
pub trait Visitor<'a, T: Real>: Sized {
    /// What comes of it.
    type Output;
    /// A loss of elements, with its default parameters.
    fn element<L: ElementLoss<T, K> + Configure<'a, T>, const K: usize>(self, loss: L) -> Self::Output;
    /// A loss of rows, with its default parameters.
    fn row<L: RowLoss<T> + Configure<'a, T>>(self, loss: L) -> Self::Output;
    /// A loss of regions, with its default parameters.
    fn region<L: RegionLoss<T> + Configure<'a, T>>(self, loss: L) -> Self::Output;
    /// A loss of vectors, with its default parameters.
    fn pair<L: PairLoss<T> + Configure<'a, T>>(self, loss: L) -> Self::Output;
}

macro_rules! registry {
    ($( $shape:ident $($path:ident)::+; )*) => {
        /// All losses.
        pub const LOSSES: &[(&str, Info)] = &[$( (stringify!($shape), <$($path)::+<f32> as Loss>::INFO), )*];

        /// Finds a loss by its name and hands it to the visitor; `None` if there is no such loss.
        #[inline]
        pub fn visit<'a, T: Real, V: Visitor<'a, T>>(name: &str, visitor: V) -> Option<V::Output> {
            $( if name == <$($path)::+<T> as Loss>::INFO.name {
                return Some(visitor.$shape(<$($path)::+<T>>::new()));
            } )*
            None
        }
    };
}

registry! {
    element element::MeanSquaredError;
    element element::MeanAbsoluteError;
    element element::Huber;
    element element::SmoothL1;
    element element::LogCosh;
    element element::Quantile;
    element element::GaussianNll;
    element element::BinaryCrossEntropy;
    element element::BalancedCrossEntropy;
    element element::Focal;
    element element::Hinge;
    row row::CrossEntropy;
    row row::KlDivergence;
    row row::FocalMulticlass;
    row row::JensenShannon;
    row row::Brier;
    region region::LovaszHinge;
    region region::LovaszSoftmax;
    region region::Jaccard;
    region region::Dice;
    region region::Tversky;
    pair pair::CosineEmbedding;
    pair pair::TripletMargin;
}
