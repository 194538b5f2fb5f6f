"""Packs the CSV files beside it for boards, which have no file system: NAME_logits.csv becomes NAME.f32, the scores
row after row as little-endian f32, and NAME.u8, a label a byte. The digits come in int8, too, as a quantised model gives
them: digits.i8, codes of one scale and zero point, which is printed. `python3 pack.py`; tests/evaluate.rs and tests/fleet.rs
compare.
"""
import csv
import struct
from pathlib import Path


def f32(number):
    return struct.unpack("<f", struct.pack("<f", number))[0]


def quantised(scores):
    """The codes, scale and zero point that TensorFlow Lite would give a tensor of this range."""
    low, high = min(min(scores), 0), max(max(scores), 0)
    scale = f32((high - low) / 255)
    zero_point = round(-128 - low / scale)
    return [max(-128, min(127, round(score / scale) + zero_point)) for score in scores], scale, zero_point


for source in sorted(Path(__file__).parent.glob("*_logits.csv")):
    with source.open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header[0] == "label" and all(len(row) == len(header) for row in rows), source
    scores = [float(score) for row in rows for score in row[1:]]
    name = source.name.removesuffix("_logits.csv")
    source.with_name(f"{name}.f32").write_bytes(struct.pack(f"<{len(scores)}f", *scores))
    source.with_name(f"{name}.u8").write_bytes(bytes(int(row[0]) for row in rows))
    if name == "digits":
        codes, scale, zero_point = quantised(scores)
        source.with_name(f"{name}.i8").write_bytes(struct.pack(f"{len(codes)}b", *codes))
        print(f"{name}.i8: scale {scale!r}, zero point {zero_point}")
