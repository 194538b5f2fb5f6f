//! Values and gradients against numbers from mpmath, and the options.

use microloss::loss::Configure;
use microloss::parameter::{Kind, Parameter};
use microloss::registry::{LOSSES, Visitor, visit};
use microloss::{ElementLoss, PairLoss, RegionLoss, RowLoss, TargetKind};
use serde_json::json;

use crate::program::{evaluate, object, object_and_gradient, objects, program, stdout, values};

const ROWS: &str = "label,a,b,c\n0,2.0,-1.0,0.3\n2,0.1,0.2,3.0\n";
const BINARY: &str = "label,score\n1,1.5\n0,-0.5\n0,0.25\n";

#[track_caller]
fn assert_close(found: &[f64], expected: &[f64], relative: f64) {
    let largest = expected.iter().fold(0.0, |largest: f64, number| largest.max(number.abs()));
    let close = |(found, expected): (&f64, &f64)| (found - expected).abs() <= relative * largest;
    assert_eq!(found.len(), expected.len(), "{found:?} {expected:?}");
    assert!(found.iter().zip(expected).all(close), "{found:?}, expected {expected:?}");
}

/// Checks value and gradient in both types.
#[track_caller]
fn check(arguments: &str, content: &str, value: &[f64], gradient: &[f64]) {
    for (width, of_value, of_gradient) in [("f32", 1e-6, 4e-6), ("f64", 1e-13, 1e-12)] {
        let (object, _, rows) = object_and_gradient(&format!("{arguments} --type {width}"), content);
        assert_close(&values(&object), value, of_value);
        assert_close(&rows.concat(), gradient, of_gradient);
    }
}

#[test]
fn the_worked_example() {
    let file = "label,a,b,c\n2,0.1,0.2,0.7\n1,0.3,0.4,0.3\n0,0.1,0.2,0.7\n";
    let arguments = "--loss cross_entropy --param from=probabilities";
    let each = object(&format!("{arguments} --reduction none"), file);
    let rounded: Vec<_> = values(&each).iter().map(|value| format!("{value:.3}")).collect();
    assert_eq!(rounded, ["0.357", "0.916", "2.303"]);
    assert_eq!(format!("{:.3}", values(&object(arguments, file))[0]), "1.192");
    let table = evaluate(arguments, file);
    let table: Vec<Vec<_>> = stdout(&table).lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(table[0], ["loss", "params", "items", "ignored", "value", "bits"]);
    assert_eq!(table[1][..4], ["cross_entropy", "from=probabilities", "3", "0"]);
}

#[test]
fn every_loss_with_options() {
    check(
        "--loss cross_entropy --param weights=1,2,0.5 --param label_smoothing=0.1 --param ignore_index=255",
        &format!("{ROWS}255,nan,inf,-inf\n"),
        &[0.524_185_739_477_538_9],
        &[
            -0.072_287_982_861_096_59,
            -0.017_064_830_871_542_83,
            0.089_352_813_732_639_42,
            -0.003_593_498_629_095_549,
            -0.023_856_520_888_451_16,
            0.027_450_019_517_546_71,
            0.0,
            0.0,
            0.0,
        ],
    );
    check(
        "--loss kl_divergence --unit bits --reduction sum",
        "target0,target1,target2,a,b,c\n0.7,0.2,0.1,2.0,-1.0,0.3\n0,0.5,0.5,0.1,0.2,3.0\n",
        &[1.433_543_301_958_665],
        &[
            0.160_685_045_061_670_1,
            -0.230_259_681_209_312_05,
            0.069_574_636_147_641_98,
            0.071_141_207_150_898_75,
            -0.642_724_327_224_513_1,
            0.571_583_120_073_614_4,
        ],
    );
    check(
        "--loss binary_cross_entropy --param pos_weight=3 --param label_smoothing=0.2",
        BINARY,
        &[0.782_992_287_740_815_7],
        &[-0.136_930_488_885_932_58, 0.051_016_267_519_258_17, 0.124_870_600_354_319_24],
    );
    check(
        "--loss balanced_cross_entropy",
        BINARY,
        &[0.189_204_773_336_050_56],
        &[-0.040_539_005_290_301_41, 0.041_948_963_199_793_94, 0.062_464_055_653_977_57],
    );
    check(
        "--loss focal --param gamma=0.5 --param alpha=none",
        BINARY,
        &[0.332_198_702_951_206_2],
        &[-0.037_694_246_756_827_56, 0.107_545_510_952_030_94, 0.185_692_666_225_518_7],
    );
    check(
        "--loss focal_multiclass --param alpha=1,1,2",
        ROWS,
        &[0.004_899_376_256_409_461],
        &[
            -0.009_389_268_287_620_913,
            0.002_010_852_802_036_3,
            0.007_378_415_485_584_614,
            0.001_536_997_575_593_656_4,
            0.001_698_645_021_698_885_9,
            -0.003_235_642_597_292_542,
        ],
    );
    check("--loss lovasz_hinge", BINARY, &[0.708_333_333_333_333_3], &[0.0, 1.0 / 6.0, 0.5]);
    check(
        "--loss lovasz_softmax --param classes=all --reduction none",
        ROWS,
        &[0.123_045_392_046_388_83],
        &[
            -0.071_058_989_727_684_78,
            0.009_927_564_944_654_26,
            0.061_131_424_783_030_52,
            0.006_469_616_032_741_493,
            0.025_315_846_392_848_86,
            -0.031_785_462_425_590_35,
        ],
    );
}

#[test]
fn several_labels_an_item() {
    check(
        "--loss binary_cross_entropy --param pos_weight=2,0.5 --reduction none",
        "target_a,target_b,a,b\n1,0.25,0.5,-1\n0,1,-2,0.75\n",
        &[0.948_153_968_360_213_4, 0.399_103_976_578_445, 0.126_928_011_042_972_5, 0.193_435_503_057_449_97],
        &[
            -0.755_081_337_596_290_9,
            0.110_323_743_698_745_73,
            0.119_202_922_022_117_56,
            -0.160_410_650_412_303_5,
        ],
    );
}

#[test]
fn the_object_has_all_that_was_decided() {
    let file = "label,a,b\n0,0,0\n";
    let expected = concat!(
        r#"{"loss":"cross_entropy","params":{"from":"logits","weights":null,"label_smoothing":0.0,"#,
        r#""ignore_index":null},"items":1,"ignored":0,"value":0.6931472,"hex":"0x3f317218"}"#,
        "\n"
    );
    assert_eq!(stdout(&evaluate("--loss cross_entropy --format json", file)), expected);
    let double = object("--loss cross_entropy --type f64", file);
    assert_eq!(double["hex"], "0x3fe62e42fefa39ef");
    assert_eq!(object("--loss cross_entropy --unit bits", file)["hex"], "0x3f800000");

    let weighted = object("--loss cross_entropy --param weights=0.1,2 --param label_smoothing=1", file);
    assert_eq!(weighted["params"]["weights"], json!([0.1, 2.0]));
    assert_eq!(weighted["params"]["label_smoothing"], json!(1.0));
    let softmax = |classes: &str| {
        let object = object(&format!("--loss lovasz_softmax --param classes={classes}"), file);
        object["params"]["classes"].clone()
    };
    assert_eq!(
        [softmax("present"), softmax("all"), softmax("1,0")],
        [json!("present"), json!("all"), json!([1, 0])]
    );
    let unit = |unit: &str| object(&format!("--loss lovasz_softmax --unit {unit}"), file)["hex"].clone();
    assert_eq!(unit("nats"), unit("bits"));
}

#[test]
fn parameters_belong_to_the_loss_before_them() {
    let losses = "--loss focal --param gamma=1 --loss focal --param alpha=none --loss balanced_cross_entropy";
    let objects = objects(&format!("{losses} --param ignore_index=0"), BINARY);
    let parameters: Vec<_> = objects.iter().map(|object| object["params"].clone()).collect();
    let logits = json!("logits");
    assert_eq!(
        parameters,
        [
            json!({"from": logits, "gamma": 1.0, "alpha": 0.25, "ignore_index": null}),
            json!({"from": logits, "gamma": 2.0, "alpha": null, "ignore_index": null}),
            // Computed from what is not ignored: positives only.
            json!({"from": logits, "alpha": 0.0, "ignore_index": 0}),
        ]
    );
    assert_eq!(objects[2]["ignored"], 2);
    assert_eq!(objects[2]["items"], 3);
}

#[test]
fn ignored_rows_count_and_give_zero() {
    let file = "label,a,b\n0,1,2\n-100,nan,1e30\n1,3,4\n";
    let arguments = "--loss cross_entropy --param ignore_index=-100 --reduction none";
    let (object, header, gradient) = object_and_gradient(arguments, file);
    assert_eq!((&object["items"], &object["ignored"]), (&json!(3), &json!(1)));
    assert_eq!(values(&object)[1].to_bits(), 0);
    assert_eq!((&*header, gradient.len()), ("a,b", 3));
    assert_eq!(gradient[1], [0.0, 0.0]);
}

#[test]
fn nothing_to_evaluate() {
    let header = "label,a\n";
    for loss in ["focal", "cross_entropy", "lovasz_softmax"] {
        let none = object(&format!("--loss {loss} --reduction none"), header);
        assert_eq!((&none["items"], &none["value"], &none["hex"]), (&json!(0), &json!([]), &json!([])));
        let sum = object_and_gradient(&format!("--loss {loss} --reduction sum"), header);
        assert_eq!((&sum.0["hex"], sum.2.len()), (&json!("0x00000000"), 0));
    }
    let all_void = object("--loss lovasz_hinge --param ignore_index=0 --reduction none", "label,a\n0,1\n");
    assert_eq!(all_void["value"], json!([0.0]));
}

#[test]
fn files_come_in_many_forms() {
    let plain = object("--loss cross_entropy --reduction none", "label,\"a,1\",b\n0,1,2\n1,3,4\n");
    for file in [
        "\u{feff}label,\"a,1\",b\r\n0,1,2\r\n\r\n1,3,4\r\n",
        "label , \"a\" ,b\n 0 , 1 , +2.0e0 \n\n\n1,3,4",
        "\"label\",\"a\",\"b\"\n\"0\",\"1\",\"2\"\n1,3,04.00\n",
    ] {
        assert_eq!(object("--loss cross_entropy --reduction none", file), plain, "{file:?}");
    }
    let (_, header, _) = object_and_gradient("--loss cross_entropy", "label,\"a,1\",b\n0,1,2\n");
    assert_eq!(header, "\"a,1\",b");
    // Infinite scores are numbers: minus infinity is a probability of 0.
    assert_eq!(object("--loss cross_entropy", "label,a,b\n0,1,-inf\n")["value"], json!(0.0));
    // Small numbers have an exponent, which JSON reads.
    let tiny = evaluate("--loss binary_cross_entropy --format json", "label,a\n0,-100\n");
    assert!(stdout(&tiny).contains("\"value\":3.8e-44,"), "{tiny:?}");
}

/// A text that sets the parameter to something legal.
fn legal(parameter: &Parameter) -> Vec<String> {
    let texts: &[&str] = match parameter.kind {
        Kind::Number if parameter.domain.describe() == "1 or 2" => &["1"],
        Kind::Number => &["0.5"],
        Kind::OptionalNumber => &["0.5", "none"],
        Kind::PerClass => &["0.5,2", "none"],
        Kind::PerColumn => &["0.5"],
        Kind::Input if parameter.domain.describe().starts_with("variances") => {
            &["variances", "log_variances"]
        }
        Kind::Input if parameter.domain.describe().starts_with("probabilities") => &["probabilities"],
        Kind::Input => &["logits"],
        Kind::Classes => &["present", "all", "1"],
        Kind::Flag => &["true", "false"],
        kind => panic!("{kind:?} is not tried here"),
    };
    texts.iter().map(|text| format!("{}={text}", parameter.name)).collect()
}

/// Two items that a loss takes, by its shape.
struct File;

impl<'a> Visitor<'a, f32> for File {
    type Output = &'static str;

    fn element<L: ElementLoss<f32, K> + Configure<'a, f32>, const K: usize>(self, _: L) -> &'static str {
        match (L::TARGETS, K) {
            (TargetKind::Numbers, 1) => "target,a\n0,1\n1,-2\n",
            (TargetKind::Numbers, 2) => "target,mean,variance\n0,1,2\n1,-2,1\n",
            (TargetKind::Signs, 1) => "label,a\n-1,1\n1,-2\n",
            (TargetKind::Binary, 1) => "label,a\n0,1\n1,-2\n",
            other => panic!("no file for {other:?}"),
        }
    }

    fn row<L: RowLoss<f32> + Configure<'a, f32>>(self, _: L) -> &'static str {
        "label,a,b\n0,1,0.5\n1,-2,3\n"
    }

    fn region<L: RegionLoss<f32> + Configure<'a, f32>>(self, loss: L) -> &'static str {
        if loss.classes(2).is_ok() { "label,a,b\n0,0.75,0.5\n1,0.25,1\n" } else { "label,a\n0,1\n1,-2\n" }
    }

    fn pair<L: PairLoss<f32> + Configure<'a, f32>>(self, _: L) -> &'static str {
        match (L::TARGETS, L::VECTORS) {
            (Some(TargetKind::Signs), 2) => "label,a0,a1,b0,b1\n-1,1,0.5,2,1\n1,-2,3,1,1\n",
            (None, 3) => "a0,b0,c0\n1,2,1.5\n-1,0.5,3\n",
            other => panic!("no file for {other:?}"),
        }
    }
}

#[test]
fn every_loss_of_the_registry_takes_every_option() {
    let mut total = 0;
    for (_, info) in LOSSES {
        let file = visit::<f32, _>(info.name, File).expect("a listed loss");
        let mut settings: Vec<String> = info.parameters.iter().flat_map(legal).collect();
        if file.starts_with("label") {
            settings.push("ignore_index=0".to_owned());
        } else if settings.is_empty() {
            continue; // nothing to take
        }
        for setting in settings {
            for reduction in ["mean", "sum", "none"] {
                let arguments = format!("--loss {} --param {setting} --reduction {reduction}", info.name);
                let (object, _, gradient) = object_and_gradient(&format!("{arguments} --unit bits"), file);
                let (double, ..) = object_and_gradient(&format!("{arguments} --unit bits --type f64"), file);
                assert_eq!(gradient.len(), 2);
                assert_close(&values(&object), &values(&double), 1e-6);
                total += 1;
            }
        }
    }
    assert!(total >= 3 * 2 * LOSSES.len());
}

#[test]
fn the_list_is_the_registry() {
    let output = program().arg("--list").output().unwrap();
    let names: Vec<_> = LOSSES.iter().map(|(_, info)| info.name).collect();
    assert_eq!(stdout(&output).lines().collect::<Vec<_>>(), names);
    let help = program().arg("--help").output().unwrap();
    assert!(names.iter().all(|name| stdout(&help).contains(name)));
}

#[test]
fn regression() {
    let file = "target,prediction\n1,2.5\n-2,-2.25\n0.5,0.5\n";
    check("--loss mean_squared_error", file, &[2.3125 / 3.0], &[1.0, -0.5 / 3.0, 0.0]);
    check(
        "--loss mean_squared_error --param half=true --reduction sum",
        file,
        &[1.156_25],
        &[1.5, -0.25, 0.0],
    );
    check("--loss mean_absolute_error --reduction none", file, &[1.5, 0.25, 0.0], &[1.0, -1.0, 0.0]);
    check(
        "--loss huber --param delta=0.5 --reduction none",
        file,
        &[0.625, 0.031_25, 0.0],
        &[0.5, -0.25, 0.0],
    );
    check(
        "--loss smooth_l1 --param beta=0.5 --reduction none",
        file,
        &[1.25, 0.062_5, 0.0],
        &[1.0, -0.5, 0.0],
    );
    check("--loss smooth_l1 --param beta=0 --reduction sum", file, &[1.75], &[1.0, -1.0, 0.0]);
    check(
        "--loss quantile --param tau=0.75 --reduction none",
        file,
        &[0.375, 0.1875, 0.0],
        &[0.25, -0.75, -0.75],
    );
    check(
        "--loss log_cosh --reduction sum",
        file,
        &[0.886_369_974_633_958_1],
        &[0.905_148_253_644_866_4, -0.244_918_662_403_709_14, 0.0],
    );
    // Several quantiles: each has a column, in which the target is repeated.
    let several = "target0,target1,low,high\n1,1,0.5,2.5\n";
    check("--loss quantile --param tau=0.25,0.75 --reduction none", several, &[0.125, 0.375], &[-0.25, 0.25]);
}

#[test]
fn means_with_variances() {
    let file = "target,mean,variance\n1,1.5,0.25\n-2,-1,4\n";
    let value = (0.25_f64.ln() + 1.0 + 4.0_f64.ln() + 0.25) / 2.0;
    check("--loss gaussian_nll --reduction sum", file, &[value], &[2.0, 0.0, 0.25, 0.093_75]);
    let full = value + (2.0 * core::f64::consts::PI).ln();
    check(
        "--loss gaussian_nll --reduction sum --param full=true",
        file,
        &[full],
        &[2.0, 0.0, 0.25, 0.093_75],
    );
    let ln_2 = core::f64::consts::LN_2;
    let in_bits = [2.0 / ln_2, 0.0, 0.25 / ln_2, 0.093_75 / ln_2];
    check("--loss gaussian_nll --reduction sum --unit bits", file, &[value / ln_2], &in_bits);
    check(
        "--loss gaussian_nll --param from=log_variances",
        "target,mean,log_variance\n1,1.5,0\n0,-1,0\n",
        &[0.3125],
        &[0.25, 0.187_5, -0.5, 0.0],
    );
    let clamped = "target,mean,variance\n0,1,0\n";
    check("--loss gaussian_nll --param eps=0.5", clamped, &[1.0 - ln_2 / 2.0], &[2.0, -1.0]);
    // Two targets a row, each with its pair.
    let two = "target0,target1,mean0,variance0,mean1,variance1\n1,-2,1.5,0.25,-1,4\n";
    check("--loss gaussian_nll --reduction sum", two, &[value], &[2.0, 0.0, 0.25, 0.093_75]);
}

#[test]
fn signs() {
    let file = "label,score\n1,0.25\n-1,0.5\n1,3\n0,nan\n";
    let arguments = "--loss hinge --param ignore_index=0 --reduction none";
    check(arguments, file, &[0.75, 1.5, 0.0, 0.0], &[-1.0, 1.0, 0.0, 0.0]);
    check(&format!("{arguments} --param margin=0.5"), file, &[0.25, 1.0, 0.0, 0.0], &[-1.0, 1.0, 0.0, 0.0]);
}

#[test]
fn overlap() {
    let one = "label,p\n1,0.75\n0,0.25\n255,nan\n1,0.5\n";
    check(
        "--loss tversky --param fp_weight=0.3 --param fn_weight=0.7 --param ignore_index=255",
        one,
        &[0.324_322_571_229_344_7],
        &[-0.430_968_898_205_308_8, 0.109_568_720_510_265_67, 0.0, -0.430_968_898_205_308_8],
    );
    check(
        "--loss dice --param squared=true --param smooth=1",
        "target,p\n1,0.75\n0.25,0.25\n0.5,0.5\n",
        &[0.019_607_843_137_254_9],
        &[-0.166_089_965_397_923_87, -0.003_075_740_099_961_553_3, -0.006_151_480_199_923_107],
    );
    check(
        "--loss jaccard",
        "label,p0,p1\n0,0.75,0.25\n1,0.5,0.5\n1,0,1\n",
        &[0.416_664_259_273_662_46],
        &[
            -0.333_331_111_125_925_84,
            0.148_147_818_930_041_17,
            0.166_666_666_659_259_36,
            -0.222_221_234_572_290_8,
            0.166_666_666_659_259_36,
            -0.222_221_234_572_290_8,
        ],
    );
    check("--loss dice", "label,p\n0,0\n0,0\n", &[0.0], &[1e5, 1e5]);
    check("--loss dice --param smooth=0", "label,p\n0,0\n0,0\n", &[0.0], &[0.0, 0.0]);
}

#[test]
fn vectors() {
    check(
        "--loss cosine_embedding --param margin=0.25 --param ignore_index=0 --reduction sum",
        "label,a0,a1,b0,b1\n1,1,2,2,0.5\n-1,-1,0.5,-2,3\n0,nan,inf,1,1\n",
        &[2.0 * 0.483_725_884_334_125_83],
        &[
            -0.151_851_320_473_029_38,
            0.075_925_660_236_487_1,
            0.044_662_153_080_265_81,
            -0.178_648_612_321_216_37,
            0.099_227_787_671_045_43,
            0.198_455_575_342_785_43,
            -0.057_246_800_579_614_71,
            -0.038_164_533_719_732_01,
            0.0,
            0.0,
            0.0,
            0.0,
        ]
        .map(|entry| 2.0 * entry),
    );
    check(
        "--loss triplet_margin --param swap=true",
        "a0,a1,b0,b1,c0,c1\n0,0,1,2,2,1.5\n1,-1,0.5,2,1.5,0\n",
        &[2.520_690_445_183_568_3],
        &[
            -0.223_606_708_307_201_72,
            -0.447_213_640_221_335_36,
            0.670_820_035_478_573,
            0.223_606_305_814_988_14,
            -0.447_213_327_171_371_3,
            0.223_607_334_406_347_22,
            0.305_806_299_132_098_1,
            -0.045_983_245_870_768_45,
            -0.082_199_680_267_789_87,
            0.493_196_930_813_517_06,
            -0.223_606_618_864_308_22,
            -0.447_213_684_942_748_6,
        ],
    );
}
