"""Writes golden.txt: sums, means, ratios and roots of exact rational numbers, each rounded once, to nearest even.

Python's integers and `fractions` are the oracle. Where the result is a double, its own division checks the rounding.
"""

from fractions import Fraction
from math import isqrt
from pathlib import Path
from random import Random
from struct import pack, unpack

DIGITS = {"f32": 24, "f64": 53}
SMALLEST = {"f32": -149, "f64": -1074}
LARGEST = {"f32": 128, "f64": 1024}
LETTERS = {"f32": (">f", ">I", 32), "f64": (">d", ">Q", 64)}
random = Random(20261128)


def number(kind, bits):
    floating, integer, _ = LETTERS[kind]
    return Fraction(unpack(floating, pack(integer, bits))[0])


def power(exponent):
    return Fraction(2) ** exponent


def exponent_of(x):
    """The e with 2^e <= x < 2^(e + 1)."""
    e = x.numerator.bit_length() - x.denominator.bit_length()
    return e if power(e) <= x else e - 1


def rounded(kind, x, root=False):
    """The bits of the number nearest to x, or to its square root; "overflow" beyond the largest."""
    if x == 0:
        return 0
    negative, x = x < 0, abs(x)
    exponent = exponent_of(x)
    exponent = exponent // 2 if root else exponent
    lowest = max(exponent - DIGITS[kind] + 1, SMALLEST[kind])
    if root:
        # Four times as fine, and what is left over is told by the square.
        fine = x / power(2 * (lowest - 2))
        quarter = isqrt(fine.numerator // fine.denominator)
        exact = Fraction(quarter, 4) if quarter * quarter == fine else Fraction(2 * quarter + 1, 8)
    else:
        exact = x / power(lowest)
    digits = round(exact)  # A tie goes to the even.
    if digits * power(lowest) >= power(LARGEST[kind]):
        return "overflow"
    # A carry into the next exponent comes out right: the highest digit is not written.
    bits = digits + ((lowest - SMALLEST[kind]) << (DIGITS[kind] - 1))
    if not root and kind == "f64":
        own = x.numerator / x.denominator
        assert unpack(">Q", pack(">d", own))[0] == bits, (x, own)
    return bits | negative << LETTERS[kind][2] - 1


def text(kind, bits):
    return bits if isinstance(bits, str) else f"{bits:0{LETTERS[kind][2] // 4}x}"


def finite(kind, low=0, high=None):
    """The bits of a number whose exponent field is from low to high."""
    width, leading = LETTERS[kind][2], DIGITS[kind] - 1
    fields = (1 << width - 1 - leading) - 2
    field = random.randint(low, fields if high is None else min(high, fields))
    fraction = random.choice([0, 1, (1 << leading) - 1, random.getrandbits(leading), random.getrandbits(leading)])
    return random.getrandbits(1) << width - 1 | field << leading | fraction


def terms(kind, count):
    """Numbers of some kind: near each other, subnormal, of all sizes, or such as cancel or tie."""
    sign = 1 << LETTERS[kind][2] - 1
    shape = random.choice(["near", "small", "any", "cancel", "tie", "large"])
    if shape == "near":
        middle = random.randint(10, 200)
        return [finite(kind, middle - 5, middle + 5) for _ in range(count)]
    if shape == "small":
        return [finite(kind, 0, 3) for _ in range(count)]
    if shape == "large":
        most = (1 << LETTERS[kind][2] - DIGITS[kind]) - 2
        return [finite(kind, most - 2, most) for _ in range(count)]
    if shape == "any":
        return [finite(kind) for _ in range(count)]
    if shape == "cancel":
        half = [finite(kind) for _ in range(count // 2)]
        return half + [bits ^ sign for bits in half] + [finite(kind)]
    # x, half its last digit, and perhaps the smallest number more or less.
    middle = random.randint(60, 200)
    leading = DIGITS[kind] - 1
    x = finite(kind, middle, middle)
    half = middle - leading - 1 << leading | (x & sign)
    return [x, half] + random.choice([[], [1], [sign | 1]])


def main():
    lines = []
    for kind in ("f32", "f64"):
        for _ in range(250):
            bits = terms(kind, random.randint(1, 12))
            total = sum(number(kind, b) for b in bits)
            count = random.choice([len(bits), 1, 3, 7, 1 << 40, (1 << 64) - 1, random.getrandbits(50) + 1])
            results = [rounded(kind, total), rounded(kind, total / count)]
            lines.append(["sum", kind, *(text(kind, r) for r in results), str(count), *(text(kind, b) for b in bits)])
        for _ in range(250):
            bits = terms(kind, 2 * random.randint(1, 5))
            bits = bits[: len(bits) // 2 * 2]
            if random.random() < 0.5:
                bits = [b for b in bits for _ in range(2)]
            total = sum(number(kind, a) * number(kind, b) for a, b in zip(bits[::2], bits[1::2]))
            count = random.choice([len(bits) // 2, 1, 3, 1 << 40, (1 << 64) - 1, random.getrandbits(50) + 1])
            mean = total / count
            root = "negative" if mean < 0 else rounded(kind, mean, root=True)
            results = [rounded(kind, total), rounded(kind, mean), root]
            lines.append(["products", kind, *(text(kind, r) for r in results), str(count), *(text(kind, b) for b in bits)])
        for _ in range(250):
            above, below = terms(kind, random.randint(1, 4)), terms(kind, random.randint(1, 4))
            over, under = (sum(number(kind, b) for b in bits) for bits in (above, below))
            result = "nothing" if under == 0 else rounded(kind, over / under)
            lines.append(["ratio", kind, text(kind, result), str(len(above)), *(text(kind, b) for b in above + below)])
        for _ in range(50):
            # n times a sum of squares less the square of the sum: what a variance is made of.
            bits = terms(kind, random.randint(2, 6))
            values = [number(kind, b) for b in bits]
            spread = len(values) * sum(v * v for v in values) - sum(values) ** 2
            lines.append(["spread", kind, text(kind, rounded(kind, spread)), *(text(kind, b) for b in bits)])
    golden = Path(__file__).with_name("golden.txt")
    golden.write_text("".join(" ".join(line) + "\n" for line in lines))


main()
