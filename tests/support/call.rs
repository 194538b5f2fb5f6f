//! One way to call any loss of the registry, through slices: a problem, and buffers for what comes of it.

#![allow(dead_code, reason = "each test uses its part of this")]

use microloss::loss::{Configure, Info};
use microloss::parameter::{Classes, Domain, Value};
use microloss::registry::{LOSSES, Visitor, visit};
use microloss::{
    ElementLoss, Elements, Entry, Error, Input, PairLoss, Pairs, Real, RegionLoss, Regions, RowLoss, Rows,
    Scratch, Sort, TargetKind, Targets, Total, Unit,
};

/// The value of a parameter, owned.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Setting<T> {
    None,
    Number(T),
    Numbers(Vec<T>),
    Input(Input),
    Present,
    All,
    Classes(Vec<usize>),
    Flag(bool),
}

impl<T> Setting<T> {
    pub(crate) fn value(&self) -> Value<'_, T>
    where
        T: Copy,
    {
        match self {
            Self::None => Value::None,
            Self::Number(number) => Value::Number(*number),
            Self::Numbers(numbers) => Value::Numbers(numbers),
            Self::Input(input) => Value::Input(*input),
            Self::Present => Value::Classes(Classes::Present),
            Self::All => Value::Classes(Classes::All),
            Self::Classes(list) => Value::Classes(Classes::List(list)),
            Self::Flag(flag) => Value::Flag(*flag),
        }
    }

    /// The same in another type.
    pub(crate) fn map<U>(&self, f: impl Fn(&T) -> U) -> Setting<U> {
        match self {
            Self::None => Setting::None,
            Self::Number(number) => Setting::Number(f(number)),
            Self::Numbers(numbers) => Setting::Numbers(numbers.iter().map(f).collect()),
            Self::Input(input) => Setting::Input(*input),
            Self::Present => Setting::Present,
            Self::All => Setting::All,
            Self::Classes(list) => Setting::Classes(list.clone()),
            Self::Flag(flag) => Setting::Flag(*flag),
        }
    }
}

/// The targets of a batch, owned.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answers<T> {
    None,
    Labels(Vec<i32>),
    Numbers(Vec<T>),
}

impl<T: Real> Answers<T> {
    pub(crate) fn targets(&self) -> Targets<'_, T> {
        match self {
            Self::None => Targets::none(),
            Self::Labels(labels) => Targets::I32(labels),
            Self::Numbers(numbers) => Targets::Values(numbers),
        }
    }
}

/// What becomes of the items' values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reduction {
    Mean,
    Sum,
    None,
}

/// Which of the three calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Value,
    Gradient,
    InPlace,
}

/// A loss, its parameters, and a batch.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem<T> {
    pub(crate) loss: &'static str,
    pub(crate) parameters: Vec<(&'static str, Setting<T>)>,
    pub(crate) columns: usize,
    /// Pixels an image; of regions only.
    pub(crate) pixels: usize,
    pub(crate) scores: Vec<T>,
    pub(crate) answers: Answers<T>,
    pub(crate) weights: Option<Vec<T>>,
    pub(crate) ignore_index: Option<i64>,
    pub(crate) unit: Unit,
    pub(crate) reduction: Reduction,
    pub(crate) sort: Sort,
}

/// The entry of the registry: its shape and its description.
pub(crate) fn entry(loss: &str) -> (&'static str, Info) {
    *LOSSES
        .iter()
        .find(|(_, info)| info.name == loss)
        .unwrap_or_else(|| panic!("{loss} is not in the registry"))
}

/// The inputs that a loss declares, the default first.
pub(crate) fn inputs(loss: &str) -> &'static [Input] {
    let mut domains = entry(loss).1.parameters.iter().map(|parameter| parameter.domain);
    let inputs =
        domains.find_map(|domain| if let Domain::Inputs(inputs) = domain { Some(inputs) } else { None });
    inputs.unwrap_or(&[Input::Logits])
}

/// What a loss takes, beside what the registry says of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// A target has its own score, or scores; else each class has its score.
    pub(crate) is_binary: bool,
    /// One score may have the labels 0 and 1, though each class may have its own, too.
    pub(crate) may_be_binary: bool,
    /// Labels may be the targets.
    pub(crate) takes_labels: bool,
    /// Numbers, soft labels or distributions may be the targets.
    pub(crate) takes_numbers: bool,
    /// What the targets of a loss of elements are.
    pub(crate) targets: TargetKind,
    /// Scores a target, of a loss of elements; vectors an item, of a loss of pairs.
    pub(crate) scores: usize,
    /// Whether there are targets at all.
    pub(crate) has_targets: bool,
    /// Whether scratch is needed.
    pub(crate) sorts: bool,
}

impl Facts {
    const fn of(is_binary: bool, takes_numbers: bool) -> Self {
        let targets = TargetKind::Binary;
        let (may_be_binary, takes_labels, has_targets, sorts) = (is_binary, true, true, false);
        Self { is_binary, may_be_binary, takes_labels, takes_numbers, targets, scores: 1, has_targets, sorts }
    }

    /// What stands for the labels 0 and 1, where both are taken, and others.
    pub(crate) fn answers<T: Real>(&self, labels: &[i32]) -> Answers<T> {
        match self.targets {
            _ if !self.has_targets => Answers::None,
            TargetKind::Numbers => {
                Answers::Numbers(labels.iter().map(|&label| T::of(label.into())).collect())
            }
            TargetKind::Signs => {
                Answers::Labels(labels.iter().map(|&label| if label == 0 { -1 } else { label }).collect())
            }
            TargetKind::Binary => Answers::Labels(labels.to_vec()),
        }
    }
}

/// Asks the loss.
pub(crate) fn facts(loss: &str) -> Facts {
    struct Ask;
    impl Visitor<'_, f64> for Ask {
        type Output = Facts;
        fn element<L: ElementLoss<f64, K>, const K: usize>(self, _: L) -> Facts {
            Facts {
                takes_labels: L::TARGETS != TargetKind::Numbers,
                targets: L::TARGETS,
                scores: K,
                ..Facts::of(true, L::TARGETS != TargetKind::Signs)
            }
        }
        fn row<L: RowLoss<f64>>(self, loss: L) -> Facts {
            Facts::of(false, loss.takes_distributions())
        }
        fn region<L: RegionLoss<f64>>(self, loss: L) -> Facts {
            let may_be_binary = loss.classes(1) == Ok(2);
            let sorts = loss.entries(Sort::Insertion, 1, false) > 0;
            Facts { may_be_binary, sorts, ..Facts::of(loss.classes(3).is_err(), loss.takes_numbers(1)) }
        }
        fn pair<L: PairLoss<f64>>(self, _: L) -> Facts {
            Facts {
                may_be_binary: true,
                takes_labels: L::TARGETS.is_some(),
                targets: L::TARGETS.unwrap_or_default(),
                scores: L::VECTORS,
                has_targets: L::TARGETS.is_some(),
                ..Facts::of(false, false)
            }
        }
    }
    visit(loss, Ask).expect("a loss of the registry")
}

/// The values of a loss's parameters, in their order, as they are without settings.
pub(crate) fn defaults<T: Real>(loss: &str) -> Vec<Setting<T>> {
    struct Ask;
    fn of<'a, T: Real, L: Configure<'a, T>>(loss: &L) -> Vec<Setting<T>> {
        let get = |parameter: &microloss::parameter::Parameter| match loss.get(parameter.name) {
            Some(Value::None) => Setting::None,
            Some(Value::Number(number)) => Setting::Number(number),
            Some(Value::Numbers(numbers)) => Setting::Numbers(numbers.to_vec()),
            Some(Value::Input(input)) => Setting::Input(input),
            Some(Value::Classes(Classes::Present)) => Setting::Present,
            Some(Value::Classes(Classes::All)) => Setting::All,
            Some(Value::Classes(Classes::List(list))) => Setting::Classes(list.to_vec()),
            Some(Value::Flag(flag)) => Setting::Flag(flag),
            other => panic!("{}: {other:?}", parameter.name),
        };
        L::INFO.parameters.iter().map(get).collect()
    }
    impl<'a, T: Real> Visitor<'a, T> for Ask {
        type Output = Vec<Setting<T>>;
        fn element<L: ElementLoss<T, K> + Configure<'a, T>, const K: usize>(self, loss: L) -> Self::Output {
            of(&loss)
        }
        fn row<L: RowLoss<T> + Configure<'a, T>>(self, loss: L) -> Self::Output {
            of(&loss)
        }
        fn region<L: RegionLoss<T> + Configure<'a, T>>(self, loss: L) -> Self::Output {
            of(&loss)
        }
        fn pair<L: PairLoss<T> + Configure<'a, T>>(self, loss: L) -> Self::Output {
            of(&loss)
        }
    }
    visit(loss, Ask).expect("a loss of the registry")
}

impl<T: Real> Problem<T> {
    /// The mean over a batch, with defaults for the rest.
    pub(crate) fn new(loss: &str, columns: usize, scores: Vec<T>, answers: Answers<T>) -> Self {
        let pixels = answers.targets().len();
        Self {
            loss: entry(loss).1.name,
            parameters: Vec::new(),
            columns,
            pixels,
            scores,
            answers,
            weights: None,
            ignore_index: None,
            unit: Unit::Nats,
            reduction: Reduction::Mean,
            sort: Sort::Merge,
        }
    }

    pub(crate) fn shape(&self) -> &'static str {
        entry(self.loss).0
    }

    pub(crate) fn with(mut self, name: &'static str, setting: Setting<T>) -> Self {
        self.parameters.retain(|(other, _)| *other != name);
        self.parameters.push((name, setting));
        self
    }

    pub(crate) fn reduced(&self, reduction: Reduction) -> Self {
        Self { reduction, ..self.clone() }
    }

    /// With scores of this kind, where the loss has a choice.
    pub(crate) fn of_input(self, input: Input) -> Self {
        let has_choice = entry(self.loss).1.parameters.iter().any(|parameter| parameter.name == "from");
        if has_choice { self.with("from", Setting::Input(input)) } else { self }
    }

    pub(crate) fn setting(&self, name: &str) -> Option<&Setting<T>> {
        self.parameters.iter().find(|(other, _)| *other == name).map(|(_, setting)| setting)
    }

    /// The same in another type.
    pub(crate) fn map<U: Real>(&self, f: impl Fn(&T) -> U) -> Problem<U> {
        let all = |numbers: &Vec<T>| numbers.iter().map(&f).collect();
        Problem {
            loss: self.loss,
            parameters: self.parameters.iter().map(|(name, setting)| (*name, setting.map(&f))).collect(),
            columns: self.columns,
            pixels: self.pixels,
            scores: all(&self.scores),
            answers: match &self.answers {
                Answers::None => Answers::None,
                Answers::Labels(labels) => Answers::Labels(labels.clone()),
                Answers::Numbers(numbers) => Answers::Numbers(all(numbers)),
            },
            weights: self.weights.as_ref().map(all),
            ignore_index: self.ignore_index,
            unit: self.unit,
            reduction: self.reduction,
            sort: self.sort,
        }
    }

    /// What the scores are.
    pub(crate) fn input(&self) -> Input {
        match self.setting("from") {
            Some(Setting::Input(input)) => *input,
            _ => inputs(self.loss)[0],
        }
    }

    /// Items that have a value of their own.
    pub(crate) fn items(&self) -> usize {
        match (self.shape(), &self.answers) {
            (_, Answers::None) => self.scores.len().checked_div(self.width()).unwrap_or(0),
            ("row", Answers::Numbers(_)) => self.scores.len() / self.columns,
            ("region", _) => self.answers.targets().len() / self.pixels,
            _ => self.answers.targets().len(),
        }
    }

    /// Scores an item.
    pub(crate) fn width(&self) -> usize {
        match self.shape() {
            "element" => facts(self.loss).scores,
            "region" => self.columns * self.pixels,
            "pair" => self.columns * facts(self.loss).scores,
            _ => self.columns,
        }
    }

    /// Entries that are enough for any sort of the problem.
    pub(crate) fn scratch(&self) -> usize {
        4 * self.pixels
    }

    /// Calls the loss with buffers of the right lengths.
    pub(crate) fn call(&self, form: Form) -> Result<Outcome<T>, Error> {
        let mut buffers = Buffers::of(self, form, T::zero());
        let total = self.call_with(self.answers.targets(), form, &mut buffers)?;
        let gradient = if form == Form::Value { Vec::new() } else { buffers.gradient };
        Ok(Outcome { values: buffers.values, gradient, total })
    }

    /// The reduced value, without a gradient.
    pub(crate) fn value(&self) -> Result<T, Error> {
        self.call(Form::Value).map(|outcome| outcome.values[0])
    }

    /// Calls the loss with these targets and buffers: `values` takes the value, or one an item; `gradient`
    /// the gradient, and in place it holds the scores before.
    pub(crate) fn call_with(
        &self,
        targets: Targets<'_, T>,
        form: Form,
        buffers: &mut Buffers<T>,
    ) -> Result<Option<Total<T>>, Error> {
        visit(self.loss, Call { problem: self, targets, form, buffers }).expect("a loss of the registry")
    }
}

/// Where results go. They may have wrong lengths, to test that.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Buffers<T> {
    pub(crate) values: Vec<T>,
    pub(crate) gradient: Vec<T>,
    pub(crate) scratch: Vec<Entry<T>>,
}

impl<T: Real> Buffers<T> {
    /// Of the right lengths, full of `filling`; in place the gradient holds the scores.
    pub(crate) fn of(problem: &Problem<T>, form: Form, filling: T) -> Self {
        let values = if problem.reduction == Reduction::None { problem.items() } else { 1 };
        let scores = &problem.scores;
        let gradient = if form == Form::InPlace { scores.clone() } else { vec![filling; scores.len()] };
        Self { values: vec![filling; values], gradient, scratch: vec![Entry::default(); problem.scratch()] }
    }
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome<T> {
    /// The value, or one an item.
    pub(crate) values: Vec<T>,
    /// Empty where only the value was asked for.
    pub(crate) gradient: Vec<T>,
    /// The total, where the reduction gives one: sum and none.
    pub(crate) total: Option<Total<T>>,
}

struct Call<'p, 'b, T> {
    problem: &'p Problem<T>,
    targets: Targets<'b, T>,
    form: Form,
    buffers: &'b mut Buffers<T>,
}

/// Scores in one of the three forms, made into a batch by the shape's constructors.
macro_rules! batch {
    ($shape:ident, $call:ident, $($argument:expr),*) => {
        match $call.form {
            Form::Value => $shape::slices(&$call.problem.scores, $($argument),*),
            Form::Gradient => {
                $shape::slices(&$call.problem.scores, $($argument),*).gradient(&mut $call.buffers.gradient)
            }
            Form::InPlace => $shape::slices_in_place(&mut $call.buffers.gradient, $($argument),*),
        }
    };
}

/// What all shapes share: the batch's options, and the reduction.
macro_rules! reduce {
    ($loss:ident, $batch:ident, $problem:ident, $values:expr) => {{
        let mut batch = $batch.unit($problem.unit);
        if let Some(label) = $problem.ignore_index {
            batch = batch.ignore_index(label);
        }
        match $problem.reduction {
            Reduction::Mean => {
                $values[0] = $loss.mean(batch)?;
                Ok(None)
            }
            Reduction::Sum => {
                let total = $loss.total(batch)?;
                $values[0] = total.sum()?;
                Ok(Some(total))
            }
            Reduction::None => $loss.each(batch, $values).map(Some),
        }
    }};
}

impl<'p, T: Real> Call<'p, '_, T> {
    /// The loss with the problem's parameters.
    fn configure<L: Configure<'p, T>>(&self, loss: L) -> Result<L, Error> {
        self.problem.parameters.iter().try_fold(loss, |loss, (name, setting)| loss.set(name, setting.value()))
    }
}

impl<'p, T: Real> Visitor<'p, T> for Call<'p, '_, T> {
    type Output = Result<Option<Total<T>>, Error>;

    fn element<L: ElementLoss<T, K> + Configure<'p, T>, const K: usize>(self, loss: L) -> Self::Output {
        let (loss, problem) = (self.configure(loss)?, self.problem);
        let mut batch = batch!(Elements, self, problem.columns, self.targets);
        if let Some(weights) = &problem.weights {
            batch = batch.weights(weights);
        }
        reduce!(loss, batch, problem, &mut self.buffers.values[..])
    }

    fn row<L: RowLoss<T> + Configure<'p, T>>(self, loss: L) -> Self::Output {
        let (loss, problem) = (self.configure(loss)?, self.problem);
        let mut batch = batch!(Rows, self, problem.columns, self.targets);
        if let Some(weights) = &problem.weights {
            batch = batch.weights(weights);
        }
        reduce!(loss, batch, problem, &mut self.buffers.values[..])
    }

    fn region<L: RegionLoss<T> + Configure<'p, T>>(self, loss: L) -> Self::Output {
        let (loss, problem) = (self.configure(loss)?, self.problem);
        let entries = &mut self.buffers.scratch[..];
        let scratch = match problem.sort {
            Sort::Insertion => Scratch::insertion(entries),
            Sort::Merge => Scratch::merge(entries),
        };
        let mut batch = batch!(Regions, self, problem.columns, problem.pixels, self.targets, scratch);
        if let Some(weights) = &problem.weights {
            batch = batch.weights(weights);
        }
        reduce!(loss, batch, problem, &mut self.buffers.values[..])
    }

    fn pair<L: PairLoss<T> + Configure<'p, T>>(self, loss: L) -> Self::Output {
        let (loss, problem) = (self.configure(loss)?, self.problem);
        let mut batch = batch!(Pairs, self, problem.columns, self.targets);
        if let Some(weights) = &problem.weights {
            batch = batch.weights(weights);
        }
        reduce!(loss, batch, problem, &mut self.buffers.values[..])
    }
}
