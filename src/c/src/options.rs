//! What the fields of options are in C, and how they are read.

use crate::constants::{average, choice, disagreement, input, zero_division};
use crate::fault::Fault;
use crate::memory::{Ledger, List};
use microloss_core::metric::{Average, Disagreement, ZeroDivision};
use microloss_core::parameter::{Classes, PerColumn};
use microloss_core::{Input, Real};

/// Yes or no: 0 is no.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Flag(pub u8);

/// A number, or none.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct OptionalNumber<T> {
    is_some: Flag,
    value: T,
}

/// A number for all columns, or one for each.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ColumnNumbers<T> {
    same: T,
    each: List<T>,
}

/// A choice of classes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ClassChoice {
    choice: i32,
    list: List<usize>,
}

/// One of the constants `input`.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct InputChoice(i32);

/// One of the constants `zero_division`.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct ZeroDivisionChoice(i32);

/// One of the constants `average`.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct AverageChoice(i32);

/// One of the constants `disagreement`.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct DisagreementChoice(i32);

/// A field, or an argument, as the crate takes it.
pub trait Field<'a>: Copy {
    type Value;

    /// # Safety
    /// Lists must be memory of their length, which nobody writes to during `'a`.
    unsafe fn read(self, name: &'static str, ledger: &mut Ledger) -> Result<Self::Value, Fault>;
}

impl<T: Real> Field<'_> for T {
    type Value = T;
    unsafe fn read(self, _: &'static str, _: &mut Ledger) -> Result<T, Fault> {
        Ok(self)
    }
}

impl<T: Real> Field<'_> for OptionalNumber<T> {
    type Value = Option<T>;
    unsafe fn read(self, _: &'static str, _: &mut Ledger) -> Result<Option<T>, Fault> {
        Ok((self.is_some.0 != 0).then_some(self.value))
    }
}

impl<'a, T: Real> Field<'a> for List<T> {
    type Value = Option<&'a [T]>;
    unsafe fn read(self, name: &'static str, ledger: &mut Ledger) -> Result<Option<&'a [T]>, Fault> {
        // SAFETY: the promise of this function.
        unsafe { ledger.read(name, self) }
    }
}

impl<'a, T: Real> Field<'a> for ColumnNumbers<T> {
    type Value = PerColumn<'a, T>;
    unsafe fn read(self, name: &'static str, ledger: &mut Ledger) -> Result<PerColumn<'a, T>, Fault> {
        // SAFETY: the promise of this function.
        let each = unsafe { ledger.read(name, self.each) }?;
        Ok(each.map_or(PerColumn::Same(self.same), PerColumn::Each))
    }
}

impl Field<'_> for InputChoice {
    type Value = Input;
    unsafe fn read(self, name: &'static str, _: &mut Ledger) -> Result<Input, Fault> {
        match self.0 {
            input::LOGITS => Ok(Input::Logits),
            input::PROBABILITIES => Ok(Input::Probabilities),
            input::LOG_PROBABILITIES => Ok(Input::LogProbabilities),
            input::VARIANCES => Ok(Input::Variances),
            input::LOG_VARIANCES => Ok(Input::LogVariances),
            found => Err(Fault::Choice { name, found }),
        }
    }
}

impl Field<'_> for ZeroDivisionChoice {
    type Value = ZeroDivision;
    unsafe fn read(self, name: &'static str, _: &mut Ledger) -> Result<ZeroDivision, Fault> {
        match self.0 {
            zero_division::REFUSE => Ok(ZeroDivision::Refuse),
            zero_division::ZERO => Ok(ZeroDivision::Zero),
            zero_division::ONE => Ok(ZeroDivision::One),
            zero_division::SKIP => Ok(ZeroDivision::Skip),
            found => Err(Fault::Choice { name, found }),
        }
    }
}

impl AverageChoice {
    /// With the class that it may name.
    pub const fn of(self, class: usize) -> Result<Average, Fault> {
        match self.0 {
            average::MACRO => Ok(Average::Macro),
            average::MICRO => Ok(Average::Micro),
            average::WEIGHTED => Ok(Average::Weighted),
            average::OF_CLASS => Ok(Average::Class(class)),
            found => Err(Fault::Choice { name: "average", found }),
        }
    }
}

impl Field<'_> for DisagreementChoice {
    type Value = Disagreement;
    unsafe fn read(self, name: &'static str, _: &mut Ledger) -> Result<Disagreement, Fault> {
        match self.0 {
            disagreement::EQUAL => Ok(Disagreement::Equal),
            disagreement::LINEAR => Ok(Disagreement::Linear),
            disagreement::QUADRATIC => Ok(Disagreement::Quadratic),
            found => Err(Fault::Choice { name, found }),
        }
    }
}

impl<'a> Field<'a> for ClassChoice {
    type Value = Classes<'a>;
    unsafe fn read(self, name: &'static str, ledger: &mut Ledger) -> Result<Classes<'a>, Fault> {
        match self.choice {
            choice::PRESENT => Ok(Classes::Present),
            choice::ALL => Ok(Classes::All),
            choice::LIST => {
                // SAFETY: the promise of this function.
                let list = unsafe { ledger.read(name, self.list) }?;
                Ok(Classes::List(list.unwrap_or_default()))
            }
            found => Err(Fault::Choice { name, found }),
        }
    }
}

impl Field<'_> for Flag {
    type Value = bool;
    unsafe fn read(self, _: &'static str, _: &mut Ledger) -> Result<bool, Fault> {
        Ok(self.0 != 0)
    }
}
