//! What all losses have: a description, and parameters that can be read and set by name.

pub mod element;
pub mod pair;
pub mod region;
pub mod row;

use crate::parameter::{Parameter, Value};
use crate::{Error, Real};

/// What the registry knows of a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Info {
    /// The registry's name.
    pub name: &'static str,
    /// One line.
    pub summary: &'static str,
    /// The entries of the catalogue that it covers.
    pub catalogue: &'static [u8],
    /// Whether its value is made of logarithms, and so has a unit.
    pub logarithmic: bool,
    /// Its parameters.
    pub parameters: &'static [Parameter],
}

/// A loss of any shape.
pub trait Loss: Copy {
    /// What the registry knows of it.
    const INFO: Info;

    /// Refuses parameters that do not fit this many classes or columns.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] for a list of another length; [`Error::Parameter`] for a class that does
    /// not exist.
    fn check(&self, columns: usize) -> Result<(), Error>;
}

/// Parameters by name: what a command line, a file or a foreign language sets.
pub trait Configure<'a, T: Real>: Loss + Default {
    /// The parameter's value.
    fn get(&self, name: &str) -> Option<Value<'a, T>>;

    /// The loss with the parameter changed.
    ///
    /// # Errors
    /// [`Error::Parameter`] outside its domain; [`Error::Unsupported`] for a value of another kind, or a
    /// parameter that the loss does not have.
    fn set(self, name: &str, value: Value<'a, T>) -> Result<Self, Error>;
}

/// Declares a loss: its struct, defaults, setters and description, each parameter in one line.
macro_rules! loss {
    (
        $(#[$meta:meta])*
        pub struct $type:ident [$($generics:tt)*] = $name:literal, $summary:literal, $catalogue:expr,
            logarithmic: $logarithmic:literal {
            $( $(#[$doc:meta])* $field:ident: $kind:ty = $default:expr, $domain:expr; )*
        }
        $( derived { $( $derived:ident: $derived_kind:ty = $derived_default:expr; )* } )?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub struct $type<$($generics)*> {
            $( $field: $kind, )*
            $( $( $derived: $derived_kind, )* )?
            real: core::marker::PhantomData<T>,
        }

        impl<$($generics)*> Default for $type<$($generics)*> where T: $crate::Real {
            fn default() -> Self {
                Self { $( $field: $default, )* $( $( $derived: $derived_default, )* )? real: core::marker::PhantomData }
            }
        }

        impl<$($generics)*> $type<$($generics)*> where T: $crate::Real {
            /// The loss with its default parameters.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }

            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// Refuses a value outside its domain.
                pub fn $field(self, $field: $kind) -> Result<Self, $crate::Error> {
                    $crate::parameter::Field::<T>::check(&$field, stringify!($field), &$domain)?;
                    Ok(Self { $field, ..self.without_derived() })
                }
            )*

            /// What was derived from parameters goes when one of them changes.
            #[allow(dead_code, reason = "a loss may have no parameters")]
            fn without_derived(self) -> Self {
                Self { $( $( $derived: $derived_default, )* )? ..self }
            }
        }

        impl<$($generics)*> $crate::loss::Loss for $type<$($generics)*> where T: $crate::Real {
            const INFO: $crate::loss::Info = $crate::loss::Info {
                name: $name,
                summary: $summary,
                catalogue: &$catalogue,
                logarithmic: $logarithmic,
                parameters: &[$( $crate::parameter::Parameter {
                    name: stringify!($field),
                    kind: <$kind as $crate::parameter::Field<T>>::KIND,
                    domain: $domain,
                }, )*],
            };

            #[allow(unused_variables, reason = "a loss may have no parameters")]
            fn check(&self, columns: usize) -> Result<(), $crate::Error> {
                $( $crate::parameter::Field::<T>::check_columns(&self.$field, stringify!($field), columns)?; )*
                Ok(())
            }
        }

        $crate::loss::configure!($type [$($generics)*] $( $field: $kind; )*);
    };
}

/// The second half of `loss!`: parameters by name.
macro_rules! configure {
    ($type:ident [T] $($rest:tt)*) => {
        $crate::loss::configure!(@ $type<T>; $($rest)*);
    };
    ($type:ident ['a, T] $($rest:tt)*) => {
        $crate::loss::configure!(@ $type<'a, T>; $($rest)*);
    };
    (@ $type:ty; $( $field:ident: $kind:ty; )*) => {
        impl<'a, T: $crate::Real> $crate::loss::Configure<'a, T> for $type {
            #[allow(unused_variables, reason = "a loss may have no parameters")]
            fn get(&self, name: &str) -> Option<$crate::parameter::Value<'a, T>> {
                $( if name == stringify!($field) {
                    return Some($crate::parameter::IntoValue::into_value(self.$field));
                } )*
                None
            }

            #[allow(unused_variables, reason = "a loss may have no parameters")]
            fn set(self, name: &str, value: $crate::parameter::Value<'a, T>) -> Result<Self, $crate::Error> {
                $( if name == stringify!($field) {
                    let expected = <$kind as $crate::parameter::Field<T>>::KIND.describe();
                    let value = $crate::parameter::IntoValue::from_value(value)
                        .ok_or($crate::Error::Unsupported { name: stringify!($field), expected })?;
                    return self.$field(value);
                } )*
                Err($crate::Error::Unsupported { name: "parameter", expected: "one that the loss has" })
            }
        }
    };
}

pub(crate) use {configure, loss};
