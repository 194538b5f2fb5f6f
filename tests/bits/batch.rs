//! One random batch for any loss of the registry, and the digest of what comes of it.

use microloss::loss::{Configure, Loss};
use microloss::registry::Visitor;
use microloss::{
    ElementLoss, Elements, Entry, Error, Input, PairLoss, Pairs, Quantized, Real, RegionLoss, Regions,
    RowLoss, Rows, Scratch, Sort, TargetKind, Targets, Total, Unit,
};

use super::codes::{Tensor, Type, of_loss};
use super::configure::{Lists, configure};
use super::digest::Digest;
use super::random::{Float, Kind, Random};

/// The label that is ignored, where it is no class. Every integer type has it.
const VOID: i32 = 100;

/// Memory for a batch of up to `N` scores, with `P` entries to sort in.
pub struct Room<T, const N: usize, const P: usize> {
    lists: Lists<T, N>,
    data: Data<T, N>,
    tensor: Tensor<N>,
    entries: [Entry<T>; P],
}

struct Data<T, const N: usize> {
    /// The scores; of codes, the scales.
    scores: [T; N],
    gradient: [T; N],
    values: [T; N],
    /// Soft labels, or distributions.
    numbers: [T; N],
    weights: [T; N],
    labels: [i32; N],
}

impl<T: Real, const N: usize, const P: usize> Default for Room<T, N, P> {
    fn default() -> Self {
        let numbers = [T::zero(); N];
        Self {
            lists: Lists::new(T::zero()),
            data: Data {
                scores: numbers,
                gradient: numbers,
                values: numbers,
                numbers,
                weights: numbers,
                labels: [0; N],
            },
            tensor: Tensor::NOTHING,
            entries: [Entry::default(); P],
        }
    }
}

impl<T: Float, const N: usize> Data<T, N> {
    /// The batch's numbers; the gradient holds the scores, too, for a batch in place.
    fn fill(&mut self, random: &mut Random, kind: Kind, input: Input, sizes: &Sizes, options: &Options) {
        // Few numbers of any bits have a square, and few batches of them a loss.
        let are_numbers = sizes.targets == Some(TargetKind::Numbers);
        let kind = if are_numbers && kind == Kind::Any && random.one_in(2) { Kind::Wide } else { kind };
        let scores = &mut self.scores[..sizes.scores()];
        let last = scores.len() - 1;
        for (index, score) in scores.iter_mut().enumerate() {
            let column = index % sizes.width;
            let is_end =
                sizes.targets.is_none() && sizes.width > 1 && (column == 0 || column + 1 == sizes.width);
            *score = random.score(input, kind, index == 0 || index == last || is_end);
            if input == Input::Variances && column == 1 && !random.one_in(2000) {
                *score = score.abs();
            }
        }
        self.gradient = self.scores;
        self.values[..sizes.items].fill(T::one());
        for weight in &mut self.weights[..sizes.items] {
            *weight = random.weight();
        }
        if options.is_soft && are_numbers {
            fill_numbers(&mut self.numbers[..sizes.labels], random);
        } else if !options.is_soft {
            fill_labels(&mut self.labels[..sizes.labels], random, sizes, options.ignored);
        } else if sizes.classes == sizes.width {
            // A row, though it be one of a single column.
            fill_distributions(&mut self.numbers[..sizes.scores()], random, sizes.width);
        } else {
            fill_soft_labels(&mut self.numbers[..sizes.labels], random);
        }
    }
}

/// Lengths of a batch.
#[derive(Clone, Copy)]
struct Sizes {
    /// Elements, rows or images.
    items: usize,
    columns: usize,
    /// Columns of scores, which may have a scale each.
    scales: usize,
    /// Scores an item.
    width: usize,
    /// Labels.
    labels: usize,
    classes: usize,
    /// What the targets are, of elements.
    targets: Option<TargetKind>,
}

impl Sizes {
    fn of_elements(random: &mut Random, most: usize, width: usize, targets: TargetKind) -> Self {
        let most = most / width;
        let columns = if random.one_in(2) { 1 } else { 1 + random.below(5) };
        let most = if random.one_in(1000) { most } else { most.min(70) };
        let items = (1 + random.below(most)).next_multiple_of(columns);
        let items = if items > most { columns } else { items };
        let scales = columns * width;
        Self { items, columns, scales, width, labels: items, classes: 2, targets: Some(targets) }
    }

    /// Rows shorter and longer than 64 columns, and more and fewer than a block of 16.
    fn of_rows(random: &mut Random, most: usize) -> Self {
        let columns = match random.below(16) {
            0..8 => 1 + random.below(12),
            8..12 => 1 + random.below(40),
            12..15 => 56 + random.below(17),
            _ if random.one_in(8) => 1000,
            _ => 130,
        };
        let columns = columns.min(most);
        let scores = if random.one_in(8) { most } else { most.min(150) };
        let items = 1 + random.below((scores / columns).clamp(1, 40));
        Self {
            items,
            columns,
            scales: columns,
            width: columns,
            labels: items,
            classes: columns,
            targets: None,
        }
    }

    /// Some images are large enough for any way to sort.
    fn of_images<T: Real, L: RegionLoss<T>>(
        random: &mut Random,
        loss: &L,
        most: usize,
        entries: usize,
    ) -> Self {
        // Labels 0 and 1 have one score: always, or as well as classes do.
        let is_binary = loss.classes(2).is_err() || (loss.classes(1) == Ok(2) && random.one_in(2));
        let columns = if is_binary { 1 } else { 1 + random.below(5) };
        let (fewest, extra) = match random.below(256) {
            0 => (300, 1000),
            1..32 => (1, 100),
            _ => (1, 24),
        };
        let pixels = (fewest + random.below(extra)).min(entries / 4).min(most / columns);
        let width = pixels * columns;
        let items = 1 + random.below((most / width).min(3));
        let classes = loss.classes(columns).unwrap_or(columns);
        Self { items, columns, scales: columns, width, labels: items * pixels, classes, targets: None }
    }

    /// Vectors shorter and longer than the lanes of a sum.
    fn of_pairs(random: &mut Random, vectors: usize, targets: Option<TargetKind>, most: usize) -> Self {
        let dimension = if random.one_in(2) { 1 + random.below(6) } else { 1 + random.below(40) };
        let columns = dimension.min(most / vectors);
        let width = vectors * columns;
        let items = 1 + random.below((most.min(150) / width).clamp(1, 40));
        Self { items, columns, scales: columns, width, labels: items, classes: 2, targets }
    }

    fn scores(&self) -> usize {
        self.items * self.width
    }

    /// The label of a class.
    fn label(&self, class: usize) -> i32 {
        let is_sign = self.targets == Some(TargetKind::Signs);
        if is_sign && class == 0 { -1 } else { class as i32 }
    }

    /// The integer types that have all labels.
    fn label_kind(&self, random: &mut Random) -> usize {
        if self.targets == Some(TargetKind::Signs) { 4 + random.below(4) } else { random.below(8) }
    }
}

#[derive(Clone, Copy)]
enum Form {
    Value,
    Gradient,
    InPlace,
}

#[derive(Clone, Copy)]
enum Reduction {
    Mean,
    Sum,
    None,
}

enum Answer<T> {
    Mean(T),
    Total(Total<T>),
}

/// What is asked of a batch.
struct Options {
    form: Form,
    reduction: Reduction,
    unit: Unit,
    is_soft: bool,
    weighted: bool,
    ignored: Option<i32>,
    /// How much too short a buffer is: gradient, weights, values, scratch.
    missing: [usize; 4],
}

impl Options {
    fn of(random: &mut Random, sizes: &Sizes, takes_numbers: bool) -> Self {
        let is_soft = match sizes.targets {
            Some(TargetKind::Numbers) => !random.one_in(200),
            _ => takes_numbers && random.one_in(3),
        };
        let ignored = random.one_in(if is_soft { 200 } else { 4 });
        let void = if random.one_in(3) { sizes.label(random.below(sizes.classes)) } else { VOID };
        let mut missing = [0; 4];
        if random.one_in(200) {
            missing[random.below(4)] = 1;
        }
        Self {
            form: random.one_of([Form::Value, Form::Gradient, Form::InPlace]),
            reduction: random.one_of([Reduction::Mean, Reduction::Sum, Reduction::None]),
            unit: random.one_of([Unit::Nats, Unit::Nats, Unit::Bits]),
            is_soft,
            weighted: random.one_in(3),
            ignored: ignored.then_some(void),
            missing,
        }
    }
}

fn fill_labels(labels: &mut [i32], random: &mut Random, sizes: &Sizes, ignored: Option<i32>) {
    // No type of integer is too small for 100.
    let classes = sizes.classes.min(VOID as usize);
    let is_uniform = random.one_in(8);
    let class = sizes.label(random.below(classes));
    for label in labels.iter_mut() {
        *label = match ignored {
            Some(void) if random.one_in(5) => void,
            _ if is_uniform => class,
            _ => sizes.label(random.below(classes)),
        };
    }
    if random.one_in(300) {
        labels[random.below(labels.len())] = random.one_of([-1, 127]);
    }
}

fn fill_numbers<T: Float>(numbers: &mut [T], random: &mut Random) {
    let kind = random.one_of([Kind::Plain, Kind::Ties, Kind::Edges, Kind::Wide, Kind::Subnormal]);
    let kind = if random.one_in(50) { Kind::Special } else { kind };
    let last = numbers.len() - 1;
    for (index, number) in numbers.iter_mut().enumerate() {
        *number = random.score(Input::Logits, kind, index == 0 || index == last);
    }
}

fn fill_soft_labels<T: Float>(labels: &mut [T], random: &mut Random) {
    let kind = random.one_of([Kind::Plain, Kind::Ties, Kind::Edges, Kind::Wide, Kind::Special]);
    let last = labels.len() - 1;
    for (index, label) in labels.iter_mut().enumerate() {
        *label = random.probability(kind, index == 0 || index == last);
    }
}

fn fill_distributions<T: Float>(distributions: &mut [T], random: &mut Random, columns: usize) {
    for row in distributions.chunks_exact_mut(columns) {
        let mut sum = 0;
        for number in row.iter_mut() {
            let part = if random.one_in(3) { 0 } else { 1 + random.below(63) };
            sum += part;
            *number = T::of_count(part);
        }
        let tiny = random.one_in(2);
        if random.one_in(1000) {
            sum += 1 + random.below(63);
        }
        for number in row.iter_mut() {
            *number = match *number {
                zero if zero == T::zero() && tiny => random.subnormal(),
                number => number / T::of_count(sum.max(1)),
            };
        }
        if sum == 0 {
            row[random.below(columns)] = T::one();
        }
    }
}

/// The labels in an integer type.
fn with_labels<T, const N: usize>(labels: &[i32], kind: usize, call: &mut dyn FnMut(Targets<'_, T>)) {
    macro_rules! cast {
        ($($number:pat => $($type:ident)as+, $variant:ident;)*) => {
            match kind {
                $($number => {
                    let mut cast = [0; N];
                    for (to, &from) in cast.iter_mut().zip(labels) {
                        *to = from $(as $type)+;
                    }
                    call(Targets::$variant(&cast[..labels.len()]))
                })*
            }
        };
    }
    cast! {
        0 => u8, U8;
        1 => u16, U16;
        2 => u32, U32;
        // -1 is the same everywhere.
        3 => u32 as usize, Usize;
        4 => i8, I8;
        5 => i16, I16;
        6 => i32, I32;
        _ => i64, I64;
    }
}

/// Makes the batch, of numbers or of codes, for the loss that it visits; gives the digest, and whether the loss had a value.
pub struct Draw<'a, T, const N: usize, const P: usize, const CODED: bool> {
    pub random: Random,
    pub kind: Kind,
    pub room: &'a mut Room<T, N, P>,
}

/// The batch and its digest, once the sizes are known.
macro_rules! answer {
    ($draw:ident, $loss:ident, $sizes:ident, $has_targets:expr, $takes_numbers:expr, $shape:ident
        $(, $pixels:ident, $scratch:ident: ($sort:expr))?) => {{
        let Draw { mut random, kind, room } = $draw;
        let Room { lists, data, tensor, entries: _entries } = room;
        let (random, sizes) = (&mut random, $sizes);
        let mut digest = Digest::default();
        let loss = match configure($loss, random, sizes.columns, lists) {
            Ok(loss) => loss,
            Err(error) => {
                digest.error(error);
                return (digest, false);
            }
        };
        let options = Options::of(random, &sizes, $takes_numbers);
        let [no_gradient, no_weight, no_value, _no_entry] = options.missing;

        data.fill(random, kind, loss.input(), &sizes, &options);
        let (code, by_column) = const { of_loss(<L as Loss>::INFO.name, size_of::<T>()) };
        let columns = if by_column { sizes.scales } else { 1 };
        if const { CODED } {
            let (input, count, scales) = (loss.input(), sizes.scores(), &mut data.scores[..columns]);
            match code {
                Type::I8 => tensor.fill::<T, i8>(random, kind, input, count, scales),
                Type::U8 => tensor.fill::<T, u8>(random, kind, input, count, scales),
                Type::I16 => tensor.fill::<T, i16>(random, kind, input, count, scales),
            }
        }
        let scores = &data.scores[..sizes.scores()];
        let weights = &data.weights[..sizes.items - no_weight];
        let gradient = &mut data.gradient[..sizes.scores() - no_gradient];
        let values = &mut data.values[..sizes.items - no_value];
        let mut answer = Err(Error::NothingToAverage);

        let mut call = |targets: Targets<'_, T>| {
            $(
                let needed = $loss.entries($sort, $pixels, true).saturating_sub(_no_entry);
                let entries = &mut _entries[..needed];
                let $scratch = match $sort {
                    Sort::Insertion => Scratch::insertion(entries),
                    Sort::Merge => Scratch::merge(entries),
                };
            )?
            macro_rules! arguments {
                ($make:ident, $scores:expr) => {
                    $shape::$make($scores, sizes.columns, $($pixels,)? targets $(, $scratch)?)
                };
            }
            macro_rules! reduce {
                ($made:expr) => {{
                    let mut batch = $made.unit(options.unit);
                    if options.weighted {
                        batch = batch.weights(weights);
                    }
                    if let Some(label) = options.ignored.filter(|_| $has_targets) {
                        batch = batch.ignore_index(label.into());
                    }
                    answer = match options.reduction {
                        Reduction::Mean => loss.mean(batch).map(Answer::Mean),
                        Reduction::Sum => loss.total(batch).map(Answer::Total),
                        Reduction::None => loss.each(batch, values).map(Answer::Total),
                    };
                }};
            }
            macro_rules! reduce_codes {
                ($codes:expr) => {
                    match ($codes, options.form) {
                        (Ok(codes), Form::Value) => reduce!(arguments!(quantized_slices, codes)),
                        (Ok(codes), _) => reduce!(arguments!(quantized_slices, codes).gradient(gradient)),
                        (Err(error), _) => answer = Err(error),
                    }
                };
            }
            // Which codes is known to the compiler, or there would be six times as much code.
            macro_rules! coded {
                ($variant:ident, $type:ident) => {
                    if const { matches!(of_loss(<L as Loss>::INFO.name, size_of::<T>()), (Type::$variant, _)) } {
                        let (codes, zero_points) = (tensor.cast::<$type>(), &tensor.zero_points[..columns]);
                        let (codes, scales) = (&codes[..sizes.scores()], &data.scores[..columns]);
                        if const { of_loss(<L as Loss>::INFO.name, size_of::<T>()).1 } {
                            return reduce_codes!(Quantized::per_column(codes, scales, zero_points));
                        }
                        return reduce_codes!(Quantized::per_tensor(codes, scales[0], zero_points[0]));
                    }
                };
            }
            if const { CODED } {
                coded!(I8, i8);
                coded!(U8, u8);
                coded!(I16, i16);
                return;
            }
            reduce!(match options.form {
                Form::Value => arguments!(slices, scores),
                Form::Gradient => arguments!(slices, scores).gradient(gradient),
                Form::InPlace => arguments!(slices_in_place, gradient),
            });
        };
        if !$has_targets {
            call(Targets::none());
        } else if options.is_soft {
            let is_row = sizes.targets.is_none() && sizes.classes == sizes.width;
            let count = if is_row { sizes.scores() } else { sizes.labels };
            call(Targets::Values(&data.numbers[..count]));
        } else {
            with_labels::<T, N>(&data.labels[..sizes.labels], sizes.label_kind(random), &mut call);
        }
        let has_value = answer.is_ok();
        match answer {
            Ok(Answer::Mean(mean)) => digest.number(mean),
            Ok(Answer::Total(total)) => digest.total(&total),
            Err(error) => digest.error(error),
        }
        digest.numbers(values);
        digest.numbers(gradient);
        (digest, has_value)
    }};
}

impl<'a, T: Float, const N: usize, const P: usize, const CODED: bool> Visitor<'a, T>
    for Draw<'a, T, N, P, CODED>
{
    type Output = (Digest, bool);

    fn element<L: ElementLoss<T, K> + Configure<'a, T>, const K: usize>(mut self, loss: L) -> Self::Output {
        let sizes = Sizes::of_elements(&mut self.random, N, K, L::TARGETS);
        answer!(self, loss, sizes, true, L::TARGETS != TargetKind::Signs, Elements)
    }

    fn row<L: RowLoss<T> + Configure<'a, T>>(mut self, loss: L) -> Self::Output {
        let sizes = Sizes::of_rows(&mut self.random, N);
        answer!(self, loss, sizes, true, loss.takes_distributions(), Rows)
    }

    fn region<L: RegionLoss<T> + Configure<'a, T>>(mut self, loss: L) -> Self::Output {
        let sizes = Sizes::of_images(&mut self.random, &loss, N, P);
        let pixels = sizes.labels / sizes.items;
        let is_small = pixels <= 100;
        let sort = if is_small && self.random.one_in(3) { Sort::Insertion } else { Sort::Merge };
        let takes_numbers = loss.takes_numbers(sizes.columns);
        answer!(self, loss, sizes, true, takes_numbers, Regions, pixels, scratch: (sort))
    }

    fn pair<L: PairLoss<T> + Configure<'a, T>>(mut self, loss: L) -> Self::Output {
        let sizes = Sizes::of_pairs(&mut self.random, L::VECTORS, L::TARGETS, N);
        answer!(self, loss, sizes, L::TARGETS.is_some(), false, Pairs)
    }
}
