//! The bundled predictions: the packed files are the CSV files, and the table shows what a file of them gives.

use crate::program::{object, program, stdout};

const NAMES: [&str; 4] = ["digits", "faces", "coins", "coins3"];

fn path(file: &str) -> String {
    format!("{}/examples/data/{file}", env!("CARGO_MANIFEST_DIR"))
}

fn csv(name: &str) -> String {
    std::fs::read_to_string(path(&format!("{name}_logits.csv"))).unwrap()
}

#[test]
fn packed_files_equal_the_csv_files() {
    for (name, columns) in NAMES.into_iter().zip([10, 1, 1, 3]) {
        let (mut labels, mut scores) = (Vec::<u8>::new(), Vec::<u8>::new());
        for line in csv(name).lines().skip(1) {
            let (label, row) = line.split_once(',').unwrap();
            labels.push(label.parse().unwrap());
            for score in row.split(',') {
                scores.extend(score.parse::<f32>().unwrap().to_le_bytes());
            }
        }
        assert_eq!(scores.len(), 4 * columns * labels.len(), "{name}");
        assert!(std::fs::read(path(&format!("{name}.u8"))).unwrap() == labels, "{name}: labels differ");
        assert!(std::fs::read(path(&format!("{name}.f32"))).unwrap() == scores, "{name}: scores differ");
    }
}

/// Data set, loss, items, and bits.
fn rows() -> Vec<(String, String, String, String)> {
    let output = program().output().unwrap();
    let row = |line: &str| {
        let cut = |range: std::ops::Range<usize>| line.get(range).unwrap().trim().to_owned();
        (cut(0..15), cut(16..50), cut(51..56), line.split_whitespace().last().unwrap().to_owned())
    };
    stdout(&output).lines().skip(1).map(row).collect()
}

#[test]
fn the_table_shows_what_files_give() {
    let rows = rows();
    let bits = |data: &str, loss: &str| {
        let row = rows.iter().find(|row| row.0 == data && row.1.starts_with(loss));
        row.unwrap_or_else(|| panic!("no row of {data}, {loss}: {rows:?}")).3.clone()
    };
    for (name, loss, arguments) in [
        ("digits", "cross_entropy ", ""),
        ("digits", "cross_entropy unit=bits", "--unit bits"),
        ("digits", "cross_entropy label_smoothing=0.1", "--param label_smoothing=0.1"),
        ("digits", "focal_multiclass", ""),
        ("faces", "binary_cross_entropy", ""),
        ("faces", "balanced_cross_entropy", ""),
        ("faces", "focal", ""),
        ("coins", "lovasz_hinge", ""),
        ("coins3", "lovasz_softmax", ""),
    ] {
        let registered = loss.split_whitespace().next().unwrap();
        let object = object(&format!("--loss {registered} {arguments}"), &csv(name));
        assert_eq!(object["hex"], bits(name, loss.trim()), "{name} {loss}");
    }
    for name in ["coins", "coins3"] {
        let tile: Vec<_> = csv(name).lines().take(1 + 512).map(str::to_owned).collect();
        let loss = if name == "coins" { "lovasz_hinge" } else { "lovasz_softmax" };
        let object = object(&format!("--loss {loss}"), &tile.join("\n"));
        assert_eq!(object["hex"], bits(&format!("{name} tile 512"), loss));
    }
    // The models' accuracy is known from where they were made.
    assert_eq!(bits("digits", "accuracy"), format!("{:#010x}", (793.0_f32 / 899.0).to_bits()));
    for metric in [("coins", "iou"), ("coins3", "mean_iou"), ("digits", "kl_divergence")] {
        bits(metric.0, metric.1);
    }
    for (data, loss, items, bits) in &rows {
        assert!(bits.len() == 10 && bits.starts_with("0x"), "{data} {loss}: {bits}");
        assert!(["899", "67", "3072", "512"].contains(&&**items), "{data} {loss}: {items}");
    }
}
