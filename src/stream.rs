//! What is evaluated where it arises: one item at a time, in constant memory, in parts that merge.
//!
//! With the feature `serde` an [`Evaluator`] is written and read in any format of [`serde`](https://serde.rs), and here by
//! [`postcard`](https://docs.rs/postcard): its version, the stream's tag, the words of the state, lowest byte first, and a CRC-32.
//! Bytes that were cut, changed, or written by another version or stream are refused.
//!
#![cfg_attr(feature = "serde", doc = "```")]
#![cfg_attr(not(feature = "serde"), doc = "```ignore")]
//! use microloss::metric::ConfusionMatrix;
//! use microloss::stream::Evaluator;
//! let mut device = Evaluator::<ConfusionMatrix<2>>::default();
//! device.add((0, 1))?;
//! let mut buffer = [0; 64];
//! let sent = postcard::to_slice(&device, &mut buffer)?;
//! let mut fleet = Evaluator::<ConfusionMatrix<2>>::default();
//! fleet.merge(&postcard::from_bytes(sent)?)?;
//! assert_eq!(fleet, device);
//! sent[7] ^= 1;
//! assert!(postcard::from_bytes::<Evaluator<ConfusionMatrix<2>>>(sent).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//! Sizes in bytes of an evaluator of each, and of what is sent by `postcard`:
//!
//! | stream | RAM | sent |
//! |---|---|---|
//! | `ExactTotal<f32>` | 120 | 129 |
//! | `ExactTotal<f64>` | 576 | 585 |
//! | `CompensatedTotal<f32>` | 48 | 73 |
//! | `CompensatedTotal<f64>` | 64 | 73 |
//! | `ConfusionMatrix<2>` | 32 | 41 |
//! | `ConfusionMatrix<10>` | 416 | 425 |
//! | `TopKAccuracy<5>` | 40 | 49 |
//! | `ScoreHistogram<64>` | 552 | 557 |
//! | `CalibrationError<f32,10>` | 536 | 545 |
//! | `LogLoss<f32>` | 72 | 77 |
//! | `BrierScore<f32>` | 72 | 77 |
//! | `Coverage` | 32 | 41 |
//! | `MeanAbsoluteError<f32>` | 72 | 77 |
//! | `MeanAbsoluteError<f64>` | 296 | 305 |
//! | `MeanAbsolutePercentageError<f32>` | 80 | 89 |
//! | `RootMeanSquaredError<f32>` | 112 | 121 |
//! | `RootMeanSquaredError<f64>` | 568 | 577 |
//! | `R2Score<f32>` | 248 | 253 |
//! | `R2Score<f64>` | 1384 | 1393 |

#[cfg(feature = "serde")]
mod bytes;
mod compensated_total;
mod exact_total;
#[cfg(feature = "heapless")]
mod window;

pub use compensated_total::CompensatedTotal;
pub use exact_total::ExactTotal;
#[cfg(feature = "heapless")]
pub use window::Window;

use crate::Error;

/// Takes items one after the other in constant memory, and merges.
///
/// What is read off the state of A merged with that of B is what is read off A and then B in one stream, bit for bit, in any
/// order and any grouping: counts are integers, sums are exact. (Only a [`CompensatedTotal`] is not, and says so.)
pub trait Stream: Copy {
    /// What it takes.
    type Item;

    /// Takes one item.
    ///
    /// # Errors
    /// What is wrong with the item, or [`Error::Overflow`] where a counter is full. The state stays as it was.
    fn add(&mut self, item: Self::Item) -> Result<(), Error>;

    /// Takes all that another stream has taken.
    ///
    /// # Errors
    /// [`Error::Overflow`] where a counter is full; [`Error::Parameter`] where the two were set up differently. The state stays
    /// as it was.
    fn merge(&mut self, other: &Self) -> Result<(), Error>;
}

/// A state as a fixed sequence of words, whatever it holds.
pub trait Words {
    /// Shows each word in its order, and takes what it was replaced by: so a state is written, read and measured.
    fn each_word(&mut self, visit: &mut impl FnMut(&mut u32));
}

impl Words for u32 {
    fn each_word(&mut self, visit: &mut impl FnMut(&mut u32)) {
        visit(self);
    }
}

/// The lower half first.
impl Words for u64 {
    #[allow(clippy::cast_possible_truncation, reason = "the lower half is the purpose")]
    fn each_word(&mut self, visit: &mut impl FnMut(&mut u32)) {
        let (mut low, mut high) = (*self as u32, (*self >> 32) as u32);
        visit(&mut low);
        visit(&mut high);
        *self = u64::from(high) << 32 | u64::from(low);
    }
}

impl<W: Words, const N: usize> Words for [W; N] {
    fn each_word(&mut self, visit: &mut impl FnMut(&mut u32)) {
        for element in self {
            element.each_word(visit);
        }
    }
}

/// A stream that can be kept and sent.
///
/// ```
/// use microloss::Error;
/// use microloss::stream::{State, Stream, Words, tag};
/// /// Items over a threshold.
/// #[derive(Clone, Copy, Default)]
/// struct Exceedances<const THRESHOLD: u32> {
///     above: u32,
///     all: u64,
/// }
///
/// impl<const THRESHOLD: u32> Stream for Exceedances<THRESHOLD> {
///     type Item = u32;
///     fn add(&mut self, item: u32) -> Result<(), Error> {
///         self.merge(&Self { above: (item > THRESHOLD).into(), all: 1 })
///     }
///     fn merge(&mut self, other: &Self) -> Result<(), Error> {
///         let above = self.above.checked_add(other.above).ok_or(Error::Overflow)?;
///         let all = self.all.checked_add(other.all).ok_or(Error::Overflow)?;
///         *self = Self { above, all };
///         Ok(())
///     }
/// }
///
/// impl<const THRESHOLD: u32> Words for Exceedances<THRESHOLD> {
///     fn each_word(&mut self, visit: &mut impl FnMut(&mut u32)) {
///         self.above.each_word(visit);
///         self.all.each_word(visit);
///     }
/// }
///
/// impl<const THRESHOLD: u32> State for Exceedances<THRESHOLD> {
///     const TAG: u32 = tag("exceedances", &[THRESHOLD as usize]);
///     fn is_possible(&self) -> bool {
///         u64::from(self.above) <= self.all
///     }
/// }
/// ```
pub trait State: Stream + Default + Words {
    /// Tells its states from those of other streams, and of its own with other const parameters: [`tag`] makes it.
    const TAG: u32;

    /// Whether items could have led here. What is read from bytes is refused if not.
    fn is_possible(&self) -> bool;
}

/// The tag of a stream: of its name, and of the parameters of its type.
///
/// # Reference
/// FNV-1a, 32 bits.
#[must_use]
pub const fn tag(name: &str, parameters: &[usize]) -> u32 {
    const fn mix(mut hash: u32, mut bytes: &[u8]) -> u32 {
        while let [byte, rest @ ..] = bytes {
            hash = (hash ^ *byte as u32).wrapping_mul(0x0100_0193);
            bytes = rest;
        }
        hash
    }
    let (mut hash, mut parameters) = (mix(0x811C_9DC5, name.as_bytes()), parameters);
    while let [parameter, rest @ ..] = parameters {
        // As many bytes on every target.
        hash = mix(hash, &(*parameter as u64).to_le_bytes());
        parameters = rest;
    }
    hash
}

/// A stream, with the number of items that were refused.
///
/// # Cost
/// 16 bytes beside the stream.
/// # Errors
/// Those of the stream.
/// # Examples
/// ```
/// use microloss::metric::ConfusionMatrix;
/// use microloss::stream::Evaluator;
/// let mut evaluator = Evaluator::<ConfusionMatrix<2>>::default();
/// evaluator.add((0, 0))?;
/// assert!(evaluator.add((255, 1)).is_err());
/// assert_eq!((evaluator.stream().accuracy::<f32>()?, evaluator.rejected()), (1.0, 1));
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Evaluator<S> {
    stream: S,
    taken: u64,
    rejected: u64,
}

impl<S: Stream> Evaluator<S> {
    /// Evaluates with this stream; items that it holds already are not counted.
    #[must_use]
    pub const fn new(stream: S) -> Self {
        Self { stream, taken: 0, rejected: 0 }
    }

    /// Takes one item. A refused one is counted, and changes nothing else.
    ///
    /// # Errors
    /// Those of the stream.
    pub fn add(&mut self, item: S::Item) -> Result<(), Error> {
        self.take(Ok(item))
    }

    /// Takes what a call gave: an item, or the error with which it was refused, which is counted and handed back.
    ///
    /// # Errors
    /// The one that was given, and those of the stream.
    pub fn take(&mut self, item: Result<S::Item, Error>) -> Result<(), Error> {
        self.add_with(|stream| stream.add(item?))
    }

    /// Takes one item as the stream's own method does, such as `add_scores`, which must not change the stream if it refuses it.
    ///
    /// # Errors
    /// Those of the method.
    /// # Examples
    /// ```
    /// use microloss::metric::TopKAccuracy;
    /// use microloss::stream::Evaluator;
    /// let mut evaluator = Evaluator::<TopKAccuracy<5>>::default();
    /// evaluator.add_with(|top| top.add_scores(1, &[0.1_f32, 0.7, 0.2]))?;
    /// assert!(evaluator.add_with(|top| top.add_scores(1, &[0.1, f32::NAN, 0.2])).is_err());
    /// assert_eq!((evaluator.stream().items(), evaluator.rejected()), (1, 1));
    /// # Ok::<(), microloss::Error>(())
    /// ```
    pub fn add_with(&mut self, add: impl FnOnce(&mut S) -> Result<(), Error>) -> Result<(), Error> {
        let taken = add(&mut self.stream);
        let count = if taken.is_ok() { &mut self.taken } else { &mut self.rejected };
        *count = count.saturating_add(1);
        taken
    }

    /// Takes all that another evaluator has taken, and its rejected items.
    ///
    /// # Errors
    /// Those of the stream; [`Error::Overflow`] beyond 2⁶⁴ items. The state stays as it was.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let taken = self.taken.checked_add(other.taken).ok_or(Error::Overflow)?;
        let rejected = self.rejected.checked_add(other.rejected).ok_or(Error::Overflow)?;
        self.stream.merge(&other.stream)?;
        (self.taken, self.rejected) = (taken, rejected);
        Ok(())
    }

    /// The stream, which has the results.
    #[must_use]
    pub const fn stream(&self) -> &S {
        &self.stream
    }

    /// Items so far, taken and rejected: the latest has this number, less one. An error's own index counts within its batch:
    /// 0 for a batch of one item, the pixel for one image.
    #[must_use]
    pub const fn items(&self) -> u64 {
        self.taken.saturating_add(self.rejected)
    }

    /// Items that were refused.
    #[must_use]
    pub const fn rejected(&self) -> u64 {
        self.rejected
    }
}

impl<S: Words> Words for Evaluator<S> {
    fn each_word(&mut self, visit: &mut impl FnMut(&mut u32)) {
        self.stream.each_word(visit);
        self.taken.each_word(visit);
        self.rejected.each_word(visit);
    }
}
