#!/usr/bin/env python3
"""Writes the golden test vectors of microloss: one file a loss, next to this script.

    python3 tests/golden/generate.py            writes tests/golden/<loss>.txt
    python3 tests/golden/generate.py --check    writes nothing; checks the oracle and the files
    Names of losses after it take only those.

Needs Python 3.9 or later and mpmath 1.3. The output is the same on every run and every machine: the seeds are
fixed, and neither the inputs nor the results pass through the platform's exp or log.

The oracle is written from the definitions (softmax is exp over sum, 1 - p is a subtraction), not from the
stable forms of the crate, and works in 450 decimal digits. That is enough for every cancellation in here: 1 - p
is at least 1e-324 wherever a result does not round to 0 in f64, which leaves more than 100 right digits. No f64
arithmetic takes part: the inputs are floats, converted exactly; the results are rounded once, to the nearest double.

All inputs are representable in f32, so that each case tests f32 and f64 alike.

--check recomputes every case in 700 digits and expects the same doubles; tests the rounding against exact
fractions; compares gradients with central differences away from kinks and clamps; and compares the files.

The format, line by line (a number is a C hex float, inf or -inf):

    case <integer>
    param <key>=<value>        zero or more; lists are comma separated; absent: the default
    unit nats|bits
    reduction mean|sum|none
    columns <C>                scores per row
    pixels <n>                 region losses only: pixels per image
    ignore_index <integer>     optional
    scores <numbers>           row-major
    labels <integers>          or: targets <numbers>
    sample_weights <numbers>   optional
    value <numbers>            one, or one an item (reduction none; 0 for an ignored item)
    terms <numbers>            sum of |terms| that make the value, reduced as the value is
    gradient <numbers>         as the scores; with reduction none each item's own
    gradient_terms <numbers>   for each entry of the gradient, sum of |terms| that make it
    end
"""

import itertools
import math
import pathlib
import random
import struct
import sys
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Optional

from mpmath import mp, mpf

DIGITS = 450
CHECK_DIGITS = 700
mp.dps = DIGITS

INF = float("inf")
LN_FLOOR = 100  # from probabilities -ln p is at most this ...
INVERSE_CAP = mpf(10) ** 12  # ... and 1/p at most this
HERE = pathlib.Path(__file__).resolve().parent


# ------------------------------------------------------------------------------------------------ cases and items


@dataclass
class Case:
    """The input of a loss. All floats are representable in f32."""

    scores: list
    columns: int
    labels: Optional[list] = None
    targets: Optional[list] = None
    params: dict = field(default_factory=dict)
    unit: str = "nats"
    reduction: str = "mean"
    pixels: Optional[int] = None
    ignore_index: Optional[int] = None
    sample_weights: Optional[list] = None
    default_source: str = "logits"

    @property
    def source(self):
        return self.params.get("from", self.default_source)

    def number(self, key, default):
        return exact(self.params.get(key, default))

    def numbers(self, key, default):
        return [exact(v) for v in self.params.get(key, default)]

    def flag(self, key):
        return int(self.params.get(key) == "true")

    def ignores(self, index):
        return self.labels is not None and self.ignore_index is not None and self.labels[index] == self.ignore_index

    def sample_weight(self, index):
        return exact(self.sample_weights[index]) if self.sample_weights else mpf(1)

    def distribution(self, row):
        """The target of a row: as given, or one-hot."""
        if self.labels is not None:
            return [mpf(int(c == self.labels[row])) for c in range(self.columns)]
        return [exact(q) for q in self.targets[row * self.columns : (row + 1) * self.columns]]

    def soft_label(self, index):
        return exact(self.labels[index] if self.labels is not None else self.targets[index])


@dataclass
class Item:
    """An item's result: what it adds to a batch, and its share of the mean's denominator."""

    value: mpf
    gradient: list
    terms: Optional[mpf] = None  # sum of |terms|; None: the value itself
    gradient_terms: Optional[list] = None  # likewise for the gradient; None: its absolute values
    weight: mpf = mpf(1)

    def scaled(self, factor):
        """Times a sample weight, which is not negative."""
        terms = self.value if self.terms is None else self.terms
        gradient_terms = self.gradient_terms or [abs(g) for g in self.gradient]
        return Item(
            self.value * factor,
            [g * factor for g in self.gradient],
            terms * factor,
            [g * factor for g in gradient_terms],
            self.weight,
        )


def ignored(width):
    return Item(mpf(0), [mpf(0)] * width, weight=mpf(0))


@dataclass
class Result:
    value: list
    terms: list
    gradient: list
    gradient_terms: list


def evaluate(loss, case, scores=None):
    """Reduces the items of a batch. `scores` replaces the case's own (for differences)."""
    scores = [exact(x) for x in case.scores] if scores is None else scores
    items = [item.scaled(1) for item in loss.items(case, scores)]
    divisor = mp.log(2) if case.unit == "bits" and loss.logarithmic else mpf(1)
    if case.reduction == "mean":
        divisor *= mp.fsum(item.weight for item in items)
    values, terms = [item.value / divisor for item in items], [item.terms / divisor for item in items]
    if case.reduction != "none":
        values, terms = [mp.fsum(values)], [mp.fsum(terms)]
    return Result(
        values,
        terms,
        [g / divisor for item in items for g in item.gradient],
        [g / divisor for item in items for g in item.gradient_terms],
    )


# ------------------------------------------------------------------------------------------------------ definitions


def exact(x):
    return mpf(x)


def softmax(row):
    powers = [mp.exp(x) for x in row]
    total = mp.fsum(powers)
    return [power / total for power in powers]


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def softplus(x):
    return mp.log(1 + mp.exp(x))


def bounded_nll(p):
    """-ln p, at most 100."""
    return mpf(LN_FLOOR) if p == 0 else min(-mp.log(p), mpf(LN_FLOOR))


def bounded_inverse(p):
    """1/p, at most 1e12."""
    return INVERSE_CAP if p == 0 else min(1 / p, INVERSE_CAP)


def bounded_variance(p):
    """p (1 - p), at least 1e-12."""
    return max(p * (1 - p), 1 / INVERSE_CAP)


def weighted_sum(coefficients, terms):
    """Sum of products; `terms` are functions, and are not called where the coefficient is 0."""
    return mp.fsum(a * term() for a, term in zip(coefficients, terms) if a != 0)


def rows(case, scores):
    width = case.columns
    return enumerate(scores[i : i + width] for i in range(0, len(scores), width))


def negative_logs(case, row):
    """For each class a function that gives -ln p_c."""
    if case.source == "logits":
        return [lambda p=p: -mp.log(p) for p in softmax(row)]
    if case.source == "log_probabilities":
        return [lambda x=x: -x for x in row]
    return [lambda p=p: bounded_nll(p) for p in row]


def linear_in_logs(case, row, a, cancels):
    """Gradient of sum_c a_c (-ln p_c), and its terms. `cancels`: two terms add up to an entry."""
    if case.source == "logits":
        p, total = softmax(row), mp.fsum(a)
        gradient = [total * p_j - a_j for p_j, a_j in zip(p, a)]
        return gradient, [total * p_j + a_j for p_j, a_j in zip(p, a)] if cancels else None
    if case.source == "log_probabilities":
        return [-a_c for a_c in a], None
    return [-a_c * bounded_inverse(p) if a_c != 0 else mpf(0) for a_c, p in zip(a, row)], None


# ----------------------------------------------------------------------------------------------------- row losses


def cross_entropy(case, scores):
    classes, hard = case.columns, case.labels is not None
    weights = case.numbers("weights", [1.0] * classes)
    smoothing = case.number("label_smoothing", 0.0)
    for i, row in rows(case, scores):
        if case.ignores(i):
            yield ignored(classes)
            continue
        smoothed = [(1 - smoothing) * q + smoothing / classes for q in case.distribution(i)]
        a = [w * q for w, q in zip(weights, smoothed)]
        value = weighted_sum(a, negative_logs(case, row))
        gradient, terms = linear_in_logs(case, row, a, cancels=not hard or smoothing != 0)
        factor = case.sample_weight(i)
        weight = weights[case.labels[i]] * factor if hard else mpf(1)
        yield Item(value, gradient, None, terms, weight).scaled(factor)


def kl_divergence(case, scores):
    for i, row in rows(case, scores):
        if case.ignores(i):
            yield ignored(case.columns)
            continue
        q = case.distribution(i)
        logs = [lambda v=v: mp.log(v) for v in q]
        negative = weighted_sum(q, negative_logs(case, row))
        value = weighted_sum(q, logs) + negative
        magnitude = weighted_sum(q, [lambda f=f: abs(f()) for f in logs]) + abs(negative)
        gradient, terms = linear_in_logs(case, row, q, cancels=case.labels is None)
        yield Item(value, gradient, magnitude, terms).scaled(case.sample_weight(i))


def focal_multiclass(case, scores):
    classes = case.columns
    gamma, alpha = case.number("gamma", 2.0), case.numbers("alpha", [1.0] * classes)
    for i, row in rows(case, scores):
        if case.ignores(i):
            yield ignored(classes)
            continue
        t = case.labels[i]
        p = softmax(row) if case.source == "logits" else row
        u, nll = 1 - p[t], bounded_nll(p[t]) if case.source == "probabilities" else -mp.log(p[t])
        factor = alpha[t] * u**gamma  # 0^0 = 1
        slope = gamma * nll / u if u != 0 else mpf(0)
        if case.source == "logits":
            k = factor * (slope * p[t] + 1)
            gradient = [-k * u if j == t else k * p[j] for j in range(classes)]
        else:
            gradient = [-factor * (slope + bounded_inverse(p[t])) if j == t else mpf(0) for j in range(classes)]
        yield Item(factor * nll, gradient).scaled(case.sample_weight(i))


def divergence(case, scores, term):
    """Sums over the classes. `term(p, q)` gives the term of a class, the sum of the magnitudes of its terms, its
    derivative with respect to p, and that of the terms of the derivative, where p comes rounded from exp. From
    probabilities nothing is rounded before p and q meet, and where labels are given 1 - p is as good as p."""
    for i, row in rows(case, scores):
        if case.ignores(i):
            yield ignored(case.columns)
            continue
        p = {"logits": softmax, "log_probabilities": lambda row: [mp.exp(x) for x in row]}.get(case.source, list)(row)
        values, terms, slopes, slope_terms = zip(*(term(p_c, q_c) for p_c, q_c in zip(p, case.distribution(i))))
        exact_terms = case.labels is not None or case.source == "probabilities"
        if case.source == "logits":
            mean, size = (mp.fsum(p_c * v for p_c, v in zip(p, s)) for s in (slopes, slope_terms))
            gradient = [p_c * (s - mean) for p_c, s in zip(p, slopes)]
            gradient_terms = [p_c * (t + size) for p_c, t in zip(p, slope_terms)]
        elif case.source == "log_probabilities":
            gradient, gradient_terms = ([p_c * v for p_c, v in zip(p, s)] for s in (slopes, slope_terms))
        else:
            gradient, gradient_terms = list(slopes), None
        if case.labels is not None:
            gradient_terms = None
        yield Item(mp.fsum(values), gradient, None if exact_terms else mp.fsum(terms), gradient_terms).scaled(
            case.sample_weight(i)
        )


def jensen_shannon(case, scores):
    pi = case.number("pi", 0.5)
    log_floor = mpf(-LN_FLOOR) if case.source == "probabilities" else mpf("-inf")

    def term(p, q):
        m = pi * p + (1 - pi) * q
        parts = [w * v * mp.log(v / m) if w * v != 0 else mpf(0) for w, v in ((pi, p), (1 - pi, q))]
        if pi == 0 or m == 0 and q != 0:
            slope = mpf(0)
        elif q == 0:
            slope = -pi * mp.log(pi)
        elif p == 0:  # the derivative is multiplied by p, or bounded
            slope = pi * log_floor if case.source == "probabilities" else mpf(0)
        else:
            slope = pi * max(mp.log(p / m), log_floor)
        return sum(parts), sum(map(abs, parts)), slope, abs(slope) + (pi * (1 - pi) * q / m if m != 0 else 0)

    yield from divergence(case, scores, term)


def brier(case, scores):
    def term(p, q):
        return (p - q) ** 2, abs(p - q) * (p + q), 2 * (p - q), 2 * (p + q)

    for i, item in enumerate(divergence(case, scores, term)):
        if case.source == "logits" and case.labels is not None and not case.ignores(i):
            # Wrong classes differ: 2 p (p + p_t (1 - p_t) - sum of squares of the wrong ones).
            t, p = case.labels[i], softmax(scores[i * case.columns : (i + 1) * case.columns])
            size = p[t] * (1 - p[t]) + mp.fsum(v * v for c, v in enumerate(p) if c != t)
            factor = case.sample_weight(i)
            item.gradient_terms = [
                item.gradient_terms[c] if c == t else 2 * factor * v * (v + size) for c, v in enumerate(p)
            ]
        yield item


# --------------------------------------------------------------------------------------------------- binary losses


def two_sided(case, x, positive, negative):
    """positive (-ln p) + negative (-ln (1-p)): value, gradient and the gradient's terms, by logit or by p."""
    if case.source == "logits":
        value = weighted_sum([positive, negative], [lambda: softplus(-x), lambda: softplus(x)])
        up, down, scale = negative * sigmoid(x), positive * sigmoid(-x), 1
    else:
        value = weighted_sum([positive, negative], [lambda: bounded_nll(x), lambda: bounded_nll(1 - x)])
        up, down, scale = negative * x, positive * (1 - x), bounded_variance(x)
    return value, (up - down) / scale, (up + down) / scale


def two_sided_items(case, scores, coefficients):
    """Items of a loss that is `two_sided`, with the coefficients of an element."""
    for i, x in enumerate(scores):
        if case.ignores(i):
            yield ignored(1)
            continue
        value, gradient, terms = two_sided(case, x, *coefficients(i))
        yield Item(value, [gradient], None, [terms]).scaled(case.sample_weight(i))


def binary_cross_entropy(case, scores):
    smoothing = case.number("label_smoothing", 0.0)
    weights = case.numbers("pos_weight", [1.0])
    weights = weights if len(weights) == case.columns else weights * case.columns

    def coefficients(i):
        y = case.soft_label(i)
        positive, negative = (v * (1 - smoothing) + smoothing / 2 for v in (y, 1 - y))
        return weights[i % case.columns] * positive, negative

    yield from two_sided_items(case, scores, coefficients)


def balanced_cross_entropy(case, scores):
    if "alpha" in case.params:
        alpha = case.number("alpha", None)
    else:
        valid = [case.soft_label(i) for i in range(len(scores)) if not case.ignores(i)]
        alpha = 1 - mp.fsum(valid) / len(valid)

    def coefficients(i):
        y = case.soft_label(i)
        return alpha * y, (1 - alpha) * (1 - y)

    yield from two_sided_items(case, scores, coefficients)


def focal(case, scores):
    gamma, alpha = case.number("gamma", 2.0), case.params.get("alpha", 0.25)
    for i, x in enumerate(scores):
        if case.ignores(i):
            yield ignored(1)
            continue
        y = case.soft_label(i)
        alpha_y = mpf(1) if alpha is None else exact(alpha) * y + (1 - exact(alpha)) * (1 - y)
        p = sigmoid(x) if case.source == "logits" else x
        q = p * (1 - y) + (1 - p) * y
        factor = alpha_y * q**gamma  # 0^0 = 1
        bce, _, _ = two_sided(case, x, y, 1 - y)
        # d bce and dQ with respect to the score; |d bce| is at most q / scale, its terms add up to that.
        dp, scale = (p * (1 - p), 1) if case.source == "logits" else (1, bounded_variance(p))
        slope = gamma * (1 - 2 * y) * dp * bce / q if q != 0 else mpf(0)
        gradient = factor * ((p - y) / scale + slope)
        terms = factor * (q / scale + abs(slope))
        yield Item(factor * bce, [gradient], None, [terms]).scaled(case.sample_weight(i))


def hinge(case, scores):
    margin = case.number("margin", 1.0)
    for i, x in enumerate(scores):
        if case.ignores(i):
            yield ignored(1)
            continue
        lacking = margin - case.labels[i] * x
        gradient = mpf(-case.labels[i]) if lacking > 0 else mpf(0)
        yield Item(max(lacking, mpf(0)), [gradient]).scaled(case.sample_weight(i))


# ------------------------------------------------------------------------------------------------------- regression


def of_errors(item):
    """Items of a loss of x - y: `item(case, column)` gives value and gradient of an error."""

    def items(case, scores):
        for i, x in enumerate(scores):
            value, gradient = item(case, i % case.columns)(x - exact(case.targets[i]))
            yield Item(value, [gradient]).scaled(case.sample_weight(i))

    return items


def squared(case, _column):
    factor = 1 - case.flag("half") / mpf(2)
    return lambda e: (factor * e**2, 2 * factor * e)


def absolute(_case, _column):
    return lambda e: (abs(e), mp.sign(e))


def huber(case, _column):
    delta = case.number("delta", 1.0)
    return lambda e: (e**2 / 2, e) if abs(e) <= delta else (delta * (abs(e) - delta / 2), delta * mp.sign(e))


def smooth_l1(case, _column):
    beta = case.number("beta", 1.0)
    return lambda e: (e**2 / 2 / beta, e / beta) if abs(e) < beta else (abs(e) - beta / 2, mp.sign(e))


def log_cosh(_case, _column):
    return lambda e: (mp.log(mp.cosh(e)), mp.tanh(e))


def quantile(case, column):
    taus = case.numbers("tau", [0.5])
    tau = taus[column] if len(taus) > 1 else taus[0]
    return lambda e: (-tau * e, -tau) if e <= 0 else ((1 - tau) * e, 1 - tau)


def gaussian_nll(case, scores):
    constant = mp.log(2 * mp.pi) / 2 * case.flag("full")
    for i, y in enumerate(case.targets):
        mean, spread = scores[2 * i : 2 * i + 2]
        e = mean - exact(y)
        if case.source == "log_variances":
            inverse, logarithm = mp.exp(-spread), spread
            gradient = [e * inverse, (1 - e**2 * inverse) / 2]
            terms = [abs(gradient[0]), (1 + e**2 * inverse) / 2]
        else:
            variance = max(spread, case.number("eps", None))
            inverse, logarithm = 1 / variance, mp.log(variance)
            gradient, terms = [e * inverse, (1 - e**2 * inverse) * inverse / 2], None
        value = (logarithm + e**2 * inverse) / 2 + constant
        magnitude = (abs(logarithm) + e**2 * inverse) / 2 + constant
        yield Item(value, gradient, magnitude, terms).scaled(case.sample_weight(i))


# --------------------------------------------------------------------------------------------------- region losses


def jaccard_increments(foreground):
    """The increments of the Jaccard loss as the pixels are added in this order: exact fractions."""
    total, seen_fg, seen_bg, last, out = sum(foreground), 0, 0, Fraction(0), []
    for is_fg in foreground:
        seen_fg, seen_bg = seen_fg + is_fg, seen_bg + (1 - is_fg)
        jaccard = 1 - Fraction(total - seen_fg, total + seen_bg)
        out.append(mpf((jaccard - last).numerator) / (jaccard - last).denominator)
        last = jaccard
    return out


def descending(keys):
    """Indices of the largest first; of equal ones the lowest index first."""
    return sorted(range(len(keys)), key=lambda i: (-keys[i], i))


def images(case):
    """For each image the indices of its pixels that count."""
    for start in range(0, len(case.labels), case.pixels):
        yield [i for i in range(start, start + case.pixels) if not case.ignores(i)], start


def lovasz_hinge(case, scores):
    for pixels, start in images(case):
        if not pixels:
            yield ignored(case.pixels)
            continue
        sign = [2 * case.labels[i] - 1 for i in pixels]
        errors = [1 - s * scores[i] for s, i in zip(sign, pixels)]
        order = descending([-s * scores[i] for s, i in zip(sign, pixels)])
        value, gradient = mpf(0), [mpf(0)] * case.pixels
        for k, w in zip(order, jaccard_increments([case.labels[pixels[k]] for k in order])):
            if errors[k] > 0:
                value += w * errors[k]
                gradient[pixels[k] - start] = -sign[k] * w
        yield Item(value, gradient)


def chosen_classes(case, pixels):
    """Classes over which an image is averaged: all, those of the list, or those that occur."""
    classes = case.params.get("classes", "present")
    if classes == "all":
        return list(range(case.columns))
    if classes == "present":
        return [c for c in range(case.columns) if any(case.labels[i] == c for i in pixels)]
    return classes


def class_errors(case, p, pixels, c):
    return [abs(int(case.labels[i] == c) - p[i][c]) for i in pixels]


def pixel_probabilities(case, scores):
    """A row a pixel; an ignored pixel's is not looked at."""
    convert = softmax if case.source == "logits" else list
    return [None if case.ignores(i) else convert(row) for i, row in rows(case, scores)]


def lovasz_softmax(case, scores):
    width = case.columns
    p = pixel_probabilities(case, scores)
    for pixels, start in images(case):
        if not pixels:
            yield ignored(case.pixels * width)
            continue
        classes = chosen_classes(case, pixels)
        value, slopes = mpf(0), {i: [mpf(0)] * width for i in pixels}  # slopes: with respect to p
        for c in classes:
            errors = class_errors(case, p, pixels, c)
            order = descending(errors)
            for k, w in zip(order, jaccard_increments([int(case.labels[pixels[k]] == c) for k in order])):
                i = pixels[k]
                value += w * errors[k] / len(classes)
                slopes[i][c] += mp.sign(p[i][c] - int(case.labels[i] == c)) * w / len(classes)
        gradient, terms = [], []
        for i in range(start, start + case.pixels):
            a = slopes.get(i, [mpf(0)] * width)
            if case.source == "logits" and i in slopes:
                mean = mp.fsum(p_k * a_k for p_k, a_k in zip(p[i], a))
                size = mp.fsum(p_k * abs(a_k) for p_k, a_k in zip(p[i], a))
                gradient += [p_j * (a_j - mean) for p_j, a_j in zip(p[i], a)]
                terms += [p_j * (abs(a_j) + size) for p_j, a_j in zip(p[i], a)]
            else:
                gradient += a
                terms += [abs(v) for v in a]
        yield Item(value, gradient, None, terms)


def overlap(case, scores, p, t, class_weight):
    """The loss of a class and its gradient with respect to p, with the gradient's terms; `scores` names the loss."""
    s, inner = case.number("smooth", 1e-5), mp.fsum(a * b for a, b in zip(p, t))
    squared = case.params.get("squared", False)
    size = lambda v: mp.fsum(a * a if squared else a for a in v)
    if scores == "jaccard":
        top, bottom = inner + s, size(p) + size(t) - inner + s
        slopes = lambda p, t: (t, 1 - t)
    elif scores == "dice":
        top, bottom = 2 * inner + s, size(p) + size(t) + s
        slopes = lambda p, t: (2 * t, 2 * p if squared else 1)
    else:
        a, b = case.number("fp_weight", 0.5), case.number("fn_weight", 0.5)
        top, bottom = inner + s, inner + a * (size(p) - inner) + b * (size(t) - inner) + s
        slopes = lambda p, t: (t, t + a * (1 - t) - b * t)
    if bottom == 0:
        return mpf(0), [mpf(0)] * len(p), [mpf(0)] * len(p)
    gradient, terms, missed = [], [], bottom - top
    for p_i, t_i in zip(p, t):
        up, down = slopes(p_i, t_i)
        gradient.append(class_weight * (top * down - bottom * up) / bottom**2)
        # d(missed / bottom) from the pixel's own error, and from what it shares with the region
        error = down - up if not squared else 2 * (p_i - t_i)
        parts = [top * error / bottom**2, missed * up / bottom**2]
        if not squared:  # each of them a mean of two kinds of pixels
            (up0, down0), (up1, down1) = slopes(p_i, 0), slopes(p_i, 1)
            parts[0] = ((1 - t_i) * abs(down0 - up0) + t_i * abs(down1 - up1)) * top / bottom**2
        terms.append(class_weight * mp.fsum(abs(part) for part in parts))
    return class_weight * missed / bottom, gradient, terms


def overlap_items(name):
    """Items of a loss of overlap: images."""

    def items(case, scores):
        width = case.columns
        weights = case.numbers("weights", [1.0] * width)
        count = len(case.labels if case.labels is not None else case.targets)
        for start in range(0, count, case.pixels):
            pixels = [i for i in range(start, start + case.pixels) if not case.ignores(i)]
            if not pixels:
                yield ignored(case.pixels * width)
                continue
            if case.labels is None:
                target = lambda i, c: exact(case.targets[i])
            else:
                target = lambda i, c: mpf(int(case.labels[i] == (1 if width == 1 else c)))
            chosen = case.params.get("classes", "all")
            if chosen == "all":
                chosen = list(range(width))
            elif chosen == "present":
                chosen = [c for c in range(width) if any(target(i, c) > 0 for i in pixels)]
            value, gradient = mpf(0), [mpf(0)] * (case.pixels * width)
            terms = list(gradient)
            for c in chosen:
                given = [scores[i * width + c] for i in pixels]
                p = [sigmoid(x) for x in given] if case.source == "logits" else given
                own, slopes, sizes = overlap(case, name, p, [target(i, c) for i in pixels], weights[c])
                value += own / len(chosen)
                for i, p_i, slope, size in zip(pixels, p, slopes, sizes):
                    chain = p_i * (1 - p_i) if case.source == "logits" else mpf(1)
                    gradient[(i - start) * width + c] = slope * chain / len(chosen)
                    terms[(i - start) * width + c] = size * chain / len(chosen)
            yield Item(value, gradient, None, terms)

    return items


# ----------------------------------------------------------------------------------------------------- pair losses


def dot(a, b):
    return mp.fsum(x * y for x, y in zip(a, b))


def vectors(case, scores, count):
    """For each item its vectors."""
    width = case.columns
    items = [scores[i : i + count * width] for i in range(0, len(scores), count * width)]
    return enumerate([item[k * width : (k + 1) * width] for k in range(count)] for item in items)


def cosine_embedding(case, scores):
    margin, floor = case.number("margin", 0.0), exact(1e-12)
    for i, (a, b) in vectors(case, scores, 2):
        if case.ignores(i):
            yield ignored(2 * case.columns)
            continue
        a_square, b_square = dot(a, a) + floor, dot(b, b) + floor
        both = mp.sqrt(a_square * b_square)
        cosine = dot(a, b) / both
        sign = 1 if case.labels[i] == 1 else -1
        value = 1 - cosine if sign == 1 else max(cosine - margin, mpf(0))
        gradient, terms = [], []
        for u, v, square in [(a, b, a_square), (b, a, b_square)]:
            for u_k, v_k in zip(u, v):
                toward, along = v_k / both, cosine * u_k / square
                is_active = sign == 1 or cosine > margin
                gradient.append(-sign * (toward - along) if is_active else mpf(0))
                terms.append(abs(toward) + abs(along) if is_active else mpf(0))
        size = mp.fsum(abs(x * y) for x, y in zip(a, b)) / both + abs(margin)
        yield Item(value, gradient, None if sign == 1 or value == 0 else size, terms).scaled(case.sample_weight(i))


def triplet_margin(case, scores):
    margin, epsilon = case.number("margin", 1.0), case.number("epsilon", 1e-6)
    power = case.number("p", 2.0)

    def distance(u, v):
        """And its derivatives by u."""
        apart = [x - y + epsilon for x, y in zip(u, v)]
        if power == 1:
            return mp.fsum(abs(x) for x in apart), [mp.sign(x) for x in apart]
        length = mp.sqrt(dot(apart, apart))
        return length, [x / length if length != 0 else mpf(0) for x in apart]

    for i, (a, p, n) in vectors(case, scores, 3):
        none = [mpf(0)] * case.columns
        (near, to_near), (far, to_far) = distance(a, p), distance(a, n)
        by_a, by_p = to_far, none
        if case.params.get("swap"):
            other, to_other = distance(p, n)
            if other < far:
                far, to_far, by_a, by_p = other, to_other, none, to_other
        if case.params.get("soft_margin"):
            value, factor = softplus(near - far), sigmoid(near - far)
        else:
            value = max(near - far + margin, mpf(0))
            factor = mpf(int(value > 0))
        gradient = [factor * (u - v) for u, v in zip(to_near, by_a)]
        gradient += [-factor * (u + v) for u, v in zip(to_near, by_p)]
        gradient += [factor * u for u in to_far]
        terms = [factor * (abs(u) + abs(v)) for u, v in zip(to_near + to_near, by_a + by_p)]
        terms += [factor * abs(u) for u in to_far]
        size = near + far + margin
        if value == 0 or case.params.get("soft_margin"):
            size = value + factor * (near + far)
        yield Item(value, gradient, size, terms).scaled(case.sample_weight(i))


# ---------------------------------------------------------------------------------------------------------- inputs
# From here on floats: they are inputs only, and rounded to f32 whatever they are.

MARGINS = [0.5, 1.0, 5.0, 10.0, 15.0, 17.0, 20.0, 30.0, 50.0, 80.0, 100.0]
DEEP = [700.0, 720.0, 740.0, 744.5, 746.0]  # exp(-x) is subnormal, or 0, in f64
TINY = [0.0, -0.0, 2.0**-149, -(2.0**-149), 2.0**-130, -(2.0**-127), 2.0**-126, 2.0**-60]
GAMMAS = [0.0, 0.5, 1.0, 2.0, 3.0, 5.0]
PROBABILITIES = [
    0.0, 2.0**-149, 2.0**-130, 2.0**-100, 1e-20, 1e-13, 1e-12, 2e-12, 1e-7, 1e-3, 0.1, 0.25, 0.5, 0.75, 0.9, 0.999,
    1 - 2.0**-20, 1 - 2.0**-24, 1.0,
]  # fmt: skip


def to_double(x):
    """Rounds to the nearest double, ties to even, in integers, subnormal numbers included."""
    if not mp.isfinite(x):
        raise ValueError(f"not finite: {x}")
    sign, mantissa, exponent, bits = x._mpf_
    mantissa = int(mantissa)
    if exponent + bits < -1080:
        return -0.0 if sign else 0.0
    drop = max(bits - 53, -1074 - exponent)
    if drop > 0:
        mantissa, rest, half = mantissa >> drop, mantissa & ((1 << drop) - 1), 1 << (drop - 1)
        mantissa += rest > half or (rest == half and mantissa & 1)
        exponent += drop
    return math.ldexp(-mantissa if sign else mantissa, exponent)  # exact


def f32(x):
    """The f32 nearest to a number, as a Python float."""
    return struct.unpack("<f", struct.pack("<f", to_double(exact(x)) if not is_inf(x) else x))[0]


def is_inf(x):
    return isinstance(x, float) and math.isinf(x)


def random_score(rng):
    kind = rng.randrange(8)
    if kind < 4:
        return f32(rng.uniform(-4, 4))
    if kind == 4:
        return rng.randint(-8, 8) / 4
    if kind == 5:
        return rng.choice(TINY)
    if kind == 6:
        return rng.choice(MARGINS) * rng.choice([-1, 1])
    return f32(rng.uniform(-20, 20))


def random_row(rng, classes):
    """A row of logits: plain, with a margin, shifted, of ties, tiny or wide."""
    kind = rng.randrange(8)
    row = [f32(rng.uniform(-4, 4)) for _ in range(classes)]
    if kind == 3:
        row[rng.randrange(classes)] += rng.choice(MARGINS)
    elif kind == 4:
        shift = rng.choice([1e4, -1e4, 100.0, 1e-6])
        row = [x + shift for x in row]
    elif kind == 5:
        row = [rng.randint(-4, 4) / 4 for _ in row]
    elif kind == 6:
        row = [rng.choice(TINY) for _ in row]
    elif kind == 7:
        row = [rng.uniform(-20, 20) for _ in row]
    return [f32(x) for x in row]


def log_softmax(row):
    return [mp.log(p) if p != 0 else mpf("-inf") for p in softmax([exact(x) for x in row])]


def as_source(row, source):
    """Logits as the input that is asked for, rounded to f32."""
    if source == "logits":
        return row
    if source == "probabilities":
        return [f32(p) for p in softmax([exact(x) for x in row])]
    return [-INF if p == mpf("-inf") else f32(p) for p in log_softmax(row)]


def as_probability(x):
    """The f32 nearest to the sigmoid of a logit."""
    return f32(sigmoid(exact(x)))


def proportions(counts):
    total = mpf(sum(counts))
    return [f32(k / total) for k in counts]


def random_distribution(rng, classes, row=None):
    """Target distribution: dense, sparse, one-hot, uniform, or nearly the softmax of the row."""
    kind = rng.randrange(6 if row is not None else 5)
    if kind == 2:
        counts = [rng.choice([0, 0, 1, 2, 5]) for _ in range(classes)]
        counts[rng.randrange(classes)] += 1
    elif kind == 3:
        counts = [0] * classes
        counts[rng.randrange(classes)] = 1
    elif kind == 4:
        counts = [1] * classes
    elif kind == 5:
        return [f32(p) for p in softmax([exact(x) for x in row])]
    else:
        counts = [rng.randint(1, 1000) for _ in range(classes)]
    return proportions(counts)


def random_weights(rng, count, positive=False):
    """Weights, not all 0."""
    choices = [0.25, 0.5, 1.0, 2.0, 3.5, f32(0.1), f32(1.7)] + ([] if positive else [0.0])
    while True:
        weights = [rng.choice(choices) for _ in range(count)]
        if any(weights):
            return weights


def random_labels(rng, count, classes, ignore):
    """Labels; with an ignored one at least one of it, and where there is room at least one not of it."""
    labels = [rng.randrange(classes) for _ in range(count)]
    if ignore is None:
        return labels
    for i in range(count):
        if rng.random() < 0.3:
            labels[i] = ignore
    where = list(range(count))
    rng.shuffle(where)
    labels[where[0]] = ignore
    if len(where) > 1:
        labels[where[1]] = rng.choice([c for c in range(classes) if c != ignore])
    return labels


def option_sets(dimensions):
    """No option, each alone, and each pair of options."""
    singles = [(name, value) for name, values in dimensions.items() for value in values]
    yield {}
    yield from ({name: value} for name, value in singles)
    yield from (dict(pair) for pair in itertools.combinations(singles, 2) if pair[0][0] != pair[1][0])


def random_options(rng, dimensions):
    return {name: rng.choice(values) for name, values in dimensions.items() if rng.random() < 0.4}


# Options that are not parameters of the loss; the others are written as `param`.
BATCH_OPTIONS = {"unit", "reduction", "ignore", "sample_weights", "soft", "columns", "images", "dimension"}
BATCH = {"unit": ["bits"], "reduction": ["sum", "none"], "ignore": [255, -100, 1]}


def parameters(options, vectors):
    """The parameters among the options; those that are lists are made for the case."""
    return {k: vectors[k]() if v == "vector" else v for k, v in options.items() if k not in BATCH_OPTIONS}


def finish(case, options, rng):
    """Sets what the driver, not the loss, looks at."""
    case.unit = options.get("unit", "nats")
    case.reduction = options.get("reduction", "mean")
    case.ignore_index = options.get("ignore")
    if options.get("sample_weights"):
        items = len(case.labels) if case.labels is not None else len(case.scores) // case.columns
        items = len(case.targets or case.labels) if options["sample_weights"] == "elements" else items
        case.sample_weights = random_weights(rng, items)
    return case


# ----------------------------------------------------------------------------------------------- cases of row losses


def row_case(rng, options, logits=None, scores=None, labels=None, targets=None, size=None):
    """A case of a row loss: what is not given is random. `scores` are as they are, `logits` are converted."""
    options = dict(options)
    source = options.get("from", "logits")
    if logits is None and scores is None:
        items = size[0] if size else rng.choice([1, 2, 2, 3, 4, 5, 6, 7, 8][2 * ("ignore" in options) :])
        classes = size[1] if size else rng.choice([2, 2, 3, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
        logits = [random_row(rng, classes) for _ in range(items)]
    given = logits or scores
    classes = len(given[0])
    if scores is None:
        scores = [as_source(row, source) for row in logits]
    if options.get("soft") and targets is None:
        targets = [random_distribution(rng, classes, row if logits else None) for row in given]
    elif targets is None and labels is None:
        labels = random_labels(rng, len(given), classes, options.get("ignore"))
    weights = lambda: random_weights(rng, classes)
    return finish(
        Case(
            scores=[x for row in scores for x in row],
            columns=classes,
            labels=labels,
            targets=None if targets is None else [q for row in targets for q in row],
            params=parameters(options, {"weights": weights, "alpha": weights}),
        ),
        options,
        rng,
    )


def margin_rows(rng, margin, right):
    """A row whose target, or another, is ahead by the margin; the rest equal, or near."""
    classes = rng.choice([2, 2, 3, 3, 5, 10])
    spread = rng.choice([0.0, 0.0, 1.0])
    row = [f32(-rng.random() * spread) for _ in range(classes)]
    target = rng.randrange(classes)
    ahead = target if right else (target + 1) % classes
    row[ahead] = margin
    return row, target


def row_edges(rng, sources, params):
    """Cases with labels that every row loss has; `params` gives the options of the next one."""
    for source, right, margin in itertools.product(sources, [True, False], MARGINS):
        row, target = margin_rows(rng, margin, right)
        yield row_case(rng, {"from": source, **params()}, logits=[row], labels=[target])
    for margin in DEEP:
        yield row_case(rng, params(), logits=[[margin, 0.0]], labels=[0])
        yield row_case(rng, params(), logits=[[0.0, -margin, -margin]], labels=[0])
        yield row_case(rng, params(), logits=[[0.0, margin, 0.0]], labels=[0])
    for classes in [2, 3, 4, 7, 12]:  # equal scores
        for x in [0.0, -0.0, 1.0, -1e4, 2.0**-149, f32(88.7), 3e37]:
            if rng.random() < 0.35 or classes == 3:
                yield row_case(rng, params(), logits=[[f32(x)] * classes], labels=[rng.randrange(classes)])
    yield row_case(rng, params(), logits=[[0.0, -0.0], [-0.0, 0.0]], labels=[0, 0])
    yield row_case(rng, params(), logits=[[2.0**-149, 0.0, -0.0], [-(2.0**-149), 0.0, 2.0**-149]], labels=[0, 2])
    for shift in [1e4, -1e4, 1e6, 3e4]:
        row = [f32(shift + k) for k in (0.5, -1.0, 2.0, 0.0)]
        yield row_case(rng, {**params(), "reduction": "none"}, logits=[row] * 4, labels=[0, 1, 2, 3])
    ruled_out = [([-INF, 0.0], 1), ([1.0, -INF, 0.5], 0), ([-INF, 2.0, -INF, -INF], 1), ([-INF, -20.0, 3.0], 1)]
    for row, target in ruled_out:
        yield row_case(rng, params(), logits=[row], labels=[target])
        for source in sources[1:]:
            yield row_case(rng, {"from": source, **params()}, logits=[row], labels=[target])
    for ignore in [255, -100, 1]:  # an ignored item may hold anything
        rows_ = [[0.5, 1.0, -1.0], [INF, -INF, INF], [-INF, -INF, -INF], [0.0, 3.0, 1.0]]
        for reduction in ["mean", "sum", "none"]:
            options = {**params(), "ignore": ignore, "reduction": reduction}
            yield row_case(rng, options, logits=rows_, labels=[0, ignore, ignore, 2])
    for reduction in ["sum", "none"]:
        yield row_case(rng, {**params(), "ignore": 255, "reduction": reduction}, size=(3, 4), labels=[255] * 3)
    if "probabilities" in sources:
        thirds = [[f32(p) for p in row] for row in ([0.1, 0.2, 0.7], [0.3, 0.4, 0.3], [0.1, 0.2, 0.7])]
        for reduction in ["mean", "none"]:
            yield row_case(rng, {"from": "probabilities", "reduction": reduction}, scores=thirds, labels=[2, 1, 0])
        for p in PROBABILITIES:
            row = [f32(p), f32(1 - f32(p)), 0.0]
            options = {"from": "probabilities", **params(), "reduction": "none"}
            yield row_case(rng, options, scores=[row] * 2, labels=[0, 1])
        quantised = [[k / 256 for k in (0, 255, 1)], [k / 256 for k in (128, 64, 63)], [k / 256 for k in (0, 0, 255)]]
        yield row_case(rng, {"from": "probabilities", **params()}, scores=quantised, labels=[1, 0, 2])
        options = {"from": "probabilities", **params(), "reduction": "none"}
        yield row_case(rng, options, scores=quantised, labels=[0, 2, 1])
    for source in sources:
        yield row_case(rng, {"from": source, **params()}, logits=[short_row(rng, 100)], labels=[rng.randrange(100)])
    yield row_case(rng, params(), logits=[short_row(rng, 100)], labels=[17])
    yield row_case(rng, params(), logits=[short_row(rng, 1000)], labels=[rng.randrange(1000)])


def short_row(rng, classes):
    """A row of logits that are short to write."""
    return [rng.randint(-32, 32) / 4 for _ in range(classes)]


def soft_row_edges(rng, options):
    """Cases with distributions: zeros at -inf, one-hot, uniform, near the prediction, far from it."""
    sources = ["logits", "log_probabilities", "probabilities"]
    for source in sources:
        base = {"from": source, "soft": True, **options}
        minus = [[0.0, -INF, 1.0], [2.0, 1.0, -INF]]
        zero = [[0.25, 0.0, 0.75], [0.5, 0.5, 0.0]]
        yield row_case(rng, base, logits=minus, targets=zero)
        yield row_case(rng, {**base, "reduction": "none"}, logits=minus, targets=[[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
        for _ in range(4):  # q is p but for its rounding
            row = random_row(rng, rng.choice([2, 3, 5, 8]))
            yield row_case(rng, base, logits=[row], targets=[as_source(row, "probabilities")])
        near = [as_source([0.5, 0.25, -1.0], "probabilities"), as_source([0.5, 0.25, -1.0 + 2.0**-12], "probabilities")]
        yield row_case(rng, base, logits=[[0.5, 0.25, -1.0]] * 2, targets=near)
        for margin in [20.0, 50.0, 100.0]:
            for q in [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.5, 0.25, 0.25], [f32(1 - 2.0**-20), 2.0**-20, 0.0]]:
                yield row_case(rng, base, logits=[[margin, 0.0, 0.0]], targets=[q])
        for classes in [2, 4, 5, 12]:
            yield row_case(rng, base, logits=[[1.0] * classes], targets=[proportions([1] * classes)])
        large = short_row(rng, 100)
        yield row_case(rng, base, logits=[large], targets=[random_distribution(rng, 100)])
    tiny_q = [[f32(1 - 2.0**-24), 2.0**-24, 0.0], [1.0, 2.0**-149, 2.0**-130]]
    yield row_case(rng, {"soft": True, **options}, logits=[[3.0, -2.0, 0.0]] * 2, targets=tiny_q)
    large, targets = short_row(rng, 1000), random_distribution(rng, 1000)
    yield row_case(rng, {"soft": True, **options}, logits=[large], targets=[targets])
    for p in PROBABILITIES:
        row = [f32(p), f32(1 - f32(p))]
        base = {"from": "probabilities", "soft": True, "reduction": "none", **options}
        yield row_case(rng, base, scores=[row] * 3, targets=[[0.5, 0.5], [0.0, 1.0], row])


def grid(rng, make, dimensions, repeat, extra):
    """`repeat` cases for each option and pair of options, and some of options at random."""
    for options in option_sets(dimensions):
        for _ in range(repeat):
            yield lambda options=options: make(rng, options)
    for _ in range(extra):
        options = random_options(rng, dimensions)
        yield lambda options=options: make(rng, options)


SOURCES = ["logits", "log_probabilities", "probabilities"]
ROW = {**BATCH, "sample_weights": ["rows"]}


def cross_entropy_cases(rng):
    smoothing = [f32(0.1), 1.0]
    dimensions = {"from": SOURCES[1:], "weights": ["vector"], "label_smoothing": smoothing, "soft": [True], **ROW}
    yield from grid(rng, row_case, dimensions, 1, 40)
    yield from row_edges(rng, SOURCES, dict)
    yield from soft_row_edges(rng, {})
    for options in option_sets({"soft": [True], "weights": ["vector"], "label_smoothing": [0.0, 0.25, 0.5, 1.0]}):
        yield lambda options=options: row_case(rng, options, size=(3, 3))
    weights = {"weights": [0.0, 1.0, 2.0]}  # weight 0: the term is skipped
    for reduction in ["mean", "sum", "none"]:
        for source in SOURCES:
            options = {"from": source, "reduction": reduction, **weights}
            yield row_case(rng, options, logits=[[-INF, 0.0, 1.0], [0.5, 0.0, 1.0]], labels=[0, 2])
    options = {"from": "log_probabilities", "label_smoothing": f32(0.1), **weights}
    yield row_case(rng, options, scores=[[-INF, f32(-0.7), f32(-0.7)]], labels=[2])
    yield row_case(rng, {"label_smoothing": 1.0, **weights}, logits=[[-INF, 0.0, 1.0]], labels=[1])


def kl_divergence_cases(rng):
    dimensions = {"from": SOURCES[1:], "unit": ["bits"], "reduction": ["sum", "none"], "sample_weights": ["rows"]}
    soft = lambda rng, options: row_case(rng, {**options, "soft": True})
    yield from grid(rng, soft, dimensions, 3, 60)
    yield from grid(rng, row_case, {"from": SOURCES[1:], **ROW}, 1, 10)
    yield from itertools.islice(row_edges(rng, SOURCES, dict), 0, None, 3)
    yield from soft_row_edges(rng, {})


def focal_multiclass_cases(rng):
    gammas = [g for g in GAMMAS if g != 2.0]
    dimensions = {"from": ["probabilities"], "gamma": gammas, "alpha": ["vector"], **ROW}
    yield from grid(rng, row_case, dimensions, 1, 60)
    turn = itertools.cycle(GAMMAS)
    yield from row_edges(rng, ["logits", "probabilities"], lambda: {"gamma": next(turn)})
    for gamma in GAMMAS:
        for source in ["logits", "probabilities"]:
            options = {"from": source, "gamma": gamma, "reduction": "none"}
            rows_ = [[m, 0.0, -1.0] for m in (0.5, 10.0, 20.0, 100.0)]
            yield row_case(rng, options, logits=rows_, labels=[0, 0, 0, 0])
            yield row_case(rng, options, logits=rows_, labels=[1, 2, 1, 2])
        options = {"from": "probabilities", "gamma": gamma, "reduction": "none"}
        yield row_case(rng, options, scores=[[1.0, 0.0]] * 2, labels=[0, 1])
    yield row_case(rng, {"alpha": [0.0, 1.0, 2.0]}, logits=[[0.0, 1.0, 2.0], [1.0, 0.0, 0.0]], labels=[0, 1])


def divergence_cases(parameters):
    """Cases of a loss that takes labels and distributions from every source, with these parameters."""

    def made(rng):
        dimensions = {"from": SOURCES[1:], **parameters, **ROW}
        soft = lambda rng, options: row_case(rng, {**options, "soft": True})
        yield from grid(rng, soft, dimensions, 1, 30)
        yield from grid(rng, row_case, dimensions, 1, 20)
        turn = itertools.cycle(option_sets(parameters))
        yield from itertools.islice(row_edges(rng, SOURCES, lambda: next(turn)), 0, None, 2)
        yield from soft_row_edges(rng, {})
        for options in itertools.islice(option_sets(parameters), 1, None):
            yield from itertools.islice(soft_row_edges(rng, options), 0, None, 5)

    return made


# -------------------------------------------------------------------------------------------- cases of binary losses


def binary_case(rng, options, logits=None, scores=None, labels=None, targets=None):
    """A case of a binary loss: what is not given is random."""
    options = dict(options)
    if options.get("pos_weight") == "vector":
        options.setdefault("columns", 3)
    columns = options.get("columns", 1)
    if logits is None and scores is None:
        count = rng.randint(1 + ("ignore" in options and columns == 1), 8 if columns == 1 else 5) * columns
        logits = [random_score(rng) for _ in range(count)]
    if scores is None:
        scores = [as_probability(x) for x in logits] if options.get("from") == "probabilities" else logits
    if options.get("soft") and targets is None:
        targets = [random_soft_label(rng) for _ in scores]
    elif targets is None and labels is None:
        labels = random_labels(rng, len(scores), 2, options.get("ignore"))
    params = parameters(options, {"pos_weight": lambda: random_weights(rng, columns, positive=True)})
    return finish(Case(scores=scores, columns=columns, labels=labels, targets=targets, params=params), options, rng)


def random_soft_label(rng):
    if rng.random() < 0.3:
        return rng.choice([0.0, 1.0, 0.5, f32(1e-3), 2.0**-24, 1 - 2.0**-24, f32(0.999)])
    return f32(rng.random())


def binary_edges(rng, params):
    """Cases every binary loss has; `params` gives the options of the next one."""
    none = lambda **more: {**params(), **more, "reduction": "none"}
    for margin in MARGINS + DEEP:
        yield binary_case(rng, none(), logits=[margin, margin, -margin, -margin], labels=[1, 0, 1, 0])
        yield binary_case(rng, params(), logits=[margin, -margin], labels=[1, 0])
        targets = [0.75, f32(0.9), f32(1e-3), 1 - 2.0**-24]
        yield binary_case(rng, none(soft=True), logits=[margin, -margin] * 2, targets=targets)
    for margin in MARGINS:
        logits = [margin, margin, -margin, -margin]
        yield binary_case(rng, none(**{"from": "probabilities"}), logits=logits, labels=[1, 0, 1, 0])
    yield binary_case(rng, none(), logits=list(TINY), labels=[0, 1] * 4)
    yield binary_case(rng, none(soft=True), logits=list(TINY), targets=[f32(0.3)] * 8)
    yield binary_case(rng, none(soft=True), logits=list(TINY), targets=[0.5] * 8)
    yield binary_case(rng, params(), logits=[0.0, -0.0, 0.0], labels=[0, 1, 1])
    for x in [1e4, 1e6, f32(87.5), f32(88.8), f32(103.9), f32(104.1), f32(16.7)]:
        yield binary_case(rng, none(), logits=[x, x, -x, -x], labels=[1, 0, 1, 0])
    for reduction in ["mean", "sum", "none"]:  # infinite, and right
        options = {**params(), "reduction": reduction}
        yield binary_case(rng, options, logits=[INF, -INF, 1.0], labels=[1, 0, 1])
        yield binary_case(rng, {**options, "soft": True}, logits=[INF, -INF, 1.0], targets=[1.0, 0.0, 0.25])
        for ignore in [255, -100]:  # an ignored element may hold anything
            options["ignore"] = ignore
            yield binary_case(rng, options, logits=[1.0, -INF, INF, -2.0], labels=[1, ignore, ignore, 0])
        yield binary_case(rng, {**options, "ignore": 1}, logits=[1.0, -INF, INF, -2.0], labels=[0, 1, 1, 0])
    for y in [0, 1]:
        options = none(**{"from": "probabilities"})
        yield binary_case(rng, options, scores=[f32(p) for p in PROBABILITIES], labels=[y] * len(PROBABILITIES))
    for y in [0.5, f32(1e-3), f32(0.9), 2.0**-24, 1 - 2.0**-24]:
        options = none(soft=True, **{"from": "probabilities"})
        yield binary_case(rng, options, scores=[f32(p) for p in PROBABILITIES], targets=[y] * len(PROBABILITIES))
    for x in [f32(0.3), 2.0, -5.0]:  # the soft label is nearly the prediction
        p = as_probability(x)
        yield binary_case(rng, none(soft=True), logits=[x, x], targets=[p, f32(p + 2.0**-20)])
        options = none(soft=True, **{"from": "probabilities"})
        yield binary_case(rng, options, scores=[p, p], targets=[p, f32(p + 2.0**-20)])


def all_ignored(rng, params):
    for reduction in ["sum", "none"]:
        options = {**params, "ignore": 255, "reduction": reduction}
        yield binary_case(rng, options, logits=[1.0, -1.0], labels=[255, 255])


BINARY = {"from": ["probabilities"], "soft": [True], **BATCH, "sample_weights": ["elements"]}


def binary_cross_entropy_cases(rng):
    smoothing = [f32(0.1), 1.0]
    weights = {"pos_weight": [[3.0], [f32(0.3)], "vector"], "label_smoothing": smoothing, "columns": [3]}
    yield from grid(rng, binary_case, {**weights, **BINARY}, 1, 40)
    turn = itertools.cycle([{}, {"pos_weight": [2.5]}])
    yield from binary_edges(rng, lambda: dict(next(turn)))
    yield from all_ignored(rng, {})
    for s in [0.0, 0.25, 0.5, 1.0]:
        for x in [20.0, 100.0]:
            options = {"label_smoothing": s, "reduction": "none"}
            yield binary_case(rng, options, logits=[x, x, -x, -x], labels=[0, 1, 0, 1])
            yield binary_case(rng, {"from": "probabilities", **options}, logits=[x, x, -x, -x], labels=[0, 1, 0, 1])


def balanced_cross_entropy_cases(rng):
    dimensions = {"alpha": [0.0, 0.25, f32(0.7), 1.0], **BINARY}
    yield from grid(rng, binary_case, dimensions, 1, 50)
    turn = itertools.cycle([{}, {"alpha": 0.75}, {"alpha": 0.5}])
    yield from binary_edges(rng, lambda: dict(next(turn)))
    yield from all_ignored(rng, {"alpha": 0.5})
    for source in ["logits", "probabilities"]:
        for labels in [[0] * 5, [1] * 5, [0, 0, 0, 0, 1], [1, 1, 1, 1, 0], [255, 1, 255, 0, 0], [255, 1, 1, 1, 255]]:
            for reduction in ["mean", "none"]:
                options = {"from": source, "ignore": 255, "reduction": reduction}
                yield binary_case(rng, options, logits=[random_score(rng) for _ in labels], labels=labels)
    for columns in [2, 4]:
        yield binary_case(rng, {"alpha": f32(0.3), "columns": columns, "reduction": "none"})
    # the coefficient is 0: the term is skipped
    yield binary_case(rng, {"alpha": 0.0, "reduction": "none"}, logits=[-INF, INF, 1.0, 1.0], labels=[1, 1, 1, 0])
    yield binary_case(rng, {"alpha": 1.0, "reduction": "none"}, logits=[INF, -INF, 1.0, 1.0], labels=[0, 0, 1, 0])


def focal_cases(rng):
    gammas = [g for g in GAMMAS if g != 2.0]
    dimensions = {"gamma": gammas, "alpha": [None, 0.0, f32(0.8), 1.0], "columns": [2], **BINARY}
    yield from grid(rng, binary_case, dimensions, 1, 30)
    turn = itertools.cycle([{}] + [{"gamma": g, "alpha": None} for g in GAMMAS])
    yield from binary_edges(rng, lambda: dict(next(turn)))
    yield from all_ignored(rng, {})
    for gamma in GAMMAS:
        options = {"gamma": gamma, "reduction": "none"}
        logits = [s * m for m in (0.5, 17.0, 20.0, 50.0, 100.0) for s in (1, -1)]
        yield binary_case(rng, options, logits=logits, labels=[1] * 10)
        yield binary_case(rng, options, logits=logits, labels=[0] * 10)
        for y in [0.5, 0.25, f32(0.999)]:
            yield binary_case(rng, {**options, "soft": True}, logits=logits, targets=[y] * 10)
        options = {**options, "from": "probabilities"}
        yield binary_case(rng, options, scores=[f32(p) for p in PROBABILITIES], labels=[1] * len(PROBABILITIES))
        yield binary_case(rng, options, scores=[0.0, 1.0, 0.0, 1.0], labels=[0, 1, 1, 0])


def sign_case(rng, options, logits=None, labels=None):
    """As `binary_case`, with labels -1 and 1; those of 0 and 1 are turned into them."""
    case = binary_case(rng, options, logits=logits, labels=labels)
    case.labels = [y if case.ignores(i) else 2 * y - 1 for i, y in enumerate(case.labels)]
    return case


def hinge_element_cases(rng):
    margins = {"margin": [0.0, 0.25, f32(1.7)], "columns": [3], **BATCH, "sample_weights": ["elements"]}
    yield from grid(rng, sign_case, margins, 2, 60)
    below, above = f32(1 - 2.0**-24), f32(1 + 2.0**-23)
    for margin in [0.0, 0.5, 1.0, 2.0]:
        options = {"margin": margin, "reduction": "none"}
        for logits in [[1.0, below, above, -1.0, -below, -above], TINY[:6], [0.5, 2.0, -0.5, -2.0, 1e6, -1e6]]:
            for labels in [[1] * 6, [0] * 6]:
                yield sign_case(rng, options, logits=logits, labels=labels)
    for margin in MARGINS:
        yield sign_case(rng, {"reduction": "none"}, logits=[margin, margin, -margin, -margin], labels=[1, 0, 1, 0])
    for reduction in ["mean", "sum", "none"]:  # infinite, and right; or ignored
        options = {"reduction": reduction}
        yield sign_case(rng, options, logits=[INF, -INF, 0.25], labels=[1, 0, 1])
        yield sign_case(rng, {**options, "ignore": 255}, logits=[0.25, -INF, INF, 0.5], labels=[1, 255, 255, 0])
    for reduction in ["sum", "none"]:
        yield sign_case(rng, {"ignore": 255, "reduction": reduction}, logits=[1.0, -1.0], labels=[255, 255])


# ----------------------------------------------------------------------------------------------- cases of regression

REGRESSION = {"unit": ["bits"], "reduction": ["sum", "none"], "columns": [3], "sample_weights": ["elements"]}


def random_target(rng):
    return rng.choice([f32(rng.uniform(-4, 4)), rng.randint(-8, 8) / 4, f32(rng.uniform(-1e3, 1e3)), rng.choice(TINY)])


def random_prediction(rng, target):
    """Equal to the target, near it, at a usual distance, or far."""
    distance = rng.choice([0.0, rng.uniform(-1, 1), rng.uniform(-8, 8), 10 ** rng.uniform(-6, 4), rng.randint(-6, 6) / 2])
    return f32(target + distance)


def regression_case(rng, options, errors=None, predictions=None, targets=None):
    """A case of a loss of errors: what is not given is random. `errors` are those from targets of 0."""
    options = dict(options)
    if options.get("tau") == "vector":
        options.setdefault("columns", 3)
    columns = options.get("columns", 1)
    if errors is not None:
        predictions, targets = errors, [0.0] * len(errors)
    if targets is None:
        targets = [random_target(rng) for _ in range(rng.randint(1, 8 if columns == 1 else 4) * columns)]
        predictions = [random_prediction(rng, y) for y in targets]
    taus = lambda: [f32(rng.uniform(0.01, 0.99)) for _ in range(columns)]
    params = parameters(options, {"tau": taus})
    return finish(Case(scores=predictions, columns=columns, targets=targets, params=params), options, rng)


def regression_cases(params, thresholds=lambda options: [1.0]):
    """Cases that every loss of errors has; `thresholds` are the errors where something changes."""

    def cases(rng):
        yield from grid(rng, regression_case, {**params, **REGRESSION}, 3, 140)
        for options in option_sets(params):
            none = {**options, "columns": 3, "reduction": "none"}
            for t in thresholds(options):
                near = [t, f32(t * (1 - 2.0**-24)), f32(t * (1 + 2.0**-23))]
                yield regression_case(rng, none, errors=near + [-e for e in near])
                yield regression_case(rng, none, predictions=[f32(0.1)] * 3, targets=[f32(f32(0.1) - t * k) for k in (1, 1.01, 0.99)])
            for size in [2.0**-149, 2.0**-126, 1e-38, 1e-30, 1e-20, 1e-10, 1e-4, 1e-3, 0.1, 0.5, 0.7, 2.0, 9.0, 20.0, 1e3, 1e7, 1e14]:
                yield regression_case(rng, none, errors=[f32(size), -f32(size), 0.0])
            # Differences that rounding changes, and targets that nearly are the predictions.
            yield regression_case(rng, none, predictions=[1e4, f32(0.1), f32(1e-3)], targets=[f32(0.1), 1e4, 1.0])
            yield regression_case(rng, none, predictions=[1.0, 1e7, f32(0.3)], targets=[f32(1 - 2.0**-24), 1e7 + 1, f32(0.3)])
            yield regression_case(rng, none, predictions=[0.0, -0.0, 0.0], targets=[-0.0, 0.0, 0.0])

    return cases


def of_parameter(name, default):
    """The threshold that a parameter is."""
    return lambda options: [t for t in [options.get(name, default)] if t > 0]


def gaussian_case(rng, options, pairs=None, targets=None):
    """A case of the Gaussian negative log-likelihood: what is not given is random."""
    # The default of eps is no f32.
    options = {"eps": f32(1e-6), **options}
    columns, is_log = options.get("columns", 1), options.get("from") == "log_variances"
    if pairs is None:
        targets = [random_target(rng) for _ in range(rng.randint(1, 8 if columns == 1 else 4) * columns)]
        spread = lambda: f32(rng.uniform(-12, 6)) if is_log else f32(rng.choice([rng.uniform(0, 4), 10 ** rng.uniform(-8, 4), 0.0, 1.0]))
        pairs = [(random_prediction(rng, y), spread()) for y in targets]
    scores = [x for pair in pairs for x in pair]
    return finish(Case(scores=scores, columns=columns, targets=targets, params=parameters(options, {})), options, rng)


def gaussian_nll_cases(rng):
    params = {"from": ["log_variances"], "full": ["true", "false"], "eps": [f32(1e-3), f32(1e-12), 2.0]}
    yield from grid(rng, gaussian_case, {**params, **REGRESSION}, 3, 140)
    none = {"reduction": "none"}
    for variance in [0.0, -0.0, 2.0**-149, 1e-12, f32(1e-6), 1e-3, 0.5, 1.0, f32(1.1), 3.0, 1e6, 1e20, 1e30]:
        variance = f32(variance)
        for eps in [f32(1e-6), f32(1e-15), 1.0]:
            deviation = f32(mp.sqrt(max(variance, eps)))  # e^2 is v but for its rounding
            pairs = [(e, variance) for e in (0.0, f32(1e-3), -deviation, deviation, f32(2 * deviation))]
            yield gaussian_case(rng, {**none, "eps": eps}, pairs=pairs, targets=[0.0] * 5)
            pairs = [(f32(1 + deviation), variance), (1.0, variance)]
            yield gaussian_case(rng, {**none, "eps": eps, "full": "true"}, pairs=pairs, targets=[1.0, f32(0.1)])
    for s in [0.0, -0.0, 1.0, -1.0, f32(0.1), 20.0, -20.0, 50.0, -50.0, 2.0**-149, -62.0, 150.0]:
        deviation = f32(mp.exp(exact(s) / 2))
        pairs = [(e, s) for e in (0.0, f32(1e-3 * deviation), -deviation, deviation, f32(1.5 * deviation))]
        for full in ["true", "false"]:
            yield gaussian_case(rng, {**none, "from": "log_variances", "full": full}, pairs=pairs, targets=[0.0] * 5)


# -------------------------------------------------------------------------------------------- cases of region losses


def random_pixel_labels(rng, count, classes, ignore):
    """Labels of an image: mixed, of one class, or nearly all ignored."""
    kind = rng.randrange(8)
    if kind == 0:
        labels = [rng.randrange(classes)] * count
    elif kind == 1:
        labels = [rng.randrange(max(1, classes - 1)) for _ in range(count)]
    else:
        labels = [rng.randrange(classes) for _ in range(count)]
    if ignore is None:
        return labels
    share = rng.choice([0.1, 0.3, 0.3, 0.8, 1.0])
    return [ignore if rng.random() < share else label for label in labels]


def hinge_case(rng, options, scores=None, labels=None, pixels=None):
    """A case of the Lovász hinge: what is not given is random."""
    count = options.get("images", 1)
    pixels = pixels or (len(labels) // count if labels else rng.randint(1, 12))
    tied = rng.random() < 0.4
    if scores is None:
        scores = [rng.randint(-8, 8) / 4 if tied else random_score(rng) for _ in range(pixels * count)]
    if labels is None:
        ignore = options.get("ignore")
        labels = [y for _ in range(count) for y in random_pixel_labels(rng, pixels, 2, ignore)]
    return finish(Case(scores=scores, columns=1, labels=labels, pixels=pixels), options, rng)


def lovasz_hinge_cases(rng):
    dimensions = {**BATCH, "images": [2, 3, 4]}
    yield from grid(rng, hinge_case, dimensions, 3, 60)
    for labels in [[0] * 6, [1] * 6, [0, 0, 0, 0, 0, 1], [1, 1, 1, 1, 1, 0], [1], [0], [0, 1] * 4]:
        for scores in [
            [0.0] * len(labels),
            [(-0.0 if i % 2 else 0.0) for i in range(len(labels))],
            [1.0] * len(labels),
            [-1.0] * len(labels),
            [random_score(rng) for _ in labels],
        ]:
            yield hinge_case(rng, {}, scores, labels)
    for labels in [[255, 255, 1, 255], [255, 0, 255, 255], [1, 1, 0, 255], [255, 0, 0, 255]]:
        for _ in range(2):
            yield hinge_case(rng, {"ignore": 255}, [random_score(rng) for _ in labels], labels)
        yield hinge_case(rng, {"ignore": 255}, [INF if y == 255 else 0.5 for y in labels], labels)
    for void in [[255] * 4 + [0, 1, 1, 255], [1, 255, 0, 0] + [255] * 4]:  # an image leaves the mean
        for reduction in ["mean", "sum", "none"]:
            options = {"ignore": 255, "images": 2, "reduction": reduction}
            yield hinge_case(rng, options, [random_score(rng) for _ in void], void)
    for reduction in ["sum", "none"]:
        yield hinge_case(rng, {"ignore": 255, "images": 2, "reduction": reduction}, [1.0] * 6, [255] * 6)
    for margin in MARGINS:
        right, wrong = [margin, -margin, margin / 2, -margin / 2], [-margin, margin, -margin / 2, margin / 2]
        yield hinge_case(rng, {}, right, [1, 0, 1, 0])
        yield hinge_case(rng, {}, wrong, [1, 0, 1, 0])
    yield hinge_case(rng, {}, [INF, -INF, 0.5, 0.25], [1, 0, 1, 0])  # infinite, and right
    yield hinge_case(rng, {}, [INF, INF, INF], [1, 1, 1])
    yield hinge_case(rng, {}, list(TINY), [0, 1] * 4)
    yield hinge_case(rng, {}, list(TINY), [1, 1, 1, 0, 0, 0, 1, 0])
    below, above = f32(1 - 2.0**-24), f32(1 + 2.0**-23)  # around the kink
    yield hinge_case(rng, {}, [1.0, below, above, -1.0, -below, -above], [1, 1, 1, 0, 0, 0])
    for x in [1e4, -1e4, 1e6]:
        yield hinge_case(rng, {}, [f32(x + k) for k in (0, 1, 2, 1)], [0, 1, 0, 1])
    for pixels in [33, 64, 100]:
        yield hinge_case(rng, {}, pixels=pixels)
        yield hinge_case(rng, {"ignore": 255}, pixels=pixels)


def softmax_case(rng, options, logits=None, scores=None, labels=None, pixels=None, classes=None):
    """A case of Lovász softmax: what is not given is random."""
    options = dict(options)
    count, source = options.get("images", 1), options.get("from", "logits")
    given = logits or scores
    classes = len(given[0]) if given else classes or rng.choice([2, 2, 3, 3, 4, 5, 7, 12])
    pixels = pixels or (len(given) // count if given else rng.randint(1, 6))
    if not given:
        logits = [random_row(rng, classes) for _ in range(pixels * count)]
        for i in range(1, len(logits)):
            if rng.random() < 0.2:
                logits[i] = logits[rng.randrange(i)]  # ties
    if scores is None:
        scores = [as_source(row, source) for row in logits]
        if source == "probabilities" and not given and rng.random() < 0.3:  # quantised, with ties
            scores = [[rng.randint(0, 16) / 16 for _ in row] for row in logits]
    if labels is None:
        ignore = options.get("ignore")
        labels = [t for _ in range(count) for t in random_pixel_labels(rng, pixels, classes, ignore)]
    params = parameters(options, {"classes": lambda: random_classes(rng, classes)})
    flat = [x for row in scores for x in row]
    return finish(Case(scores=flat, columns=classes, labels=labels, params=params, pixels=pixels), options, rng)


def random_classes(rng, classes):
    listed = [c for c in range(classes) if rng.random() < 0.5]
    return listed or [rng.randrange(classes)]


def lovasz_softmax_cases(rng):
    options = {"from": ["probabilities"], "classes": ["all", "vector"], "images": [2, 3], **BATCH}
    yield from grid(rng, softmax_case, options, 2, 60)
    for classes in ["present", "all", [0], [0, 2], [1]]:
        base = {"classes": classes}
        for labels in [[0, 0, 0, 0], [0, 1, 2, 1], [2, 2, 1, 2], [1, 1, 1, 1]]:
            yield lambda base=base, labels=labels: softmax_case(
                rng, base, logits=[random_row(rng, 3) for _ in labels], labels=labels
            )
            yield lambda base=base, labels=labels: softmax_case(
                rng, {**base, "from": "probabilities"}, logits=[random_row(rng, 3) for _ in labels], labels=labels
            )
        row, other = [1.0, 0.5, -0.25], [0.0, 2.0, 1.0]
        yield softmax_case(rng, base, logits=[row, row, other, row], labels=[0, 0, 1, 0])  # ties
        yield softmax_case(rng, base, logits=[row, row, row, row], labels=[1, 2, 1, 2])
        quarters = [[0.25, 0.25, 0.5], [0.5, 0.25, 0.25], [0.75, 0.25, 0.0], [0.0, 1.0, 0.0]]
        for labels in [[0, 1, 2, 1], [2, 0, 0, 1], [0, 0, 0, 0]]:
            yield softmax_case(rng, {**base, "from": "probabilities"}, scores=quarters, labels=labels)
        void = {**base, "ignore": 255, "images": 2}
        for labels in [[255, 255, 255, 0], [1, 255, 255, 255], [255, 255, 1, 0], [0, 1, 255, 255]]:
            yield lambda void=void, labels=labels: softmax_case(
                rng, void, logits=[random_row(rng, 3) for _ in labels], labels=labels
            )
    for labels in [[0, 1], [1, 0], [0, 0], [1, 1, 0]]:  # equal scores: p is exactly 1/2
        yield softmax_case(rng, {}, logits=[[0.0, -0.0], [1.0, 1.0], [3.0, 3.0]][: len(labels)], labels=labels)
    for margin in MARGINS:
        logits = [[margin, 0.0, -1.0], [0.0, margin / 2, 0.5], [0.25, 0.0, margin / 4]]
        yield softmax_case(rng, {}, logits=logits, labels=[0, 1, 2])
        yield softmax_case(rng, {"classes": "all"}, logits=logits[:1], labels=[1])
        yield softmax_case(rng, {}, logits=logits[:1], labels=[0])
    # a class that is ruled out
    yield softmax_case(rng, {}, logits=[[0.0, -INF, 1.0], [0.5, 0.0, -INF]], labels=[0, 1])
    yield softmax_case(rng, {"classes": "all"}, logits=[[0.0, -INF, 1.0], [0.5, 0.25, 2.0]], labels=[2, 2])
    yield softmax_case(rng, {}, logits=[[0.0, -INF]], labels=[0])
    for reduction in ["mean", "sum", "none"]:  # an ignored pixel may hold anything
        options = {"ignore": -100, "images": 2, "reduction": reduction}
        logits = [[0.0, 1.0], [INF, -INF], [0.5, -2.0], [-INF, -INF]]
        yield softmax_case(rng, options, logits=logits, labels=[0, -100, 1, -100])
    for reduction in ["sum", "none"]:
        options = {"ignore": 255, "images": 2, "reduction": reduction}
        yield softmax_case(rng, options, logits=[[0.0, 1.0]] * 4, labels=[255] * 4)
    yield lambda: softmax_case(rng, {}, pixels=16, classes=3)
    yield lambda: softmax_case(rng, {"from": "probabilities"}, pixels=16, classes=3)
    yield lambda: softmax_case(rng, {"from": "probabilities", "classes": "all"}, pixels=32, classes=2)


def random_probability(rng):
    kind = rng.randrange(6)
    if kind == 0:
        return f32(rng.choice(PROBABILITIES))
    if kind == 1:
        return rng.randint(0, 16) / 16
    if kind == 2:
        return rng.choice([0.0, 1.0])
    if kind == 3:
        return f32(1 - 10.0 ** rng.uniform(-7, -1))
    return f32(rng.random())


def overlap_case(rng, options, scores=None, labels=None, targets=None, pixels=None):
    """A case of a loss of overlap: what is not given is random."""
    options = dict(options)
    count = options.get("images", 1)
    given = labels if labels is not None else targets
    pixels = pixels or (len(given) // count if given else rng.randint(1, 9))
    columns = options.get("columns", 1)
    if options.get("classes") == "vector" or options.get("weights") == "vector":
        columns = max(columns, 3)
    draw = random_score if options.get("from") == "logits" else random_probability
    if scores is None:
        scores = [draw(rng) for _ in range(pixels * count * columns)]
    if targets is None and options.get("soft"):
        targets = [random_soft_label(rng) for _ in range(pixels * count)]
    elif labels is None and targets is None:
        classes = max(columns, 2)
        labels = [t for _ in range(count) for t in random_pixel_labels(rng, pixels, classes, options.get("ignore"))]
    vectors = {"classes": lambda: random_classes(rng, columns), "weights": lambda: random_weights(rng, columns)}
    case = Case(scores, columns, labels, targets, parameters(options, vectors), pixels=pixels)
    case.default_source = "probabilities"
    return finish(case, options, rng)


ALPHA, BETA = float.fromhex("0x1.333334p-2"), float.fromhex("0x1.666666p-1")  # 0.3 and 0.7 in f32
OVERLAP = {
    "from": ["logits"],
    "classes": ["present", "vector"],
    "smooth": [0.0, 1.0, ALPHA],
    "soft": [True],
    "columns": [3, 4],
    "images": [2, 3],
    **BATCH,
}


def overlap_cases(extra, turns):
    """Cases of a loss of overlap, which has `extra` dimensions of its own and takes `turns` in the edges."""

    def cases_of(rng):
        yield from grid(rng, overlap_case, {**OVERLAP, **extra}, 1, 80)
        turn = itertools.cycle(turns)
        for smooth in [0.0, 2.0**-17, 1.0]:
            for labels in [[0] * 5, [1] * 5, [0, 0, 0, 0, 1], [1, 1, 1, 1, 0], [1], [0], [0, 1] * 9]:
                size = len(labels)
                hard = [float(label) for label in labels]
                for scores in [[0.0] * size, [1.0] * size, hard, [1 - x for x in hard], [0.25] * size]:
                    yield overlap_case(rng, {"smooth": smooth, **next(turn)}, scores, labels)
                yield overlap_case(rng, {"smooth": smooth, **next(turn)}, None, labels)
                near = [f32(abs(x - 10.0 ** rng.uniform(-7, -3))) for x in hard]  # nearly right
                yield overlap_case(rng, {"smooth": smooth, **next(turn)}, near, labels)
        for margin in MARGINS:
            right, wrong = [margin, -margin, margin / 2, -margin / 2], [-margin, margin, -margin / 2, margin / 2]
            for logits in [right, wrong]:
                yield overlap_case(rng, {"from": "logits", "smooth": 2.0**-17, **next(turn)}, logits, [1, 0, 1, 0])
        yield overlap_case(rng, {"from": "logits", **next(turn)}, [INF, -INF, 0.5, -INF], [1, 0, 1, 1])
        yield overlap_case(rng, {"from": "logits", **next(turn)}, list(TINY), [0, 1] * 4)
        for targets in [[0.0, 1.0, 0.5], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [0.25, f32(0.1), f32(0.9)]]:
            yield overlap_case(rng, {"smooth": 2.0**-17, **next(turn)}, targets=targets)
            yield overlap_case(rng, {"smooth": 2.0**-17, **next(turn)}, list(targets), targets=targets)
        for ignore in [255, -100]:  # an ignored pixel may hold anything; an image leaves the mean
            for reduction in ["mean", "sum", "none"]:
                options = {"ignore": ignore, "reduction": reduction, "images": 2, "from": "logits"}
                labels = [1, ignore, 0, ignore, ignore, ignore]
                yield overlap_case(rng, options, [1.0, INF, -2.0, -INF, INF, 0.0], labels)
                options = {"ignore": ignore, "reduction": reduction, "images": 2, "columns": 3, **next(turn)}
                yield overlap_case(rng, options, None, labels)
        for pixels in [16, 17, 40, 100]:
            yield overlap_case(rng, next(turn), pixels=pixels)
            yield overlap_case(rng, {"from": "logits", **next(turn)}, pixels=pixels)
            yield overlap_case(rng, {"soft": True, **next(turn)}, pixels=pixels)

    return cases_of


# ---------------------------------------------------------------------------------------------- cases of pair losses


def random_vector(rng, size, scale=1.0):
    kind = rng.randrange(5)
    if kind == 0:
        return [scale * rng.randint(-4, 4) / 4 for _ in range(size)]
    if kind == 1:
        return [f32(scale * rng.uniform(-1, 1)) * rng.choice([0.0, 1.0, 2.0**-12]) for _ in range(size)]
    return [f32(scale * rng.uniform(-3, 3)) for _ in range(size)]


def random_vectors(rng, count, size):
    """Vectors of an item: of one size or of several, some near each other, or opposite."""
    scale = rng.choice([1.0, 1.0, 1.0, 2.0**-90, 2.0**-30, 2.0**80])
    out = [random_vector(rng, size, scale)]
    while len(out) < count:
        kind = rng.randrange(8)
        if kind < 4:
            out.append(random_vector(rng, size, scale))
        elif kind == 4:  # near
            out.append([f32(x * (1 + rng.uniform(-1, 1) * 2.0 ** rng.randint(-23, -6))) for x in out[0]])
        elif kind == 5:  # the same way, or the opposite
            out.append([x * rng.choice([-1.0, 0.5, 1.0, 2.0]) for x in out[0]])
        elif kind == 6:
            factor = rng.choice([-1.0, 1.0, 0.0])
            out.append([x * factor for x in out[-1]])
        else:  # a right angle, in the plane
            flipped = [-x if k % 2 else x for k, x in enumerate(out[0])]
            out.append(flipped[::-1] if size % 2 == 0 else flipped)
    return out


def pair_case(count):
    """Cases of a loss of `count` vectors: what is not given is random."""

    def case_of(rng, options, items=None, labels=None):
        options = dict(options)
        if items is None:
            size = options.get("dimension") or rng.choice([1, 2, 2, 3, 3, 4, 5, 8])
            number = len(labels) if labels else rng.randint(1 + ("ignore" in options), 4)
            items = [random_vectors(rng, count, size) for _ in range(number)]
        if count == 2 and labels is None:
            labels = [rng.choice([1, -1]) for _ in items]
            if "ignore" in options:
                labels[rng.randrange(len(labels))] = options["ignore"]
        scores = [x for vectors in items for vector in vectors for x in vector]
        case = Case(scores, len(items[0][0]), labels, None, parameters(options, {}))
        finish(case, {k: v for k, v in options.items() if k != "sample_weights"}, rng)
        if options.get("sample_weights"):
            case.sample_weights = random_weights(rng, len(items))
        return case

    return case_of


PAIR = {"reduction": ["sum", "none"], "sample_weights": ["items"], "dimension": [1, 6]}
HALF, HAIR = 0.5, 2.0**-12


def cosine_embedding_cases(rng):
    make = pair_case(2)
    dimensions = {"margin": [-1.0, -0.5, HALF, 1.0], "ignore": [255, -1, 0], **PAIR}
    yield from grid(rng, make, dimensions, 4, 60)
    for label in [1, -1]:
        for margin in [-1.0, -0.25, 0.0, ALPHA]:
            options = {"margin": margin, "reduction": "none"}
            yield make(rng, options, [[[0.0, 0.0], [1.0, 2.0]], [[0.0, 0.0], [0.0, -0.0]]], [label] * 2)  # zeros
            yield make(rng, options, [[[3.0, 4.0], [3.0, 4.0]], [[3.0, 4.0], [-6.0, -8.0]]], [label] * 2)
            yield make(rng, options, [[[1.0, 0.0], [1.0, HAIR]], [[1.0, 0.0], [HAIR, 1.0]]], [label] * 2)
            yield make(rng, options, [[[2.0**-149, 0.0], [2.0**-100, 1.0]], [[1.0, 1.0], [1.0, -1.0]]], [1, label])
            for size in [2.0**-70, 2.0**-20, 2.0**40, 2.0**90]:
                yield make(rng, options, [[[size, -size], [1.0, -0.5]], [[size, 1.0], [size, -1.0]]], [label] * 2)
    for dimension in [15, 16, 17, 40, 130]:
        yield make(rng, {"dimension": dimension})
    for reduction in ["sum", "none"]:
        yield make(rng, {"ignore": 255, "reduction": reduction}, labels=[255, 255])
    for ignore in [255, -1]:  # an ignored pair may hold anything
        for reduction in ["mean", "sum", "none"]:
            options = {"ignore": ignore, "reduction": reduction}
            yield make(rng, options, [[[INF, 1.0], [-INF, INF]], [[1.0, 2.0], [2.0, 1.0]]], [ignore, 1])


def triplet_margin_cases(rng):
    make = pair_case(3)
    dimensions = {
        "margin": [0.0, ALPHA, 3.0],
        "epsilon": [0.0, 2.0**-20, HALF],
        "p": [1.0],
        "swap": [True],
        "soft_margin": [True],
        **PAIR,
    }
    yield from grid(rng, make, dimensions, 3, 120)
    for p, swap, soft in itertools.product([1.0, 2.0], [False, True], [False, True]):
        for epsilon in [0.0, 2.0**-20]:
            options = {"p": p, "swap": swap, "soft_margin": soft, "epsilon": epsilon, "reduction": "none"}
            same, near, far = [1.0, 2.0], [1.0, 2.0 + HAIR], [4.0, -2.0]
            yield make(rng, options, [[same, same, far], [same, far, same], [same, near, far], [same, same, same]])
            yield make(rng, options, [[same, near, near], [far, same, near], [same, far, near], [near, far, same]])
            for size in [2.0**-70, 2.0**-20, 2.0**40, 2.0**90]:
                scaled = [[x * size for x in v] for v in (same, near, far)]
                yield make(rng, options, [scaled, scaled[::-1], [scaled[1], scaled[2], scaled[0]]])
            tiny = [[[0.0, 2.0**-149], [1.0, 0.0], [0.0, 1.0]], [[1.0, 2.0**-100], [1.0, 2.0**-99], same]]
            if not swap:  # the distances to swap are nearer than 2^-90
                yield make(rng, options, tiny)
    for dimension in [15, 16, 17, 40, 130]:
        yield make(rng, {"dimension": dimension})
        yield make(rng, {"dimension": dimension, "p": 1.0, "swap": True})


# --------------------------------------------------------------------------------------------------------- the losses


@dataclass
class Loss:
    name: str
    items: object  # (case, scores) -> the items
    cases: object  # (random numbers) -> cases, or functions that make one (again, if it cannot be used)
    logarithmic: bool = True
    is_smooth: object = lambda case, index: True  # (case, index of a score) -> whether there is no kink


def away_from(name, default, others=()):
    """No kink: an error that is not a parameter, nor one of the others."""
    return lambda case, index: abs(exact(case.scores[index]) - exact(case.targets[index])) not in (
        [case.number(name, default), *others] if name else others
    )


LOSSES = [
    Loss("mean_squared_error", of_errors(squared), regression_cases({"half": ["true", "false"]}), False),
    Loss("mean_absolute_error", of_errors(absolute), regression_cases({}), False, away_from(None, None, [0])),
    Loss(
        "huber",
        of_errors(huber),
        regression_cases({"delta": [f32(0.3), 2.5, f32(1e-3)]}, of_parameter("delta", 1.0)),
        False,
        away_from("delta", 1.0),
    ),
    Loss(
        "smooth_l1",
        of_errors(smooth_l1),
        regression_cases({"beta": [0.0, f32(0.3), 2.5, 1e7]}, of_parameter("beta", 1.0)),
        False,
        away_from("beta", 1.0, [0]),
    ),
    Loss("log_cosh", of_errors(log_cosh), regression_cases({}, lambda options: [0.5, f32(0.69314718), 1.0, 17.0]), False),
    Loss(
        "quantile",
        of_errors(quantile),
        regression_cases({"tau": [[f32(0.1)], [f32(0.9)], "vector"]}),
        False,
        away_from(None, None, [0]),
    ),
    Loss("gaussian_nll", gaussian_nll, gaussian_nll_cases, True, lambda case, index: is_unclamped(case, index)),
    Loss(
        "hinge",
        hinge,
        hinge_element_cases,
        False,
        lambda case, index: case.labels[index] * exact(case.scores[index]) != case.number("margin", 1.0),
    ),
    Loss("cross_entropy", cross_entropy, cross_entropy_cases),
    Loss("kl_divergence", kl_divergence, kl_divergence_cases),
    Loss("binary_cross_entropy", binary_cross_entropy, binary_cross_entropy_cases),
    Loss("balanced_cross_entropy", balanced_cross_entropy, balanced_cross_entropy_cases),
    Loss("focal", focal, focal_cases),
    Loss("focal_multiclass", focal_multiclass, focal_multiclass_cases),
    Loss("jensen_shannon", jensen_shannon, divergence_cases({"pi": [0.25, 0.8999999761581421, 0.0, 1.0]})),
    Loss("brier", brier, divergence_cases({}), logarithmic=False),
    Loss("lovasz_hinge", lovasz_hinge, lovasz_hinge_cases, logarithmic=False),
    Loss("lovasz_softmax", lovasz_softmax, lovasz_softmax_cases, logarithmic=False),
    Loss("jaccard", overlap_items("jaccard"), overlap_cases({}, [{}]), logarithmic=False),
    Loss(
        "dice",
        overlap_items("dice"),
        overlap_cases({"squared": [True], "weights": ["vector"]}, [{}, {"squared": True}]),
        logarithmic=False,
    ),
    Loss(
        "tversky",
        overlap_items("tversky"),
        overlap_cases(
            {"fp_weight": [0.0, ALPHA, 1.0], "fn_weight": [0.0, BETA, 2.0]},
            [{}, {"fp_weight": ALPHA, "fn_weight": BETA}, {"fp_weight": 0.0}, {"fn_weight": 0.0}],
        ),
        logarithmic=False,
    ),
    Loss("cosine_embedding", cosine_embedding, cosine_embedding_cases, logarithmic=False),
    Loss("triplet_margin", triplet_margin, triplet_margin_cases, logarithmic=False),
]


def is_unclamped(case, index):
    """Whether a score is no variance at the clamp or below, nor such that the derivative vanishes."""
    if case.source != "logits" or index % 2 == 0:
        return True
    variance = exact(case.scores[index])
    error = exact(case.scores[index - 1]) - exact(case.targets[index // 2])
    return variance > case.number("eps", None) and error**2 != variance


def legal(loss, case):
    """Whether a case asks for nothing that is an error."""
    if case.targets is not None and case.ignore_index is not None:
        return False
    valid = [i for i in range(len(case.labels or [])) if not case.ignores(i)]
    if case.reduction == "mean" and case.labels is not None and not valid:
        return False
    if not valid and case.labels is not None and loss.name == "balanced_cross_entropy" and "alpha" not in case.params:
        return False
    if loss.name == "cross_entropy" and case.labels is not None and valid:
        weights = case.params.get("weights", [1.0] * case.columns)
        return sum(weights[case.labels[i]] * (case.sample_weights or [1.0] * len(case.labels))[i] for i in valid) > 0
    if loss.name == "lovasz_softmax":
        return ordered(case)
    if loss.name in PAIR_LOSSES:
        return decided(loss, case)
    if loss.name in OVERLAP_LOSSES and case.columns > 1:
        return case.source == "probabilities" and case.targets is None
    return True


OVERLAP_LOSSES = {"jaccard", "dice", "tversky"}


def decided(loss, case):
    """Whether what decides on a branch is far from it, or there exactly, in twice the digits of f32."""
    scores = [exact(x) for x in case.scores]
    far = lambda difference, size: difference == 0 or abs(difference) > size * mpf(2) ** -43
    if loss.name == "cosine_embedding":
        for i, (a, b) in vectors(case, scores, 2):
            if not case.ignores(i):
                both = mp.sqrt((dot(a, a) + exact(1e-12)) * (dot(b, b) + exact(1e-12)))
                size = mp.fsum(abs(x * y) for x, y in zip(a, b)) / both
                if case.labels[i] == 1:
                    if 1 - dot(a, b) / both < mpf(2) ** -66:  # next to the fourth power of an epsilon
                        return False
                    continue
                margin = case.number("margin", 0.0)
                if not far(dot(a, b) / both - margin, size + abs(margin)) or 0 < size < mpf(2) ** -126:
                    return False
        return True
    epsilon, taxicab = case.number("epsilon", 1e-6), case.params.get("p") == 1.0
    for _, (a, p, n) in vectors(case, scores, 3):
        apart = lambda u, v: [x - y + epsilon for x, y in zip(u, v)]
        length = lambda v: mp.fsum(map(abs, v)) if taxicab else mp.sqrt(dot(v, v))
        to_p, to_n, other = length(apart(a, p)), length(apart(a, n)), length(apart(p, n))
        if case.params.get("swap"):
            if not far(other - to_n, to_n):
                return False
            to_n = min(to_n, other)
        margin = case.number("margin", 1.0)
        if not far(to_p - to_n + margin, to_p + to_n + margin):
            return False
    return True


def ordered(case):
    """Whether rounding cannot reorder the errors of a class: each two are far apart, or tied by their inputs."""
    p = pixel_probabilities(case, [exact(x) for x in case.scores])
    row = lambda i: case.scores[i * case.columns : (i + 1) * case.columns]

    def tied(i, j, c):
        if case.source == "probabilities":
            return True  # equal errors of f32 probabilities are exact in f32
        same_side = (case.labels[i] == c) == (case.labels[j] == c)
        halves = case.columns == 2 and row(i)[0] == row(i)[1] and row(j)[0] == row(j)[1]
        ruled_out = same_side and case.labels[i] != c and p[i][c] == 0
        return same_side and row(i) == row(j) or halves or ruled_out

    for pixels, _ in images(case):
        for c in chosen_classes(case, pixels):
            errors = class_errors(case, p, pixels, c)
            order = descending(errors)
            for a, b in zip(order, order[1:]):
                apart = errors[a] - errors[b]
                if apart == 0 and tied(pixels[a], pixels[b], c):
                    continue
                if apart <= max(errors[a] / 10000, mpf(10) ** -42):
                    return False
    return True


def cases(loss):
    """The cases of a loss with their results."""
    rng = random.Random(f"microloss {loss.name}")
    for made in loss.cases(rng):
        attempts = range(200) if callable(made) else range(1)
        for _ in attempts:
            case = made() if callable(made) else made
            check_inputs(loss, case)
            if legal(loss, case):
                yield case, evaluate(loss, case)
                break
        else:
            # Some pairs of options exclude each other; a case that is written out must be legal.
            assert callable(made) or loss.name in PAIR_LOSSES, (loss.name, case)


def check_inputs(loss, case):
    numbers = case.scores + (case.targets or []) + (case.sample_weights or [])
    for value in case.params.values():
        numbers = numbers + [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, float)]
    assert all(is_inf(x) or f32(x) == x for x in numbers), case
    if case.targets is not None and loss.name not in BINARY_LOSSES:
        for _, q in rows(case, [exact(v) for v in case.targets]):
            assert abs(mp.fsum(q) - 1) <= mpf(10) ** -6, case


# ---------------------------------------------------------------------------------------------------------- output


def hex_float(x):
    if math.isinf(x):
        return "inf" if x > 0 else "-inf"
    mantissa, exponent = x.hex().split("p")
    return mantissa.rstrip("0").rstrip(".") + "p" + exponent if x != 0 else x.hex()[:-6] + "0p+0"


def hex_floats(numbers, separator=" "):
    return separator.join(hex_float(to_double(x) if isinstance(x, mpf) else x) for x in numbers)


def parameter(value):
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return hex_float(value)
    if all(isinstance(v, int) for v in value):
        return ",".join(map(str, value))
    return hex_floats(value, ",")


def lines(number, case, result):
    yield f"case {number}"
    for key, value in case.params.items():
        if (key, value) != ("from", case.default_source):
            yield f"param {key}={parameter(value)}"
    yield f"unit {case.unit}"
    yield f"reduction {case.reduction}"
    yield f"columns {case.columns}"
    if case.pixels is not None:
        yield f"pixels {case.pixels}"
    if case.ignore_index is not None:
        yield f"ignore_index {case.ignore_index}"
    yield f"scores {hex_floats(case.scores)}"
    if case.labels is not None:
        yield f"labels {' '.join(map(str, case.labels))}"
    elif case.targets is not None:
        yield f"targets {hex_floats(case.targets)}"
    if case.sample_weights is not None:
        yield f"sample_weights {hex_floats(case.sample_weights)}"
    for name in ["value", "terms", "gradient", "gradient_terms"]:
        numbers = getattr(result, name)
        assert all(abs(x) <= mpf(10) ** 30 for x in numbers), (case, name)
        yield f"{name} {hex_floats(numbers)}"
    yield "end"


def text(loss, results):
    out = [
        f"# Golden vectors of {loss.name}. Generated by tests/golden/generate.py, which describes the format.",
        "# Do not edit: run `python3 tests/golden/generate.py`.",
    ]
    for number, (case, result) in enumerate(results):
        out += lines(number, case, result)
    return "\n".join(out) + "\n"


# ----------------------------------------------------------------------------------------------------------- checks


def check_rounding(x):
    """No double is nearer, and of two equally near ones it is the even one."""
    sign, mantissa, exponent, _ = x._mpf_
    if abs(x) < mpf(10) ** -2000:
        assert to_double(x) == 0.0
        return
    true = Fraction(-int(mantissa) if sign else int(mantissa)) * Fraction(2) ** exponent
    found = to_double(x)
    distance = abs(Fraction(found) - true)
    for neighbour in [math.nextafter(found, INF), math.nextafter(found, -INF)]:
        other = abs(Fraction(neighbour) - true)
        even = struct.unpack("<q", struct.pack("<d", found))[0] % 2 == 0
        assert distance < other or (distance == other and even), (x, found)


def check_roundings():
    rng = random.Random("microloss rounding")
    unit = mpf(2) ** -1074
    assert to_double(mpf(0)) == 0.0 and to_double(unit / 2) == 0.0 and to_double(unit * 3 / 2) == 2 * 2.0**-1074
    for _ in range(2000):
        mantissa, exponent = rng.getrandbits(rng.randint(1, 200)) + 1, rng.randint(-1280, 500)
        check_rounding(mpf(mantissa) * mpf(2) ** exponent * rng.choice([1, -1]))
        check_rounding((2 * mpf(rng.getrandbits(52)) + 1) * unit / 2)  # halfway, subnormal
        check_rounding((2 * mpf(rng.getrandbits(52) + 2**52) + 1) * mpf(2) ** rng.randint(-1070, 100))  # halfway


PAIR_LOSSES = {"cosine_embedding", "triplet_margin"}


def smooth(loss, case, index):
    """Whether the loss has a derivative with respect to this score that no clamp changes."""
    if loss.name in PAIR_LOSSES:
        if any(map(math.isinf, case.scores)):
            return False
        slopes = []
        for step in [mpf(10) ** -60, -(mpf(10) ** -60)]:
            scores = [exact(x) for x in case.scores]
            scores[index] += step
            slopes.append(evaluate(loss, case, scores).gradient[index])
        return abs(slopes[0] - slopes[1]) <= mpf(10) ** -30
    x, margin = case.scores[index], mpf(10) ** -11
    if math.isinf(x) or case.ignores(index // case.columns if loss.name not in BINARY_LOSSES else index):
        return not math.isinf(x)
    if not loss.is_smooth(case, index):
        return False
    if loss.name == "lovasz_hinge":
        start = index - index % case.pixels
        pixels = [i for i in range(start, start + case.pixels) if not case.ignores(i)]
        keys = [(2 * case.labels[i] - 1) * case.scores[i] for i in pixels]
        return x not in (1.0, -1.0) and len(set(keys)) == len(keys)
    if loss.name == "lovasz_softmax":
        p = pixel_probabilities(case, [exact(v) for v in case.scores])
        for pixels, _ in images(case):
            for c in chosen_classes(case, pixels):
                errors = sorted(class_errors(case, p, pixels, c))
                if 0 in errors or any(a == b for a, b in zip(errors, errors[1:])):
                    return False
        return True
    if loss.name in OVERLAP_LOSSES:
        return case.number("smooth", 1e-5) > 0 or case.source == "logits" or 0 < x < 1
    if case.source == "probabilities":
        return margin < exact(x) < 1 - margin
    return True


BINARY_LOSSES = {"binary_cross_entropy", "balanced_cross_entropy", "focal", "hinge"}


def check_gradient(loss, case, result, index):
    """Central difference of the (summed) value with respect to one score."""
    step, ends = mpf(10) ** -60, []
    for sign in [1, -1]:
        scores = [exact(x) for x in case.scores]
        scores[index] += sign * step
        ends.append(mp.fsum(evaluate(loss, case, scores).value))
    difference = (ends[0] - ends[1]) / (2 * step)
    # at a minimum the quotient is not quite 0
    has_floor = loss.name in OVERLAP_LOSSES | PAIR_LOSSES or result.gradient_terms[index] == 0
    floor = step if has_floor else mpf(10) ** -330
    tolerance = result.gradient_terms[index] * mpf(10) ** -30 + floor
    assert abs(difference - result.gradient[index]) <= tolerance, (loss.name, case, index, mp.nstr(difference, 20))


def check(loss, results):
    """Checks a loss; gives the number of differences taken."""
    rng, differences = random.Random(f"microloss check {loss.name}"), 0
    for case, result in results:
        names = ["value", "terms", "gradient", "gradient_terms"]
        for name in names:
            for x in getattr(result, name)[:20]:
                check_rounding(x)
        assert all(abs(g) <= t * (1 + mpf(10) ** -100) for g, t in zip(result.gradient, result.gradient_terms)), case
        mp.dps = CHECK_DIGITS
        again = evaluate(loss, case)
        mp.dps = DIGITS
        for name in names:
            found, expected = ([*map(to_double, getattr(r, name))] for r in (result, again))
            assert found == expected, (loss.name, case)
        if len(case.scores) <= 100:
            for index in {rng.randrange(len(case.scores)) for _ in range(2)}:
                if smooth(loss, case, index):
                    check_gradient(loss, case, result, index)
                    differences += 1
    return differences


def main():
    checking = "--check" in sys.argv[1:]
    names = [word for word in sys.argv[1:] if word != "--check"]
    if not {*names} <= {loss.name for loss in LOSSES}:
        sys.exit("usage: generate.py [--check] [LOSS]...")
    if checking:
        check_roundings()
    for loss in LOSSES:
        if names and loss.name not in names:
            continue
        results, path = list(cases(loss)), HERE / f"{loss.name}.txt"
        content, note = text(loss, results), ""
        if checking:
            note = f", {check(loss, results)} differences agree"
            if not path.exists() or path.read_bytes() != content.encode():
                sys.exit(f"{path} is not what this script writes")
        else:
            path.write_bytes(content.encode())
        print(f"{loss.name}: {len(results)} cases, {len(content)} bytes{note}", flush=True)


if __name__ == "__main__":
    main()
