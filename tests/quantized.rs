//! Scores as integer codes: every loss makes of them, to the last bit, what it makes of the numbers that they stand for.
//! Those numbers are computed here, not by the crate.

#[macro_use]
#[path = "support/call.rs"]
mod call;
#[path = "support/codes.rs"]
mod codes;
#[path = "support/draw.rs"]
mod draw;
#[path = "support/seed.rs"]
mod seed;
#[path = "support/ulp.rs"]
mod ulp;

use call::{Answers, Buffers, Form, Outcome, Problem, Reduction, facts};
use codes::{Drawn, Tensor, columns};
use draw::{Draw, draws};
use microloss::metric::{BrierScore, CalibrationError, ConfusionMatrix, LogLoss, TopKAccuracy, argmax, rank};
use microloss::registry::LOSSES;
use microloss::{
    Code, Codes, Counts, Dequantize, ElementLoss, Elements, Entry, Error, Input, OverlapLoss, PairLoss,
    Pairs, Quantized, Real, RegionLoss, Regions, RowLoss, RowTargets, Rows, Scores, Scratch, Targets,
    element, pair, region, row,
};
use proptest::collection::vec;
use proptest::prelude::*;
use seed::config;
use ulp::bits;

/// Random numbers that tensors are made of.
#[derive(Clone, Debug)]
struct Seeds {
    codes: Vec<u16>,
    columns: Vec<u16>,
    /// Whether some scores may be beyond what the loss takes.
    is_wild: bool,
}

fn seeds() -> impl Strategy<Value = Seeds> {
    (vec(any::<u16>(), 512), vec(any::<u16>(), 512), (0..4_u8).prop_map(|draw| draw == 0))
        .prop_map(|(codes, columns, is_wild)| Seeds { codes, columns, is_wild })
}

impl Seeds {
    /// Codes for so many scores of this kind, in so many columns; of all columns alike, if it is of a tensor.
    fn tensor<T: Real, Q: Drawn>(
        &self,
        input: Input,
        count: usize,
        columns: usize,
        is_whole: bool,
    ) -> Tensor<T, Q> {
        let span = f64::from(Q::MOST - Q::LEAST);
        let (mut scales, mut zero_points) = (Vec::new(), Vec::new());
        for column in 0..columns {
            let seed = self.columns[if is_whole { 0 } else { column % self.columns.len() }];
            let (part, draw) = (f64::from(seed % 61 + 1) / 61.0, i32::from(seed >> 6));
            // An odd divisor: digits that f32 cannot hold.
            let (width, zero_point) = match input {
                _ if self.is_wild => (3.0 * part, Q::LEAST + draw * (Q::MOST - Q::LEAST) / 1023),
                Input::Probabilities => (part, Q::LEAST),
                Input::LogProbabilities => (9.0 * part, Q::MOST),
                Input::Variances | Input::LogVariances if is_whole || column % 2 == 1 => {
                    (4.0 * part, Q::LEAST)
                }
                _ => (12.0 * part, Q::LEAST + draw * (Q::MOST - Q::LEAST) / 1023),
            };
            scales.push(T::of(width / (span + 1.0)));
            zero_points.push(zero_point);
        }
        let code = |&seed: &u16| Q::of(Q::LEAST + (f64::from(seed) * span / 65535.0) as i32);
        let codes = self.codes.iter().cycle().take(count).map(code).collect();
        Tensor { codes, scales, zero_points }
    }
}

impl<T: Real, Q: Drawn> Tensor<T, Q> {
    /// Calls the loss with the numbers and with the codes, and compares.
    fn compare(
        &self,
        problem: &Problem<T>,
        call: impl Fn(&Problem<T>, Form, &Self) -> Result<Outcome<T>, Error>,
    ) {
        let problem = Problem { scores: self.numbers(), ..problem.clone() };
        for form in [Form::Value, Form::Gradient] {
            for reduction in [Reduction::Mean, Reduction::Sum, Reduction::None] {
                let problem = problem.reduced(reduction);
                same(problem.loss, &call(&problem, form, self), &problem.call(form));
            }
        }
    }
}

fn same<T: Real>(what: &str, found: &Result<Outcome<T>, Error>, wanted: &Result<Outcome<T>, Error>) {
    match (found, wanted) {
        (Ok(found), Ok(wanted)) => {
            assert_eq!(bits(&found.values), bits(&wanted.values), "{what}");
            assert_eq!(bits(&found.gradient), bits(&wanted.gradient), "{what}");
            assert_eq!(found.total, wanted.total, "{what}");
        }
        (found, wanted) => assert_eq!(format!("{found:?}"), format!("{wanted:?}"), "{what}"),
    }
}

/// Calls the loss with these codes for its scores.
fn call<T: Real, Q: Code, D: Dequantize<T>>(
    problem: &Problem<T>,
    form: Form,
    codes: Quantized<'_, [Q], D>,
) -> Result<Outcome<T>, Error> {
    let mut buffers = Buffers::of(problem, form, T::nan());
    let total = codes::call_with(problem, problem.answers.targets(), form, codes, &mut buffers)?;
    let gradient = if form == Form::Value { Vec::new() } else { buffers.gradient };
    Ok(Outcome { values: buffers.values, gradient, total })
}

/// Compares a problem with codes of two types. Each type meets one kind of scales, or this would take minutes to compile;
/// `tests/fuzz/targets/slices.rs` has `i16`.
fn compare(problem: &Problem<f64>, seeds: &Seeds) {
    let (count, columns, input) = (problem.scores.len(), columns(problem), problem.input());
    let narrow = problem.map(|&number| number as f32);
    seeds.tensor::<f32, i8>(input, count, columns, true).compare(&narrow, call_whole);
    seeds.tensor::<f64, u8>(input, count, columns, false).compare(problem, call_by_column);
}

fn call_whole<T: Real, Q: Code>(
    problem: &Problem<T>,
    form: Form,
    tensor: &Tensor<T, Q>,
) -> Result<Outcome<T>, Error>
where
    [Q]: Codes<Code = Q>,
{
    call(
        problem,
        form,
        Quantized::per_tensor(&tensor.codes[..], tensor.scales[0], tensor.zero_points[0]).unwrap(),
    )
}

fn call_by_column<T: Real, Q: Code>(
    problem: &Problem<T>,
    form: Form,
    tensor: &Tensor<T, Q>,
) -> Result<Outcome<T>, Error>
where
    [Q]: Codes<Code = Q>,
{
    call(
        problem,
        form,
        Quantized::per_column(&tensor.codes[..], &tensor.scales, &tensor.zero_points).unwrap(),
    )
}

fn problems(draw: &Draw) -> impl Iterator<Item = Problem<f64>> {
    LOSSES.iter().map(|(_, info)| draw.problem(info.name))
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn every_loss_is_that_of_the_numbers(draw in draws(), seeds in seeds()) {
        for problem in problems(&draw) {
            compare(&problem, &seeds);
        }
    }
}

/// More items than stand side by side, rows that are dealt to the lanes, and images of several blocks.
#[test]
fn large_batches_are_those_of_the_numbers() {
    let seeds = Seeds {
        codes: (0..4096_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 16) as u16).collect(),
        columns: (0..512_u32).map(|index| (index.wrapping_mul(2_246_822_519) >> 16) as u16).collect(),
        is_wild: false,
    };
    for (shape, info) in LOSSES {
        let facts = facts(info.name);
        let sizes: &[(usize, usize)] = match *shape {
            "row" => &[(3, 77), (70, 5), (11, 64), (9, 200)],
            "element" => &[(300, 1), (900, 3)],
            "pair" => &[(40, 19)],
            _ if facts.is_binary => &[(1000, 1)],
            _ => &[(1000, 3), (300, 7)],
        };
        for &(items, columns) in sizes {
            let classes = if facts.is_binary || *shape == "pair" { 2 } else { columns };
            let labels: Vec<i32> = (0..items).map(|item| ((item * 7 + item / 5) % classes) as i32).collect();
            let width = match *shape {
                "element" => facts.scores,
                "pair" => facts.scores * columns,
                _ => columns,
            };
            for input in call::inputs(info.name) {
                let answers = facts.answers::<f64>(&labels);
                let problem = Problem::new(info.name, columns, vec![0.0; items * width], answers);
                let mut problem = problem.of_input(*input);
                if *shape == "region" {
                    let is_legal = facts.is_binary || !matches!(info.name, "dice" | "jaccard" | "tversky");
                    if !is_legal && *input == Input::Logits {
                        continue;
                    }
                }
                compare(&problem, &seeds);
                if let Answers::Labels(labels) = &mut problem.answers {
                    labels.iter_mut().step_by(3).for_each(|label| *label = draw::VOID);
                    problem.ignore_index = Some(draw::VOID.into());
                    compare(&problem, &seeds);
                }
            }
        }
    }
}

/// A digit's logits, as the last layer of an int8 model gives them.
#[test]
fn digits() {
    let bytes = include_bytes!("../examples/data/digits.f32");
    let labels = &include_bytes!("../examples/data/digits.u8")[..];
    let logits: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
    let (least, most) =
        logits.iter().fold((0.0_f32, 0.0_f32), |(least, most), &x| (least.min(x), most.max(x)));
    let scale = (most - least) / 255.0;
    let zero_point = (-128.0 - least / scale).round() as i32;
    let code = |x: f32| (x / scale).round() as i32 + zero_point;
    let codes: Vec<i8> = logits.iter().map(|&x| code(x).clamp(-128, 127) as i8).collect();
    let numbers: Vec<f32> = codes.iter().map(|&q| scale * (i32::from(q) - zero_point) as f32).collect();
    let loss = row::CrossEntropy::new();
    let quantized = Quantized::per_tensor(&codes[..], scale, zero_point).unwrap();
    let mean = loss.mean(Rows::quantized_slices(quantized, 10, labels)).unwrap();
    let wanted = loss.mean(Rows::slices(&numbers, 10, labels)).unwrap();
    assert_eq!(mean.to_bits(), wanted.to_bits());
    // Eight bits are enough for the loss, but not for its digits.
    let exact = loss.mean(Rows::slices(&logits, 10, labels)).unwrap();
    assert!((mean - exact).abs() < 0.02 * exact && mean != exact, "{mean} {exact}");
}

/// Arrays are what slices are.
#[test]
fn arrays() {
    let probabilities = |codes| Quantized::per_tensor(codes, 1.0_f32 / 256.0, -128).unwrap();

    let codes = [[-100_i8, 3, 90], [127, -128, 0]];
    let (scales, zero_points) = ([0.1_f32, 0.2, 0.05], [0, -5, 9]);
    let by_column = Quantized::per_column(&codes, &scales, &zero_points).unwrap();
    let loss = row::CrossEntropy::new();
    let mut gradients = ([[0.0; 3]; 2], [0.0; 6]);
    let value = loss.mean(Rows::quantized(by_column, &[2_u8, 0]).gradient(&mut gradients.0)).unwrap();
    let slices = Rows::quantized_slices(by_column.flat(), 3, &[2_u8, 0][..]);
    assert_eq!(value, loss.mean(slices.gradient(&mut gradients.1)).unwrap());
    assert_eq!(gradients.0.as_flattened(), gradients.1);
    let own = loss.row(
        Quantized::per_column(&codes[1], &scales, &zero_points).unwrap().flat(),
        RowTargets::Classes([0]),
    );
    let numbers = [0.1_f32 * 127.0, 0.2 * -123.0, 0.05 * -9.0];
    assert_eq!(own, loss.row(Scores::Read(&numbers), RowTargets::Classes([0])));

    let loss = element::BinaryCrossEntropy::new();
    let value = loss.mean(Elements::multi_label_quantized(by_column, &[[1_u8, 0, 1], [0, 0, 1]])).unwrap();
    let labels = &[1_u8, 0, 1, 0, 0, 1][..];
    assert_eq!(value, loss.mean(Elements::quantized_slices(by_column.flat(), 3, labels)).unwrap());
    let one = Quantized::per_tensor(&[7_u8, 200], 0.25_f32, 128).unwrap();
    let value = loss.mean(Elements::quantized(one, &[0_u8, 1])).unwrap();
    assert_eq!(value, loss.mean(Elements::new(&[-30.25_f32, 18.0], &[0_u8, 1])).unwrap());
    let several = Quantized::per_column(&[[5_i16, 700], [-900, 3]], &[0.01_f32, 0.001], &[0, -1]).unwrap();
    let loss = element::GaussianNll::new();
    let value = loss.mean(Elements::several_quantized(several, &[0.5_f32, -0.25])).unwrap();
    let numbers = [[0.01 * 5.0_f32, 0.001 * 701.0], [0.01 * -900.0, 0.001 * 4.0]];
    assert_eq!(value, loss.mean(Elements::several(&numbers, &[0.5_f32, -0.25])).unwrap());

    let images = [[-100_i8, 3, 90], [127, -128, 0]];
    let labels = [[0_u8, 1, 1], [1, 0, 0]];
    let dice = region::Dice::new();
    let value = dice.mean(Regions::binary_quantized(probabilities(&images), &labels, &mut [])).unwrap();
    let numbers = images.map(|row| row.map(|q| (f32::from(q) + 128.0) / 256.0));
    assert_eq!(value, dice.mean(Regions::binary(&numbers, &labels, &mut [])).unwrap());
    let images = [[[-100_i8, 3], [5, 90]]];
    let numbers = images.map(|rows| rows.map(|row| row.map(|q| (f32::from(q) + 128.0) / 256.0)));
    let codes = Quantized::per_tensor(&images, 1.0_f32 / 256.0, -128).unwrap();
    let lovasz = region::LovaszSoftmax::new();
    let mut scratch = [[Entry::default(); 2]; 2];
    let value = lovasz.mean(Regions::multi_class_quantized(codes, &[[1_u8, 0]], &mut scratch)).unwrap();
    assert_eq!(value, lovasz.mean(Regions::multi_class(&numbers, &[[1_u8, 0]], &mut scratch)).unwrap());

    let cosine = pair::CosineEmbedding::new();
    let value = cosine.mean(Pairs::quantized(codes, &[1_i8])).unwrap();
    assert_eq!(value, cosine.mean(Pairs::new(&numbers, &[1_i8])).unwrap());
    let triplets = [[[-100_i8, 3], [5, 90], [1, 2]]];
    let numbers = triplets.map(|rows| rows.map(|row| row.map(|q| 0.125 * f32::from(q))));
    let codes = Quantized::per_tensor(&triplets, 0.125_f32, 0).unwrap();
    let margin = pair::TripletMargin::new();
    let value = margin.mean(Pairs::unlabelled_quantized(codes)).unwrap();
    assert_eq!(value, margin.mean(Pairs::unlabelled(&numbers)).unwrap());
}

/// Codes of 16 bits, all of them between them, in f32: one loss of each shape, by tensor and by column.
#[test]
fn sixteen_bits() {
    let codes: Vec<i16> = (0..600_i32)
        .map(|index| match index {
            0 => i16::MIN,
            1 => i16::MAX,
            _ => (index.wrapping_mul(-1_640_531_527) >> 16) as i16,
        })
        .collect();
    let (columns, labels): (usize, Vec<u8>) = (3, (0..600_u32).map(|index| (index % 7 % 2) as u8).collect());
    let (scales, zero_points) = ([1e-4_f32, 3.1e-4, 7.7e-5], [-32768, 32767, 12_345]);
    let numbers = |scales: &[f32], zero_points: &[i32]| -> Vec<f32> {
        let columns = scales.iter().zip(zero_points).cycle();
        codes.iter().zip(columns).map(|(&q, (scale, zero))| scale * (i32::from(q) - zero) as f32).collect()
    };
    fn all<D: Dequantize<f32>>(
        codes: Quantized<'_, [i16], D>,
        probabilities: Quantized<'_, [i16], D>,
        [numbers, parts]: [&[f32]; 2],
        columns: usize,
        labels: &[u8],
    ) {
        /// Value and gradient of the codes, and of the numbers.
        macro_rules! same {
            ($loss:expr, $codes:expr, $numbers:expr) => {
                let (mut found, mut wanted) = ([7.0_f32; 600], [9.0_f32; 600]);
                let value = $loss.mean($codes.gradient(&mut found[..])).unwrap();
                assert_eq!(
                    value.to_bits(),
                    $loss.mean($numbers.gradient(&mut wanted[..])).unwrap().to_bits()
                );
                assert_eq!(bits(&found), bits(&wanted));
                assert_eq!(value.to_bits(), $loss.mean($codes).unwrap().to_bits());
            };
        }
        let rows = &labels[..labels.len() / columns];
        let signs: Vec<i8> = rows.iter().map(|&label| 2 * label.cast_signed() - 1).collect();
        same!(
            row::CrossEntropy::new(),
            Rows::quantized_slices(codes, columns, rows),
            Rows::slices(numbers, columns, rows)
        );
        same!(
            element::BinaryCrossEntropy::new(),
            Elements::quantized_slices(codes, columns, labels),
            Elements::slices(numbers, columns, labels)
        );
        same!(
            region::Dice::new(),
            Regions::quantized_slices(probabilities, columns, rows.len(), rows, Scratch::none()),
            Regions::slices(parts, columns, rows.len(), rows, Scratch::none())
        );
        same!(
            pair::CosineEmbedding::new(),
            Pairs::quantized_slices(codes, columns, &signs[..rows.len() / 2]),
            Pairs::slices(numbers, columns, &signs[..rows.len() / 2])
        );
        let (mut found, mut wanted) = ([ConfusionMatrix::<3>::new(); 2], LogLoss::new());
        found[0].add_rows(codes, rows, None).unwrap();
        found[1].add_rows(numbers, rows, None).unwrap();
        assert_eq!(found[0], found[1]);
        let mut loss = wanted;
        for (index, &label) in rows.iter().enumerate() {
            let range = index * columns..(index + 1) * columns;
            let row = microloss::View::<f32>::part(codes, range.clone(), 0).unwrap();
            loss.add_scores(label.into(), row, Input::Logits).unwrap();
            wanted.add_scores(label.into(), &numbers[range], Input::Logits).unwrap();
        }
        assert_eq!(loss, wanted);
    }
    let parts = [1.0 / 65535.0_f32, 1.0 / 65536.0, 0.7 / 65535.0];
    let whole = |scale, zero_point| Quantized::per_tensor(&codes[..], scale, zero_point).unwrap();
    let of_whole = [numbers(&scales[..1], &[-77]), numbers(&parts[..1], &[-32768])];
    let [logits, probabilities] = &of_whole;
    all(whole(scales[0], -77), whole(parts[0], -32768), [logits, probabilities], columns, &labels);
    let least = [-32768; 3];
    let by_column = |scales, zero_points| Quantized::per_column(&codes[..], scales, zero_points).unwrap();
    let [logits, probabilities] = [numbers(&scales, &zero_points), numbers(&parts, &least)];
    let by_column = (by_column(&scales[..], &zero_points[..]), by_column(&parts[..], &least[..]));
    all(by_column.0, by_column.1, [&logits, &probabilities], columns, &labels);
}

/// A picture in pieces.
#[test]
fn counts() {
    let codes = [-100_i8, 3, 90, 127, -128, 0];
    let numbers = codes.map(|q| (f32::from(q) + 128.0) / 256.0);
    let labels = &[0_u8, 1, 1, 1, 0, 0][..];
    let (mut found, mut wanted) = (Counts::<f32, 1>::new(), Counts::<f32, 1>::new());
    let quantized = || {
        let codes = Quantized::per_tensor(&codes[..], 1.0_f32 / 256.0, -128).unwrap();
        Regions::quantized_slices(codes, 1, 6, labels, Scratch::none())
    };
    let floats = || Regions::slices(&numbers, 1, 6, labels, Scratch::none());
    let dice = region::Dice::new();
    for _ in 0..2 {
        dice.count(&mut found, quantized()).unwrap();
        dice.count(&mut wanted, floats()).unwrap();
    }
    assert_eq!(dice.value(&found).unwrap(), dice.value(&wanted).unwrap());
    let (mut gradient, mut of_floats) = ([0.0_f32; 6], [0.0_f32; 6]);
    dice.gradient(&found, quantized().gradient(&mut gradient)).unwrap();
    dice.gradient(&wanted, floats().gradient(&mut of_floats)).unwrap();
    assert_eq!(gradient, of_floats);
    let error = Error::Unsupported { name: "gradient", expected: "a place to write it" };
    assert_eq!(dice.gradient(&found, quantized()), Err(error));
}

#[test]
fn refusals() {
    let refused = |scale: f32, zero_point| Quantized::per_tensor(&[1_i8, 2][..], scale, zero_point).err();
    for scale in [0.0, -0.0, -1.0, f32::INFINITY, f32::NAN] {
        let Some(Error::Parameter { name: "scale", index: 0, value, .. }) = refused(scale, 0) else {
            panic!("{scale} is taken");
        };
        assert!(value.is_nan() && scale.is_nan() || value == f64::from(scale));
    }
    for zero_point in [-129, 128, i32::MIN, i32::MAX] {
        let Some(Error::Parameter { name: "zero_point", index: 0, value, .. }) = refused(1.0, zero_point)
        else {
            panic!("{zero_point} is taken");
        };
        assert_eq!(value, f64::from(zero_point));
    }
    for (scale, zero_point) in [(f32::MIN_POSITIVE, -128), (f32::from_bits(1), 127), (f32::MAX, 0)] {
        assert_eq!(refused(scale, zero_point), None);
    }
    assert!(Quantized::per_tensor(&[1_u8][..], 1.0_f32, 255).is_ok());
    assert!(Quantized::per_tensor(&[1_u8][..], 1.0_f32, -1).is_err());
    assert!(Quantized::per_tensor(&[1_i16][..], 1.0_f32, -32768).is_ok());
    assert!(Quantized::per_tensor(&[1_i16][..], 1.0_f32, 32768).is_err());

    let codes = &[1_i8, 2, 3, 4][..];
    let refused =
        |scales: &[f32], zero_points: &[i32]| Quantized::per_column(codes, scales, zero_points).err();
    assert_eq!(
        refused(&[1.0, 2.0], &[0]),
        Some(Error::LengthMismatch { what: "zero_points", expected: 2, found: 1 })
    );
    assert!(matches!(refused(&[1.0, 0.0], &[0, 0]), Some(Error::Parameter { name: "scale", index: 1, .. })));
    assert!(matches!(
        refused(&[1.0, 1.0], &[0, 300]),
        Some(Error::Parameter { name: "zero_point", index: 1, value: 300.0, .. })
    ));

    // Lists of another length than the rows.
    let (scales, zero_points) = ([1.0_f32; 3], [0; 3]);
    let wide = Quantized::per_column(codes, &scales, &zero_points).unwrap();
    let error = Err(Error::LengthMismatch { what: "scales", expected: 2, found: 3 });
    let mut gradient = [7.0; 4];
    assert_eq!(row::Brier::new().mean(Rows::quantized_slices(wide, 2, &[0_u8, 1][..])), error);
    assert_eq!(
        row::Brier::new().mean(Rows::quantized_slices(wide, 2, &[0_u8, 1][..]).gradient(&mut gradient)),
        error
    );
    assert_eq!(gradient, [7.0; 4]);
    let labels = &[0_u8, 1, 1, 0][..];
    let loss = element::BinaryCrossEntropy::new();
    assert_eq!(loss.mean(Elements::quantized_slices(wide, 2, labels)), error);
    let cosine = pair::CosineEmbedding::new();
    assert_eq!(cosine.mean(Pairs::quantized_slices(wide, 2, &[1_i8][..])), error);
    let regions = || Regions::quantized_slices(wide, 2, 2, &[0_u8, 1][..], Scratch::none());
    assert_eq!(region::Dice::new().mean(regions()), error);
    assert_eq!(region::Dice::new().count(&mut Counts::<f32, 2>::new(), regions()).err(), error.err());

    // A probability that is none, in its place.
    let scores = Quantized::per_tensor(&[[0_u8, 255, 129]], 1.0_f32 / 128.0, 0).unwrap();
    let found = row::Brier::new().mean(Rows::quantized(scores, &[0_u8]));
    let loss = row::CrossEntropy::new().from(Input::Probabilities).unwrap();
    assert!(found.is_ok());
    assert_eq!(
        loss.mean(Rows::quantized(scores, &[0_u8])),
        Err(Error::NotAProbability { index: 0, column: 1, value: 255.0 / 128.0 })
    );
    // A product beyond the type is infinite, and so a loss.
    let scores = Quantized::per_tensor(&[100_i8], f32::MAX, 0).unwrap();
    assert_eq!(
        element::MeanSquaredError::new().mean(Elements::quantized(scores, &[0.0_f32])),
        Err(Error::NonFiniteLoss { index: 0, value: f64::INFINITY })
    );
    let none = Targets::<f32>::none();
    let codes = Quantized::per_tensor(&[1_i8, 2][..], 0.5_f32, 0).unwrap();
    assert!(element::MeanSquaredError::new().sum(Elements::quantized_slices(codes, 1, none)).is_err());
}

/// Metrics of rows of codes, too.
#[test]
fn metrics() {
    let codes = [[-100_i8, 3, 90], [127, -128, 0], [5, 5, 4]];
    let (scales, zero_points) = ([0.1_f32, 0.2, 0.05], [0, -5, 9]);
    let numbers = codes.map(|row| {
        let number = |column: usize| scales[column] * (i32::from(row[column]) - zero_points[column]) as f32;
        [number(0), number(1), number(2)]
    });
    let labels = [2_u8, 1, 0];
    let rows = || codes.iter().map(|row| Quantized::per_column(row, &scales, &zero_points).unwrap());
    let logits = Input::Logits;
    let mut found =
        (LogLoss::new(), BrierScore::new(), CalibrationError::<f32, 4>::new(), TopKAccuracy::<2>::new());
    let mut wanted = found;
    for ((row, numbers), &label) in rows().zip(&numbers).zip(&labels) {
        let label = usize::from(label);
        assert_eq!(argmax(row), argmax(numbers));
        assert_eq!(rank(row, label), rank(numbers, label));
        found.0.add_scores(label, row, logits).unwrap();
        wanted.0.add_scores(label, numbers, logits).unwrap();
        found.1.add_scores(label, row.flat(), logits).unwrap();
        wanted.1.add_scores(label, &numbers[..], logits).unwrap();
        found.2.add_scores(label, row, logits).unwrap();
        wanted.2.add_scores(label, numbers, logits).unwrap();
        found.3.add_scores(label, row).unwrap();
        wanted.3.add_scores(label, numbers).unwrap();
    }
    assert_eq!(found, wanted);

    let mut found = [ConfusionMatrix::<3>::new(); 2];
    let all = Quantized::per_column(&codes, &scales, &zero_points).unwrap();
    found[0].add_rows(all.flat(), &labels, Some(1)).unwrap();
    for (row, &label) in rows().zip(&labels) {
        found[1].add_scores(label.into(), row).unwrap();
    }
    let mut wanted = [ConfusionMatrix::<3>::new(); 2];
    wanted[0].add_rows(numbers.as_flattened(), &labels, Some(1)).unwrap();
    for (row, &label) in numbers.iter().zip(&labels) {
        wanted[1].add_scores(label.into(), row).unwrap();
    }
    assert_eq!(found, wanted);

    // Metrics of single numbers take them one by one.
    assert!(all.numbers().eq(numbers.as_flattened().iter().copied()));
    let whole = Quantized::per_tensor(&codes, 0.1_f32, -5).unwrap();
    assert!(whole.numbers().eq(codes.as_flattened().iter().map(|&q| 0.1 * (f32::from(q) + 5.0))));
    assert_eq!(Quantized::per_column(&codes, &[] as &[f32], &[]).unwrap().numbers().count(), 0);

    let narrow = Quantized::per_column(&codes[0], &scales[..2], &zero_points[..2]).unwrap();
    let error = Error::LengthMismatch { what: "scales", expected: 3, found: 2 };
    assert_eq!(argmax(narrow), Err(error));
    assert_eq!(rank(narrow, 0), Err(error));
    assert_eq!(LogLoss::new().add_scores(0, narrow, logits), Err(error));
    assert_eq!(found[0].add_scores(0, narrow), Err(error));
    assert_eq!(found[0].add_rows(narrow.flat(), &[0_u8], None), Err(error));
}
