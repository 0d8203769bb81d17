"""The loss of a classifier in one operation: softmax and logarithm together neither overflow nor lose digits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.elementwise import exp, log
from tinygrad_edu.ops.reduce import log_softmax
from tinygrad_edu.ops.tested import operation

Parts = tuple[Data, Data, Data, Data]


def _parts(z: Data, target: Data, _divisor: Data, *, dim: int) -> Parts:
    """With s = z - max(z): s, exp(s), the sum of exp(s) and the sum of the target, both along `dim`."""
    shifted = z - z.max(axis=dim, keepdims=True)  # exp of a large logit would overflow
    e = exp(shifted)
    return shifted, e, e.sum(axis=dim, keepdims=True), target.sum(axis=dim, keepdims=True)


def _logits_rule(g: Data, _y: Data, _z: Data, target: Data, divisor: Data, parts: Parts, *, dim: int) -> Data:
    _, e, total, mass = parts
    return (e * (mass / total) - target) * (g / divisor)  # softmax(z) - target, where each target sums to 1


def _target_rule(
    g: Data, _y: Data, _z: Data, _target: Data, divisor: Data, parts: Parts, *, dim: int
) -> Data:
    shifted, _, total, _ = parts
    return (log(total) - shifted) * (g / divisor)


def _divisor_rule(
    g: Data, y: Data, _z: Data, _target: Data, divisor: Data, _parts: Parts, *, dim: int
) -> Data:
    return -g * y / divisor


def _on_paper(z: Data, target: Data, divisor: Data, *, dim: int) -> Data:
    return -(target * log_softmax(z, dim=dim)).sum() / divisor


@operation(
    _logits_rule,
    _target_rule,
    _divisor_rule,
    common=_parts,
    shape=lambda _z, _target, _divisor, *, dim: (),
    paper=_on_paper,
    numpy="(target * (np.log(np.exp(z).sum(axis=dim, keepdims=True)) - z)).sum() / divisor",
    jax="(np.vdot(parts[3], np.log(parts[2])) - np.vdot(target, np.where(target == 0, 0, parts[0]))) / divisor",
    javascript="crossEntropy",
    example=lambda n: ([(n, n + 1), (n, n + 1), np.array(float(n))], {"dim": 1}),
)
def cross_entropy(_z: Any, target: np.ndarray, divisor: Any, parts: Parts, *, dim: int) -> Any:
    """-(target * log_softmax(z, dim)), summed over everything and divided by `divisor`; in nats.

    log_softmax(z) = s - log(sum(exp(s))) with s = z - max(z).
    """
    shifted, _, total, mass = parts
    found = np.vdot(target, shifted)
    if math.isnan(found):  # a masked logit, -inf, counts nothing where its target is 0
        found = np.vdot(target, np.where(target == 0, 0, shifted))
    return (np.vdot(mass, np.log(total)) - found) / divisor
