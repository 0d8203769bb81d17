"""Arguments of convolutions and poolings: one whole number for all dimensions, or one for each."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import CREATE, announce
from tinygrad_edu.ops.windows import Sizes, spans
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.tensor import Tensor

Family = Callable[..., Any]


def in_dims(*dims: int, top: bool = False) -> Callable[[Family], Family]:
    """Publish `conv(n, input, ...)` as `conv1d(input, ...)`, `conv2d` and `conv3d`, or for other `dims`.

    The functions are in `nn.functional`, and with `top` at the top level, too.
    """

    def register(family: Family) -> Family:
        for n in dims:
            first, _, rest = family.__name__.partition("_with_")
            name = f"{first}{n}d" + (f"_with_{rest}" if rest else "")
            aliases = [f"nn.functional.{name}"] if top else []
            within = "" if top else "nn.functional"
            public(*aliases, within=within, method=False)(_of_dim(family, n, name))
        return family

    return register


def _of_dim(family: Family, n: int, name: str) -> Family:
    def function(input: Any, *args: Any, **options: Any) -> Any:
        return family(n, input, *args, **options)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = family.__doc__
    parameters = list(inspect.signature(family).parameters.values())
    function.__signature__ = inspect.Signature(parameters[1:])  # type: ignore[attr-defined]
    return function


def constant(array: Any, dtype: Any = None) -> Tensor:
    """A Tensor of numbers that follow from shapes and settings alone, which plans may keep."""
    result = Tensor(np.asarray(array), dtype)
    announce(CREATE, None, result=result)
    return result


def each(call: str, name: str, value: Any, n: int, least: int = 1) -> Sizes:
    """`value`, one whole number or `n` of them, as `n` numbers of `least` or more."""
    numbers = tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
    if not all(isinstance(x, int | np.integer) and not isinstance(x, bool) for x in numbers):
        raise TypeError(f"{call} needs {name} as a whole number or {n} of them, got {short(value)}")
    if len(numbers) not in (1, n):
        raise ValueError(f"{call} needs {name} as a whole number or {n} of them, got {short(value)}")
    if min(numbers) < least:
        raise ValueError(f"{call} needs {name} of {least} or more, got {short(value)}")
    return tuple(map(int, numbers)) * (n // len(numbers))


def check_spatial(call: str, input: Any, n: int) -> None:
    """Raise `ValueError` unless `input` is (N, C, *sizes) or (C, *sizes) with `n` sizes, and only N may be 0."""
    if input.ndim not in (n + 1, n + 2) or 0 in input.shape[-n - 1 :]:
        sizes = ("L", "H, W", "D, H, W")[n - 1]
        raise ValueError(
            f"{call} needs input of shape (N, C, {sizes}) or (C, {sizes}), and sizes of 1 or more, got {input.shape}"
        )


def check_dtype(call: str, input: Any, kinds: str = "f") -> None:
    """Raise `TypeError` unless the dtype of `input` is of one of the `kinds`, as NumPy calls them."""
    if input.dtype.kind not in kinds:
        raise TypeError(f"{call} needs {_KINDS[kinds]}, got {input.dtype}; use x.double() or x.float()")


_KINDS = {"f": "floats", "fi": "floats or signed whole numbers", "fiu": "numbers"}


def box(
    call: str, n: int, input: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Sizes
) -> tuple[Sizes, Sizes, Sizes]:
    """Size, stride and padding of the windows along each dimension."""
    check_spatial(call, input, n)
    size = each(call, "kernel_size", kernel_size, n)
    stride = each(call, "stride", kernel_size if stride in (None, (), []) else stride, n)
    padding = each(call, "padding", padding, n, least=0)
    if any(2 * p > m for p, m in zip(padding, spans(size, dilation))):
        raise ValueError(f"{call} needs padding of at most half the window {size}, got {padding}")
    return size, stride, padding


def window_counts(
    call: str, input: Any, span: Sizes, stride: Sizes, padding: Sizes, ceil_mode: bool
) -> Sizes:
    """The number of windows along each dimension; every window begins before the end of the input."""
    found = []
    for length, m, s, p in zip(input.shape[-len(span) :], span, stride, padding):
        count = (length + 2 * p - m + (s - 1 if ceil_mode else 0)) // s + 1
        found.append(count - 1 if ceil_mode and (count - 1) * s >= length + p else count)
    if min(found) < 1:
        raise ValueError(
            f"{call} needs sizes of at least {span}, padding included, got input of {input.shape}"
        )
    return tuple(found)
