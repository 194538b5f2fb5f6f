//! Parameters of losses: their kinds, their domains, and their values when they are set by name.

use crate::lanes::scalar;
use crate::{Error, Input, Real};

/// A parameter of a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// Which values are legal.
    pub domain: Domain,
}

/// What the value of a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Kind {
    /// A number.
    Number,
    /// A number, or none.
    OptionalNumber,
    /// A list of a number a class, or none.
    PerClass,
    /// A number, or a list of a number a column.
    PerColumn,
    /// What the scores are.
    Input,
    /// A choice of classes.
    Classes,
    /// Yes or no.
    Flag,
}

impl Kind {
    /// In words.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::OptionalNumber => "a number or none",
            Self::PerClass => "a list of a number a class, or none",
            Self::PerColumn => "a number, or a list of a number a column",
            Self::Input => "what the scores are",
            Self::Classes => "present, all, or a list of classes",
            Self::Flag => "true or false",
        }
    }
}

/// The legal values of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Domain {
    /// From 0 to 1.
    Unit,
    /// Above 0 and below 1.
    OpenUnit,
    /// From -1 to 1.
    Cosine,
    /// 1 or 2.
    OneOrTwo,
    /// Finite, at least 0.
    NonNegative,
    /// Finite, above 0.
    Positive,
    /// Finite, at least 0, in a list of which one is above 0.
    Weights,
    /// One of these inputs.
    Inputs(&'static [Input]),
    /// Classes that exist, each once.
    Classes,
    /// Both.
    Flags,
}

impl Domain {
    /// In words.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Unit => "a number from 0 to 1",
            Self::OpenUnit => "a number above 0 and below 1",
            Self::Cosine => "a number from -1 to 1",
            Self::OneOrTwo => "1 or 2",
            Self::NonNegative => "a finite number, at least 0",
            Self::Positive => "a finite number above 0",
            Self::Weights => "finite numbers, at least 0, one of them above 0",
            Self::Inputs([Input::Logits]) => "logits",
            Self::Inputs([Input::Logits, Input::Probabilities]) => "logits or probabilities",
            Self::Inputs([Input::Probabilities, ..]) => "probabilities or logits",
            Self::Inputs([Input::Variances, ..]) => "variances or log_variances",
            Self::Inputs(_) => "logits, probabilities or log_probabilities",
            Self::Classes => "classes that exist, each once",
            Self::Flags => "true or false",
        }
    }

    fn holds<T: Real>(self, value: T) -> bool {
        match self {
            Self::Unit => value >= T::zero() && value <= T::one(),
            Self::OpenUnit => value > T::zero() && value < T::one(),
            Self::Cosine => value >= -T::one() && value <= T::one(),
            Self::OneOrTwo => value == T::one() || value == T::of(2.0),
            Self::Positive => value > T::zero() && value.is_finite(),
            Self::NonNegative | Self::Weights => value >= T::zero() && value.is_finite(),
            Self::Inputs(_) | Self::Classes | Self::Flags => true,
        }
    }

    fn check<T: Real>(self, name: &'static str, index: usize, value: T) -> Result<(), Error> {
        if self.holds(value) {
            return Ok(());
        }
        Err(Error::Parameter { name, index, value: value.to_double(), expected: self.describe() })
    }
}

/// The value of a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Value<'a, T> {
    /// None.
    None,
    /// A number.
    Number(T),
    /// A list of numbers.
    Numbers(&'a [T]),
    /// What the scores are.
    Input(Input),
    /// A choice of classes.
    Classes(Classes<'a>),
    /// Yes or no.
    Flag(bool),
}

/// A number for all columns, or one for each.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum PerColumn<'a, T> {
    /// The same for all.
    Same(T),
    /// One for each.
    Each(&'a [T]),
}

impl<T: Real> PerColumn<'_, T> {
    /// The number of a column.
    #[must_use]
    pub fn at(&self, column: usize) -> T {
        match self {
            Self::Same(value) => *value,
            Self::Each(values) => values.get(column).copied().unwrap_or_else(T::one),
        }
    }
}

/// The classes that a loss averages over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Classes<'a> {
    /// Those that an image's labels name.
    #[default]
    Present,
    /// All.
    All,
    /// These.
    List(&'a [usize]),
}

impl Classes<'_> {
    /// Whether the mean takes a class in.
    pub(crate) fn take_in(&self, class: usize, is_present: bool) -> bool {
        match self {
            Self::All => true,
            Self::Present => is_present,
            Self::List(list) => list.contains(&class),
        }
    }
}

/// What the type of a parameter must know.
pub(crate) trait Field<T: Real> {
    const KIND: Kind;
    fn check(&self, name: &'static str, domain: &Domain) -> Result<(), Error>;
    /// Refuses a list that does not fit this many columns.
    fn check_columns(&self, _name: &'static str, _columns: usize) -> Result<(), Error> {
        Ok(())
    }
}

/// To and from a value set by name.
pub(crate) trait IntoValue<'a, T>: Sized {
    fn into_value(self) -> Value<'a, T>;
    fn from_value(value: Value<'a, T>) -> Option<Self>;
}

impl<T: Real> Field<T> for T {
    const KIND: Kind = Kind::Number;
    fn check(&self, name: &'static str, domain: &Domain) -> Result<(), Error> {
        domain.check(name, 0, *self)
    }
}
impl<'a, T: Real> IntoValue<'a, T> for T {
    fn into_value(self) -> Value<'a, T> {
        Value::Number(self)
    }
    fn from_value(value: Value<'a, T>) -> Option<Self> {
        if let Value::Number(number) = value { Some(number) } else { None }
    }
}

impl<T: Real> Field<T> for Option<T> {
    const KIND: Kind = Kind::OptionalNumber;
    fn check(&self, name: &'static str, domain: &Domain) -> Result<(), Error> {
        self.map_or(Ok(()), |value| domain.check(name, 0, value))
    }
}
impl<'a, T: Real> IntoValue<'a, T> for Option<T> {
    fn into_value(self) -> Value<'a, T> {
        self.map_or(Value::None, Value::Number)
    }
    fn from_value(value: Value<'a, T>) -> Option<Self> {
        match value {
            Value::None => Some(None),
            Value::Number(number) => Some(Some(number)),
            _ => None,
        }
    }
}

impl<T: Real> Field<T> for Option<&[T]> {
    const KIND: Kind = Kind::PerClass;
    fn check(&self, name: &'static str, domain: &Domain) -> Result<(), Error> {
        let Some(values) = self else { return Ok(()) };
        let mut all_zero = true;
        for (index, &value) in values.iter().enumerate() {
            scalar();
            domain.check(name, index, value)?;
            all_zero = all_zero && value == T::zero();
        }
        if all_zero && *domain == Domain::Weights {
            return Err(Error::Parameter { name, index: 0, value: 0.0, expected: domain.describe() });
        }
        Ok(())
    }
    fn check_columns(&self, name: &'static str, columns: usize) -> Result<(), Error> {
        self.map_or(Ok(()), |values| crate::shape::check_length(name, columns, values.len()))
    }
}
impl<'a, T: Real> IntoValue<'a, T> for Option<&'a [T]> {
    fn into_value(self) -> Value<'a, T> {
        self.map_or(Value::None, Value::Numbers)
    }
    fn from_value(value: Value<'a, T>) -> Option<Self> {
        match value {
            Value::None => Some(None),
            Value::Numbers(numbers) => Some(Some(numbers)),
            _ => None,
        }
    }
}

impl<T: Real> Field<T> for PerColumn<'_, T> {
    const KIND: Kind = Kind::PerColumn;
    fn check(&self, name: &'static str, domain: &Domain) -> Result<(), Error> {
        match self {
            Self::Same(value) => domain.check(name, 0, *value),
            Self::Each(values) => Some(*values).check(name, domain),
        }
    }
    fn check_columns(&self, name: &'static str, columns: usize) -> Result<(), Error> {
        match self {
            Self::Same(_) => Ok(()),
            Self::Each(values) => crate::shape::check_length(name, columns, values.len()),
        }
    }
}
impl<'a, T: Real> IntoValue<'a, T> for PerColumn<'a, T> {
    fn into_value(self) -> Value<'a, T> {
        match self {
            Self::Same(number) => Value::Number(number),
            Self::Each(numbers) => Value::Numbers(numbers),
        }
    }
    fn from_value(value: Value<'a, T>) -> Option<Self> {
        match value {
            Value::Number(number) => Some(Self::Same(number)),
            Value::Numbers(numbers) => Some(Self::Each(numbers)),
            _ => None,
        }
    }
}

impl<T: Real> Field<T> for Input {
    const KIND: Kind = Kind::Input;
    fn check(&self, name: &'static str, domain: &Domain) -> Result<(), Error> {
        match domain {
            Domain::Inputs(legal) if !legal.contains(self) => {
                Err(Error::Unsupported { name, expected: domain.describe() })
            }
            _ => Ok(()),
        }
    }
}
impl<'a, T: Real> IntoValue<'a, T> for Input {
    fn into_value(self) -> Value<'a, T> {
        Value::Input(self)
    }
    fn from_value(value: Value<'a, T>) -> Option<Self> {
        if let Value::Input(input) = value { Some(input) } else { None }
    }
}

impl<T: Real> Field<T> for Classes<'_> {
    const KIND: Kind = Kind::Classes;
    fn check(&self, name: &'static str, domain: &Domain) -> Result<(), Error> {
        let Self::List(list) = self else { return Ok(()) };
        let expected = domain.describe();
        if list.is_empty() {
            return Err(Error::Unsupported { name, expected });
        }
        for (index, class) in list.iter().enumerate() {
            if list.iter().take(index).any(|other| other == class) {
                let value = f64::of_count(*class);
                return Err(Error::Parameter { name, index, value, expected });
            }
        }
        Ok(())
    }
    fn check_columns(&self, name: &'static str, columns: usize) -> Result<(), Error> {
        let Self::List(list) = self else { return Ok(()) };
        match list.iter().enumerate().find(|(_, class)| **class >= columns) {
            None => Ok(()),
            Some((index, &class)) => {
                let (value, expected) = (f64::of_count(class), Domain::Classes.describe());
                Err(Error::Parameter { name, index, value, expected })
            }
        }
    }
}
impl<'a, T: Real> IntoValue<'a, T> for Classes<'a> {
    fn into_value(self) -> Value<'a, T> {
        Value::Classes(self)
    }
    fn from_value(value: Value<'a, T>) -> Option<Self> {
        if let Value::Classes(classes) = value { Some(classes) } else { None }
    }
}

impl<T: Real> Field<T> for bool {
    const KIND: Kind = Kind::Flag;
    fn check(&self, _name: &'static str, _domain: &Domain) -> Result<(), Error> {
        Ok(())
    }
}
impl<'a, T: Real> IntoValue<'a, T> for bool {
    fn into_value(self) -> Value<'a, T> {
        Value::Flag(self)
    }
    fn from_value(value: Value<'a, T>) -> Option<Self> {
        if let Value::Flag(flag) = value { Some(flag) } else { None }
    }
}
