//! Digests of random batches, a line for each loss and type.

use core::fmt::Arguments;

use microloss::registry::visit;

use super::batch::{Draw, Room};
use super::digest::Digest;
use super::part::Here;
use super::random::{Float, Kind, Random};

/// A loss, a type, of numbers or of those that codes stand for, and a digest for each [`Kind`] of scores.
pub type Line = (&'static str, &'static str, [u64; Kind::ALL.len()]);

/// Takes the digest of each batch, to find the one that differs.
pub type Trace<'t> = &'t mut dyn FnMut(usize, Kind, u64);

/// The line of a loss, of scores that are numbers or codes.
pub fn line<T: Float, const N: usize, const P: usize, const CODED: bool>(
    loss: &'static str,
    batches: usize,
    room: &mut Room<T, N, P>,
    trace: Trace<'_>,
) -> Line {
    let mut digests = [Digest::default(); Kind::ALL.len()];
    let mut valued = 0;
    for batch in 0..batches {
        let place = batch % digests.len();
        let kind = Kind::ALL[place];
        let draw: Draw<_, N, P, CODED> = Draw { random: Random::new(batch as u64), kind, room };
        if let Some((digest, has_value)) = visit(loss, Here::<_, CODED>(draw)).flatten() {
            trace(batch, kind, digest.0);
            digests[place].add(digest.0);
            valued += usize::from(has_value);
        }
    }
    let name = if CODED { T::CODES } else { T::NAME };
    assert!(valued * 4 > batches * 3, "{loss}, {name}: only {valued} of {batches} batches have a value");
    (loss, name, digests.map(|digest| digest.0))
}

/// Whether a line is the golden one; says which kinds of scores differ.
pub fn check(found: &Line, golden: Option<&Line>, say: &mut dyn FnMut(Arguments<'_>)) -> bool {
    if golden == Some(found) {
        return true;
    }
    let (loss, name, digests) = found;
    let Some(golden) = golden.filter(|golden| (golden.0, golden.1) == (*loss, *name)) else {
        say(format_args!("{loss}, {name}: not the loss that the golden list has here"));
        return false;
    };
    for (kind, (found, golden)) in Kind::ALL.iter().zip(digests.iter().zip(golden.2)) {
        if *found != golden {
            say(format_args!("{loss}, {name}, {kind:?} scores: {found:#018x}, expected {golden:#018x}"));
        }
    }
    false
}
