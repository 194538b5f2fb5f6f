//! Every loss of the registry through the functions that C calls, of arbitrary bytes: what a batch cannot be, and pointers
//! that are NULL, not aligned, or to memory of another buffer.
#![no_main]

extern crate microloss_core as microloss;
// What the linker takes the functions from.
use microloss_c as _;

#[path = "bytes.rs"]
mod bytes;
#[path = "../../support/call.rs"]
mod call;
#[path = "check.rs"]
mod check;
#[path = "../../../src/c/src/constants.rs"]
#[allow(dead_code)]
mod constants;
#[path = "draw.rs"]
mod draw;
#[path = "interface.rs"]
mod interface;

use core::ffi::c_void;
use core::ptr::{null, null_mut};

use bytes::{Bytes, Number};
use call::{Form, Reduction, Setting, entry};
use check::{Ran, same};
use constants::status;
use draw::{Case, Owned};
use interface::{Details, List};
use microloss::parameter::Kind;
use microloss::{Error, Input, Sort, Unit};

type Pointer = *const c_void;
type Place = *mut c_void;
type Call = unsafe extern "C" fn(Pointer, Pointer, Place, Place) -> i32;
type Ask = unsafe extern "C" fn(Pointer, Pointer) -> usize;

include!(concat!(env!("OUT_DIR"), "/calls.rs"));

#[repr(C)]
struct TargetList {
    data: usize,
    length: usize,
    kind: i32,
}

#[repr(C)]
struct Ignore {
    is_some: u8,
    label: i64,
}

/// `microloss_batch_*`.
#[repr(C)]
struct Batch {
    scores: List,
    columns: usize,
    targets: TargetList,
    reduction: i32,
    unit: i32,
    gradient: List,
    values: List,
    weights: List,
    ignore: Ignore,
    pixels: usize,
    scratch: List,
    sort: i32,
    total: usize,
}

/// What is done to the arguments of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    /// A list, and what is wrong with it.
    List(usize, usize),
    /// A constant, and what stands there.
    Constant(usize, i32),
    /// A pointer of the call.
    Argument(usize),
    /// A buffer that is part of another.
    Overlap(usize),
}

impl Fault {
    fn draw(bytes: &mut Bytes<'_>) -> Self {
        if !bytes.one_in(3) {
            return Self::None;
        }
        match bytes.below(4) {
            0 => Self::List(bytes.below(6), bytes.below(3)),
            1 => Self::Constant(bytes.below(4), bytes.bits() as i32),
            2 => Self::Argument(bytes.below(7)),
            _ => Self::Overlap(bytes.below(4)),
        }
    }

    /// Spoils what the batch points to. Memory that the library may use is memory of the case all the same.
    fn spoil(self, batch: &mut Batch, size: usize) {
        match self {
            Self::List(which, how) => {
                let (data, length) = match which {
                    0 => (&mut batch.scores.data, &mut batch.scores.length),
                    1 => (&mut batch.targets.data, &mut batch.targets.length),
                    2 => (&mut batch.gradient.data, &mut batch.gradient.length),
                    3 => (&mut batch.values.data, &mut batch.values.length),
                    4 => (&mut batch.weights.data, &mut batch.weights.length),
                    _ => (&mut batch.scratch.data, &mut batch.scratch.length),
                };
                match how {
                    _ if *length == 0 => {}
                    0 => *data = 0,
                    1 => (*data, *length) = (*data + 1, *length - 1),
                    _ => *length = usize::MAX / 2 + 1,
                }
            }
            Self::Constant(which, found) => match which {
                0 => batch.reduction = found,
                1 => batch.unit = found,
                2 => batch.sort = found,
                _ => batch.targets.kind = if (0..=9).contains(&found) { 10 } else { found },
            },
            Self::Overlap(which) if batch.gradient.length > 1 => {
                let of = |list: List| List { data: list.data + size, length: list.length.saturating_sub(1) };
                match which {
                    0 => batch.gradient = of(batch.scores),
                    1 => batch.values = of(batch.gradient),
                    2 => batch.weights = of(batch.gradient),
                    _ => batch.scratch = List { length: batch.gradient.length / 2, ..batch.gradient },
                }
            }
            _ => {}
        }
    }
}

/// The options of a loss, laid out as C lays them out.
#[derive(Default)]
struct Layout {
    bytes: Vec<u8>,
}

impl Layout {
    fn put(&mut self, align: usize, bytes: &[u8]) {
        self.bytes.resize(self.bytes.len().next_multiple_of(align), 0);
        self.bytes.extend_from_slice(bytes);
    }

    fn number<T: Number>(&mut self, number: T) {
        let (bits, digits) = number.to_hex_bits();
        self.put(digits / 2, &bits.to_le_bytes()[..digits / 2]);
    }

    fn list(&mut self, List { data, length }: List) {
        self.put(align_of::<usize>(), &data.to_le_bytes());
        self.put(align_of::<usize>(), &length.to_le_bytes());
    }

    fn setting<T: Number>(&mut self, kind: Kind, setting: &Setting<T>) {
        match (kind, setting) {
            (Kind::OptionalNumber, Setting::Number(number)) => {
                self.put(size_of::<T>(), &[1]);
                self.number(*number);
            }
            (Kind::OptionalNumber, _) => {
                self.put(size_of::<T>(), &[0]);
                self.number(T::nan());
            }
            (Kind::PerClass, Setting::Numbers(numbers)) => self.list(List::of(numbers)),
            (Kind::PerClass, _) => self.list(List::NONE),
            (Kind::PerColumn, setting) => {
                let (same, each) = match setting {
                    Setting::Number(number) => (*number, List::NONE),
                    Setting::Numbers(numbers) => (T::nan(), List::of(numbers)),
                    other => panic!("{other:?}"),
                };
                self.put(align_of::<usize>(), &[]);
                self.number(same);
                self.list(each);
            }
            (Kind::Classes, setting) => {
                let (choice, list) = match setting {
                    Setting::Present => (0_i32, List::NONE),
                    Setting::All => (1, List::NONE),
                    Setting::Classes(list) => (2, List::of(list)),
                    other => panic!("{other:?}"),
                };
                self.put(align_of::<usize>(), &choice.to_le_bytes());
                self.list(list);
            }
            (Kind::Flag, Setting::Flag(flag)) => self.put(1, &[u8::from(*flag)]),
            (Kind::Input, Setting::Input(input)) => self.put(4, &input_choice(*input).to_le_bytes()),
            (Kind::Number, Setting::Number(number)) => self.number(*number),
            other => panic!("{other:?}"),
        }
    }
}

fn input_choice(input: Input) -> i32 {
    match input {
        Input::Logits => constants::input::LOGITS,
        Input::Probabilities => constants::input::PROBABILITIES,
        Input::LogProbabilities => constants::input::LOG_PROBABILITIES,
        Input::Variances => constants::input::VARIANCES,
        Input::LogVariances => constants::input::LOG_VARIANCES,
    }
}

/// Whether C can say this of a parameter of this kind.
fn is_of<T>(kind: Kind, setting: &Setting<T>) -> bool {
    match setting {
        Setting::None => matches!(kind, Kind::OptionalNumber | Kind::PerClass),
        Setting::Number(_) => matches!(kind, Kind::Number | Kind::OptionalNumber | Kind::PerColumn),
        Setting::Numbers(_) => matches!(kind, Kind::PerClass | Kind::PerColumn),
        Setting::Input(_) => kind == Kind::Input,
        Setting::Present | Setting::All | Setting::Classes(_) => kind == Kind::Classes,
        Setting::Flag(_) => kind == Kind::Flag,
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut bytes = Bytes::new(data);
    if bytes.one_in(2) { check::<f32>(&mut bytes) } else { check::<f64>(&mut bytes) }
});

fn check<T: Number>(bytes: &mut Bytes<'_>) {
    let mut case = Case::<T>::draw(bytes);
    // C has no type for these two.
    case.targets = match case.targets {
        Owned::Usize(labels) => Owned::I64(labels.into_iter().map(|label| label as i64).collect()),
        Owned::Signs(signs) => {
            Owned::I8(Owned::<T>::Signs(signs).labels().iter().map(|&label| label as i8).collect())
        }
        targets => targets,
    };
    case.problem.parameters.retain(|(name, setting)| {
        let mut parameters = entry(case.problem.loss).1.parameters.iter();
        parameters.any(|parameter| parameter.name == *name && is_of(parameter.kind, setting))
    });
    let fault = Fault::draw(bytes);
    if fault == Fault::None {
        return case.check(|form| run(&case, form, fault));
    }
    for form in [Form::Value, Form::Gradient, Form::InPlace] {
        case.check_one(form, &run(&case, form, fault));
    }
}

fn run<T: Number>(case: &Case<T>, form: Form, fault: Fault) -> Ran<T> {
    let (problem, size) = (&case.problem, size_of::<T>());
    let of = if size == 4 { "f32" } else { "f64" };
    let found = CALLS.iter().find(|(name, of_call, ..)| *name == problem.loss && *of_call == of);
    let &(_, _, call, ask) = found.expect("a loss of the registry");

    let mut layout = Layout::default();
    let info = entry(problem.loss).1;
    let defaults = call::defaults::<T>(problem.loss);
    for (parameter, default) in info.parameters.iter().zip(&defaults) {
        layout.setting(parameter.kind, problem.setting(parameter.name).unwrap_or(default));
    }
    layout.bytes.resize(layout.bytes.len().next_multiple_of(8) + 8, 0);
    let options: Vec<u64> =
        layout.bytes.as_chunks().0.iter().map(|&chunk| u64::from_le_bytes(chunk)).collect();

    let before = case.buffers(form);
    let mut after = before.clone();
    let mut total = [0_u64; 6];
    let mut details = [Details::NONE; 2];
    // Not at the place of another empty buffer: that would be one in place.
    let mut source = Vec::with_capacity(problem.scores.len() + 1);
    source.extend_from_slice(&problem.scores);
    let gradient = if form == Form::Value { List::NONE } else { List::of_mut(&mut after.gradient) };
    let is_none = problem.reduction == Reduction::None;
    let targets = case.targets.list();
    let mut batch = Batch {
        scores: if form == Form::InPlace { gradient } else { List::of_mut(&mut source) },
        columns: problem.columns,
        targets: TargetList { data: targets.data, length: targets.length, kind: case.targets.kind(size) },
        reduction: match problem.reduction {
            Reduction::Mean => constants::reduction::MEAN,
            Reduction::Sum => constants::reduction::SUM,
            Reduction::None => constants::reduction::NONE,
        },
        unit: if problem.unit == Unit::Bits { constants::unit::BITS } else { constants::unit::NATS },
        gradient,
        values: if is_none { List::of_mut(&mut after.values) } else { List::NONE },
        weights: problem.weights.as_ref().map_or(List::NONE, |weights| List::of(weights)),
        ignore: Ignore {
            is_some: u8::from(problem.ignore_index.is_some()),
            label: problem.ignore_index.unwrap_or(0),
        },
        pixels: problem.pixels,
        scratch: List::of_mut(&mut after.scratch),
        sort: if problem.sort == Sort::Merge { constants::sort::MERGE } else { constants::sort::INSERTION },
        total: if problem.reduction == Reduction::Sum { (&raw mut total).expose_provenance() } else { 0 },
    };
    fault.spoil(&mut batch, size);
    let mut options_at: Pointer = options.as_ptr().cast();
    let mut batch_at: Pointer = (&raw const batch).cast();
    let mut value_at: Place = if is_none { null_mut() } else { after.values.as_mut_ptr().cast() };
    let mut error_at: Place = details.as_mut_ptr().cast();
    match fault {
        Fault::Argument(0) => options_at = null(),
        Fault::Argument(1) => options_at = options_at.wrapping_byte_add(1),
        Fault::Argument(2) => batch_at = null(),
        Fault::Argument(3) => batch_at = batch_at.wrapping_byte_add(4),
        Fault::Argument(4) if !is_none => value_at = value_at.wrapping_byte_add(1),
        Fault::Argument(5) => value_at = null_mut(),
        Fault::Argument(6) => error_at = error_at.wrapping_byte_add(1),
        _ => {}
    }
    // SAFETY: each pointer is to memory of its type and length, or one that the header says is refused.
    let code = unsafe { call(options_at, batch_at, value_at, error_at) };
    let result = match (code, fault) {
        (status::OK, _) => Ok(()),
        // Nothing is said where it cannot be written; what is left alone is.
        (_, Fault::Argument(6)) => Err(match code {
            status::NON_FINITE_SCORE => Error::NonFiniteScore { index: 0, column: 0, value: 0.0 },
            status::NON_FINITE_LOSS => Error::NonFiniteLoss { index: 0, value: 0.0 },
            status::OVERFLOW => Error::Overflow,
            _ => Error::NothingToAverage,
        }),
        _ => {
            assert_eq!(details[0].status, code);
            Err(details[0].error())
        }
    };
    assert_eq!(details[1].status, -1);
    if form != Form::InPlace {
        same("scores that are only read", &source, &problem.scores);
    }
    if result.is_err() {
        assert_eq!(total, [0; 6], "a refused call adds nothing");
    }
    if let (Some(ask), Err(Error::ScratchTooSmall { needed, .. })) = (ask, &result) {
        // SAFETY: as above.
        assert_eq!(unsafe { ask(options_at, batch_at) }, *needed);
    }
    // A misaligned place for the value takes nothing, and the mean asks for one.
    if matches!(fault, Fault::Argument(4 | 5)) && result.is_ok() {
        assert!(is_none || (problem.reduction == Reduction::Sum && fault == Fault::Argument(5)));
    }
    Ran { result, before, after }
}

impl<T: Number> Owned<T> {
    fn list(&self) -> List {
        match self {
            Self::U8(labels) => List::of(labels),
            Self::U16(labels) => List::of(labels),
            Self::U32(labels) => List::of(labels),
            Self::I8(labels) => List::of(labels),
            Self::I16(labels) => List::of(labels),
            Self::I32(labels) => List::of(labels),
            Self::I64(labels) => List::of(labels),
            Self::Usize(_) | Self::Signs(_) => unreachable!("replaced"),
            Self::Values(values) => List::of(values),
        }
    }

    fn kind(&self, size: usize) -> i32 {
        use constants::target_type::*;
        match self {
            Self::U8(_) => LABELS_U8,
            Self::U16(_) => LABELS_U16,
            Self::U32(_) => LABELS_U32,
            Self::I8(_) => LABELS_I8,
            Self::I16(_) => LABELS_I16,
            Self::I32(_) => LABELS_I32,
            Self::I64(_) => LABELS_I64,
            Self::Usize(_) | Self::Signs(_) => unreachable!("replaced"),
            Self::Values(_) if size == 4 => NUMBERS_F32,
            Self::Values(_) => NUMBERS_F64,
        }
    }
}
