"""Activations and their derivatives as one writes them by hand: the derivative from the output of the activation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Array = np.ndarray
Formula = Callable[[Array], Array]


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z))."""
    return 1 / (1 + np.exp(-z))


def softmax(z: Array, axis: int | None = 1) -> Array:
    """exp(z) / sum(exp(z)) along `axis`, or over everything."""
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def relu(z: Array) -> Array:
    """max(z, 0)."""
    return np.maximum(z, 0)


ACTIVATIONS: dict[str, Formula] = {
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": relu,
    "linear": lambda z: z,
    "softmax": softmax,
}

# With a = f(z), f'(z) is:
SLOPES: dict[str, Formula] = {
    "sigmoid": lambda a: a * (1 - a),
    "tanh": lambda a: 1 - a**2,
    "relu": lambda a: 1.0 * (a > 0),
    "linear": np.ones_like,
}
