"""The loss of a classifier in one operation: softmax and logarithm together neither overflow nor lose digits."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.operation import Data, operation
from tinygrad_edu.ops.elementwise import exp
from tinygrad_edu.ops.reduce import log_softmax


def _log_p(z: Data, _target: Data, *, dim: int, divisor: float) -> Data:
    return log_softmax(z, dim=dim)


def _logits_rule(g: Data, _y: Data, _z: Data, target: Data, log_p: Data, *, dim: int, divisor: float) -> Data:
    return (exp(log_p) * target.sum(axis=dim, keepdims=True) - target) * (g / divisor)


def _target_rule(
    g: Data, _y: Data, _z: Data, _target: Data, log_p: Data, *, dim: int, divisor: float
) -> Data:
    return log_p * (-g / divisor)


@operation(_logits_rule, _target_rule, common=_log_p)
def cross_entropy(
    _z: np.ndarray, target: np.ndarray, log_p: np.ndarray, *, dim: int, divisor: float
) -> np.ndarray:
    """-(target * log_softmax(z, dim)), summed over everything and divided by `divisor`; in nats."""
    return np.vdot(log_p, target) / -divisor
