"""Layers that put more numbers around signals and pictures: see `functional.pad`."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from tinygrad_edu.nn import functional
from tinygrad_edu.nn.argument_checks import traced
from tinygrad_edu.nn.module import Module
from tinygrad_edu.tensor.tensor import Tensor

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]

_SIZES = ("L", "H, W", "D, H, W")


class _Pad(Module):
    """`padding` more numbers on all sides, or (before, behind) along the last dimension, then the one before it, ...

    Shapes: (N, C, *sizes) or (C, *sizes).
    """

    dims: ClassVar[int]
    mode: ClassVar[str]

    def __init__(self, padding: Any) -> None:
        super().__init__()
        self.padding = _counts(type(self).__name__, padding, 2 * self.dims)

    def forward(self, input: Tensor | np.ndarray) -> Tensor:  # noqa: A002 - PyTorch's name
        """The numbers with others around them."""
        x = traced(input)
        if x.ndim not in (self.dims + 1, self.dims + 2):
            sizes = _SIZES[self.dims - 1]
            name = type(self).__name__
            raise ValueError(f"{name} takes (N, C, {sizes}) or (C, {sizes}), but x has shape {x.shape}")
        return functional.pad(x, self.padding, self.mode)

    def extra_repr(self) -> str:
        """The counts."""
        return f"{self.padding}"


def _counts(call: str, padding: Any, n: int) -> tuple[int, ...]:
    counts = tuple(padding) if isinstance(padding, list | tuple) else (padding,) * n
    if len(counts) != n or not all(isinstance(x, int | np.integer) and x is not True for x in counts):
        raise ValueError(f"{call} needs padding as a whole number or {n} of them, got {padding!r}")
    return counts


class _ConstantPad(Module):
    """`padding` more numbers `value` on all sides of the last dimensions, as in `_Pad`."""

    dims: ClassVar[int]

    def __init__(self, padding: Any, value: float) -> None:
        super().__init__()
        self.padding = _counts(type(self).__name__, padding, 2 * self.dims)
        self.value = value

    def forward(self, input: Tensor | np.ndarray) -> Tensor:  # noqa: A002 - PyTorch's name
        """The numbers with `value` around them."""
        return functional.pad(traced(input), self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    """`value` before and behind the last dimension."""

    dims = 1


class ConstantPad2d(_ConstantPad):
    """`value` before and behind the last 2 dimensions."""

    dims = 2


class ConstantPad3d(_ConstantPad):
    """`value` before and behind the last 3 dimensions."""

    dims = 3


class _ZeroPad(_ConstantPad):
    def __init__(self, padding: Any) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        """The counts."""
        return f"{self.padding}"


class ZeroPad1d(_ZeroPad):
    """Zeros before and behind the last dimension."""

    dims = 1


class ZeroPad2d(_ZeroPad):
    """Zeros before and behind the last 2 dimensions."""

    dims = 2


class ZeroPad3d(_ZeroPad):
    """Zeros before and behind the last 3 dimensions."""

    dims = 3


class ReflectionPad1d(_Pad):
    """Numbers as in mirrors that stand on the outermost ones, before and behind the last dimension."""

    dims, mode = 1, "reflect"


class ReflectionPad2d(_Pad):
    """Numbers as in mirrors that stand on the outermost ones, before and behind the last 2 dimensions."""

    dims, mode = 2, "reflect"


class ReflectionPad3d(_Pad):
    """Numbers as in mirrors that stand on the outermost ones, before and behind the last 3 dimensions."""

    dims, mode = 3, "reflect"


class ReplicationPad1d(_Pad):
    """The outermost numbers again, before and behind the last dimension."""

    dims, mode = 1, "replicate"


class ReplicationPad2d(_Pad):
    """The outermost numbers again, before and behind the last 2 dimensions."""

    dims, mode = 2, "replicate"


class ReplicationPad3d(_Pad):
    """The outermost numbers again, before and behind the last 3 dimensions."""

    dims, mode = 3, "replicate"


class CircularPad1d(_Pad):
    """The numbers of the other end, before and behind the last dimension."""

    dims, mode = 1, "circular"


class CircularPad2d(_Pad):
    """The numbers of the other end, before and behind the last 2 dimensions."""

    dims, mode = 2, "circular"


class CircularPad3d(_Pad):
    """The numbers of the other end, before and behind the last 3 dimensions."""

    dims, mode = 3, "circular"
