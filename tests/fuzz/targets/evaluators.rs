//! Every evaluator through the functions that C calls, of arbitrary bytes: items, constants and saved states that are none,
//! and pointers that are NULL, not aligned, or to memory of another buffer.
#![no_main]

extern crate microloss_core as microloss;
// What the linker takes the functions from.
use microloss_c as _;

#[path = "bytes.rs"]
mod bytes;
#[path = "../../../src/c/src/constants.rs"]
#[allow(dead_code)]
mod constants;
#[path = "interface.rs"]
mod interface;

use core::any::Any;
use core::ffi::c_void;
use core::ptr::{null, null_mut};

use bytes::{Bytes, Number};
use constants::status;
use crc::{CRC_32_ISO_HDLC, Crc};
use interface::{Details, List};
use microloss::{ElementLoss, Elements, Total, element::MeanAbsoluteError};

type Pointer = *const c_void;
type Place = *mut c_void;

/// What a function does with the state, as in the list of evaluators.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Init,
    Add,
    Take,
    Number,
    Bounds,
    Count,
}

/// A function, and the size of its numbers.
type Function = (&'static str, Kind, usize, fn(&mut Call<'_, '_>) -> u64);
type Merge = unsafe extern "C" fn(Place, Pointer, Place) -> i32;
type Save = unsafe extern "C" fn(Pointer, Place, usize, Place) -> i32;
type Load = unsafe extern "C" fn(Place, Pointer, usize, Place) -> i32;

/// What C has of an evaluator, for one type of numbers.
struct Evaluator {
    name: &'static str,
    /// Of the state; the confusion matrix has its counts elsewhere.
    words: usize,
    /// Bytes of a saved state, and the functions for it.
    saved: Option<(usize, Save, Load)>,
    merge: Merge,
    functions: &'static [Function],
}

include!(concat!(env!("OUT_DIR"), "/evaluator_calls.rs"));

/// A call of a function, whose arguments are drawn as it asks for them.
struct Call<'b, 'd> {
    bytes: &'b mut Bytes<'d>,
    state: Place,
    value: Place,
    error: Place,
    /// The status with which an item is taken.
    given: i32,
    /// What arguments point to.
    kept: Vec<Box<dyn Any>>,
}

impl Call<'_, '_> {
    fn number<T: Number>(&mut self) -> T {
        if self.bytes.one_in(2) { self.bytes.part() } else { self.bytes.number() }
    }

    fn index(&mut self) -> usize {
        if self.bytes.odd() { self.bytes.bits() as usize } else { self.bytes.below(6) }
    }

    fn flag(&mut self) -> u8 {
        if self.bytes.odd() { self.bytes.byte() } else { self.bytes.below(2) as u8 }
    }

    fn choice(&mut self) -> i32 {
        if self.bytes.odd() { self.bytes.bits() as i32 } else { self.bytes.below(4) as i32 }
    }

    fn scores<T: Number>(&mut self) -> List {
        let columns = if self.bytes.one_in(16) { self.bytes.below(80) } else { 1 + self.bytes.below(5) };
        let scores: Vec<T> = match self.bytes.below(3) {
            0 => self.bytes.distribution(columns),
            1 => self.bytes.list(columns, Bytes::part),
            _ => self.bytes.list(columns, Bytes::number),
        };
        let mut list = List::of(&scores);
        self.kept.push(Box::new(scores));
        if self.bytes.odd() && list.length > 1 {
            match self.bytes.below(4) {
                0 => list.data = 0,
                1 => list = List { data: list.data + 1, length: list.length - 1 },
                2 => list.length = usize::MAX / 2 + 1,
                _ => list = List { data: self.state.expose_provenance(), length: 1 },
            }
        }
        list
    }

    fn total<T: Number>(&mut self) -> Pointer {
        let (score, target, weight) = ([self.bytes.number::<T>()], [T::zero()], [self.bytes.size::<T>()]);
        let batch = Elements::slices(&score[..], 1, &target[..]).weights(&weight);
        let total = MeanAbsoluteError::new().total(batch).unwrap_or_default();
        let mut memory = Box::new([0_u64; 6]);
        const { assert!(size_of::<Total<T>>() <= size_of::<[u64; 6]>()) };
        // SAFETY: it fits.
        unsafe { memory.as_mut_ptr().cast::<Total<T>>().write(total) };
        let at: Pointer = memory.as_ptr().cast();
        self.kept.push(memory);
        match self.bytes.odd() {
            true if self.bytes.one_in(2) => null(),
            true => at.wrapping_byte_add(1),
            false => at,
        }
    }
}

/// A state in the caller's memory.
struct State {
    of: &'static Evaluator,
    words: Vec<u64>,
    /// Of a confusion matrix.
    counts: Vec<u32>,
}

/// What is in it.
#[derive(Clone, Debug, PartialEq)]
struct Content {
    stream: Vec<u8>,
    taken: u64,
    rejected: u64,
}

impl State {
    fn new(of: &'static Evaluator, bytes: &mut Bytes<'_>, classes: usize) -> Self {
        let mut state = Self { of, words: vec![0; of.words], counts: Vec::new() };
        if of.saved.is_none() {
            state.counts = vec![0; bytes.length(classes * classes)];
            let mut list = List::of_mut(&mut state.counts);
            if bytes.odd() {
                list = List::NONE;
            }
            let classes = if bytes.odd() { bytes.bits() as usize } else { classes };
            state.words[..3].copy_from_slice(&[list.data as u64, list.length as u64, classes as u64]);
        } else if let Some(&(.., init)) = of.functions.iter().find(|(_, kind, ..)| *kind == Kind::Init) {
            let mut call = Call {
                bytes,
                state: state.place(),
                value: null_mut(),
                error: null_mut(),
                given: status::OK,
                kept: Vec::new(),
            };
            // One that is refused has left zeros, which are a state where `init` takes options at all.
            let is_made = init(&mut call) == 0;
            assert!(is_made || state.words.iter().all(|word| *word == 0), "an init that was refused wrote");
        }
        state
    }

    fn place(&mut self) -> Place {
        self.words.as_mut_ptr().cast()
    }

    fn save(&mut self) -> Option<Vec<u8>> {
        let (size, save, _) = self.of.saved?;
        let mut bytes = vec![0; size];
        // SAFETY: memory of the lengths that the header says.
        let code = unsafe { save(self.place(), bytes.as_mut_ptr().cast(), size, null_mut()) };
        assert_eq!(code, status::OK);
        Some(bytes)
    }

    fn content(&mut self) -> Content {
        let Some(saved) = self.save() else {
            let stream = self.counts.iter().flat_map(|count| count.to_le_bytes()).collect();
            return Content { stream, taken: self.words[3], rejected: self.words[4] };
        };
        // A version and a tag, the stream, two counters, a checksum.
        let counters = saved.len() - 20;
        let counter = |at: usize| u64::from_le_bytes(saved[at..][..8].try_into().expect("eight"));
        Content {
            stream: saved[5..counters].to_vec(),
            taken: counter(counters),
            rejected: counter(counters + 8),
        }
    }
}

/// A refusal is said where it can be, and nothing else is.
fn check_said(code: i32, details: &[Details; 2], can_be_said: bool) {
    assert!((status::OK..=status::NOT_A_STATE).contains(&code), "status {code}");
    let said = details[0].status;
    if code == status::OK || !can_be_said {
        assert_eq!(said, -1);
    } else {
        assert_eq!(said, code);
        details[0].name.text();
        details[0].expected.text();
    }
    assert_eq!(details[1].status, -1);
}

/// Calls one of the evaluator's functions, with pointers that may be wrong.
fn call(state: &mut State, bytes: &mut Bytes<'_>) {
    const FILLING: u64 = 0x7FF8_DEAD_7FC0_BEEF;
    let &(name, kind, size, function) = &state.of.functions[bytes.below(state.of.functions.len())];
    let before = state.content();
    let (mut values, mut details) = ([FILLING; 4], [Details::NONE; 2]);
    let given = match bytes.below(8) {
        0 => 1 + bytes.below(25) as i32,
        1 if bytes.odd() => bytes.bits() as i32,
        _ => status::OK,
    };
    let [at, value, error]: [Place; 3] =
        [state.place(), values.as_mut_ptr().cast(), details.as_mut_ptr().cast()];
    let mut call = Call { bytes, state: at, value, error, given, kept: Vec::new() };
    let fault = if call.bytes.odd() { 1 + call.bytes.below(7) } else { 0 };
    match fault {
        1 => call.state = null_mut(),
        2 => call.state = at.wrapping_byte_add(1),
        3 => call.value = null_mut(),
        4 => call.value = value.wrapping_byte_add(1),
        5 => call.value = at,
        6 => call.error = null_mut(),
        7 => call.error = error.wrapping_byte_add(1),
        _ => {}
    }
    let has_state = call.state == at;
    let can_be_said = call.error == error;
    let result = function(&mut call);
    drop(call);
    let after = state.content();
    if kind == Kind::Count {
        assert_eq!(before, after, "{name}");
        return;
    }
    let code = result as u32 as i32;
    if kind == Kind::Take && given != status::OK && has_state {
        assert_eq!(code, given, "{name}");
        check_said(status::OK, &details, can_be_said);
    } else {
        check_said(code, &details, can_be_said);
    }
    let is_ok = code == status::OK;
    assert!(!is_ok || has_state);
    match kind {
        Kind::Init if is_ok => assert_eq!((after.taken, after.rejected), (0, 0)),
        Kind::Add | Kind::Take if is_ok => {
            assert_eq!(after.taken, before.taken.saturating_add(1), "{name}");
            assert_eq!(after.rejected, before.rejected, "{name}");
        }
        Kind::Add | Kind::Take => {
            let counted = Content { rejected: before.rejected.saturating_add(1), ..before.clone() };
            // Nothing is counted in a state that is none, or that is the row as well.
            let is_kept = !has_state || code == status::OVERLAP;
            assert!(after == counted || (is_kept && after == before), "{name}: {before:?} {after:?}");
        }
        _ => assert_eq!(before, after, "{name}"),
    }
    let count = match kind {
        Kind::Number if is_ok => 1,
        Kind::Bounds if is_ok => 2,
        _ => 0,
    };
    // SAFETY: numbers are plain.
    let (_, written, _) = unsafe { values.align_to::<u8>() };
    for number in written.chunks(size).take(count) {
        let number = match number {
            &[a, b, c, d] => f32::from_le_bytes([a, b, c, d]).into(),
            number => f64::from_le_bytes(number.try_into().expect("eight")),
        };
        assert!(number.is_finite(), "{name}: {number}");
    }
    let filling = [FILLING; 4].map(u64::to_le_bytes).concat();
    assert_eq!(written[count * size..], filling[count * size..], "{name}");
}

/// Merges a state with another, or with itself.
fn merge(states: &mut [State; 2], bytes: &mut Bytes<'_>) {
    let [state, other] = states;
    let before = [state.content(), other.content()];
    let mut details = [Details::NONE; 2];
    let at = state.place();
    let source: Pointer = match bytes.odd() {
        true if bytes.one_in(3) => null(),
        true if bytes.one_in(2) => other.place().wrapping_byte_add(4),
        true => at,
        false => other.place(),
    };
    // SAFETY: memory of states, or what is refused.
    let code = unsafe { (state.of.merge)(at, source, details.as_mut_ptr().cast()) };
    check_said(code, &details, true);
    let [merged, same] = [state.content(), other.content()];
    assert_eq!(before[1], same, "what is merged is only read");
    if code == status::OK {
        assert_eq!(source, other.place().cast_const());
        assert_eq!(merged.taken, before[0].taken.saturating_add(same.taken));
        assert_eq!(merged.rejected, before[0].rejected.saturating_add(same.rejected));
    } else {
        assert_eq!(merged, before[0], "a refused merge changes nothing");
    }
}

/// Loads what was saved, or what was not.
fn load(state: &mut State, bytes: &mut Bytes<'_>) {
    let (Some(mut saved), Some((size, save, load))) = (state.save(), state.of.saved) else { return };
    let before = saved.clone();
    match bytes.below(3) {
        0 => {
            let length = bytes.length(size);
            saved = bytes.list(length, Bytes::byte);
        }
        1 => {
            let content = 5..size - 4;
            for _ in 0..bytes.below(6) {
                saved[content.start + bytes.below(content.len())] = bytes.byte();
            }
            let checksum = Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(&saved[..content.end]);
            saved[content.end..].copy_from_slice(&checksum.to_le_bytes());
        }
        _ => {}
    }
    let mut details = [Details::NONE; 2];
    let list = if bytes.odd() { List { length: saved.len(), ..List::NONE } } else { List::of(&saved) };
    let from: Pointer = core::ptr::with_exposed_provenance(list.data);
    // SAFETY: memory of the lengths, or what is refused.
    let code = unsafe { load(state.place(), from, list.length, details.as_mut_ptr().cast()) };
    check_said(code, &details, true);
    let found = state.save().expect("a state");
    assert_eq!(found, if code == status::OK { saved } else { before }, "{}: {code}", state.of.name);

    // What is too short or too long for a state is left alone.
    let mut room = vec![0xA5; bytes.length(size)];
    let length = room.len();
    // SAFETY: as above.
    let code = unsafe { save(state.place(), room.as_mut_ptr().cast(), length, null_mut()) };
    assert_eq!(code == status::OK, length == size);
    assert!(code == status::OK || room.iter().all(|&byte| byte == 0xA5));
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut bytes = Bytes::new(data);
    let of = &EVALUATORS[bytes.below(EVALUATORS.len())];
    let classes = 1 + bytes.below(4);
    let others = bytes.length(classes);
    let mut states = [State::new(of, &mut bytes, classes), State::new(of, &mut bytes, others)];
    for _ in 0..bytes.below(24) {
        states.reverse();
        match bytes.below(8) {
            0 => merge(&mut states, &mut bytes),
            1 => load(&mut states[0], &mut bytes),
            _ => call(&mut states[0], &mut bytes),
        }
    }
});
