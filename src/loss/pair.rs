//! Losses of vectors against vectors.

mod cosine_embedding;
mod triplet_margin;

pub use cosine_embedding::CosineEmbedding;
pub use triplet_margin::TripletMargin;
