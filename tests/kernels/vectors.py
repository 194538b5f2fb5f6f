"""Writes f64.txt next to this script: hard inputs of the f64 kernels and the true results.

    python3 tests/kernels/vectors.py            writes it
    python3 tests/kernels/vectors.py --check    writes nothing; fails if the file is another

Needs mpmath. A line is: function, bits of x, bits of the result rounded to nearest, and how far above it the true
result lies, in units in the last place of the result (the smallest subnormal number at the least).
"""

import math
import pathlib
import random
import struct
import sys

import mpmath as mp

mp.mp.prec = 300
PATH = pathlib.Path(__file__).with_name("f64.txt")


def softplus(x):
    return mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x))


FUNCTIONS = {
    "exp": mp.exp,
    "ln": mp.log,
    "ln_1p": mp.log1p,
    "exp_m1": mp.expm1,
    "softplus": softplus,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "ln_sigmoid": lambda x: -softplus(-x),
}


def around(x, steps=1):
    """x and its neighbours."""
    found = [float(x)]
    for direction in (-math.inf, math.inf):
        y = float(x)
        for _ in range(steps):
            y = math.nextafter(y, direction)
            found.append(y)
    return found


def inputs(name, draw):
    ln_2 = math.log(2)
    tiny = [2.0**-k for k in (1074, 1023, 1022, 200, 54, 53, 52, 27, 10)]
    if name == "ln":
        # 1, where the result vanishes; the powers of 2 times sqrt 2, where k changes; subnormal numbers; the ends.
        for x in (1.0, math.sqrt(2), math.sqrt(0.5), 2 * math.sqrt(2), 0.25 * math.sqrt(2), 2.0**-1022):
            yield from around(x)
        yield from (5e-324, 1e-323, 1e-310, 1.7976931348623157e308, 0.7013, 1.4115393, 2.0)
        yield from (1 + s * t for t in tiny[4:] for s in (1, -1))
        yield from (draw.uniform(0.68, 1.45) for _ in range(12))
        yield from (math.ldexp(draw.uniform(0.5, 1), draw.randint(-1073, 1024)) for _ in range(12))
        return
    yield from (s * t for t in tiny for s in (1, -1))
    if name == "ln_1p":
        for x in (math.sqrt(2) - 1, math.sqrt(0.5) - 1, 2 * math.sqrt(2) - 1):
            yield from around(x)
        yield from (1.7976931348623157e308, 2.0**53, 2.0**54 + 4, -1 + 2.0**-53, -1 + 2.0**-52, -0.5, 1.0, 0.418)
        yield from (draw.uniform(-0.9, 2) for _ in range(16))
        return
    # Odd multiples of ln 2 / 2, where k changes.
    for k in (-1021, -101, -3, -1, 1, 3, 101):
        yield from around(k * ln_2 / 2)
    yield from (s * x for x in (0.1, 0.366, 0.5, 0.7, 1.27, 2.0, 5.17, 30.0, 36.7, 37.5, 100.0) for s in (1, -1))
    yield from (draw.uniform(-2, 2) for _ in range(12))
    if name == "exp_m1":
        yield from (709.78, -709.0, 0.35931831644650014, -0.1334, -40.0)
        yield from (draw.uniform(0.34, 0.42) for _ in range(12))
    else:
        sign = -1 if name == "ln_sigmoid" else 1
        yield from (sign * x for x in (-708.3, -708.39, -708.4, -720.1, -735.5, -744.4, -745.13, -745.2))
        yield from (draw.uniform(-700, 700) for _ in range(8))


def line(name, x):
    true = FUNCTIONS[name](mp.mpf(x))
    unit = mp.mpf(2) ** max(mp.frexp(true)[1] - 53, -1074)
    steps = mp.nint(true / unit)
    result = float(steps * unit)
    bits = [struct.unpack("<Q", struct.pack("<d", y))[0] for y in (x, result)]
    return f"{name} {bits[0]:016x} {bits[1]:016x} {float((true - mp.mpf(result)) / unit):+.4f}"


def text():
    draw = random.Random(3)
    lines = ["# Written by tests/kernels/vectors.py, which tells what stands in a line."]
    for name in FUNCTIONS:
        lines += [line(name, x) for x in inputs(name, draw)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] != ["--check"]:
        PATH.write_text(text())
    elif PATH.read_text() != text():
        sys.exit(f"{PATH.name} is not what this script writes")
