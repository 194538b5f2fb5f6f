//! What is refused: exit code 2, one line on standard error that says where, nothing on standard output, and no
//! gradient.

use std::io::Read;
use std::process::{Output, Stdio};

use crate::program::{TestFile, evaluate, new_path, program};

/// The one line.
#[track_caller]
fn refusal(output: &Output) -> &str {
    let error = std::str::from_utf8(&output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    assert!(error.ends_with('\n') && error.lines().count() == 1, "{output:?}");
    error
}

/// Expects a refusal that names all of this.
#[track_caller]
fn refuses(arguments: &str, content: &str, names: &[&str]) {
    let gradient = TestFile(new_path());
    let arguments = format!("{arguments} --gradient {}", gradient.0.display());
    let output = evaluate(&arguments, content);
    let error = refusal(&output);
    assert!(names.iter().all(|name| error.contains(name)), "{error}: expected {names:?}");
    assert!(!gradient.0.exists(), "a gradient was written: {error}");
}

/// Expects a refusal that names the place in the file.
#[track_caller]
fn refuses_at(arguments: &str, content: &str, line: usize, column: &str) {
    refuses(arguments, content, &[".csv: ", &format!("line {line}, column {column}: ")]);
}

#[test]
fn headers() {
    let loss = "--loss cross_entropy";
    for (content, column) in [
        ("label,label,a\n0,0,1\n", "label"),
        ("label,a,label\n0,0,1\n", "label"),
        ("a,label\n0,0\n", "a"),
        ("a,b\n0,0\n", "a"),
        ("label,target0,a\n0,1,0\n", "target0"),
        ("target0,label,a\n0,1,0\n", "label"),
        ("target0,a,target1\n0,1,0\n", "target1"),
        ("label\n0\n", "label"),
        ("target0,target1\n0,1\n", "target1"),
        ("Label,a\n0,1\n", "Label"),
    ] {
        refuses_at(loss, content, 1, column);
    }
    // Blank lines count.
    refuses_at(loss, "\n\nlabel,label,a\n0,0,1\n", 3, "label");
    refuses(loss, "", &[".csv: line 1"]);
}

#[test]
fn fields() {
    let loss = "--loss cross_entropy";
    refuses_at(loss, "label,a,b\n0,1,2\n0,1\n", 3, "b");
    refuses_at(loss, "label,a,b\n0,1,2\n0,1,2,3\n", 3, "4");
    refuses_at(loss, "label,a,b\n0,1,2\n \n", 3, "a");
    refuses_at(loss, "label,a,b\n0,one,2\n", 2, "a");
    refuses_at(loss, "label,a,b\r\n0,1,2\r\n\r\n0,1,0x2\r\n", 4, "b");
    refuses_at(loss, "label,a,b\n0,,2\n", 2, "a");
    refuses_at(loss, "label,a,b\n,1,2\n", 2, "label");
    refuses_at(loss, "label,a,b\n1.0,1,2\n", 2, "label");
    refuses_at(loss, "label,a,b\nnan,1,2\n", 2, "label");
    refuses_at(loss, "label,a,b\n4294967296,1,2\n", 2, "label");
    refuses_at(loss, "label,a,b\n99999999999999999999,1,2\n", 2, "label");
    refuses_at(loss, "label,a,b\n0,1,1e39\n", 2, "b");
    refuses_at(&format!("{loss} --type f64"), "label,a,b\n0,1,-1e309\n", 2, "b");
    refuses_at("--loss kl_divergence", "target0,target1,a,b\n1,0,1,1\n1,x,1,1\n", 3, "target1");
    let broken = evaluate(loss, b"label,a,b\n0,1,2\n0,\xff,2\n");
    assert!(refusal(&broken).contains(".csv: line 3"));
}

#[test]
fn items() {
    let (rows, from) = ("--loss cross_entropy", "--param from=probabilities");
    refuses_at(rows, "label,a,b\n0,1,2\n2,1,2\n", 3, "label");
    refuses_at(rows, "label,a,b\n0,1,2\n-1,1,2\n", 3, "label");
    refuses_at(rows, "label,a,b\n0,1,2\n0,1,nan\n", 3, "b");
    refuses_at(rows, "label,a,b\n0,1,2\n0,1,inf\n", 3, "b");
    refuses_at("--loss lovasz_hinge", "label,a\n1,inf\n0,2\n0,inf\n", 4, "a");
    refuses_at("--loss lovasz_softmax", "label,a,b\n0,1,2\n0,inf,inf\n", 3, "a");
    refuses_at(&format!("{rows} {from}"), "label,a,b\n0,1,0\n0,0.5,1.2\n", 3, "b");
    refuses_at(rows, "target0,target1,a,b\n0.5,0.4,1,2\n", 2, "target0");
    refuses_at(rows, "target0,target1,a,b\n-0.5,1.5,1,2\n", 2, "target0");
    refuses_at("--loss focal", "label,a\n0,1\n255,1\n", 3, "label");
    refuses_at("--loss focal", "target0,target1,a,b\n0,1,1,1\n0,1.5,1,1\n", 3, "target1");
    refuses_at("--loss focal", "target0,target1,a,b\n0,1,1,1\n0,1,1,nan\n", 3, "b");
    refuses_at(&format!("--loss focal {from}"), "target0,target1,a,b\n0,1,1,1\n0,1,-1,1\n", 3, "a");
    refuses_at("--loss binary_cross_entropy", "target0,target1,a,b\n0,1,1,1\n0,1,1,-inf\n", 3, "b");
    refuses_at("--loss lovasz_hinge", "label,a\n0,1\n2,1\n", 3, "label");
    refuses_at("--loss lovasz_softmax", "label,a,b\n0,1,2\n1,nan,1\n", 3, "a");
    refuses_at(&format!("--loss lovasz_softmax {from}"), "label,a,b\n0,1,0\n1,0,7\n", 3, "b");
    refuses(rows, "label,a,b\n", &[".csv: nothing to average"]);
    refuses(&format!("{rows} --param ignore_index=0"), "label,a,b\n0,1,2\n", &["nothing to average"]);
    refuses(&format!("{rows} --param weights=0,1"), "label,a,b\n0,1,2\n", &["nothing to average"]);
    let sum = "--loss lovasz_hinge --reduction sum";
    refuses(sum, "label,a\n1,-3e38\n1,-3e38\n0,3e38\n0,3.4e38\n1,-inf\n", &[".csv: "]);
}

#[test]
fn regression() {
    let loss = "--loss huber";
    refuses_at(loss, "target,prediction\n1,2\ninf,2\n", 3, "target");
    refuses_at(loss, "target,prediction\n1,2\nnan,2\n", 3, "target");
    refuses_at(loss, "target,prediction\n1,2\n1,nan\n", 3, "prediction");
    refuses_at(loss, "target,prediction\n1,2\n1,-inf\n", 3, "prediction");
    refuses_at(loss, "target0,target1,a,b\n1,2,3,4\n1,2,3,nan\n", 3, "b");
    refuses_at("--loss mean_squared_error", "target,prediction\n1,2\n1,1e30\n", 3, "prediction");
    refuses_at(loss, "label,prediction\n1,2\n", 1, "label");
    refuses_at(loss, "target,a,b\n1,2,3\n", 1, "a");
    refuses(&format!("{loss} --param delta=0"), "target,a\n1,2\n", &["delta=0", "a finite number above 0"]);
    refuses("--loss quantile --param tau=1", "target,a\n1,2\n", &["tau=1", "above 0 and below 1"]);
    refuses("--loss quantile --param tau=0.1,0.9", "target,a\n1,2\n", &["tau=0.1,0.9", "expected 1"]);
    refuses(&format!("{loss} --param ignore_index=1"), "target,a\n1,2\n", &["ignore_index=1"]);
    refuses("--loss mean_squared_error --param half=2", "target,a\n1,2\n", &["half=2", "true or false"]);
}

#[test]
fn means_with_variances() {
    let loss = "--loss gaussian_nll";
    refuses_at(loss, "target,mean,variance\n1,2,3\n1,2,-0.5\n", 3, "variance");
    refuses(loss, "target,mean,variance\n1,2,-0.5\n", &["variance -0.5 is below 0"]);
    refuses_at(loss, "target,mean,variance\n1,2,3\n1,2,inf\n", 3, "variance");
    refuses_at(loss, "target,mean,variance\n1,2,3\n1,inf,1\n", 3, "mean");
    refuses_at(loss, "target,mean,variance\n1,2,3\n1,2,nan\n", 3, "variance");
    refuses_at(loss, "t,target,mean,variance\n1,2,3,4\n", 1, "t");
    refuses_at(loss, "target,mean\n1,2\n", 1, "mean");
    refuses_at(loss, "label,mean,variance\n1,2,3\n", 1, "label");
    let two = "target0,target1,mean0,variance0,mean1,variance1\n1,2,1,1,1,1\n1,2,1,1,1,-1\n";
    refuses_at(loss, two, 3, "variance1");
    refuses(
        &format!("{loss} --param from=logits"),
        "target,a,b\n1,2,3\n",
        &["from=logits", "variances or log_variances"],
    );
}

#[test]
fn signs() {
    let loss = "--loss hinge";
    refuses_at(loss, "label,a\n1,2\n0,2\n", 3, "label");
    refuses(loss, "label,a\n1,2\n0,2\n", &["label 0 is not -1 or 1"]);
    refuses_at(loss, "label,a\n1,2\n-1,inf\n", 3, "a");
    refuses_at(loss, "target,a\n1,2\n-1,3\n", 1, "target");
}

#[test]
fn vectors() {
    let loss = "--loss cosine_embedding";
    refuses_at(loss, "label,a0,a1,b0\n1,1,2,3\n", 1, "b0");
    refuses_at(loss, "label,a0,b0,b1\n1,1,2,3\n", 1, "b1");
    refuses_at(loss, "label,a0,a2,b0,b1\n1,1,2,3,4\n", 1, "a2");
    refuses_at(loss, "label,b0,a0\n1,1,2\n", 1, "b0");
    refuses_at(loss, "a0,b0\n1,2\n", 1, "a0");
    refuses_at(loss, "target,a0,b0\n1,1,2\n", 1, "target");
    refuses_at(loss, "label,a0,b0\n1,1,2\n0,1,2\n", 3, "label");
    refuses_at(loss, "label,a0,a1,b0,b1\n1,1,2,3,4\n1,1,2,3,nan\n", 3, "b1");
    refuses_at(loss, "label,a0,b0\n1,1,x\n", 2, "b0");
    let strict = "--loss cosine_embedding --param zero_is_error=true";
    refuses_at(strict, "label,a0,a1,b0,b1\n1,1,2,3,4\n1,1,2,0,0\n", 3, "b0");
    refuses("--loss cosine_embedding --param margin=1.5", "label,a0,b0\n1,1,2\n", &["from -1 to 1"]);
    let loss = "--loss triplet_margin";
    refuses_at(loss, "label,a0,b0,c0\n1,1,2,3\n", 1, "label");
    refuses_at(loss, "a0,b0\n1,2\n", 1, "b0");
    refuses_at(loss, "a0,b0,c0,d0\n1,2,3,4\n", 1, "d0");
    refuses_at(loss, "a0,b0,c0\n1,2,3\n1,inf,3\n", 3, "b0");
    refuses("--loss triplet_margin --param p=3", "a0,b0,c0\n1,2,3\n", &["1 or 2"]);
}

#[test]
fn shapes() {
    refuses_at("--loss dice", "label,p\n1,0.5\n0,1.5\n", 3, "p");
    refuses_at("--loss jaccard", "target,p\n1,0.5\n1.5,0.5\n", 3, "target");
    refuses_at("--loss tversky", "label,p,q\n1,0.5,0.5\n2,0.5,0.5\n", 3, "label");
    refuses_at("--loss dice", "target0,p,q\n1,0.5,0.5\n", 1, "target0");

    refuses_at("--loss focal", "label,a,b\n0,1,2\n", 1, "a");
    refuses_at("--loss focal", "target0,target1,a\n0,1,2\n", 1, "a");
    refuses_at("--loss cross_entropy", "target0,target1,a\n0,1,2\n", 1, "a");
    refuses_at("--loss lovasz_hinge", "label,a,b\n0,1,2\n", 1, "a");
    for loss in ["focal_multiclass", "lovasz_hinge", "lovasz_softmax"] {
        refuses_at(&format!("--loss {loss}"), "target0,a\n1,1\n", 1, "target0");
    }
    refuses("--loss cross_entropy --param ignore_index=1", "target0,a\n1,1\n", &["ignore_index", "target0"]);
}

#[test]
fn parameters() {
    let rows = "label,a,b\n0,1,2\n";
    let binary = "label,a\n0,1\n";
    for (loss, parameter, content) in [
        ("cross_entropy", "gamma=1", rows),
        ("cross_entropy", "weights=1,2,3", rows),
        ("cross_entropy", "weights=1,nan", rows),
        ("cross_entropy", "weights=1,-1", rows),
        ("cross_entropy", "weights=0,0", rows),
        ("cross_entropy", "weights=1,two", rows),
        ("cross_entropy", "weights=", rows),
        ("cross_entropy", "label_smoothing=1.5", rows),
        ("cross_entropy", "label_smoothing=none", rows),
        ("cross_entropy", "from=logit", rows),
        ("cross_entropy", "ignore_index=1.5", rows),
        ("focal_multiclass", "from=log_probabilities", rows),
        ("focal_multiclass", "gamma=-1", rows),
        ("focal_multiclass", "gamma=1e39", rows),
        ("focal_multiclass", "alpha=1", rows),
        ("focal", "alpha=1.5", binary),
        ("focal", "gamma=inf", binary),
        ("balanced_cross_entropy", "alpha=-0.1", binary),
        ("binary_cross_entropy", "pos_weight=0", binary),
        ("binary_cross_entropy", "pos_weight=1,2", binary),
        ("lovasz_hinge", "from=probabilities", binary),
        ("lovasz_softmax", "classes=0,2", rows),
        ("lovasz_softmax", "classes=0,0", rows),
        ("lovasz_softmax", "classes=-1", rows),
        ("lovasz_softmax", "classes=some", rows),
    ] {
        let key = parameter.split('=').next().unwrap();
        refuses(&format!("--loss {loss} --param {parameter}"), content, &[key]);
    }
    refuses("--loss focal --param gamma=1 --param gamma=2", binary, &["gamma", "twice"]);
    refuses("--loss focal --param gamma", binary, &["gamma", "KEY=VALUE"]);
    refuses("--param gamma=1 --loss focal", binary, &["gamma", "--loss"]);
    // A range that only holds in the wider type.
    assert!(evaluate("--loss focal --param gamma=1e39 --type f64", binary).status.success());
}

#[test]
fn arguments() {
    let binary = "label,a\n0,1\n";
    refuses("", binary, &["--loss"]);
    refuses("--loss no_such_loss", binary, &["no_such_loss"]);
    refuses("--loss focal --loss focal", binary, &["--gradient"]);
    refuses("--loss focal --type f16", binary, &["f16"]);
    refuses("--loss focal --unit hartleys", binary, &["hartleys"]);
    refuses("--loss focal --reduction max", binary, &["max"]);
    refuses("--loss focal --format xml", binary, &["xml"]);
    refuses("--loss focal --type f32 --type f64", binary, &["--type"]);
    refuses("--loss focal --verbose", binary, &["--verbose"]);
    refuses("--loss focal another.csv", binary, &["file"]);
    for arguments in
        [&["--loss", "focal"][..], &["--loss"], &["--type", "f64"], &["--loss", "focal", "no.csv"]]
    {
        let output = program().args(arguments).output().unwrap();
        assert!(refusal(&output).starts_with("error: "));
    }
}

#[test]
fn a_gradient_that_was_there_stays() {
    let gradient = TestFile::new("what was there");
    let arguments = |loss: &str| format!("--loss {loss} --gradient {}", gradient.0.display());
    refusal(&evaluate(&arguments("focal"), "label,a\n0,one\n"));
    assert_eq!(std::fs::read_to_string(&gradient.0).unwrap(), "what was there");
    assert!(evaluate(&arguments("focal"), "label,a\n0,1\n").status.success());
    assert!(std::fs::read_to_string(&gradient.0).unwrap().starts_with("a\n0."));
    let nowhere = evaluate("--loss focal --gradient no/such/folder.csv", "label,a\n0,1\n");
    assert!(refusal(&nowhere).contains("no/such/folder.csv"));
}

#[test]
fn names_with_line_breaks_make_one_line() {
    refuses("--loss focal", "label,\"a\nb\"\n0,one\n", &["line 3", "a\\nb"]);
    let output = program().args(["--loss", "focal", "no\nfile.csv"]).output().unwrap();
    assert!(refusal(&output).contains("no\\nfile.csv"));
}

/// As in `evaluate ... | head -1`: no panic, no message.
#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let rows: String = (0..40_000).map(|_| "0,1\n").collect();
    let file = TestFile::new(format!("label,a\n{rows}"));
    let mut program = program();
    program.args(["--loss", "focal", "--reduction", "none"]).arg(&file.0);
    let mut child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 4];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), &*output.stderr), (Some(0), &[][..]));
}
