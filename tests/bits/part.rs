//! What is in a program: `MICROLOSS_PART=k/n`, when it is compiled, leaves every n-th loss of the registry from the k-th on, of
//! scores that are numbers, `0/1` all; `MICROLOSS_PART=f32 codes` or `f64 codes` leaves all that reads codes for that type. A board of little flash
//! runs one part after the other.

#[path = "../support/same.rs"]
mod same;

use microloss::loss::{Configure, Loss};
use microloss::registry::{LOSSES, Visitor};
use microloss::{ElementLoss, PairLoss, RegionLoss, RowLoss};

use super::codes::TRIED;
use super::random::Float;
use same::is_same;

const PART: &str = match option_env!("MICROLOSS_PART") {
    Some(part) => part,
    None => "",
};

/// Whether what reads codes for a type is in this program.
pub const fn has_codes<T: Float>() -> bool {
    PART.is_empty() || is_same(PART, T::CODES)
}

/// Whether a loss of the registry is in this program; what is none stands after the last.
pub const fn has(name: &str) -> bool {
    let (k, n) = match *PART.as_bytes() {
        [] => (0, 1),
        [k, b'/', n] => (k - b'0', n - b'0'),
        _ if has_codes::<f32>() || has_codes::<f64>() => return false,
        _ => panic!("MICROLOSS_PART is no part"),
    };
    place_in(&NAMES, name) % n as usize == k as usize
}

/// The names of the registry.
const NAMES: [&str; LOSSES.len()] = {
    let mut names = [""; LOSSES.len()];
    let mut place = 0;
    while place < names.len() {
        names[place] = LOSSES[place].1.name;
        place += 1;
    }
    names
};

/// Where a name stands in a list; after the last if it is not there.
pub const fn place_in(names: &[&str], name: &str) -> usize {
    let mut place = 0;
    while place < names.len() && !is_same(names[place], name) {
        place += 1;
    }
    place
}

/// Passes a loss on if it is in this program, with numbers or with codes: what is not passed on is not compiled.
pub struct Here<V, const CODED: bool>(pub V);

impl<V, const CODED: bool> Here<V, CODED> {
    const fn has<T: Float>(name: &str) -> bool {
        if CODED { has_codes::<T>() && place_in(TRIED, name) < TRIED.len() } else { has(name) }
    }
}

macro_rules! pass_on {
    ($($shape:ident: $trait:ident<T $(, $k:ident)?>;)*) => {$(
        fn $shape<L: $trait<T $(, $k)?> + Configure<'a, T> $(, const $k: usize)?>(self, loss: L) -> Self::Output {
            if const { Self::has::<T>(<L as Loss>::INFO.name) } { Some(self.0.$shape(loss)) } else { None }
        }
    )*};
}

impl<'a, T: Float, V: Visitor<'a, T>, const CODED: bool> Visitor<'a, T> for Here<V, CODED> {
    type Output = Option<V::Output>;

    pass_on! {
        element: ElementLoss<T, K>;
        row: RowLoss<T>;
        region: RegionLoss<T>;
        pair: PairLoss<T>;
    }
}
