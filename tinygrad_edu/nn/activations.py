"""Activations as modules."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.nn.argument_checks import traced
from tinygrad_edu.nn.module import Module
from tinygrad_edu.ops import elementwise
from tinygrad_edu.tensor.tensor import Tensor


def _applied(operation: Operation, x: Any) -> Tensor:
    """The operation by the shortest way; arrays and lists become Tensors."""
    x = traced(x)
    return x.apply(operation, (x,), {})


class Sigmoid(Module):
    """`1 / (1 + exp(-x))`; derivative y (1 - y)."""

    def forward(self, input: Tensor | np.ndarray) -> Tensor:  # noqa: A002 - PyTorch's name
        """The sigmoid of each number."""
        return _applied(elementwise.sigmoid, input)


class Tanh(Module):
    """`tanh(x)`; derivative 1 - y²."""

    def forward(self, input: Tensor | np.ndarray) -> Tensor:  # noqa: A002 - PyTorch's name
        """The hyperbolic tangent of each number."""
        return _applied(elementwise.tanh, input)


class ReLU(Module):
    """`max(x, 0)`; derivative 1 above 0, else 0."""

    def forward(self, input: Tensor | np.ndarray) -> Tensor:  # noqa: A002 - PyTorch's name
        """Each number, or 0 if it is negative."""
        return _applied(elementwise.relu, input)


class Softmax(Module):
    """`exp(x) / sum(exp(x))` along `dim`, which must be said: rows of a batch are `dim=-1`."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        if isinstance(dim, bool) or not isinstance(dim, int):
            raise TypeError(
                f"{type(self).__name__} needs dim as a whole number, got {dim!r}; for rows use dim=-1"
            )
        self.dim = dim

    def forward(self, input: Tensor | np.ndarray) -> Tensor:  # noqa: A002 - PyTorch's name
        """Probabilities along `dim`."""
        return traced(input).softmax(self.dim)

    def extra_repr(self) -> str:
        """The argument."""
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """The logarithm of `Softmax(dim)`, without taking the log of a rounded 0."""

    def forward(self, input: Tensor | np.ndarray) -> Tensor:  # noqa: A002 - PyTorch's name
        """Log-probabilities along `dim`, in nats."""
        return traced(input).log_softmax(self.dim)
