//! The confusion matrix, and what is read off it.

use super::argmax::{argmax_of, at};
use super::counts;
use super::options::{Average, Disagreement, ZeroDivision};
use super::table::{Quotient, Table};
use crate::shape::{Targets, check_length};
use crate::stream::{State, Stream, Words, tag};
use crate::{Error, Label, ReadScores, Real, View};

/// Counts of items by true class (row) and predicted class (column), and the metrics of them.
///
/// ```text
/// tp = items of class k that are predicted to be, fp = of another class but predicted to be, fn = of class k but not predicted
/// ```
/// A ratio of one class, or of sums over classes, is rounded once; a mean over classes is taken in `f64`.
/// # Shapes
/// `[[u32; C]; C]`, `[true class][predicted class]`, as scikit-learn's `confusion_matrix`. For a number of classes that is known
/// at run time only: [`ConfusionSlice`].
/// # Domain
/// Classes from 0 to C - 1. From scores, the predicted class is that of the largest, of equal ones the first; NaN is refused.
/// # Cost
/// 4 C² bytes; O(1) an item, from scores O(C). Results take O(C²); those of all classes O(C³).
/// # Accuracy
/// Correctly rounded: [`accuracy`](Self::accuracy), what is taken of one class or [`Micro`](Average::Micro),
/// [`cohen_kappa`](Self::cohen_kappa). Within 2⁻⁵⁰, and the rounding to `f32`: means over classes,
/// [`matthews_correlation`](Self::matthews_correlation).
/// # Errors
/// [`Error::NothingToAverage`] of an empty matrix; [`Error::ZeroDivision`] where 0 / 0 is not allowed by the option;
/// [`Error::Overflow`] of a full counter.
/// # Reference
/// scikit-learn's `confusion_matrix` with `labels=range(C)`, and the functions named at each method: `tests/metrics.rs`. What
/// scikit-learn does by default, averaging over the classes that occur, is [`ZeroDivision::Skip`] for IoU, F1 and Dice. A mean of
/// weights that are all 0, which scikit-learn replaces by one without weights, is [`Error::NothingToAverage`].
/// # Examples
/// ```
/// use microloss::metric::{Average, ConfusionMatrix, ZeroDivision};
/// let mut matrix = ConfusionMatrix::<3>::new();
/// for (label, predicted) in [(0, 0), (0, 1), (1, 1), (1, 1)] {
///     matrix.add(label, predicted)?;
/// }
/// assert_eq!(matrix.accuracy::<f32>()?, 0.75);
/// assert_eq!(matrix.precision::<f32>(Average::Class(1), ZeroDivision::Refuse)?, 2.0 / 3.0);
/// assert!(matrix.precision::<f32>(Average::Macro, ZeroDivision::Refuse).is_err()); // class 2 is never predicted
/// assert_eq!(matrix.recall::<f32>(Average::Macro, ZeroDivision::Skip)?, 0.75);
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ConfusionMatrix<const C: usize> {
    counts: [[u32; C]; C],
}

/// A confusion matrix in memory of the caller, for a number of classes that is known at run time only.
///
/// # Shapes
/// C² counters, row after row: rows are true classes.
/// # Errors
/// As [`ConfusionMatrix`], which has the same results and tells what they mean.
/// # Examples
/// ```
/// use microloss::metric::ConfusionSlice;
/// let mut counts = [0; 9];
/// let mut matrix = ConfusionSlice::new(&mut counts, 3)?;
/// matrix.add(2, 2)?;
/// assert_eq!(matrix.accuracy::<f64>()?, 1.0);
/// assert_eq!(counts[8], 1);
/// # Ok::<(), microloss::Error>(())
/// ```
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ConfusionSlice<'a> {
    counts: &'a mut [u32],
    classes: usize,
}

impl<const C: usize> Default for ConfusionMatrix<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const C: usize> ConfusionMatrix<C> {
    /// A matrix of zeros.
    #[must_use]
    pub const fn new() -> Self {
        Self { counts: [[0; C]; C] }
    }

    /// The counts, `[true class][predicted class]`.
    #[must_use]
    pub const fn counts(&self) -> &[[u32; C]; C] {
        &self.counts
    }

    const fn table(&self) -> Table<'_> {
        Table { counts: self.counts.as_flattened(), classes: C }
    }

    const fn slice(&mut self) -> ConfusionSlice<'_> {
        ConfusionSlice { counts: self.counts.as_flattened_mut(), classes: C }
    }
}

impl<const C: usize> From<[[u32; C]; C]> for ConfusionMatrix<C> {
    fn from(counts: [[u32; C]; C]) -> Self {
        Self { counts }
    }
}

impl<'a> ConfusionSlice<'a> {
    /// A matrix that goes on from these counts.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] unless there are as many as the square of the number of classes.
    pub fn new(counts: &'a mut [u32], classes: usize) -> Result<Self, Error> {
        check_length("counts", classes.saturating_mul(classes), counts.len())?;
        Ok(Self { counts, classes })
    }

    /// The counts, row after row: rows are true classes.
    #[must_use]
    pub const fn counts(&self) -> &[u32] {
        self.counts
    }

    /// Adds the counts of another matrix.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] for another number of classes; [`Error::Overflow`] where a counter would be full. Neither
    /// changes anything.
    pub fn merge(&mut self, more: &[u32]) -> Result<(), Error> {
        check_length("counts", self.counts.len(), more.len())?;
        counts::merge(self.counts, more)
    }

    const fn table(&self) -> Table<'_> {
        Table { counts: self.counts, classes: self.classes }
    }

    const fn slice(&mut self) -> ConfusionSlice<'_> {
        ConfusionSlice { counts: self.counts, classes: self.classes }
    }

    /// The counter of a pair of classes.
    fn counter(&mut self, index: usize, label: usize, predicted: usize) -> Result<&mut u32, Error> {
        let classes = self.classes;
        for class in [label, predicted] {
            if class >= classes {
                let label = i64::try_from(class).unwrap_or(i64::MAX);
                return Err(Error::LabelOutOfRange { index, label, classes });
            }
        }
        let place = label.wrapping_mul(classes).wrapping_add(predicted);
        self.counts.get_mut(place).ok_or(Error::Overflow)
    }

    fn count(&mut self, index: usize, label: usize, predicted: usize) -> Result<(), Error> {
        let count = self.counter(index, label, predicted)?;
        *count = count.checked_add(1).ok_or(Error::Overflow)?;
        Ok(())
    }

    /// Counts all items, or none: those before one that is refused are taken back.
    fn count_all(
        &mut self,
        items: usize,
        item: impl Fn(usize) -> Result<Option<(usize, usize)>, Error>,
    ) -> Result<(), Error> {
        for index in 0..items {
            let counted = match item(index) {
                Ok(Some((label, predicted))) => self.count(index, label, predicted),
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            };
            if counted.is_err() {
                for index in 0..index {
                    if let Ok(Some((label, predicted))) = item(index)
                        && let Ok(count) = self.counter(index, label, predicted)
                    {
                        *count = count.wrapping_sub(1);
                    }
                }
                return counted;
            }
        }
        Ok(())
    }
}

/// What both matrices have. A `table()` is read, a `slice()` counts.
macro_rules! matrix {
    ($($generics:tt)*) => {
        $($generics)* {
            /// Counts one item.
            ///
            /// # Errors
            /// [`Error::LabelOutOfRange`], with the number of items counted so far as the index;
            /// [`Error::Overflow`] where the counter is full. Neither changes the matrix.
            pub fn add(&mut self, label: usize, predicted: usize) -> Result<(), Error> {
                let counted = self.slice().count(0, label, predicted);
                counted.map_err(|error| at(error, self.index()))
            }

            /// Counts one item by its row of C scores: the largest is the predicted class, of equal ones the first.
            ///
            /// # Errors
            /// Those of [`add`](Self::add); [`Error::NonFiniteScore`] for NaN; [`Error::LengthMismatch`] for another number of
            /// scores than of classes. None changes the matrix.
            pub fn add_scores<T: Real>(
                &mut self,
                label: usize,
                scores: impl ReadScores<T>,
            ) -> Result<(), Error> {
                let scores = scores.rows(self.table().classes)?;
                check_length("scores", self.table().classes, scores.len())?;
                let counted = argmax_of(0, scores).and_then(|predicted| self.slice().count(0, label, predicted));
                counted.map_err(|error| at(error, self.index()))
            }

            /// Counts the pixels of an image, or a batch: labels, of any integer types. A true label that is `ignore_index` does
            /// not count.
            ///
            /// # Errors
            /// Those of [`add`](Self::add), with the index in the slices; [`Error::LengthMismatch`] unless there are as many of
            /// both. None changes the matrix.
            pub fn add_labels<L: Label, P: Label>(
                &mut self,
                labels: &[L],
                predicted: &[P],
                ignore_index: Option<i64>,
            ) -> Result<(), Error> {
                check_length("predicted", labels.len(), predicted.len())?;
                let classes = self.table().classes;
                let (items, labels, predicted) = (labels.len(), L::erase::<f32>(labels), P::erase::<f32>(predicted));
                self.slice().count_all(items, |index| {
                    pair(labels, index, classes, ignore_index, || {
                        // Nothing is ignored here, so there is a class.
                        Ok(predicted.class(index, classes, None)?.unwrap_or(classes))
                    })
                })
            }

            /// Counts a batch of rows of C scores, one after the other, with a label each: the largest is the predicted class,
            /// of equal ones the first. Rows whose label is `ignore_index` do not count, and are not read.
            ///
            /// # Errors
            /// Those of [`add_scores`](Self::add_scores), with the index in the batch. None changes the matrix.
            pub fn add_rows<T: Real, L: Label>(
                &mut self,
                scores: impl ReadScores<T>,
                labels: &[L],
                ignore_index: Option<i64>,
            ) -> Result<(), Error> {
                let classes = self.table().classes;
                let scores = scores.rows(classes)?;
                check_length("scores", labels.len().saturating_mul(classes), scores.len())?;
                let (items, labels) = (labels.len(), L::erase::<f32>(labels));
                self.slice().count_all(items, |index| {
                    let start = index.wrapping_mul(classes);
                    let row = || scores.part(start..start.wrapping_add(classes), 0);
                    let none = || Error::LengthMismatch { what: "scores", expected: classes, found: 0 };
                    pair(labels, index, classes, ignore_index, || argmax_of(index, row().ok_or_else(none)?))
                })
            }

            /// Items counted, up to the largest `usize`.
            #[must_use]
            pub fn items(&self) -> usize {
                self.index()
            }

            fn index(&self) -> usize {
                usize::try_from(self.table().total()).unwrap_or(usize::MAX)
            }

            /// Right items over all. scikit-learn: `accuracy_score`.
            ///
            /// # Errors
            /// [`Error::NothingToAverage`] before the first item.
            pub fn accuracy<T: Real>(&self) -> Result<T, Error> {
                self.table().accuracy()
            }

            /// The mean over classes of the recall. scikit-learn: `balanced_accuracy_score` (`adjusted=False`), which leaves
            /// out classes without items: [`ZeroDivision::Skip`].
            ///
            /// # Errors
            /// [`Error::NothingToAverage`] of an empty matrix; [`Error::ZeroDivision`] for a class without items.
            pub fn balanced_accuracy<T: Real>(&self, zero_division: ZeroDivision) -> Result<T, Error> {
                self.recall(Average::Macro, zero_division)
            }

            /// tp / (tp + fp): of what is predicted to be of a class, the part that is. 0 / 0 for a class that is never
            /// predicted. scikit-learn: `precision_score`.
            ///
            /// # Errors
            /// [`Error::NothingToAverage`] of an empty matrix, or where all is skipped; [`Error::ZeroDivision`];
            /// [`Error::Parameter`] for a class that there is not.
            pub fn precision<T: Real>(&self, average: Average, zero_division: ZeroDivision) -> Result<T, Error> {
                self.table().quotient(Quotient::Precision, average, zero_division)
            }

            /// tp / (tp + fn): of the items of a class, the part that is predicted to be. 0 / 0 for a class without items.
            /// scikit-learn: `recall_score`.
            ///
            /// # Errors
            /// Those of [`precision`](Self::precision).
            pub fn recall<T: Real>(&self, average: Average, zero_division: ZeroDivision) -> Result<T, Error> {
                self.table().quotient(Quotient::Recall, average, zero_division)
            }

            /// 2 tp / (2 tp + fp + fn): the harmonic mean of precision and recall. 0 / 0 for a class that no item bears or is
            /// given. scikit-learn: `f1_score`.
            ///
            /// # Errors
            /// Those of [`precision`](Self::precision).
            pub fn f1<T: Real>(&self, average: Average, zero_division: ZeroDivision) -> Result<T, Error> {
                self.table().quotient(Quotient::F1, average, zero_division)
            }

            /// The Dice coefficient of regions, 2 |A ∩ B| / (|A| + |B|): another name of [`f1`](Self::f1).
            ///
            /// # Errors
            /// Those of [`precision`](Self::precision).
            pub fn dice<T: Real>(&self, average: Average, zero_division: ZeroDivision) -> Result<T, Error> {
                self.f1(average, zero_division)
            }

            /// tp / (tp + fp + fn): intersection over union, the Jaccard index. 0 / 0 for a class that no item bears or is given.
            /// scikit-learn: `jaccard_score`.
            ///
            /// # Errors
            /// Those of [`precision`](Self::precision).
            pub fn iou<T: Real>(&self, average: Average, zero_division: ZeroDivision) -> Result<T, Error> {
                self.table().quotient(Quotient::Iou, average, zero_division)
            }

            /// The mean of [`iou`](Self::iou) over the classes that an item bears or is given, as scikit-learn's
            /// `jaccard_score(average="macro")` takes it: [`Average::Macro`] with [`ZeroDivision::Skip`].
            ///
            /// # Errors
            /// [`Error::NothingToAverage`] of an empty matrix.
            pub fn mean_iou<T: Real>(&self) -> Result<T, Error> {
                self.iou(Average::Macro, ZeroDivision::Skip)
            }

            /// Cohen's kappa: agreement beyond that of chance, 1 - Σ w o / Σ w e over pairs of classes, with the weight w of a
            /// disagreement, items o, and those that chance expects, e. 0 / 0 where all items bear and are given one class.
            /// scikit-learn: `cohen_kappa_score`, `weights` None, "linear" or "quadratic".
            ///
            /// # Errors
            /// [`Error::NothingToAverage`] of an empty matrix; [`Error::ZeroDivision`], which names that class;
            /// [`Error::Overflow`] where weighted counts exceed 2¹²⁸.
            pub fn cohen_kappa<T: Real>(
                &self,
                disagreement: Disagreement,
                zero_division: ZeroDivision,
            ) -> Result<T, Error> {
                self.table().cohen_kappa(disagreement, zero_division)
            }

            /// Matthews correlation coefficient of several classes (Gorodkin 2004), from -1 to 1. 0 / 0 where all items bear one
            /// class, or are given one: scikit-learn's `matthews_corrcoef` is 0 there.
            ///
            /// # Errors
            /// [`Error::NothingToAverage`] of an empty matrix; [`Error::ZeroDivision`], which names that class.
            pub fn matthews_correlation<T: Real>(&self, zero_division: ZeroDivision) -> Result<T, Error> {
                self.table().matthews_correlation(zero_division)
            }
        }
    };
}

matrix!(impl<const C: usize> ConfusionMatrix<C>);
matrix!(impl ConfusionSlice<'_>);

/// The label at `index` and what is predicted; `None` where the label is ignored.
fn pair(
    labels: Targets<'_, f32>,
    index: usize,
    classes: usize,
    ignore_index: Option<i64>,
    predicted: impl FnOnce() -> Result<usize, Error>,
) -> Result<Option<(usize, usize)>, Error> {
    let label = labels.class(index, classes, ignore_index)?;
    label.map(|label| predicted().map(|predicted| (label, predicted))).transpose()
}

/// Takes (label, predicted class).
impl<const C: usize> Stream for ConfusionMatrix<C> {
    type Item = (usize, usize);

    fn add(&mut self, (label, predicted): Self::Item) -> Result<(), Error> {
        Self::add(self, label, predicted)
    }

    fn merge(&mut self, other: &Self) -> Result<(), Error> {
        self.slice().merge(other.counts.as_flattened())
    }
}

impl<const C: usize> Words for ConfusionMatrix<C> {
    fn each_word(&mut self, visit: &mut impl FnMut(&mut u32)) {
        self.counts.each_word(visit);
    }
}

impl<const C: usize> State for ConfusionMatrix<C> {
    const TAG: u32 = tag("confusion_matrix", &[C]);

    fn is_possible(&self) -> bool {
        true
    }
}
