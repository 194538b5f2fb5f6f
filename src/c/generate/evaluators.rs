//! What C has of every evaluator: in Rust, for the library, and in C, for its header.
#![allow(dead_code, reason = "the build needs the Rust, the header's test the C")]

use std::fmt::Write;

use microloss::metric;
use microloss::stream::{self, State, Words};

use super::losses::TYPES;

/// An evaluator of a stream.
pub struct Evaluator {
    pub name: &'static str,
    summary: &'static str,
    /// The stream, of numbers `T` or of none.
    stream: String,
    /// With `T` of each type.
    layouts: Option<[Layout; 2]>,
    functions: Vec<Function>,
}

/// Its memory.
#[derive(Clone, Copy)]
pub struct Layout {
    /// `uint64_t`s of the state.
    pub memory: usize,
    /// Bytes of what is saved.
    pub bytes: usize,
    /// Whether zeros are the state of nothing.
    is_zero: bool,
    tag: u32,
    /// The words of the state of nothing.
    words: fn() -> Vec<u32>,
}

impl Layout {
    fn of<S: State>() -> Self {
        let words = Self::words::<S>();
        // The version, the tag and the checksum; tests/c/calls.c sees it if these are not all.
        let bytes = words.len() * 4 + 9;
        let is_zero = words.iter().all(|word| *word == 0);
        let memory = size_of::<stream::Evaluator<S>>().div_ceil(8);
        Self { memory, bytes, is_zero, tag: S::TAG, words: Self::words::<S> }
    }

    fn words<S: State>() -> Vec<u32> {
        let mut words = Vec::new();
        stream::Evaluator::<S>::default().each_word(&mut |word| words.push(*word));
        words
    }
}

/// What a function does with the state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Makes it.
    Init,
    /// Adds an item to it.
    Add,
    /// Adds an item that a call gave, or counts that it was refused.
    Take,
    /// Reads a number off it.
    Number,
    /// Reads two.
    Bounds,
    /// Reads a count, which cannot fail.
    Count,
}

/// An argument, by its name.
#[derive(Clone, Copy)]
pub enum Argument {
    Number(&'static str),
    Double(&'static str),
    Index(&'static str),
    Flag(&'static str),
    Scores,
    From,
    ZeroDivision,
    /// With the class that it may name.
    Average,
    Disagreement,
    Total,
}

/// A function of one evaluator.
pub struct Function {
    pub kind: Kind,
    name: &'static str,
    pub arguments: Vec<Argument>,
    /// In Rust, of `stream` and the arguments.
    body: &'static str,
}

fn function(kind: Kind, name: &'static str, arguments: &[Argument], body: &'static str) -> Function {
    Function { kind, name, arguments: arguments.to_vec(), body }
}

/// The name of a stream's type, and its layouts.
macro_rules! layouts {
    ($stream:ty) => {
        (
            stringify!($stream),
            [
                {
                    #[allow(dead_code, reason = "a stream may have no numbers")]
                    type T = f32;
                    Layout::of::<$stream>()
                },
                {
                    #[allow(dead_code, reason = "a stream may have no numbers")]
                    type T = f64;
                    Layout::of::<$stream>()
                },
            ],
        )
    };
}

/// Every evaluator, in the order of the header.
///
/// Streams are in memory of C as they are in Rust: their fields must be numbers, of which no bits are illegal.
pub fn all() -> Vec<Evaluator> {
    use Argument::{Double, Flag, From, Index, Number, Scores, Total, ZeroDivision};
    use Kind::{Add, Bounds, Count, Init, Take};
    let value = |name, arguments: &[Argument], body| function(Kind::Number, name, arguments, body);
    let total = || {
        vec![
            function(Take, "take", &[Total], "stream.add(item)"),
            value("mean", &[], "stream.mean()"),
            value("sum", &[], "stream.sum()"),
            function(Count, "valid", &[], "stream.valid()"),
            function(Count, "ignored", &[], "stream.ignored()"),
        ]
    };
    let pair =
        || function(Add, "add", &[Number("target"), Number("predicted")], "stream.add((target, predicted))");
    let row = |body| function(Add, "add_scores", &[Index("label"), Scores, From], body);
    let row = || row("stream.add_scores(label, scores, from)");
    let calibration = || {
        vec![
            row(),
            function(
                Add,
                "add",
                &[Number("confidence"), Flag("is_right")],
                "stream.add((confidence, is_right))",
            ),
            value("expected", &[], "stream.expected()"),
            value("maximum", &[], "stream.maximum()"),
            value("accuracy", &[Index("bin")], "stream.accuracy(bin)"),
            value("confidence", &[Index("bin")], "stream.confidence(bin)"),
        ]
    };
    let top = || {
        vec![
            function(Add, "add_scores", &[Index("label"), Scores], "stream.add_scores::<T>(label, scores)"),
            value("accuracy", &[Index("k")], "stream.accuracy(k)"),
        ]
    };
    let histogram = || {
        let over = [Double("low"), Double("high")];
        vec![
            function(Init, "init", &[], "Ok(Of::new())"),
            function(Init, "init_over", &over, "Of::over(low, high)"),
            function(
                Add,
                "add",
                &[Number("score"), Flag("is_positive")],
                "stream.add::<T>(score, is_positive)",
            ),
            value("auroc", &[ZeroDivision], "stream.auroc(zero_division)"),
            function(Bounds, "auroc_bounds", &[ZeroDivision], "stream.auroc_bounds(zero_division)"),
            value("average_precision", &[ZeroDivision], "stream.average_precision(zero_division)"),
            function(
                Bounds,
                "average_precision_bounds",
                &[ZeroDivision],
                "stream.average_precision_bounds(zero_division)",
            ),
        ]
    };
    vec![
        Evaluator::new(
            "exact_total",
            "The mean of any loss, without rounding until it is read. An item is the total of a batch of one, for MICROLOSS_SUM",
            layouts!(stream::ExactTotal<T>),
            total(),
        ),
        Evaluator::new(
            "compensated_total",
            "The mean of any loss, in less memory, and not exact: the last bits hang on the order. An item is a total of any batch",
            layouts!(stream::CompensatedTotal<T>),
            total(),
        ),
        Evaluator::new(
            "log_loss",
            "Log loss: the mean cross entropy, and its exponential, the perplexity. An item is a row, a score, or a loss in nats",
            layouts!(metric::LogLoss<T>),
            vec![
                row(),
                function(
                    Add,
                    "add_score",
                    &[Flag("is_positive"), Number("score"), From],
                    "stream.add_score(is_positive, score, from)",
                ),
                function(Take, "take", &[Number("loss")], "stream.add(loss)"),
                value("value", &[], "stream.value()"),
                value("perplexity", &[], "stream.perplexity()"),
            ],
        ),
        Evaluator::new(
            "brier_score",
            "Brier score: the mean squared distance of probabilities. An item is a row, a probability, or a loss",
            layouts!(metric::BrierScore<T>),
            vec![
                row(),
                function(
                    Add,
                    "add_probability",
                    &[Flag("is_positive"), Number("probability")],
                    "stream.add_probability(is_positive, probability)",
                ),
                function(Take, "take", &[Number("loss")], "stream.add(loss)"),
                value("value", &[], "stream.value()"),
            ],
        ),
        Evaluator::new(
            "calibration_error_10",
            "Expected and maximum calibration error, and the reliability diagram, in 10 bins",
            layouts!(metric::CalibrationError<T, 10>),
            calibration(),
        ),
        Evaluator::new(
            "calibration_error_15",
            "The same in 15 bins",
            layouts!(metric::CalibrationError<T, 15>),
            calibration(),
        ),
        Evaluator::new(
            "mean_absolute_error",
            "Mean absolute error, correctly rounded",
            layouts!(metric::MeanAbsoluteError<T>),
            vec![pair(), value("value", &[], "stream.value()")],
        ),
        Evaluator::new(
            "root_mean_squared_error",
            "Root mean squared error, and the mean squared error, correctly rounded",
            layouts!(metric::RootMeanSquaredError<T>),
            vec![pair(), value("value", &[], "stream.value()"), value("squared", &[], "stream.squared()")],
        ),
        Evaluator::new(
            "mean_absolute_percentage_error",
            "Mean absolute percentage error. A target of 0 is refused, unless `init` says what its ratio is, or a floor above 0",
            layouts!(metric::MeanAbsolutePercentageError<T>),
            vec![
                function(
                    Init,
                    "init",
                    &[ZeroDivision, Number("floor")],
                    "Of::new().zero_division(zero_division).floor(floor)",
                ),
                pair(),
                value("value", &[], "stream.value()"),
            ],
        ),
        Evaluator::new(
            "r2_score",
            "R2, the coefficient of determination, correctly rounded; 0 / 0 of equal targets, and never 1 of wrong predictions",
            layouts!(metric::R2Score<T>),
            vec![pair(), value("value", &[ZeroDivision], "stream.value(zero_division)")],
        ),
        Evaluator::new(
            "coverage",
            "Coverage: the part of the targets that are at or below a predicted quantile, or within a predicted interval",
            layouts!(metric::Coverage),
            vec![
                function(
                    Add,
                    "add_quantile",
                    &[Number("target"), Number("quantile")],
                    "stream.add_quantile::<T>(target, quantile)",
                ),
                function(
                    Add,
                    "add_interval",
                    &[Number("target"), Number("low"), Number("high")],
                    "stream.add_interval::<T>(target, low, high)",
                ),
                value("value", &[], "stream.value()"),
            ],
        ),
        Evaluator::new(
            "top_k_accuracy_5",
            "Top-k accuracy for k from 1 to 5; of equal scores the last class comes first",
            layouts!(metric::TopKAccuracy<5>),
            top(),
        ),
        Evaluator::new(
            "top_k_accuracy_10",
            "The same for k from 1 to 10",
            layouts!(metric::TopKAccuracy<10>),
            top(),
        ),
        Evaluator::new(
            "score_histogram_64",
            "AUROC and average precision, with bounds, of scores in 64 bins: probabilities, or a range. Not zeros but `init` first",
            layouts!(metric::ScoreHistogram<64>),
            histogram(),
        ),
    ]
}

/// What is read off the confusion matrix, and how it is fed. Its state is written by hand, for it has counts elsewhere.
pub fn confusion() -> Evaluator {
    use Argument::{Average, Disagreement, Index, Scores, ZeroDivision};
    use Kind::{Add, Number};
    let quotient = |name, body| function(Number, name, &[Average, ZeroDivision], body);
    let functions = vec![
        function(Add, "add", &[Index("label"), Index("predicted")], "stream.add(label, predicted)"),
        function(Add, "add_scores", &[Index("label"), Scores], "stream.add_scores::<T>(label, scores)"),
        function(Number, "accuracy", &[], "stream.accuracy()"),
        function(Number, "balanced_accuracy", &[ZeroDivision], "stream.balanced_accuracy(zero_division)"),
        quotient("precision", "stream.precision(average, zero_division)"),
        quotient("recall", "stream.recall(average, zero_division)"),
        quotient("f1", "stream.f1(average, zero_division)"),
        quotient("iou", "stream.iou(average, zero_division)"),
        function(
            Number,
            "cohen_kappa",
            &[Disagreement, ZeroDivision],
            "stream.cohen_kappa(disagreement, zero_division)",
        ),
        function(
            Number,
            "matthews_correlation",
            &[ZeroDivision],
            "stream.matthews_correlation(zero_division)",
        ),
    ];
    let summary = "What is read off a confusion matrix, and how it is fed. F1 is also called Dice, IoU the Jaccard index";
    Evaluator { name: "confusion_matrix", summary, stream: String::new(), layouts: None, functions }
}

/// What every evaluator has beside.
fn common() -> [Function; 2] {
    [
        function(Kind::Count, "items", &[], "evaluator.items()"),
        function(Kind::Count, "rejected", &[], "evaluator.rejected()"),
    ]
}

impl Argument {
    fn name(self) -> &'static str {
        match self {
            Self::Number(name) | Self::Double(name) | Self::Index(name) | Self::Flag(name) => name,
            Self::Scores => "scores",
            Self::From => "from",
            Self::ZeroDivision => "zero_division",
            Self::Average => "average",
            Self::Disagreement => "disagreement",
            Self::Total => "item",
        }
    }

    fn c(self) -> String {
        let of = match self {
            Self::Number(_) => "@float@ ",
            Self::Double(_) => "double ",
            Self::Index(_) => "size_t ",
            Self::Flag(_) => "bool ",
            Self::Scores => return "const @float@ *scores, size_t columns".into(),
            Self::From => "microloss_input ",
            Self::ZeroDivision => "microloss_zero_division ",
            Self::Average => return "microloss_average average, size_t class_index".into(),
            Self::Disagreement => "microloss_disagreement ",
            Self::Total => "const microloss_total_@f32@ *",
        };
        format!("{of}{}", self.name())
    }

    fn rust(self) -> String {
        let of = match self {
            Self::Number(_) => "@f32@",
            Self::Double(_) => "f64",
            Self::Index(_) => "usize",
            Self::Flag(_) => "options::Flag",
            Self::Scores => return "scores: *const @f32@, columns: usize".into(),
            Self::From => "options::InputChoice",
            Self::ZeroDivision => "options::ZeroDivisionChoice",
            Self::Average => return "average: options::AverageChoice, class_index: usize".into(),
            Self::Disagreement => "options::DisagreementChoice",
            Self::Total => "*const total::Total<@f32@>",
        };
        format!("{}: {of}", self.name())
    }

    /// How it is read, in Rust.
    fn read(self) -> String {
        let name = self.name();
        match self {
            Self::Number(_) | Self::Double(_) | Self::Index(_) => String::new(),
            Self::Average => "let average = average.of(class_index)?; ".into(),
            Self::Flag(_) | Self::From | Self::ZeroDivision | Self::Disagreement => {
                format!("let {name} = options::Field::read({name}, \"{name}\", ledger)?; ")
            }
            Self::Scores => {
                let list = "memory::List { data: scores, length: columns }";
                format!("let scores = ledger.read(\"scores\", {list})?.unwrap_or_default(); ")
            }
            Self::Total => "let item = total::read(item, \"item\")?; ".into(),
        }
    }

    fn has_number(self) -> bool {
        matches!(self, Self::Number(_) | Self::Scores | Self::Total)
    }
}

impl Evaluator {
    fn new(
        name: &'static str,
        summary: &'static str,
        (stream, layouts): (&'static str, [Layout; 2]),
        mut functions: Vec<Function>,
    ) -> Self {
        functions.extend(common());
        Self { name, summary, stream: stream.replace(' ', ""), layouts: Some(layouts), functions }
    }

    fn has_number(&self) -> bool {
        self.stream.contains("<T")
    }

    /// The suffixes of its states, their numbers in C, and their layouts.
    pub fn states(&self) -> Vec<(&'static str, &'static str, Layout)> {
        let Some(layouts) = self.layouts else { return Vec::new() };
        if self.has_number() {
            TYPES.into_iter().zip(layouts).map(|((of, float), layout)| (of, float, layout)).collect()
        } else {
            vec![("", "", layouts[0])]
        }
    }

    fn stream(&self, of: &str) -> String {
        format!("microloss_core::{}", self.stream.replace("<T", &format!("<{of}")))
    }

    /// Calls what is given with the function, its whole name, the suffix of the state, and the numbers.
    pub fn each_function(&self, mut visit: impl FnMut(&Function, &str, &str, (&str, &str))) {
        for function in &self.functions {
            let takes = function.arguments.iter().any(|argument| argument.has_number());
            let gives = matches!(function.kind, Kind::Number | Kind::Bounds);
            for (of, float) in TYPES {
                let name = format!("microloss_{}_{}", self.name, function.name);
                if self.has_number() {
                    visit(function, &format!("{name}_{of}"), &format!("_{of}"), (of, float));
                } else if takes || gives {
                    visit(function, &format!("{name}_{of}"), "", (of, float));
                } else {
                    visit(function, &name, "", (of, float));
                    break;
                }
            }
        }
    }

    /// Of each state: its name and suffix, whether it has an initialiser, and, but for the checksum, what is saved of nothing.
    pub fn states_of_nothing(&self) -> Vec<(String, bool, Vec<u8>)> {
        let state = |(of, _, layout): (&str, &str, Layout)| {
            let name =
                if of.is_empty() { format!("{}, ", self.name) } else { format!("{}, _{of}", self.name) };
            let mut bytes = vec![1];
            bytes.extend(layout.tag.to_le_bytes());
            bytes.extend((layout.words)().into_iter().flat_map(u32::to_le_bytes));
            (name, layout.is_zero, bytes)
        };
        self.states().into_iter().map(state).collect()
    }

    /// Its functions.
    pub fn rust(&self) -> String {
        let mut text = String::new();
        let head = "\n/// # Safety\n/// Pointers must be as the header says.\n#[unsafe(no_mangle)]\npub unsafe extern \"C\" fn";
        for (of, _, layout) in self.states() {
            let suffix = if of.is_empty() { String::new() } else { format!("_{of}") };
            let (name, stream, Layout { memory, bytes, .. }) = (self.name, self.stream(of), layout);
            let state = format!("evaluator::Memory<{memory}>");
            write!(
                text,
                "
// SAFETY: its fields are numbers.
unsafe impl evaluator::Plain for {stream} {{ const BYTES: usize = {bytes}; }}
{head} microloss_{name}_merge{suffix}(state: *mut {state}, other: *const {state}, error: *mut fault::Details) -> i32 {{
    // SAFETY: the promise of this function.
    unsafe {{ evaluator::merge::<{stream}, _>(state, other, error) }}
}}
{head} microloss_{name}_save{suffix}(state: *const {state}, bytes: *mut u8, length: usize, error: *mut fault::Details) -> i32 {{
    // SAFETY: the promise of this function.
    unsafe {{ evaluator::save::<{stream}, _>(state, memory::Buffer {{ data: bytes, length }}, error) }}
}}
{head} microloss_{name}_load{suffix}(state: *mut {state}, bytes: *const u8, length: usize, error: *mut fault::Details) -> i32 {{
    // SAFETY: the promise of this function.
    unsafe {{ evaluator::load::<{stream}, _>(state, memory::List {{ data: bytes, length }}, error) }}
}}

#[unsafe(no_mangle)]
pub extern \"C\" fn microloss_{name}_size{suffix}() -> usize {{
    {bytes}
}}
"
            )
            .expect("memory");
        }
        self.each_function(|function, name, suffix, (of, _)| {
            let stream = self.stream(of);
            let state = self.states().into_iter().find(|state| suffix.ends_with(state.0));
            let (module, state) = state.map_or(("confusion", "confusion::Matrix".into()), |(_, _, layout)| {
                ("evaluator", format!("evaluator::Memory<{}>", layout.memory))
            });
            let arguments: String =
                function.arguments.iter().map(|argument| argument.rust().replace("@f32@", of) + ", ").collect();
            let read: String = function.arguments.iter().map(|argument| argument.read()).collect();
            let names: String =
                function.arguments.iter().map(|argument| format!("{}, ", argument.name())).collect();
            let (kind, more, result, call) = match function.kind {
                Kind::Init => ("mut", String::new(), "error: *mut fault::Details) -> i32", "init::<Of, _, _>(state, error"),
                Kind::Add => ("mut", String::new(), "error: *mut fault::Details) -> i32", "add::<Of, _, _>(state, error"),
                Kind::Take => {
                    let more = "status: i32, ".to_owned();
                    ("mut", more, "error: *mut fault::Details) -> i32", "take::<Of, _, _>(state, status, error")
                }
                Kind::Number => (
                    "const",
                    String::new(),
                    "value: *mut @f32@, error: *mut fault::Details) -> i32",
                    "value::<Of, _, _, _>(state, value, error",
                ),
                Kind::Bounds => (
                    "const",
                    String::new(),
                    "value: *mut [@f32@; 2], error: *mut fault::Details) -> i32",
                    "value::<Of, _, _, _>(state, value, error",
                ),
                Kind::Count => ("const", String::new(), ") -> u64", "count::<Of, _>(state"),
            };
            let result = result.replace("@f32@", of);
            let (of_stream, call) = if self.layouts.is_some() {
                (format!("    type Of = {stream};\n"), call.to_owned())
            } else {
                // The matrix is no type of its own.
                let (name, rest) = call.split_once("::<").expect("generics");
                (String::new(), name.to_owned() + rest.split_once('>').expect("generics").1)
            };
            let Function { body, .. } = function;
            let run = match function.kind {
                Kind::Count if body.starts_with("stream") => format!("|evaluator| evaluator.{}", body.replace("stream", "stream()")),
                Kind::Count => format!("|evaluator| {body}"),
                Kind::Init => format!("|ledger| {{ {read}Ok(({names})) }}, |({names})| {body}"),
                _ => format!("|ledger| {{ {read}Ok(({names})) }}, |stream, ({names})| {body}"),
            };
            write!(
                text,
                "
#[allow(unused_variables, dead_code, clippy::unused_unit, reason = \"a function may have no arguments\")]{head} {name}(state: *{kind} {state}, {more}{arguments}{result} {{
    type T = {of};
{of_stream}    // SAFETY: the promise of this function.
    unsafe {{ {module}::{call}, {run}) }}
}}
"
            )
            .expect("memory");
        });
        text
    }

    /// Its states and functions, as the header declares them.
    pub fn c(&self) -> String {
        let mut text = format!("\n/* {}. */\n", self.summary);
        let (name, upper) = (self.name, self.name.to_uppercase());
        for (of, _, Layout { memory, bytes, .. }) in self.states() {
            let suffix = if of.is_empty() { String::new() } else { format!("_{of}") };
            let state = format!("microloss_{name}_state{suffix}");
            write!(
                text,
                "typedef struct {{
    uint64_t memory[{memory}];
}} {state};
#define MICROLOSS_{upper}_SIZE{} {bytes}
size_t microloss_{name}_size{suffix}(void);
microloss_status microloss_{name}_merge{suffix}({state} *state, const {state} *other, microloss_error *error);
microloss_status microloss_{name}_save{suffix}(const {state} *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_{name}_load{suffix}({state} *state, const uint8_t *bytes, size_t length, microloss_error *error);
",
                suffix.to_uppercase(),
            )
            .expect("memory");
        }
        if self.layouts.is_some_and(|layouts| layouts.iter().all(|layout| layout.is_zero)) {
            writeln!(text, "#define MICROLOSS_{upper}_INIT {{ {{ 0 }} }}").expect("memory");
        }
        self.each_function(|function, whole, suffix, (of, float)| {
            let state = match self.layouts {
                Some(_) => format!("microloss_{name}_state"),
                None => format!("microloss_{name}"),
            };
            let constant =
                if matches!(function.kind, Kind::Init | Kind::Add | Kind::Take) { "" } else { "const " };
            let mut arguments = vec![format!("{constant}{state}{suffix} *state")];
            if function.kind == Kind::Take {
                arguments.push("microloss_status status".into());
            }
            arguments.extend(function.arguments.iter().map(|argument| argument.c()));
            match function.kind {
                Kind::Number => arguments.push("@float@ *value".into()),
                Kind::Bounds => arguments.push("@float@ value[2]".into()),
                _ => {}
            }
            let result = if function.kind == Kind::Count {
                "uint64_t"
            } else {
                arguments.push("microloss_error *error".into());
                "microloss_status"
            };
            let arguments = arguments.join(", ").replace("@float@", float).replace("@f32@", of);
            writeln!(text, "{result} {whole}({arguments});").expect("memory");
        });
        text
    }
}
