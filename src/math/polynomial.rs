//! Horner's rule, written out, so that no optimisation level leaves a loop.

/// The polynomial in `$x` with these coefficients, that of the lowest degree first.
macro_rules! polynomial {
    ($x:ident: $constant:expr $(,)?) => { $constant };
    ($x:ident: $constant:expr, $($higher:expr),+ $(,)?) => { polynomial!($x: $($higher),+) * $x + $constant };
}

pub(crate) use polynomial;
