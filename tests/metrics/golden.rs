//! Reads the golden vectors of `tests/golden/metrics/generate.py`, which describes the format.

use std::fs::read_to_string;
use std::str::FromStr;

/// A case: inputs, and what is expected of them.
#[derive(Clone, Debug, Default)]
pub struct Case {
    pub name: String,
    pub classes: usize,
    pub labels: Vec<usize>,
    pub predicted: Vec<usize>,
    /// Row-major; representable in f32.
    pub scores: Vec<f64>,
    pub targets: Vec<f64>,
    pub from: microloss::Input,
    /// Metric, options, what scikit-learn returns: NaN where it is undefined.
    pub expect: Vec<(String, String, Vec<f64>)>,
    /// Metric, options, the result rounded to f64, and to f32.
    pub exact: Vec<(String, String, f64, f64)>,
}

fn list<T: FromStr>(words: &[&str]) -> Vec<T> {
    words.iter().map(|word| word.parse().unwrap_or_else(|_| panic!("not a number: {word}"))).collect()
}

/// The labels and scores of a file of `examples/data`, and the number of its columns of scores.
pub fn data(name: &str) -> (Vec<usize>, Vec<f64>, usize) {
    let path = format!("{}/examples/data/{name}_logits.csv", env!("CARGO_MANIFEST_DIR"));
    let (mut labels, mut scores, mut columns) = (Vec::new(), Vec::new(), 0);
    for line in read_to_string(path).unwrap().lines().skip(1) {
        let mut words = line.split(',');
        labels.push(words.next().unwrap().parse().unwrap());
        let row: Vec<f64> = words.map(|word| f64::from(word.parse::<f32>().unwrap())).collect();
        columns = row.len();
        scores.extend(row);
    }
    (labels, scores, columns)
}

/// The cases of a family.
pub fn cases(family: &str) -> Vec<Case> {
    let path = format!("{}/tests/golden/metrics/{family}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = read_to_string(path).unwrap();
    assert!(text.starts_with("# Golden vectors of metrics") && text.contains("scikit-learn 1."));
    let (mut cases, mut case) = (Vec::new(), Case::default());
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[0] {
            "case" => case = Case { name: format!("{family} {}", words[1]), ..Case::default() },
            "data" => {
                (case.labels, case.scores, case.classes) = data(words[1]);
                if let Some(class) = words.get(2).map(|class| class.parse::<usize>().unwrap()) {
                    case.labels = case.labels.iter().map(|&label| usize::from(label == class)).collect();
                    case.scores = case.scores.chunks(case.classes).map(|row| row[class]).collect();
                }
            }
            "from" if words[1] == "logits" => case.from = microloss::Input::Logits,
            "from" => case.from = microloss::Input::Probabilities,
            "classes" => case.classes = words[1].parse().unwrap(),
            "labels" => case.labels = list(&words[1..]),
            "predicted" => case.predicted = list(&words[1..]),
            "scores" => case.scores = list(&words[1..]),
            "targets" => case.targets = list(&words[1..]),
            "expect" => case.expect.push((words[1].into(), words[2].into(), list(&words[3..]))),
            "exact" => {
                let [double, single] = list::<f64>(&words[3..])[..] else { panic!("{line}") };
                case.exact.push((words[1].into(), words[2].into(), double, single));
            }
            "end" => cases.push(std::mem::take(&mut case)),
            other => panic!("{other}"),
        }
    }
    assert!(cases.len() > 10, "{family}");
    cases
}
