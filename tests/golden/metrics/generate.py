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

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parents[2] / "examples" / "data"
NAN = float("nan")


def f32(x):
    return float(np.float32(x))


def rounded(x, digits):
    """A fraction, rounded once to a significand of some digits, ties to even."""
    if x == 0:
        return 0.0
    exponent = math.floor(math.log2(abs(x))) - digits
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


FAMILIES = {"confusion": confusion_cases, "top_k": top_k_cases, "ranking": ranking_cases}


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
