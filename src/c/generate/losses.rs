//! What C has of every loss of the registry: in Rust, for the library, and in C, for its header.
#![allow(dead_code, reason = "the build needs the Rust, the header's test the C")]

use std::fmt::Write;

use microloss::loss::{Configure, Info};
use microloss::parameter::{Classes, Kind, Parameter, Value};
use microloss::registry::{LOSSES, Visitor, visit};
use microloss::{ElementLoss, Input, PairLoss, RegionLoss, RowLoss};

/// The types of numbers: Rust's name, which is the suffix of names, and C's.
pub const TYPES: [(&str, &str); 2] = [("f32", "float"), ("f64", "double")];

/// A loss of the registry.
pub struct Entry {
    shape: &'static str,
    info: Info,
    /// Its Rust type, without generics.
    type_name: String,
    /// Scores a target, for elements.
    scores: Option<usize>,
    /// Its fields, with their defaults in C.
    fields: Vec<(Parameter, String)>,
}

/// Every loss, in the order of the registry.
pub fn all() -> Vec<Entry> {
    let entry = |&(shape, info): &(&'static str, Info)| {
        let (path, scores, fields) = visit::<f64, _>(info.name, Ask).expect("a loss of the registry");
        let path = path.split('<').next().unwrap_or_default();
        let type_name = path.rsplit("::").next().unwrap_or_default().to_owned();
        Entry { shape, info, type_name, scores, fields }
    };
    LOSSES.iter().map(entry).collect()
}

/// Asks a loss for its type's name, its scores a target, and its parameters.
struct Ask;

impl Ask {
    fn of<'a, L: Configure<'a, f64>>(
        loss: L,
        scores: Option<usize>,
    ) -> (&'static str, Option<usize>, Vec<(Parameter, String)>) {
        let field = |parameter: &Parameter| {
            let value = loss.get(parameter.name).expect("a parameter that it has");
            (*parameter, default(parameter.kind, value))
        };
        let fields = L::INFO.parameters.iter().map(field).collect();
        (std::any::type_name::<L>(), scores, fields)
    }
}

impl<'a> Visitor<'a, f64> for Ask {
    type Output = (&'static str, Option<usize>, Vec<(Parameter, String)>);
    fn element<L: ElementLoss<f64, K> + Configure<'a, f64>, const K: usize>(self, loss: L) -> Self::Output {
        Self::of(loss, Some(K))
    }
    fn row<L: RowLoss<f64> + Configure<'a, f64>>(self, loss: L) -> Self::Output {
        Self::of(loss, None)
    }
    fn region<L: RegionLoss<f64> + Configure<'a, f64>>(self, loss: L) -> Self::Output {
        Self::of(loss, None)
    }
    fn pair<L: PairLoss<f64> + Configure<'a, f64>>(self, loss: L) -> Self::Output {
        Self::of(loss, None)
    }
}

/// A parameter's default as a C initialiser.
fn default(kind: Kind, value: Value<'_, f64>) -> String {
    match (kind, value) {
        (Kind::OptionalNumber, Value::None) => "{ false, 0.0 }".into(),
        (Kind::OptionalNumber, Value::Number(number)) => format!("{{ true, {number:?} }}"),
        (Kind::PerClass, Value::None) => "{ NULL, 0 }".into(),
        (Kind::PerColumn, Value::Number(number)) => format!("{{ {number:?}, {{ NULL, 0 }} }}"),
        (_, Value::Number(number)) => format!("{number:?}"),
        (_, Value::Input(input)) => match input {
            Input::Logits => "MICROLOSS_LOGITS",
            Input::Probabilities => "MICROLOSS_PROBABILITIES",
            Input::LogProbabilities => "MICROLOSS_LOG_PROBABILITIES",
            Input::Variances => "MICROLOSS_VARIANCES",
            Input::LogVariances => "MICROLOSS_LOG_VARIANCES",
        }
        .into(),
        (_, Value::Classes(Classes::Present)) => "{ MICROLOSS_PRESENT, { NULL, 0 } }".into(),
        (_, Value::Classes(Classes::All)) => "{ MICROLOSS_ALL, { NULL, 0 } }".into(),
        (_, Value::Flag(flag)) => flag.to_string(),
        other => panic!("no C for the default {other:?}"),
    }
}

/// The type of a field, in Rust and, with the suffix of its type of numbers, in C.
fn field_type(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Number => ("T", "@float@"),
        Kind::OptionalNumber => ("options::OptionalNumber<T>", "microloss_optional_@f32@"),
        Kind::PerClass => ("memory::List<T>", "microloss_list_@f32@"),
        Kind::PerColumn => ("options::ColumnNumbers<T>", "microloss_columns_@f32@"),
        Kind::Input => ("options::InputChoice", "microloss_input"),
        Kind::Classes => ("options::ClassChoice", "microloss_classes"),
        Kind::Flag => ("options::Flag", "bool"),
        other => panic!("no C for {other:?}"),
    }
}

impl Entry {
    /// Its options, how they are read, and its functions.
    pub fn rust(&self) -> String {
        let Self { shape, info: Info { name, .. }, type_name, .. } = self;
        let mut fields = String::new();
        let mut setters = String::new();
        for (Parameter { name, kind, .. }, _) in &self.fields {
            let (of, _) = field_type(*kind);
            write!(fields, "{name}: {of}, ").expect("memory");
            write!(
                setters,
                "
    // SAFETY: the promise of the function that calls this.
    let loss = loss.{name}(unsafe {{ options::Field::read(options.{name}, \"{name}\", ledger) }}?)?;"
            )
            .expect("memory");
        }
        if self.fields.is_empty() {
            fields = "reserved: options::Flag, ".into();
        }
        fields += "real: core::marker::PhantomData<T>, ";
        let (bound, k) = match (*shape, self.scores) {
            ("element", Some(k)) => (format!("ElementLoss<T, {k}>"), format!(", {k}")),
            ("row", _) => ("RowLoss<T>".into(), String::new()),
            ("region", _) => ("RegionLoss<T>".into(), String::new()),
            ("pair", _) => ("PairLoss<T>".into(), String::new()),
            _ => panic!("no C for the shape {shape}"),
        };
        let mut text = format!(
            "
#[repr(C)]
#[derive(Clone, Copy)]
pub struct {type_name}Options<T> {{ {fields}}}

#[allow(unused_variables, reason = \"a loss may have no parameters\")]
fn {name}<'a, T: microloss_core::Real>(
    options: Option<&{type_name}Options<T>>,
    ledger: &mut memory::Ledger,
) -> Result<impl microloss_core::{bound} + use<'a, T>, fault::Fault> {{
    let loss = microloss_core::{shape}::{type_name}::<T>::new();
    let Some(options) = options else {{ return Ok(loss) }};{setters}
    Ok(loss)
}}
"
        );
        for (of, _) in TYPES {
            write!(
                text,
                "
/// # Safety
/// Pointers must be as the header says.
#[unsafe(no_mangle)]
pub unsafe extern \"C\" fn microloss_{name}_{of}(
    options: *const {type_name}Options<{of}>,
    batch: *const batch::Batch<{of}>,
    value: *mut {of},
    error: *mut fault::Details,
) -> i32 {{
    // SAFETY: the promise of this function.
    unsafe {{ call::{shape}::<{of}, _, _{k}>(options, batch, value, error, {name}) }}
}}
"
            )
            .expect("memory");
            if *shape == "region" {
                write!(
                    text,
                    "
/// # Safety
/// Pointers must be as the header says.
#[unsafe(no_mangle)]
pub unsafe extern \"C\" fn microloss_{name}_scratch_{of}(
    options: *const {type_name}Options<{of}>,
    batch: *const batch::Batch<{of}>,
) -> usize {{
    // SAFETY: the promise of this function.
    unsafe {{ call::scratch(options, batch, {name}) }}
}}
"
                )
                .expect("memory");
            }
        }
        text
    }

    /// Its options, their defaults, and its functions, as the header declares them.
    pub fn c(&self) -> String {
        let Self { shape, info: Info { name, summary, .. }, .. } = self;
        let mut text = format!("\n/* {summary}. Shape: {shape}. */\n");
        for (of, float) in TYPES {
            text += "typedef struct {\n";
            for (Parameter { name, kind, domain }, _) in &self.fields {
                let of = field_type(*kind).1.replace("@float@", float).replace("@f32@", of);
                let meaning = match kind {
                    Kind::OptionalNumber => format!("{}; or none", domain.describe()),
                    Kind::PerClass => format!("one a class, {}; or NULL", domain.describe()),
                    Kind::PerColumn => format!("{}; or one a column", domain.describe()),
                    Kind::Classes => kind.describe().to_owned(),
                    _ => domain.describe().to_owned(),
                };
                writeln!(text, "    {of} {name}; /* {meaning} */").expect("memory");
            }
            if self.fields.is_empty() {
                text += "    bool reserved;\n";
            }
            writeln!(text, "}} microloss_{name}_options_{of};").expect("memory");
        }
        let defaults: Vec<&str> = self.fields.iter().map(|(_, default)| default.as_str()).collect();
        let defaults = if defaults.is_empty() { "false".into() } else { defaults.join(", ") };
        writeln!(text, "#define MICROLOSS_{}_OPTIONS_INIT {{ {defaults} }}", name.to_uppercase())
            .expect("memory");
        for (of, float) in TYPES {
            let options = format!("const microloss_{name}_options_{of} *options");
            write!(
                text,
                "microloss_status microloss_{name}_{of}({options},
    const microloss_batch_{of} *batch, {float} *value, microloss_error *error);
"
            )
            .expect("memory");
            if *shape == "region" {
                write!(
                    text,
                    "size_t microloss_{name}_scratch_{of}({options},
    const microloss_batch_{of} *batch);
"
                )
                .expect("memory");
            }
        }
        text
    }
}
