"""The same numbers in another shape: reshape, view, flatten, squeeze; and how they lie in memory."""

from __future__ import annotations

import math
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import shape as ops
from tinygrad_edu.ops import views
from tinygrad_edu.tensor.arguments import Dim, all_dims, one_dim, whole_shape
from tinygrad_edu.tensor.functions.public import public


@public()
def reshape(input: Data, *sizes: Any, shape: Any = ()) -> Data:
    """The same numbers in another shape; one size may be -1."""
    return ops.reshape(input, shape=_sizes("reshape", sizes or (shape,)))


@public(within="Tensor")
def view(input: Data, *sizes: Any, size: Any = ()) -> Data:
    """The same numbers in the same memory in another shape; one size may be -1.

    Raises `RuntimeError` for a tensor whose numbers lie in another order, such as `x.T`: see `reshape`.
    """
    result = ops.reshape(input, shape=_sizes("view", sizes or (size,)))
    if getattr(result, "memory", input) is None and result.raw.size:
        raise RuntimeError(
            f"view needs numbers that lie in memory in the order of their dimensions, but those of "
            f"{input.described()} do not fit {result.shape}; use reshape, which copies them"
        )
    return result


@public(within="Tensor")
def view_as(input: Data, other: Data) -> Data:
    """The same numbers in the same memory in the shape of `other`."""
    return view(input, other.shape)


@public(within="Tensor")
def reshape_as(input: Data, other: Data) -> Data:
    """The same numbers in the shape of `other`."""
    return reshape(input, other.shape)


@public()
def flatten(input: Data, start_dim: int = 0, end_dim: int = -1) -> Data:
    """The dimensions from `start_dim` to `end_dim` as one."""
    sizes = input.shape or (1,)
    start, end = one_dim("flatten", start_dim, len(sizes)), one_dim("flatten", end_dim, len(sizes))
    if start > end:
        raise ValueError(f"flatten needs start_dim before end_dim, got {start_dim} and {end_dim}")
    merged = (*sizes[:start], math.prod(sizes[start : end + 1]), *sizes[end + 1 :])
    return ops.reshape(input, shape=merged)


@public()
def ravel(input: Data) -> Data:
    """All numbers in one dimension, row by row."""
    return contiguous(flatten(input))


@public()
def unflatten(input: Data, dim: int, sizes: Any) -> Data:
    """The dimension `dim` as several of `sizes`, one of which may be -1."""
    dim = one_dim("unflatten", dim, input.ndim)
    parts = _sizes("unflatten", (sizes,))
    if not input.ndim or not parts:
        raise ValueError(f"unflatten needs a dimension, and sizes for it, got {parts} for {input.shape}")
    whole, known = input.shape[dim], -math.prod(parts) if -1 in parts else math.prod(parts)
    if (-1 in parts and (not known or whole % known)) or (-1 not in parts and whole != known):
        raise ValueError(
            f"unflatten needs sizes whose product is {whole}, the size of dim {dim}, got {parts}"
        )
    parts = tuple(whole // known if n == -1 else n for n in parts)
    return ops.reshape(input, shape=(*input.shape[:dim], *parts, *input.shape[dim + 1 :]))


@public()
def squeeze(input: Data, dim: Dim = None) -> Data:
    """Without the dimensions of size 1, all of them or those of `dim`."""
    dims = range(input.ndim) if dim is None else all_dims("squeeze", dim, input.ndim) or ()
    return ops.reshape(input, shape=tuple(n for i, n in enumerate(input.shape) if n != 1 or i not in dims))


@public()
def unsqueeze(input: Data, dim: int) -> Data:
    """With a new dimension of size 1 at `dim`."""
    sizes = input.shape
    where = one_dim("unsqueeze", dim, len(sizes) + 1)
    return ops.reshape(input, shape=(*sizes[:where], 1, *sizes[where:]))


def _sizes(call: str, sizes: Any) -> tuple[int, ...]:
    """The sizes of a new shape; NumPy takes any negative one for -1."""
    sizes = whole_shape(sizes, call)
    if sizes and min(sizes) < -1:
        raise ValueError(f"{call} needs sizes of 0 or more, and -1 for one to be found, got {sizes}")
    return sizes


# At least so many dimensions: of one tensor, or of each of several.


@public(method=False)
def atleast_1d(*tensors: Any) -> Any:
    """A tensor, or each of several, with at least one dimension."""
    return _each(lambda x: x if x.ndim else ops.reshape(x, shape=(1,)), tensors)


@public(method=False)
def atleast_2d(*tensors: Any) -> Any:
    """A tensor, or each of several, with at least two dimensions: a vector becomes a row."""
    return _each(lambda x: x if x.ndim > 1 else ops.reshape(x, shape=(1, *(x.shape or (1,)))), tensors)


@public(method=False)
def atleast_3d(*tensors: Any) -> Any:
    """A tensor, or each of several, with at least three dimensions: a matrix becomes one of numbers in rows of one."""
    return _each(_with_three, tensors)


def _with_three(x: Data) -> Data:
    sizes = x.shape if x.ndim > 1 else (1, *(x.shape or (1,)))
    return x if x.ndim > 2 else ops.reshape(x, shape=(*sizes, 1))


def _each(call: Any, tensors: tuple[Any, ...]) -> Any:
    if len(tensors) == 1 and not isinstance(tensors[0], list | tuple):
        return call(tensors[0])
    return tuple(call(x) for x in (tensors[0] if len(tensors) == 1 else tensors))


# Memory.


@public()
def clone(input: Data, *, memory_format: Any = None) -> Data:
    """A copy in memory of its own, still part of the graph."""
    return input.astype(input.dtype)


@public(within="Tensor")
def is_contiguous(input: Data, memory_format: Any = None) -> bool:
    """True if the numbers lie in memory row by row, without gaps."""
    return bool(input.raw.flags.c_contiguous)


@public(within="Tensor")
def contiguous(input: Data, memory_format: Any = None) -> Data:
    """The tensor itself if its numbers lie in memory row by row, else a copy where they do."""
    return input if not hasattr(input, "raw") or is_contiguous(input) else views.contiguous(input)


@public(within="Tensor")
def stride(input: Data, dim: int | None = None) -> Any:
    """How many numbers further in memory the next one along each dimension stands, or along `dim`."""
    raw = input.raw
    steps = tuple(n // raw.itemsize for n in raw.strides)
    if is_contiguous(input):  # where a size is 0 or 1 any step would do
        steps = tuple(math.prod(max(n, 1) for n in raw.shape[i + 1 :]) for i in range(raw.ndim))
    return steps if dim is None else steps[one_dim("stride", dim, raw.ndim)]
