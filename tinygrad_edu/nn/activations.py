"""Activations as modules."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn.module import Module
from tinygrad_edu.operation import Traced
from tinygrad_edu.ops import elementwise
from tinygrad_edu.tensor import Tensor


def _traced(x: Any) -> Any:
    """Arrays and lists as Tensors."""
    return x if isinstance(x, Traced) else Tensor(x)


class Sigmoid(Module):
    """`1 / (1 + exp(-x))`; derivative y (1 - y)."""

    def forward(self, x: Tensor) -> Tensor:
        """The sigmoid of each number."""
        return elementwise.sigmoid(_traced(x))


class Tanh(Module):
    """`tanh(x)`; derivative 1 - y²."""

    def forward(self, x: Tensor) -> Tensor:
        """The hyperbolic tangent of each number."""
        return elementwise.tanh(_traced(x))


class ReLU(Module):
    """`max(x, 0)`; derivative 1 above 0, else 0."""

    def forward(self, x: Tensor) -> Tensor:
        """Each number, or 0 if it is negative."""
        return elementwise.relu(_traced(x))


class Softmax(Module):
    """`exp(x) / sum(exp(x))` along `dim`, which must be said: rows of a batch are `dim=-1`."""

    def __init__(self, dim: int) -> None:
        if isinstance(dim, bool) or not isinstance(dim, int):
            raise TypeError(
                f"{type(self).__name__} needs dim as a whole number, got {dim!r}; for rows use dim=-1"
            )
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        """Probabilities along `dim`."""
        return _traced(x).softmax(self.dim)

    def extra_repr(self) -> str:
        """The argument."""
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """The logarithm of `Softmax(dim)`, without taking the log of a rounded 0."""

    def forward(self, x: Tensor) -> Tensor:
        """Log-probabilities along `dim`, in nats."""
        return _traced(x).log_softmax(self.dim)
