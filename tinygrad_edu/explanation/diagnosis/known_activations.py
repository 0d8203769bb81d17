"""Activation functions, each with its slope from z and a = f(z), as numbers and as a line of code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tinygrad_edu.ops.special_kernels import erf
from tinygrad_edu.reading.nodes import Array


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z))."""
    return 0.5 * (1 + np.tanh(0.5 * z))


def softmax(z: Array, axis: int | None = -1) -> Array:
    """exp(z) / sum(exp(z)) along `axis`, or over everything."""
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def normal_cdf(z: Array) -> Array:
    """Φ(z), the share of a standard normal distribution below z."""
    return np.asarray(0.5 * (1 + erf(z / np.sqrt(2))))


def _normal_pdf(z: Array) -> Array:
    return np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)


def _cdf_by_tanh(z: Array) -> Array:
    return 0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + CUBE * z**3)))


def _pdf_by_tanh(z: Array) -> Array:
    share = _cdf_by_tanh(z)
    return 2 * share * (1 - share) * np.sqrt(2 / np.pi) * (1 + 3 * CUBE * z * z)


@dataclass(frozen=True)
class Function:
    """An activation function, its slope from z and a = f(z), and the slope as a line of code."""

    name: str
    of: Callable[[Array], Array]
    slope: Callable[[Array, Array], Array]
    text: str


CUBE = 0.044715  # in tanh(√(2/π) (z + 0.044715 z³)), which is nearly 2 Φ(z) - 1
GELU = "(Phi({z}) + {z} * Phi'({z}))"
GELU_BY_TANH = "gelu by tanh"
# fmt: off
FUNCTIONS = {f.name: f for f in (
    Function("sigmoid", sigmoid, lambda z, a: a * (1 - a), "{a} * (1 - {a})"),
    Function("tanh", np.tanh, lambda z, a: 1 - a * a, "(1 - {a} ** 2)"),
    Function("relu", lambda z: np.maximum(z, 0), lambda z, a: (z > 0) * 1.0, "({z} > 0)"),
    Function("softplus", lambda z: np.logaddexp(0, z), lambda z, a: sigmoid(z), "sigmoid({z})"),
    Function("silu", lambda z: z * sigmoid(z), lambda z, a: sigmoid(z) + a * (1 - sigmoid(z)),
             "(sigmoid({z}) + {a} * (1 - sigmoid({z})))"),
    Function("gelu", lambda z: z * normal_cdf(z), lambda z, a: normal_cdf(z) + z * _normal_pdf(z), GELU),
    Function(GELU_BY_TANH, lambda z: z * _cdf_by_tanh(z), lambda z, a: _cdf_by_tanh(z) + z * _pdf_by_tanh(z),
             GELU),
    Function("absolute", np.abs, lambda z, a: np.sign(z), "sign({z})"),
)}
# fmt: on
LEAKY, ELU = "leaky relu", "elu"


def leaky(c: float) -> Function:
    """A relu with the slope `c` below zero."""
    return Function(
        LEAKY,
        lambda z: np.where(z > 0, z, c * z),
        lambda z, a: np.where(z > 0, 1.0, c),
        f"where({{z}} > 0, 1, {c:.4g})",
    )


def elu(c: float) -> Function:
    """z above zero, and c (exp(z) - 1) below."""
    return Function(
        ELU,
        lambda z: np.where(z > 0, z, c * np.expm1(z)),
        lambda z, a: np.where(z > 0, 1.0, a + c),
        f"where({{z}} > 0, 1, {{a}} + {c:.4g})",
    )


def with_constant(kind: str, a: Array, z: Array) -> Function | None:
    """The function of a kind with a constant, which the most negative number tells."""
    least = np.unravel_index(np.argmin(z), z.shape) if z.size else ()
    if not z.size or z[least] >= 0:
        return None
    c = float(a[least] / (z[least] if kind == LEAKY else np.expm1(z[least])))
    made = leaky(c) if kind == LEAKY else elu(c)
    return made if 0 < c < 1 or (kind == ELU and c > 0) else None
