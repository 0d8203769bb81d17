"""The activations and losses that the paper's networks are built from. Each loss knows its unit."""

from __future__ import annotations

import math
from collections.abc import Callable
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.exam.paper import Problem2
from tinygrad_edu.nn import functional
from tinygrad_edu.ops import elementwise
from tinygrad_edu.tensor.tensor import Tensor

NATS_PER_UNIT = {"nats": 1.0, "bits": math.log(2)}


def as_tensor(x: Any) -> Tensor:
    """`x` as a Tensor: a Tensor unchanged, anything else as a new Tensor, whole numbers as floats."""
    return x if isinstance(x, Tensor) else Tensor(np.array(x, dtype=float))


def sigmoid(x: Any, deriv: bool = False) -> Tensor:
    """`1 / (1 + exp(-x))`; with `deriv`, the Jacobian of every row of it, by the engine.

    Shapes: `x` any; with `deriv` (N, K), result (N, K, K): `[n, i, j]` is d sigmoid(x[n])[i] / d x[n, j].
    Each of these matrices is diagonal, because every output depends on its own input only.
    Raises `ValueError` for `deriv` of anything but a matrix.
    """
    x = as_tensor(x)
    if not deriv:
        return elementwise.sigmoid(x)
    if x.ndim != 2:
        raise ValueError(f"sigmoid(deriv=True) needs a matrix, one example a row: got shape {x.shape}")
    return _row_jacobians(elementwise.sigmoid, x)


def _row_jacobians(f: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """The Jacobian of every row; rows do not mix, so one backward pass serves one output of all of them."""
    jacobians = np.zeros((*x.shape, x.shape[1]))
    for i in range(x.shape[1]):
        row = Tensor(x.raw, requires_grad=True)
        f(row)[:, i].sum().backward()
        jacobians[:, i] = row.grad
    return Tensor(jacobians)


def softmax(x: Any) -> Tensor:
    """`exp(x) / sum(exp(x))` along the last dimension: one distribution over the classes a row."""
    return as_tensor(x).softmax(-1)


def loss_bce(yhat: Any, Y: Any, eps: float = Problem2.EPS) -> Tensor:
    """`-Y log(yhat + eps) - (1 - Y) log(1 - yhat + eps)` for each number, in nats, as the paper writes it.

    Shapes: both the same, any; so is the result. Raises `ValueError` if the shapes differ.
    """
    yhat, Y = as_tensor(yhat), as_tensor(Y)
    if yhat.shape != Y.shape:
        raise ValueError(f"loss_bce needs yhat and Y of one shape, got {yhat.shape} and {Y.shape}; reshape Y")
    negative, other = -Y, 1 - Y
    negative.name, other.name = "-Y", "1 - Y"  # for pictures
    return negative * (yhat + eps).log() - other * (1 - yhat + eps).log()


class Loss:
    """A loss with a unit. `loss(Y, Yhat)` is one number per example, in `unit`.

    Training differentiates `nats(Y, Yhat)`, whatever the unit: only in nats is the gradient of softmax and
    cross-entropy `Yhat - Y`, as the paper has it. In bits it would be that divided by log 2.
    """

    def __init__(self, name: str, unit: str, nats: Callable[[Any, Any], Tensor]) -> None:
        if unit not in NATS_PER_UNIT:
            raise ValueError(f"Loss needs unit 'nats' or 'bits', got {short(unit)}")
        self.name = name
        self.unit = unit
        self.nats = nats

    def __call__(self, Y: Any, Yhat: Any) -> Tensor:
        nats = self.nats(Y, Yhat)
        return nats if self.unit == "nats" else nats / NATS_PER_UNIT[self.unit]

    def __repr__(self) -> str:
        return f"<loss {self.name} in {self.unit}>"


def _categorical(Y: Any, Yhat: Any) -> Tensor:
    return functional.categorical_cross_entropy(as_tensor(Yhat), as_tensor(Y), reduction="none")


def _binary(Y: Any, Yhat: Any) -> Tensor:
    return loss_bce(Yhat, Y).sum(-1)


loss_CCE = Loss("loss_CCE", "bits", _categorical)  # noqa: N816 - the paper's name
loss_BCE = Loss("loss_BCE", "nats", _binary)  # noqa: N816 - named alike
