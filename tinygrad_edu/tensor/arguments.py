"""Arguments as people write them (dim or axis, one size or several, any index) in the form the operations take."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from reprlib import repr as short
from typing import Any, TypeVar

import numpy as np

ANY = -math.inf
Dim = int | Sequence[int] | None
Dims = tuple[int, ...] | None
NO_DIMS: Any = frozenset()  # axis=(), which means no dimension to NumPy, where dim=() means all to PyTorch
F = TypeVar("F", bound=Callable[..., Any])


def either(call: str, dim: Any, axis: Any) -> Any:
    """The one of two names for the same that was given."""
    if axis is None:
        return dim
    if dim is not None:
        raise TypeError(f"{call} needs dim or axis, got both")
    return NO_DIMS if axis.__class__ is tuple and not axis else axis


def numpy_names(function: F) -> F:
    """Let a function that takes `dim` and `keepdim` also understand `axis` and `keepdims`."""
    name = function.__name__

    @functools.wraps(function)
    def call(input: Any, *args: Any, axis: Any = ..., keepdims: Any = ..., **options: Any) -> Any:  # noqa: A002 - read by `public`
        if keepdims is not ...:
            if "keepdim" in options:
                raise TypeError(f"{name} needs keepdim or keepdims, got both")
            options["keepdim"] = keepdims
        if axis is not ...:
            options["dim"] = either(name, options.get("dim"), axis)
        return function(input, *args, **options)

    return call  # type: ignore[return-value]


def in_float32(function: F) -> F:
    """Let a function of a float16 tensor compute in float32, as PyTorch does: float16 ends at 65504."""

    @functools.wraps(function)
    def call(input: Any, *args: Any, **options: Any) -> Any:  # noqa: A002 - read by `public`
        if getattr(input, "dtype", None) != np.float16:  # an Expression has none
            return function(input, *args, **options)
        result = function(input.astype(np.float32), *args, **options)
        if isinstance(result, tuple):
            return tuple(x.astype(np.float16) for x in result)
        return result.astype(np.float16)

    return call  # type: ignore[return-value]


def only_floats(call: str, x: Any) -> None:
    """Refuse whole numbers and booleans, where PyTorch does."""
    dtype = getattr(x, "dtype", None)  # an Expression has none
    if dtype is not None and dtype.kind != "f":
        raise TypeError(f"{call} needs floats, got {dtype}; use x.double() or x.float() first")


def no_booleans(call: str, x: Any) -> None:
    """Refuse booleans, where PyTorch does."""
    if x.dtype == np.bool_:
        raise TypeError(f"{call} needs numbers, got booleans; use x.double() or x.long() first")


def one_dim(call: str, dim: Any, ndim: int) -> int:
    """`dim` as a non-negative number."""
    if not _is_whole(dim):
        raise TypeError(f"{call} needs dim as a whole number, got {dim!r}")
    if not -max(ndim, 1) <= dim < max(ndim, 1):
        raise IndexError(
            f"{call} needs dim between {-max(ndim, 1)} and {max(ndim, 1) - 1}, got {dim}; "
            f"the dimensions are counted from 0, or from -1 backwards"
        )
    return int(dim) % max(ndim, 1)


def all_dims(call: str, dim: Any, ndim: int) -> Dims:
    """`dim` as a tuple of non-negative numbers, or None for all: without a dim, and for ()."""
    if dim is None or (dim.__class__ in (tuple, list) and not dim):
        return None
    dims = tuple(one_dim(call, d, ndim) for d in (dim if isinstance(dim, Sequence | frozenset) else (dim,)))
    if len(set(dims)) < len(dims):
        raise ValueError(f"{call} needs every dim once, got {dim}")
    return dims if ndim else None


def whole_shape(sizes: Sequence[Any], call: str = "a shape") -> tuple[int, ...]:
    """`reshape(2, 3)` and `reshape((2, 3))` mean the same."""
    sizes = tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], list | tuple) else tuple(sizes)
    for n in sizes:
        if n.__class__ is not int and not _is_whole(n):
            raise TypeError(f"{call} needs whole numbers, got {short(sizes)}")
    return sizes


def _is_whole(n: Any) -> bool:
    return isinstance(n, int | np.integer) and not isinstance(n, bool)


def whole_number(call: str, name: str, n: Any, least: float = 0) -> int:
    """`n` as an int of at least `least` (`ANY`: any whole number); a 0-d Tensor is one, too."""
    if hasattr(n, "raw") and n.ndim == 0:
        n = n.item()
    if not _is_whole(n):
        raise TypeError(f"{call} needs {name} as a whole number, got {type(n).__name__} {short(n)}")
    if n < least:
        raise ValueError(f"{call} needs {name} of {least} or more, got {n}")
    return int(n)
