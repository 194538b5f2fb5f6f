"""Packs the CSV files beside it for boards, which have no file system: NAME_logits.csv becomes NAME.f32, the scores
row after row as little-endian f32, and NAME.u8, a label a byte. `python3 pack.py`; tests/evaluate.rs compares.
"""
import csv
import struct
from pathlib import Path

for source in sorted(Path(__file__).parent.glob("*_logits.csv")):
    with source.open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header[0] == "label" and all(len(row) == len(header) for row in rows), source
    scores = [float(score) for row in rows for score in row[1:]]
    name = source.name.removesuffix("_logits.csv")
    source.with_name(f"{name}.f32").write_bytes(struct.pack(f"<{len(scores)}f", *scores))
    source.with_name(f"{name}.u8").write_bytes(bytes(int(row[0]) for row in rows))
