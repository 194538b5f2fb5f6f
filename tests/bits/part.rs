//! Which losses are in a program: `MICROLOSS_PART=k/n`, when it is compiled, leaves every n-th of the registry from the
//! k-th on. A board of little flash runs one part after the other.

#[path = "../support/same.rs"]
mod same;

use microloss::loss::{Configure, Loss};
use microloss::registry::{LOSSES, Visitor};
use microloss::{ElementLoss, PairLoss, Real, RegionLoss, RowLoss};

use same::is_same;

/// k and n.
const PART: (usize, usize) = match option_env!("MICROLOSS_PART") {
    Some(part) => {
        let [k, b'/', n] = *part.as_bytes() else { panic!("MICROLOSS_PART is not k/n") };
        ((k - b'0') as usize, (n - b'0') as usize)
    }
    None => (0, 1),
};

/// Whether a loss of the registry is in this program.
pub const fn has(name: &str) -> bool {
    let mut place = 0;
    while place < LOSSES.len() && !is_same(LOSSES[place].1.name, name) {
        place += 1;
    }
    place % PART.1 == PART.0
}

/// Passes a loss on if it is in this program: what is not passed on is not compiled.
pub struct Here<V>(pub V);

macro_rules! pass_on {
    ($($shape:ident: $trait:ident<T $(, $k:ident)?>;)*) => {$(
        fn $shape<L: $trait<T $(, $k)?> + Configure<'a, T> $(, const $k: usize)?>(self, loss: L) -> Self::Output {
            if const { has(<L as Loss>::INFO.name) } { Some(self.0.$shape(loss)) } else { None }
        }
    )*};
}

impl<'a, T: Real, V: Visitor<'a, T>> Visitor<'a, T> for Here<V> {
    type Output = Option<V::Output>;

    pass_on! {
        element: ElementLoss<T, K>;
        row: RowLoss<T>;
        region: RegionLoss<T>;
        pair: PairLoss<T>;
    }
}
