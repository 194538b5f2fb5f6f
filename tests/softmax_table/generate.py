"""Cross entropy of int8 logits, by mpmath: python3 tests/softmax_table/generate.py > tests/softmax_table/table.txt

A line a row: scale, label, value, codes, gradient. Scales are exact in f32; values have the digits of f64.
"""

import random
import struct

import mpmath

mpmath.mp.dps = 60
random.seed(5)


def f32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def row(scale, label, codes):
    exact = mpmath.mpf(scale)
    largest = max(codes)
    e = [mpmath.exp(exact * (q - largest)) for q in codes]
    others = mpmath.fsum(e) - e[label]
    total = mpmath.fsum(e)
    value = mpmath.log(total / e[label])
    gradient = [p / total for p in e]
    gradient[label] = -others / total
    words = [float(scale).hex(), str(label), float(value).hex(), ",".join(map(str, codes))]
    print(*words, ",".join(float(g).hex() for g in gradient))


row(f32(0.05), 0, [7])
row(f32(0.05), 1, [-128, 127])
row(f32(0.05), 0, [-128, 127])
row(f32(0.4), 1, [-128, 127])
row(f32(0.4), 1, [-128, 127, 127])
row(f32(1e-6), 2, [0, 0, 0])
row(f32(3.0), 0, [100, 99, -100, 42])
for _ in range(120):
    scale = f32(10 ** random.uniform(-3, 0.3))
    count = random.choice([2, 3, 5, 10, 100])
    codes = [random.randint(-128, 127) for _ in range(count)]
    row(scale, random.randrange(count), codes)
    # A confident answer, and a label that is right.
    codes[random.randrange(count)] = 127
    row(scale, codes.index(max(codes)), codes)
