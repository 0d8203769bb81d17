"""The layer x @ weight.T + bias."""

from __future__ import annotations

import math

import numpy as np

from tinygrad_edu.nn.module import Module, Parameter
from tinygrad_edu.ops.contractions import linear
from tinygrad_edu.tensor import draws
from tinygrad_edu.tensor.coerce import get_default_dtype
from tinygrad_edu.tensor.tensor import Tensor


class Linear(Module):
    """`y = x @ weight.T + bias`.

    Shapes: `x` (..., in_features); `weight` (out_features, in_features); `bias` (out_features,).
    Starts from U(-k, k) with k = 1 / sqrt(in_features), as PyTorch does.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        for name, size in (("in_features", in_features), ("out_features", out_features)):
            if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
                raise ValueError(f"Linear needs {name} as a whole number of 1 or more, got {size!r}")
        self.in_features = in_features
        self.out_features = out_features
        draw = draws.chosen_generator("Linear", generator).uniform
        k = 1 / math.sqrt(in_features)
        self.weight = Parameter(draw(-k, k, (out_features, in_features)).astype(get_default_dtype()))
        self.bias = Parameter(draw(-k, k, out_features).astype(get_default_dtype())) if bias else None

    def forward(self, input: Tensor | np.ndarray) -> Tensor:  # noqa: A002 - PyTorch's name
        """`x @ weight.T + bias`."""
        inputs = (input, self.weight) if self.bias is None else (input, self.weight, self.bias)
        try:
            return self.weight.apply(linear, inputs, {})
        except ValueError:
            raise ValueError(
                f"Linear({self.in_features}, {self.out_features}) takes rows of {self.in_features} numbers, "
                f"but x has shape {np.shape(input)}"
            ) from None

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"
        )
