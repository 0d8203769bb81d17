"""The layers x @ weight.T + bias, and x1 @ weight[k] @ x2 + bias[k]."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.nn import functional
from tinygrad_edu.nn.argument_checks import traced
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.nn.starting_values import floats, parameter, start_uniform, whole
from tinygrad_edu.ops.contractions import linear
from tinygrad_edu.tensor import draws
from tinygrad_edu.tensor.tensor import Tensor

__all__ = ["Bilinear", "Linear"]


class Linear(Module):
    """`y = x @ weight.T + bias`.

    Shapes: `x` (..., in_features); `weight` (out_features, in_features); `bias` (out_features,).
    Starts from U(-k, k) with k = 1 / sqrt(in_features), as PyTorch does.
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        whole("Linear", in_features=in_features, out_features=out_features)
        draws.chosen_generator("Linear", generator)
        kind = floats("Linear", device, dtype)
        self.in_features = in_features
        self.out_features = out_features
        self.weight = parameter((out_features, in_features), kind)
        self.register_parameter("bias", parameter(out_features, kind) if bias else None)
        self.reset_parameters(generator)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw weight and bias anew."""
        start_uniform(1 / math.sqrt(self.in_features), self.weight, self.bias, generator=generator)

    def forward(self, input: Tensor | np.ndarray) -> Tensor:  # noqa: A002 - PyTorch's name
        """`x @ weight.T + bias`."""
        weight, bias = self.weight, self.bias  # read once: a parametrized weight is computed anew each time
        inputs = (input, weight) if bias is None else (input, weight, bias)
        try:
            return weight.apply(linear, inputs, {})
        except (ValueError, AttributeError):  # a plain number has no shape
            raise ValueError(
                f"Linear({self.in_features}, {self.out_features}) takes rows of {self.in_features} numbers, "
                f"but x has shape {np.shape(input)}"
            ) from None

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"
        )


class Bilinear(Module):
    """`y[k] = x1 @ weight[k] @ x2 + bias[k]`.

    Shapes: `x1` (..., in1_features); `x2` (..., in2_features); `weight` (out_features, in1_features, in2_features).
    Starts from U(-k, k) with k = 1 / sqrt(in1_features).
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        whole("Bilinear", in1_features=in1_features, in2_features=in2_features, out_features=out_features)
        kind = floats("Bilinear", device, dtype)
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        self.weight = parameter((out_features, in1_features, in2_features), kind)
        self.register_parameter("bias", parameter(out_features, kind) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias anew."""
        start_uniform(1 / math.sqrt(self.in1_features), self.weight, self.bias)

    def forward(self, input1: Tensor | np.ndarray, input2: Tensor | np.ndarray) -> Tensor:
        """`x1 @ weight[k] @ x2 + bias[k]` for each k."""
        return functional.bilinear(traced(input1), traced(input2), self.weight, self.bias)

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )
