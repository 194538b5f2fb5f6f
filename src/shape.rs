//! The shapes of data: for each, the trait that a loss of that shape implements and the batch it reads.
//! What all shapes share stands here once: scores, targets, the batch and the driver over its items.

mod access;
mod batch;
mod block;
mod drive;
mod element;
mod overlap;
mod pair;
mod quantized;
mod region;
mod row;
mod scores;
mod target;

pub use access::{Access, Feed, ReadScores, View};
pub(crate) use batch::check_length;
pub use batch::{Batch, Flat, Layout, Unit};
pub use block::{RowBlock, RowTargets};
pub use element::{ElementLoss, Elements, PerElement};
pub use overlap::{Counts, Overlap, OverlapLoss};
pub use pair::{PairLoss, Pairs, PerPair, Vectors};
pub use quantized::{Code, Codes, Dequantize, Dequantized, PerColumn, PerTensor, Quantized};
pub use region::{Image, PerRegion, Pixels, RegionLoss, Regions, Scratch};
pub use row::{Denominator, PerRow, RowLoss, Rows};
pub(crate) use scores::item_range;
pub use scores::{Input, Scores, Source};
pub(crate) use target::IGNORED;
pub use target::{Label, RowItem, Sign, Target, TargetKind, Targets};
