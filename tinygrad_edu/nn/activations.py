"""Activations as modules; the formulas stand with the functions they call."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.nn import functional
from tinygrad_edu.nn.argument_checks import traced
from tinygrad_edu.nn.function_modules import FunctionModule, RandomFunctionModule, check_no_call
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.nn.starting_values import floats
from tinygrad_edu.ops import elementwise
from tinygrad_edu.tensor.tensor import Tensor

__all__ = [
    "GLU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSoftmax",
    "PReLU",
    "RReLU",
    "ReLU",
    "ReLU6",
    "Sigmoid",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softshrink",
    "Tanh",
    "Threshold",
]


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

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        check_no_call("ReLU", "relu", {"inplace": inplace})
        self.inplace = inplace

    def forward(self, input: Tensor | np.ndarray) -> Tensor:  # noqa: A002 - PyTorch's name
        """Each number, or 0 if it is negative."""
        return functional.relu(input, True) if self.inplace else _applied(elementwise.relu, input)  # type: ignore[arg-type]

    def extra_repr(self) -> str:
        """The argument, if it is True."""
        return "inplace=True" if self.inplace else ""


# Of straight pieces.


class ReLU6(FunctionModule):
    """`min(max(x, 0), 6)`: see `functional.relu6`."""

    function = staticmethod(functional.relu6)


class LeakyReLU(FunctionModule):
    """x above 0, `negative_slope` x below: see `functional.leaky_relu`."""

    function = staticmethod(functional.leaky_relu)


class RReLU(RandomFunctionModule):
    """x above 0, and x times a random slope below: see `functional.rrelu`."""

    function = staticmethod(functional.rrelu)


class PReLU(Module):
    """x above 0, `weight` x below, with one weight or one for each channel, dimension 1 of the input.

    Shapes: `weight` (num_parameters,), which starts from `init`.
    Source: He et al., Delving Deep into Rectifiers (2015).
    """

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(np.full(num_parameters, init, floats("PReLU", device, dtype)))

    def forward(self, input: Tensor | np.ndarray) -> Tensor:  # noqa: A002 - PyTorch's name
        """Each number, times the weight of its channel if it is negative."""
        return functional.prelu(traced(input), self.weight)

    def extra_repr(self) -> str:
        """The number of weights."""
        return f"num_parameters={self.num_parameters}"


class Threshold(FunctionModule):
    """x above the threshold, `value` elsewhere: see `functional.threshold`."""

    function = staticmethod(functional.threshold)


class Hardtanh(FunctionModule):
    """x kept between `min_val` and `max_val`: see `functional.hardtanh`."""

    function = staticmethod(functional.hardtanh)


class Hardsigmoid(FunctionModule):
    """`(x + 3) / 6` kept between 0 and 1: see `functional.hardsigmoid`."""

    function = staticmethod(functional.hardsigmoid)
    shows = ""


class Hardswish(FunctionModule):
    """x times its hardsigmoid: see `functional.hardswish`."""

    function = staticmethod(functional.hardswish)
    shows = ""


class Hardshrink(FunctionModule):
    """x, and 0 from -lambd to lambd: see `functional.hardshrink`."""

    function = staticmethod(functional.hardshrink)
    shows = "{lambd}"


class Softshrink(FunctionModule):
    """x moved towards 0 by lambd: see `functional.softshrink`."""

    function = staticmethod(functional.softshrink)
    shows = "{lambd}"


# Along a dimension.


class GLU(FunctionModule):
    """The first half along `dim` times the sigmoid of the second: see `functional.glu`."""

    function = staticmethod(functional.glu)


class _AlongDim(FunctionModule):
    """A function along `dim`; without `dim`, one is chosen at each call, with a warning."""

    def __init__(self, dim: int | None = None) -> None:
        if isinstance(dim, bool) or not isinstance(dim, int | None):
            raise TypeError(
                f"{type(self).__name__} needs dim as a whole number, got {dim!r}; for rows use dim=-1"
            )
        super().__init__(dim=dim)


class Softmax(_AlongDim):
    """`exp(x) / sum(exp(x))` along `dim`: rows of a batch are `dim=-1`."""

    function = staticmethod(functional.softmax)


class LogSoftmax(_AlongDim):
    """The logarithm of `Softmax(dim)`, without taking the log of a rounded 0."""

    function = staticmethod(functional.log_softmax)


class Softmin(_AlongDim):
    """`Softmax(dim)` of -x."""

    function = staticmethod(functional.softmin)


class Softmax2d(Module):
    """`Softmax` over the channels, for each pixel.

    Shapes: (N, C, H, W) or (C, H, W).
    """

    def forward(self, input: Tensor | np.ndarray) -> Tensor:  # noqa: A002 - PyTorch's name
        """Probabilities of the channels."""
        x = traced(input)
        if x.ndim not in (3, 4):
            raise ValueError(f"Softmax2d takes (N, C, H, W) or (C, H, W), but x has shape {x.shape}")
        return functional.softmax(x, -3)
