//! Every loss of the registry through slices, of arbitrary bytes.
#![no_main]

extern crate microloss_core as microloss;

#[path = "bytes.rs"]
mod bytes;
#[path = "../../support/call.rs"]
mod call;
#[path = "check.rs"]
mod check;
#[path = "draw.rs"]
mod draw;

use bytes::{Bytes, Number};
use check::Ran;
use draw::Case;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut bytes = Bytes::new(data);
    if bytes.one_in(2) { check::<f32>(&mut bytes) } else { check::<f64>(&mut bytes) }
});

fn check<T: Number>(bytes: &mut Bytes<'_>) {
    let case = Case::<T>::draw(bytes);
    case.check(|form| {
        let before = case.buffers(form);
        let mut after = before.clone();
        let result = case.problem.call_with(case.targets.targets(), form, &mut after).map(drop);
        Ran { result, before, after }
    });
}
