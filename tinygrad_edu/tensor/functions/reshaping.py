"""The same numbers in another shape or order: reshape, squeeze, permute, flip; and how they lie in memory."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import index
from tinygrad_edu.ops import shape as ops
from tinygrad_edu.ops.index import along
from tinygrad_edu.tensor.arguments import ANY, Dim, all_dims, one_dim, whole_number, whole_shape
from tinygrad_edu.tensor.functions.public import public, row


@public()
def reshape(input: Data, *sizes: Any, shape: Any = ()) -> Data:
    """The same numbers in another shape; one size may be -1."""
    return ops.reshape(input, shape=_sizes("reshape", sizes or (shape,)))


@public(within="Tensor")
def reshape_as(input: Data, other: Data) -> Data:
    """The same numbers in the shape of `other`."""
    return reshape(input, other.shape)


@public(within="Tensor")
def view(input: Data, *sizes: Any, size: Any = ()) -> Data:
    """The same numbers in the same memory in another shape; one size may be -1.

    Raises `RuntimeError` for a tensor whose numbers lie in another order, such as `x.T`: see `reshape`.
    """
    if sizes and isinstance(sizes[0], np.dtype):
        raise TypeError(
            f"view needs sizes, got {sizes[0]}; x.to(dtype) converts numbers, x.numpy().view(dtype) reads bits"
        )
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


def _sizes(call: str, sizes: Any) -> tuple[int, ...]:
    """The sizes of a new shape; NumPy takes any negative one for -1."""
    sizes = whole_shape(sizes, call)
    if min(sizes, default=0) < -1 or sizes.count(-1) > 1:
        raise ValueError(f"{call} needs sizes of 0 or more, and -1 for one to be found, got {sizes}")
    return sizes


@public()
def flatten(input: Data, start_dim: int = 0, end_dim: int = -1) -> Data:
    """The dimensions from `start_dim` to `end_dim` as one."""
    sizes = input.shape or (1,)
    start, end = one_dim("flatten", start_dim, len(sizes)), one_dim("flatten", end_dim, len(sizes))
    if start > end:
        raise ValueError(f"flatten needs start_dim before end_dim, got {start_dim} and {end_dim}")
    merged = math.prod(sizes[start : end + 1])
    return ops.reshape(input, shape=(*sizes[:start], merged, *sizes[end + 1 :]))


@public()
def ravel(input: Data) -> Data:
    """All numbers in one dimension, row by row."""
    return contiguous(flatten(input))


@public()
def unflatten(input: Data, dim: int, sizes: Any) -> Data:
    """The dimension `dim` as several of `sizes`, one of which may be -1."""
    dim, parts = dim_of("unflatten", dim, input), _sizes("unflatten", (sizes,))
    whole, known = input.shape[dim], -math.prod(parts) if -1 in parts else 0
    full = tuple(whole // known if n == -1 and known else n for n in parts)
    if not parts or math.prod(full) != whole:
        raise ValueError(
            f"unflatten needs sizes whose product is {whole}, the size of dim {dim}, got {parts}"
        )
    return ops.reshape(input, shape=(*input.shape[:dim], *full, *input.shape[dim + 1 :]))


@public()
def squeeze(input: Data, dim: Dim = None) -> Data:
    """Without the dimensions of size 1, all of them or those of `dim`."""
    dims = range(input.ndim) if dim is None else all_dims("squeeze", dim, input.ndim) or ()
    return ops.reshape(input, shape=tuple(n for i, n in enumerate(input.shape) if n != 1 or i not in dims))


@public()
def unsqueeze(input: Data, dim: int) -> Data:
    """With a new dimension of size 1 at `dim`."""
    where = one_dim("unsqueeze", dim, input.ndim + 1)
    return ops.reshape(input, shape=(*input.shape[:where], 1, *input.shape[where:]))


def dim_of(call: str, dim: int, x: Data) -> int:
    """`dim` of a tensor that has one, counted from the front."""
    if not x.ndim:
        raise IndexError(f"{call} needs a tensor with dimensions, got a single number")
    return one_dim(call, dim, x.ndim)


# The dimensions in another order.


@public()
def permute(input: Data, *order: Any, dims: Any = ()) -> Data:
    """The dimensions in another order."""
    dims = whole_shape(order or (dims,), "permute")
    order = all_dims("permute", dims, input.ndim) or ()
    if len(order) != input.ndim:
        raise ValueError(f"permute needs all {input.ndim} dimensions, got {dims}")
    return ops.permute(input, dims=order)


@public("swapdims")
def transpose(input: Data, dim0: int, dim1: int) -> Data:
    """Two dimensions exchanged."""
    first, second = one_dim("transpose", dim0, input.ndim), one_dim("transpose", dim1, input.ndim)
    dims = list(range(input.ndim))
    if dims:
        dims[first], dims[second] = second, first
    return ops.permute(input, dims=tuple(dims))


@public()
def swapaxes(input: Data, axis0: int, axis1: int) -> Data:
    """Two dimensions exchanged."""
    return transpose(input, axis0, axis1)


@public()
def t(input: Data) -> Data:
    """The transpose of a matrix; a vector stays as it is."""
    if input.ndim > 2:
        raise ValueError(f"t needs a matrix or a vector, got shape {input.shape}; use mT or transpose")
    return input.T


row("adjoint", "Each matrix of a stack transposed, which for real numbers is all: `mT`", lambda x: x.mT)


@public("moveaxis")
def movedim(input: Data, source: Any, destination: Any) -> Data:
    """The dimensions `source` moved to the places `destination`; the others stay in their order."""
    sources = all_dims("movedim source", source, max(input.ndim, 1)) or ()
    places = all_dims("movedim destination", destination, max(input.ndim, 1)) or ()
    if len(sources) != len(places):
        raise ValueError(f"movedim needs as many sources as destinations, got {source} and {destination}")
    order = [i for i in range(input.ndim) if i not in sources]
    for place, dim in sorted(zip(places, sources)):
        order.insert(place, dim)
    return ops.permute(input, dims=tuple(order) if input.ndim else ())


# The numbers in another order, in memory of their own.


@public()
def flip(input: Data, *order: Any, dims: Any = ()) -> Data:
    """The numbers in reverse along `dims`."""
    chosen = all_dims("flip", whole_shape(order or (dims,), "flip"), input.ndim) or ()
    backwards = tuple(slice(None, None, -1 if i in chosen else 1) for i in range(input.ndim))
    return clone(index.take(input, index=backwards))


@public()
def fliplr(input: Data) -> Data:
    """The columns in reverse: the numbers along dimension 1."""
    return flip(input, one_dim("fliplr", 1, input.ndim))


@public()
def flipud(input: Data) -> Data:
    """The rows in reverse: the numbers along dimension 0."""
    return flip(input, dim_of("flipud", 0, input))


@public()
def roll(input: Data, shifts: Any, dims: Any = ()) -> Data:
    """The numbers moved on by `shifts` along `dims`, those at the end to the beginning; without dims as in one row."""
    steps, where = (
        x if isinstance(x, list | tuple) else (x,) for x in (shifts, () if dims is None else dims)
    )
    if not where and len(steps) == 1:
        return ops.reshape(roll(flatten(input), steps, 0), shape=input.shape)
    if not steps or len(steps) != len(where):
        raise ValueError(f"roll needs one shift for each of dims, got {shifts} and {dims}")
    for step, along_dim in zip(steps, where):
        dim = dim_of("roll", along_dim, input)
        cut = -whole_number("roll", "shifts", step, least=ANY) % max(input.shape[dim], 1)
        ends = (index.take(input, index=along(dim, part)) for part in (slice(cut, None), slice(cut)))
        input = ops.cat(*ends, dim=dim)
    return input


@public()
def rot90(input: Data, k: int = 1, dims: Any = (0, 1)) -> Data:
    """Each matrix of the dimensions `dims` turned by k times 90 degrees, from the first of them to the second."""
    if len(dims) != 2 or input.ndim < 2:
        raise ValueError(f"rot90 needs two dims of a tensor that has them, got {dims} for {input.shape}")
    first, second = all_dims("rot90", tuple(dims), input.ndim) or ()
    if k % 4 in (0, 2):
        return flip(input, dims) if k % 4 else clone(input)
    return transpose(flip(input, second if k % 4 == 1 else first), first, second)


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
    if not hasattr(input, "raw") or is_contiguous(input):
        return input
    row = flatten(input)  # a copy already, unless the numbers stand equally far apart
    return ops.reshape(row if is_contiguous(row) else clone(row), shape=input.shape)


@public(within="Tensor")
def stride(input: Data, dim: int | None = None) -> Any:
    """How many numbers further in memory the next one along each dimension stands, or along `dim`."""
    raw = input.raw
    steps = tuple(n // raw.itemsize for n in raw.strides)
    if is_contiguous(input):  # where a size is 0 or 1 any step would do
        steps = tuple(math.prod(max(n, 1) for n in raw.shape[i + 1 :]) for i in range(raw.ndim))
    return steps if dim is None else steps[one_dim("stride", dim, raw.ndim)]
