//! Losses of a whole image.

mod lovasz_hinge;
mod lovasz_softmax;

pub use lovasz_hinge::LovaszHinge;
pub use lovasz_softmax::LovaszSoftmax;
