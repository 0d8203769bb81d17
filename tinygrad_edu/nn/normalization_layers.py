"""Normalizations by the numbers of one example, as layers: of layers, groups of channels, and neighbouring channels."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.nn import functional
from tinygrad_edu.nn.argument_checks import traced
from tinygrad_edu.nn.function_modules import FunctionModule
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.nn.starting_values import floats, parameter, start_constant, whole
from tinygrad_edu.tensor.tensor import Tensor

__all__ = ["GroupNorm", "LayerNorm", "LocalResponseNorm", "RMSNorm"]


class _Scaled(Module):
    """A normalization with a weight, which starts from 1, and a bias, which starts from 0."""

    weight: Parameter | None
    bias: Parameter | None

    def _scale(self, shape: Any, weight: bool, bias: bool | None, kind: Any) -> None:
        """Register weight and bias; without a bias at all if it is None."""
        self.register_parameter("weight", parameter(shape, kind) if weight else None)
        if bias is not None:
            self.register_parameter("bias", parameter(shape, kind) if weight and bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weight 1 and bias 0."""
        start_constant(1, self.weight)
        start_constant(0, getattr(self, "bias", None))


class LayerNorm(_Scaled):
    """The last dimensions, those of `normalized_shape`, shifted and scaled: see `functional.layer_norm`."""

    def __init__(
        self,
        normalized_shape: Any,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _sizes("LayerNorm", normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self._scale(self.normalized_shape, elementwise_affine, bias, floats("LayerNorm", device, dtype))

    def forward(self, input: Tensor | np.ndarray) -> Tensor:  # noqa: A002 - PyTorch's name
        """`(x - mean) / sqrt(var + eps) * weight + bias`."""
        return functional.layer_norm(traced(input), self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(_Scaled):
    """The last dimensions, those of `normalized_shape`, scaled: see `functional.rms_norm`."""

    def __init__(
        self,
        normalized_shape: Any,
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _sizes("RMSNorm", normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self._scale(self.normalized_shape, elementwise_affine, None, floats("RMSNorm", device, dtype))

    def forward(self, input: Tensor | np.ndarray) -> Tensor:  # noqa: A002 - PyTorch's name
        """`x / sqrt(mean(x²) + eps) * weight`."""
        return functional.rms_norm(traced(input), self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


def _sizes(call: str, given: Any) -> tuple[int, ...]:
    sizes = tuple(given) if isinstance(given, list | tuple) else (given,)
    for size in sizes:
        whole(call, normalized_shape=size)
    if not sizes:
        raise ValueError(f"{call} needs normalized_shape of 1 size or more, got {given!r}")
    return sizes


class GroupNorm(_Scaled):
    """Each of `num_groups` groups of channels of each example shifted and scaled: see `functional.group_norm`."""

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        whole("GroupNorm", num_groups=num_groups, num_channels=num_channels)
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm needs num_groups that divides num_channels={num_channels}, got {num_groups}"
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        self._scale(num_channels, affine, bias, floats("GroupNorm", device, dtype))

    def forward(self, input: Tensor | np.ndarray) -> Tensor:  # noqa: A002 - PyTorch's name
        """`(x - mean) / sqrt(var + eps) * weight + bias`, with mean and variance of each group."""
        x = traced(input)
        if x.ndim < 2 or x.shape[1] != self.num_channels:
            raise ValueError(
                f"GroupNorm({self.num_groups}, {self.num_channels}) takes {self.num_channels} channels "
                f"(N, {self.num_channels}, ...), but x has shape {x.shape}"
            )
        return functional.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class LocalResponseNorm(FunctionModule):
    """Each number divided by a mean over `size` neighbouring channels: see `functional.local_response_norm`."""

    function = staticmethod(functional.local_response_norm)
    shows = "{size}, alpha={alpha}, beta={beta}, k={k}"
