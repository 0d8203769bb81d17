"""Losses in one operation: cross-entropy neither overflows nor loses digits, and sure wrong answers still learn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.elementwise import Elementwise, exp, less, less_equal, log, where
from tinygrad_edu.ops.index import one_hot
from tinygrad_edu.ops.ordering import ClassNumberError, class_numbers
from tinygrad_edu.ops.reduce import amax, greatest, total
from tinygrad_edu.ops.softmax import log_softmax
from tinygrad_edu.ops.tested import operation
from tinygrad_edu.text import notation as written

Parts = tuple[Data, ...]
NO_EXAMPLES = "cross_entropy needs examples to average, but there are none, or all are ignored"


def _parts(z: Data, target: Data, _divisor: Data, *, dim: int) -> Parts:
    """With s = z - max(z): s, exp(s), the sum of exp(s) and the sum of the target, both along `dim`."""
    if z.__class__ is np.ndarray:  # for which NumPy's own functions take half the time
        shifted = z - greatest(z, axis=dim, keepdims=True)  # exp of a large logit would overflow
        e = np.exp(shifted)
        return shifted, e, total(e, axis=dim, keepdims=True), total(target, axis=dim, keepdims=True)
    shifted = z - amax(z, dims=(dim,), keepdim=True)
    e = exp(shifted)
    return shifted, e, e.sum(axis=dim, keepdims=True), target.sum(axis=dim, keepdims=True)


def _logits_rule(g: Data, _y: Data, _z: Data, target: Data, divisor: Data, parts: Parts, *, dim: int) -> Data:
    _, e, norm, mass = parts
    return (e * (mass / norm) - target) * (g / divisor)  # softmax(z) - target, where each target sums to 1


@operation(
    _logits_rule,
    lambda g, _y, _z, _t, divisor, parts, *, dim: (log(parts[2]) - parts[0]) * (g / divisor),
    lambda g, y, _z, _t, divisor, _parts, *, dim: -g * y / divisor,
    common=_parts,
    shape=lambda _z, _target, _divisor, *, dim: (),
    paper=lambda z, target, divisor, *, dim: -(target * log_softmax(z, dim=dim)).sum() / divisor,
    numpy="(target * (np.log(np.exp(z).sum(axis=dim, keepdims=True)) - z)).sum() / divisor",
    jax="(np.vdot(parts[3], np.log(parts[2])) - np.vdot(target, np.where(target == 0, 0, parts[0]))) / divisor",
    javascript="crossEntropy",
    example=lambda n: ([(n, n + 1), (n, n + 1), np.array(float(n))], {"dim": 1}),
)
def cross_entropy(_z: Any, target: np.ndarray, divisor: Any, parts: Parts, *, dim: int) -> Any:
    """-(target * log_softmax(z, dim)), summed over everything and divided by `divisor`; in nats.

    log_softmax(z) = s - log(sum(exp(s))) with s = z - max(z).
    """
    return _total(target, parts) / divisor


def _total(target: np.ndarray, parts: Parts) -> Any:
    """-(target * log_softmax(z)), summed over everything."""
    shifted, _, norm, mass = parts[:4]
    found = np.vdot(target, shifted)
    if math.isnan(found):  # a masked logit, -inf, counts nothing where its target is 0
        found = np.vdot(target, np.where(target == 0, 0, shifted))
    return np.vdot(mass, np.log(norm)) - found


def _class_parts(z: Data, numbers: Data, *, dim: int, ignore_index: int) -> Parts:
    """What `_parts` says of the one-hot rows of the class numbers, these rows, and how many numbers have one."""
    rows = one_hot(numbers, classes=z.shape[dim], dim=dim, dtype=z.dtype)
    count = int(np.count_nonzero(rows)) if rows.__class__ is np.ndarray else rows.sum()
    return (*_parts(z, rows, count, dim=dim), rows, count)


def _class_logits_rule(
    g: Data, y: Data, z: Data, _numbers: Data, parts: Parts, *, dim: int, ignore_index: int
) -> Data:
    return _logits_rule(g, y, z, parts[4], parts[5], parts[:4], dim=dim)


def _class_paper(z: Data, numbers: Data, *, dim: int, ignore_index: int) -> Data:
    rows = one_hot(numbers, classes=z.shape[dim], dim=dim, dtype=z.dtype)
    return -(rows * log_softmax(z, dim=dim)).sum() / rows.sum()


@operation(
    _class_logits_rule,
    None,
    common=_class_parts,
    shape=lambda _z, _numbers, *, dim, ignore_index: (),
    notation=written.function("cross_entropy", "dim", "ignore_index"),
    paper=_class_paper,
    numpy="-(z - np.log(np.exp(z).sum(axis=dim, keepdims=True)))[np.arange(len(numbers)), numbers].mean()",
    javascript="classCrossEntropy",
    jax="(np.vdot(parts[3], np.log(parts[2])) - np.vdot(parts[4], np.where(parts[4] == 0, 0, parts[0]))) / parts[5]",
    example=lambda n: ([(n, n + 1), np.arange(n)], {"dim": 1, "ignore_index": -100}),
)
def class_cross_entropy(_z: Any, numbers: np.ndarray, parts: Parts, *, dim: int, ignore_index: int) -> Any:
    """-log_softmax(z, dim) in the places of the class numbers, averaged over these; in nats.

    A number that is `ignore_index`, and no class, does not count.
    Raises `ValueError` for another number that is no class, and where there are none to average.
    """
    rows, count = parts[4], float(parts[5])
    if count != numbers.size:
        class_numbers("cross_entropy", numbers, rows.shape[dim], ignore_index)
    if not count:
        raise ClassNumberError(NO_EXAMPLES)
    return _total(rows, parts) / count


_TINY = math.exp(-100)


def _clamped_log(p: Data) -> Data:
    """log(p), or -100 where that is greater; the log of 0 is never formed."""
    tiny = less_equal(p, _TINY)
    return where(tiny, -100, log(where(tiny, 1, p)))


def _binary_cross_entropy(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """`(y - 1) log(1 - p) - y log(p)`, each logarithm at least -100."""
    with np.errstate(divide="ignore"):  # log(0), which is cut off
        return (y - 1) * np.maximum(np.log1p(-p), -100) - y * np.maximum(np.log(p), -100)


def _probability_rule(g: Data, _z: Data, p: Data, y: Data) -> Data:
    slope = p * (1 - p)
    return g * (p - y) / where(less(slope, 1e-12), 1e-12, slope)


binary_cross_entropy = Elementwise(
    _binary_cross_entropy,
    None,
    _probability_rule,
    lambda g, _z, p, _y: g * (_clamped_log(1 - p) - _clamped_log(p)),
    name="binary_cross_entropy",
    public="",
    paper=lambda p, y: -(y * log(p)) - (1 - y) * log(1 - p),
    example=lambda n: ([np.linspace(0.1, 0.9, n * n).reshape(n, n)] * 2, {}),
    javascript="(y - 1) * Math.max(Math.log1p(-p), -100) - y * Math.max(Math.log(p), -100)",
)
