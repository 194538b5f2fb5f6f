"""Finds the numbers of the kernels under src/math: the polynomials, and the constants that must be exact.

    python3 tests/kernels/polynomials.py            prints them, with the errors of the polynomials
    python3 tests/kernels/polynomials.py --check    compares them with those in src/math; fails if one differs, or
                                                    has a larger error than the comment beside it says

Needs mpmath and numpy. A polynomial is first the minimax one of real coefficients (Remez), relative to the function it
serves; then its coefficients are rounded to the type and moved in pairs by single units in their last places for as
long as that makes the largest error smaller.
"""

import itertools
import pathlib
import re
import sys

import mpmath as mp
import numpy as np

mp.mp.dps = 50
MATH = pathlib.Path(__file__).parents[2] / "src" / "math"
BITS = {"f32": 24, "f64": 53}


def rounded(x, bits):
    with mp.workprec(bits):
        return +x


def chebyshev_points(low, high, count=301):
    middle, radius = (low + high) / 2, (high - low) / 2
    return [middle - radius * mp.cos(mp.pi * i / (count - 1)) for i in range(count)]


def errors(coefficients, points, target, weight):
    return [(t - mp.polyval(coefficients[::-1], x)) * w for x, t, w in zip(points, target, weight)]


def peaks(values):
    """The places of the largest value of each run of one sign."""
    found = []
    for i, value in enumerate(values):
        if found and (values[found[-1]] > 0) == (value > 0):
            if abs(value) > abs(values[found[-1]]):
                found[-1] = i
        else:
            found.append(i)
    return found


def drop_smallest(found, values, wanted):
    """One place fewer: an end; or, if more must go, the smallest, and with it a neighbour, so that signs alternate."""
    size = lambda k: abs(values[found[k]])
    if len(found) == wanted + 1:
        found.pop(0 if size(0) < size(-1) else -1)
        return
    k = min(range(len(found)), key=size)
    del found[k]
    if 0 < k < len(found):
        del found[k if size(k) < size(k - 1) else k - 1]


def remez(points, target, weight, terms):
    """The polynomial whose largest weighted error at these points is smallest."""
    reference = [round((len(points) - 1) * i / terms) for i in range(terms + 1)]
    for _ in range(60):
        rows = [[points[i] ** j * weight[i] for j in range(terms)] + [(-1) ** k] for k, i in enumerate(reference)]
        solution = list(mp.lu_solve(mp.matrix(rows), mp.matrix([target[i] * weight[i] for i in reference])))
        coefficients, level = solution[:terms], abs(solution[terms])
        values = errors(coefficients, points, target, weight)
        found = peaks(values)
        while len(found) > terms + 1:
            drop_smallest(found, values, terms + 1)
        if max(map(abs, values)) <= level * mp.mpf("1.0001") or len(found) < terms + 1:
            break
        reference = found
    return coefficients


def lattice(points, target, weight, terms, bits):
    """The same with coefficients of so many bits."""
    coefficients = [rounded(c, bits) for c in remez(points, target, weight, terms)]
    units = [mp.mpf(2) ** (mp.frexp(c)[1] - bits) for c in coefficients]
    values = np.array([float(e) for e in errors(coefficients, points, target, weight)])
    steps = [np.array([float(u * x**j * w) for x, w in zip(points, weight)]) for j, u in enumerate(units)]
    best = np.abs(values).max()
    improved = True
    while improved:
        improved = False
        for (i, j), a, b in itertools.product(itertools.combinations(range(terms), 2), range(-3, 4), range(-3, 4)):
            moved = values - a * steps[i] - b * steps[j]
            if np.abs(moved).max() < best * (1 - 1e-9):
                values, best, improved = moved, np.abs(moved).max(), True
                coefficients[i] += a * units[i]
                coefficients[j] += b * units[j]
    return coefficients, max(map(abs, errors(coefficients, points, target, weight)))


def exp_remainder(terms, bits):
    """(e^r - 1 - r - r^2 / 2) / r^3 for |r| up to ln 2 / 2 and what rounding adds; error relative to e^r."""
    bound = mp.log(2) / 2 * mp.mpf("1.00003")
    points = chebyshev_points(-bound, bound, 300)
    target = [(mp.exp(r) - 1 - r - r**2 / 2) / r**3 for r in points]
    return lattice(points, target, [abs(r) ** 3 / mp.exp(r) for r in points], terms, bits)


def artanh_remainder(terms, bits):
    """(2 artanh(s) - 2 s) / s^3 where z = s^2, for s up to 1/5; error relative to 2 artanh(s)."""
    points = chebyshev_points(mp.mpf("1e-9"), mp.mpf("0.0400004"))
    artanh = [2 * mp.atanh(mp.sqrt(z)) for z in points]
    target = [(a - 2 * mp.sqrt(z)) / mp.sqrt(z) ** 3 for a, z in zip(artanh, points)]
    weight = [mp.sqrt(z) ** 3 / a for a, z in zip(artanh, points)]
    return lattice(points, target, weight, terms, bits)


def ln_cosh_remainder(terms, bits):
    """(ln cosh x - x^2 / 2) / x^4 where z = x^2, for x up to 1/2; error relative to ln cosh x."""
    points = chebyshev_points(mp.mpf("1e-9"), mp.mpf("0.2500001"))
    ln_cosh = [mp.log(mp.cosh(mp.sqrt(z))) for z in points]
    target = [(v - z / 2) / z**2 for v, z in zip(ln_cosh, points)]
    return lattice(points, target, [z**2 / v for v, z in zip(ln_cosh, points)], terms, bits)


def tanh_remainder(terms, bits):
    """(tanh x - x) / x^3 where z = x^2, for x up to 1/2; error relative to tanh x."""
    points = chebyshev_points(mp.mpf("1e-9"), mp.mpf("0.2500001"))
    tanh = [mp.tanh(mp.sqrt(z)) for z in points]
    target = [(t - mp.sqrt(z)) / mp.sqrt(z) ** 3 for t, z in zip(tanh, points)]
    return lattice(points, target, [mp.sqrt(z) ** 3 / t for t, z in zip(tanh, points)], terms, bits)


POLYNOMIALS = [
    ("exp.rs", "f32", "exp_remainder", exp_remainder, 4),
    ("exp.rs", "f64", "exp_remainder", exp_remainder, 10),
    ("ln.rs", "f32", "artanh_remainder", artanh_remainder, 3),
    ("ln.rs", "f64", "artanh_remainder", artanh_remainder, 8),
    ("hyperbolic.rs", "f32", "ln_cosh_remainder", ln_cosh_remainder, 4),
    ("hyperbolic.rs", "f64", "ln_cosh_remainder", ln_cosh_remainder, 10),
    ("hyperbolic.rs", "f32", "tanh_remainder", tanh_remainder, 4),
    ("hyperbolic.rs", "f64", "tanh_remainder", tanh_remainder, 10),
]


def toward(x, bits, direction):
    """The nearest number of so many bits that is not below x (direction 1), or not above (-1)."""
    y = rounded(x, bits)
    return y if (y - x) * direction >= 0 else y + direction * mp.mpf(2) ** (mp.frexp(y)[1] - bits)


def constants(name):
    """Those of exp.rs."""
    bits = BITS[name]
    exponents, high_bits = {"f32": (128, 16), "f64": (1024, 42)}[name]
    high = mp.floor(mp.log(2) * 2**high_bits) / mp.mpf(2) ** high_bits
    overflow = mp.log((1 - mp.mpf(2) ** -(bits + 1)) * mp.mpf(2) ** exponents)
    return {
        "LN_2_HIGH": high,
        "LN_2_LOW": rounded(mp.log(2) - high, bits),
        "LN_MAX": toward(overflow, bits, -1),
        "LN_MIN_POSITIVE": toward(mp.log(mp.mpf(2) ** (2 - exponents)), bits, 1),
    }


def literal(x, name):
    return str(np.float32(x) if name == "f32" else float(x))


def in_source(source, name, pattern):
    """What stands in the part of a source that belongs to a type."""
    part = source.split(f" for {name} {{")[1].split("\nimpl ")[0]
    return re.search(pattern, part, re.DOTALL).groups()


def number(text, name):
    value = float(text.replace("_", ""))
    return float(np.float32(value)) if name == "f32" else value


def main():
    check = sys.argv[1:] == ["--check"]
    failures = []

    def compare(what, found, wanted):
        if check and found != wanted:
            failures.append(f"{what}: {found}, not {wanted}")

    for file, name, function, find, terms in POLYNOMIALS:
        coefficients, error = find(terms, BITS[name])
        power = mp.log(error, 2)
        print(f"{file} {name} {function}: error 2^{mp.nstr(power, 5)}")
        for c in coefficients:
            print("   ", literal(c, name))
        pattern = rf"fn {function}\(.*?error at most 2\^(-[\d.]+) .*?polynomial!\(\s*\w: (.*?)\)"
        bound, found = in_source((MATH / file).read_text(), name, pattern)
        found = [number(text, name) for text in found.split(",") if text.strip()]
        compare(f"{file} {name} {function}", found, [float(c) for c in coefficients])
        if check and not power <= mp.mpf(bound):
            failures.append(f"{file} {name} {function}: its error is above 2^{bound}")
    for name in BITS:
        for constant, value in constants(name).items():
            print(f"exp.rs {name} {constant}: {literal(value, name)}")
            (found,) = in_source((MATH / "exp.rs").read_text(), name, rf"const {constant}: Self = (.*?);")
            compare(f"exp.rs {name} {constant}", number(found, name), float(value))
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
