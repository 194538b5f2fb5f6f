//! Losses of a whole image.

mod dice;
mod jaccard;
mod lovasz_hinge;
mod lovasz_softmax;
mod tversky;

pub use dice::Dice;
pub use jaccard::Jaccard;
pub use lovasz_hinge::LovaszHinge;
pub use lovasz_softmax::LovaszSoftmax;
pub use tversky::Tversky;
