#!/usr/bin/env python3
"""Writes the golden vectors of the metrics, one file a family, next to this script: inputs, and what scikit-learn makes of them.

    python3 tests/golden/metrics/generate.py            writes tests/golden/metrics/<family>.txt
    python3 tests/golden/metrics/generate.py --check    writes nothing; compares the files

Needs scikit-learn, whose version stands in the first line of each file. The seeds are fixed, and every input is representable in
f32. Real data are not copied: `data digits` is examples/data/digits_logits.csv.

The format, line by line (numbers as Python writes a double, the shortest that reads back):

    case <integer>
    data <name> [<class>]      a file of examples/data; with a class, its column of scores, and labels 1 for that class
    classes <C>                or the input: what of these lines a family has
    labels <integers>
    predicted <integers>
    from logits|probabilities  what the scores are
    scores <numbers>           row-major
    targets <numbers>
    expect <metric> <options> <numbers>
                               what scikit-learn returns, nan where it is undefined
    exact <metric> <options> <number> <number>
                               of a metric that is one division of integers: computed in fractions, rounded once to f64, and to f32
    end
"""

import csv
import math
import pathlib
import random
import sys
import warnings
from fractions import Fraction

import numpy as np
import sklearn
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parents[2] / "examples" / "data"
NAN = float("nan")


def f32(x):
    return float(np.float32(x))


def rounded(x, digits):
    """A fraction, rounded once to a significand of some digits, ties to even."""
    if x == 0:
        return 0.0
    exponent = abs(x.numerator).bit_length() - x.denominator.bit_length() - digits
    while abs(x) >= Fraction(2) ** (exponent + digits):
        exponent += 1
    while abs(x) < Fraction(2) ** (exponent + digits - 1):
        exponent -= 1
    return float(round(x / Fraction(2) ** exponent) * Fraction(2) ** exponent)


def exact(what, part, whole):
    if whole == 0:
        return []
    x = Fraction(part, whole)
    return [f"exact {what} {rounded(x, 53)!r} {rounded(x, 24)!r}"]


def expect(what, *values):
    return [" ".join(["expect", what, *(repr(float(value)) for value in values)])]


def read(name):
    with (DATA / f"{name}_logits.csv").open(newline="") as file:
        _, *rows = csv.reader(file)
    return np.array([int(row[0]) for row in rows]), np.array([[f32(x) for x in row[1:]] for row in rows])


def numbers(name, values):
    return [f"{name} " + " ".join(str(int(x)) if float(x).is_integer() and abs(x) < 2**53 and name in ("labels", "predicted") else repr(float(x)) for x in values)]


# ------------------------------------------------------------------------------------------------ confusion matrix


def confusion(labels, predicted, classes):
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    every = list(range(classes))
    out = []
    matrix = sk.confusion_matrix(labels, predicted, labels=every)
    out += ["expect counts - " + " ".join(str(x) for x in matrix.ravel())]
    out += expect("accuracy -", sk.accuracy_score(labels, predicted))
    out += expect("balanced_accuracy skip", sk.balanced_accuracy_score(labels, predicted))
    out += expect("matthews_correlation zero", sk.matthews_corrcoef(labels, predicted))
    for weights in (None, "linear", "quadratic"):
        # Weights are distances of the classes' places in `labels`, so all must be given.
        value = sk.cohen_kappa_score(labels, predicted, labels=every, weights=weights)
        out += expect(f"cohen_kappa {weights or 'equal'}", value)
    for zero, option in ((0, "zero"), (1, "one"), (np.nan, "skip")):
        for average in (None, "micro", "macro", "weighted"):
            shared = {"average": average, "zero_division": zero}
            name = f"{average or 'each'}/{option}"
            for metric, function in (("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score)):
                value = function(labels, predicted, labels=every, **shared)
                out += expect(f"{metric} {name}", *np.atleast_1d(value))
            if option != "skip":
                value = sk.jaccard_score(labels, predicted, labels=every, **shared)
                out += expect(f"iou {name}", *np.atleast_1d(value))
    # What jaccard_score has instead of NaN: it takes the classes that occur.
    for average in ("macro", "weighted"):
        out += expect(f"iou {average}/skip", sk.jaccard_score(labels, predicted, average=average))
    # Means of several ratios are not here: they are not one division.
    m = [[int(x) for x in row] for row in matrix]
    total, hits = len(labels), sum(m[k][k] for k in every)
    support, given = [sum(m[k]) for k in every], [sum(row[k] for row in m) for k in every]
    out += exact("accuracy -", hits, total)
    for k in every:
        out += exact(f"precision {k}", m[k][k], given[k])
        out += exact(f"recall {k}", m[k][k], support[k])
        out += exact(f"f1 {k}", 2 * m[k][k], support[k] + given[k])
        out += exact(f"iou {k}", m[k][k], support[k] + given[k] - m[k][k])
    out += exact("iou micro", hits, 2 * total - hits)
    for name, weight in (("equal", lambda d: min(d, 1)), ("linear", lambda d: d), ("quadratic", lambda d: d * d)):
        pairs = [(i, j, weight(abs(i - j))) for i in every for j in every]
        observed = total * sum(w * m[i][j] for i, j, w in pairs)
        chance = sum(w * support[i] * given[j] for i, j, w in pairs)
        out += exact(f"cohen_kappa {name}", chance - observed, chance)
    return out


def confusion_cases():
    for name in ("digits", "coins3"):
        labels, scores = read(name)
        yield [f"data {name}"] + confusion(labels, scores.argmax(axis=1), scores.shape[1])
    rng = random.Random(1)
    for case in range(36):
        classes = rng.choice([2, 2, 3, 3, 4, 5, 8])
        n = rng.choice([1, 2, 5, 20, 60, 200])
        kind = case % 6
        labels = [rng.randrange(classes) for _ in range(n)]
        predicted = [y if rng.random() < 0.7 else rng.randrange(classes) for y in labels]
        if kind == 1:  # classes that nothing is predicted to be
            predicted = [min(y, classes // 2) for y in predicted]
        if kind == 2:  # a class that is absent
            labels = [y % max(1, classes - 1) for y in labels]
        if kind == 3:  # all of one class
            labels = [classes - 1] * n
        if kind == 4:  # all predicted to be of one class, or all right
            predicted = [0] * n if case % 4 == 0 else labels
        if kind == 5:  # never right
            predicted = [(y + 1) % classes for y in labels]
        yield [f"classes {classes}"] + numbers("labels", labels) + numbers("predicted", predicted) + confusion(labels, predicted, classes)


# ------------------------------------------------------------------------------------------------ ranks of scores


def top_k(labels, scores):
    labels, scores = np.asarray(labels), np.asarray(scores)
    classes = scores.shape[1]
    out = []
    for k in range(1, classes + 1):
        out += expect(f"top_k {k}", sk.top_k_accuracy_score(labels, scores, k=k, labels=range(classes)))
        order = np.argsort(scores, axis=1, kind="stable")[:, ::-1]
        hits = sum(int(y in row[:k]) for y, row in zip(labels, order))
        out += exact(f"top_k {k}", hits, len(labels))
    return out


def top_k_cases():
    for name in ("digits", "coins3"):
        yield [f"data {name}"] + top_k(*read(name))
    rng = random.Random(2)
    for case in range(16):
        classes = rng.choice([3, 4, 7, 12])  # two classes are another case to scikit-learn
        n = rng.choice([1, 3, 40])
        values = [-1.0, 0.0, -0.0, 2.0] if case % 2 else [f32(rng.gauss(0, 3)) for _ in range(100)]
        labels = [rng.randrange(classes) for _ in range(n)]
        scores = [[rng.choice(values) for _ in range(classes)] for _ in range(n)]
        yield [f"classes {classes}"] + numbers("labels", labels) + numbers("scores", np.ravel(scores)) + top_k(labels, scores)


def ranking(labels, scores):
    labels, scores = np.asarray(labels), np.asarray(scores)
    out = expect("auroc -", sk.roc_auc_score(labels, scores))
    out += expect("average_precision -", sk.average_precision_score(labels, scores))
    groups = {}
    for y, x in zip(labels, scores):
        groups.setdefault(float(x) + 0.0, [0, 0])[int(y)] += 1
    wins, precision, negatives, tp, fp = 0, Fraction(0), 0, 0, 0
    for x in sorted(groups):
        n, p = groups[x]
        wins += p * (2 * negatives + n)
        negatives += n
    positives = int(labels.sum())
    for x in sorted(groups, reverse=True):
        n, p = groups[x]
        tp, fp = tp + p, fp + n
        precision += Fraction(p * tp, tp + fp)
    out += exact("auroc -", wins, 2 * positives * negatives)
    precision /= positives
    out += exact("average_precision -", precision.numerator, precision.denominator)
    return out


def ranking_cases():
    for name in ("coins", "faces"):
        labels, scores = read(name)
        yield [f"data {name}"] + ranking(labels, scores[:, 0])
    labels, scores = read("digits")
    for k in range(10):
        yield [f"data digits {k}"] + ranking(labels == k, scores[:, k])
    rng = random.Random(3)
    for case in range(30):
        n = rng.choice([2, 3, 10, 50, 300])
        labels = [rng.random() < rng.choice([0.1, 0.5, 0.9]) for _ in range(n)]
        labels[0], labels[1] = True, False
        kind = case % 5
        draw = {
            0: lambda y: rng.gauss(1.0 if y else 0.0, 1),
            1: lambda y: rng.choice([0.0, -0.0, 0.25, 0.5, 1.0]),
            2: lambda y: 1 / (1 + math.exp(-rng.gauss(4.0 if y else -4.0, 3))),
            3: lambda y: 0.5,
            4: lambda y: 2.0 ** rng.randrange(-149, 100) * rng.choice([-1, 1]),
        }[kind]
        scores = [f32(draw(y)) for y in labels]
        yield numbers("labels", labels) + numbers("scores", scores) + ranking(labels, scores)


# ------------------------------------------------------------------------------------------------ probabilities


def calibration(confidence, right):
    """Reliability in bins, and from it the two errors: exactly where the confidences are given."""
    out, n = [], len(right)
    for bins in (1, 8, 10, 15):
        true, mean = calibration_curve(right, confidence, n_bins=bins)
        # The bins of calibration_curve.
        place = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence)
        count = np.bincount(place, minlength=bins)
        assert len(true) == np.count_nonzero(count)
        gaps = np.abs(true - mean)
        out += expect(f"reliability {bins}", *true) + expect(f"confidence {bins}", *mean)
        out += expect(f"ece {bins}", np.average(gaps, weights=count[count > 0])) + expect(f"mce {bins}", max(gaps))
        sums = [[Fraction(0), 0] for _ in range(bins)]
        for b, p, y in zip(place, confidence, right):
            sums[b][0] += Fraction(float(p)) - int(y)
            sums[b][1] += 1
        ece, mce = sum(abs(s) for s, _ in sums) / n, max(abs(s) / m for s, m in sums if m)
        out += exact(f"ece {bins}", ece.numerator, ece.denominator) + exact(f"mce {bins}", mce.numerator, mce.denominator)
    return out


def probabilities(labels, p, is_exact):
    every = list(range(p.shape[1]))
    out = expect("log_loss -", sk.log_loss(labels, p, labels=every))
    out += expect("perplexity -", math.exp(sk.log_loss(labels, p, labels=every)))
    out += expect("brier -", sk.brier_score_loss(labels, p, labels=every, scale_by_half=False))
    found = calibration(p.max(axis=1), (p.argmax(axis=1) == labels).astype(int))
    return out + [line for line in found if is_exact or not line.startswith("exact")]


def dyadic(rng, classes):
    """Probabilities above 0 whose sum is 1 without rounding."""
    cuts = sorted(rng.sample(range(1, 1024), classes - 1))
    return [(b - a) / 1024 for a, b in zip([0, *cuts], [*cuts, 1024])]


def probability_cases():
    for name in ("digits", "coins3"):
        labels, logits = read(name)
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        yield [f"data {name}", "from logits"] + probabilities(labels, p, False)
    rng = random.Random(4)
    for _ in range(12):
        classes, n = rng.choice([2, 3, 5, 10]), rng.choice([1, 4, 60])
        p = [dyadic(rng, classes) for _ in range(n)]
        labels = np.array([rng.choices(range(classes), row)[0] for row in p])
        head = [f"classes {classes}", "from probabilities"] + numbers("labels", labels) + numbers("scores", np.ravel(p))
        yield head + probabilities(labels, np.array(p), True)
    for n in (1, 5, 80, 80):  # one probability an item
        p = np.array([dyadic(rng, 2)[0] for _ in range(n)])
        labels = np.array([int(rng.random() < x) for x in p])
        out = expect("log_loss -", sk.log_loss(labels, p, labels=[0, 1]))
        out += expect("brier -", sk.brier_score_loss(labels, p, labels=[0, 1], pos_label=1))
        head = ["classes 1", "from probabilities"] + numbers("labels", labels) + numbers("scores", p)
        yield head + out + calibration(p, labels)


# ------------------------------------------------------------------------------------------------ regression


def root(x, digits):
    """The square root of a fraction, rounded once."""
    scaled = x * 4**400
    below = math.isqrt(scaled.numerator // scaled.denominator)
    # What is not a square is between two integers of 400 more binary digits, so never at a tie.
    odd = Fraction(0) if below * below == scaled else Fraction(1, 2)
    return rounded((below + odd) / 2**400, digits)


def regression(y, p):
    out = expect("mae -", sk.mean_absolute_error(y, p)) + expect("rmse -", sk.root_mean_squared_error(y, p))
    out += expect("mape -", sk.mean_absolute_percentage_error(y, p)) + expect("coverage -", np.mean(np.asarray(y) <= p))
    a, b, n = [Fraction(x) for x in y], [Fraction(x) for x in p], len(y)
    mean = sum(a) / n
    mae, mse = sum(abs(u - v) for u, v in zip(a, b)) / n, sum((u - v) ** 2 for u, v in zip(a, b)) / n
    spread = sum((u - mean) ** 2 for u in a) / n
    out += expect("r2 -", sk.r2_score(y, p))
    if spread != 0:
        r2 = 1 - mse / spread
        out += exact("r2 -", r2.numerator, r2.denominator)
    out += exact("mae -", mae.numerator, mae.denominator) + exact("mse -", mse.numerator, mse.denominator)
    return out + [f"exact rmse - {root(mse, 53)!r} {root(mse, 24)!r}"]


def regression_cases():
    rng = random.Random(5)
    for case in range(24):
        n, kind = rng.choice([2, 3, 30, 100]), case % 6
        y = [rng.gauss(0, 1) for _ in range(n)]
        p = [x + rng.gauss(0, 0.3) for x in y]
        if kind == 1:  # far from 0, and close together
            y, p = ([1000 + x / 50 for x in v] for v in (y, p))
        if kind == 2:  # of all sizes
            y, p = ([x * 10.0 ** rng.randrange(-12, 12) for x in v] for v in (y, p))
        if kind == 3:  # right, but one
            p = [*y[1:], y[0]] if n == 2 else [p[0], *y[1:]]
        if kind == 4:  # integers, 0 among them
            y, p = [float(rng.randrange(3)) for _ in range(n)], [float(rng.randrange(3)) for _ in range(n)]
        if kind == 5:  # equal targets
            y = [2.5] * n
        y, p = [f32(x) for x in y], [f32(x) for x in p]
        yield numbers("targets", y) + numbers("scores", p) + regression(y, p)
    for p in ([2.5] * 3, [2.5, 2.5, 2.0]):  # right, and not, where targets are equal
        yield numbers("targets", [2.5] * 3) + numbers("scores", p) + regression([2.5] * 3, p)


FAMILIES = {
    "confusion": confusion_cases,
    "top_k": top_k_cases,
    "ranking": ranking_cases,
    "probabilities": probability_cases,
    "regression": regression_cases,
}


def main():
    warnings.simplefilter("ignore")
    check, stale = "--check" in sys.argv[1:], []
    for family, cases in FAMILIES.items():
        lines = [f"# Golden vectors of metrics: {family}. scikit-learn {sklearn.__version__}, NumPy {np.__version__}."]
        lines += ["# Do not edit: run `python3 tests/golden/metrics/generate.py`, which describes the format."]
        for number, case in enumerate(cases()):
            lines += [f"case {number}", *case, "end"]
        path, text = HERE / f"{family}.txt", "\n".join(lines) + "\n"
        if not check:
            path.write_text(text)
        elif path.read_text() != text:
            stale.append(path.name)
    sys.exit(f"stale: {', '.join(stale)}" if stale else 0)


if __name__ == "__main__":
    main()
