"""Places in a tensor: the numbers that an index tensor stands for, checked, and what is done at them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import NUMBERS, Data
from tinygrad_edu.ops import index as index_ops
from tinygrad_edu.ops import ordering, shape
from tinygrad_edu.tensor.indexing import Index, marked


def is_tensor(x: Data) -> bool:
    """True for a Tensor, not for arrays and numbers."""
    return isinstance(x, Variable)


def whole(call: str, index: Data) -> Data:
    """An index tensor (arrays and lists count, too) that holds whole numbers, or nothing."""
    picks: Any = index if is_tensor(index) else np.array(index)
    if math.prod(picks.shape) == 0:
        return picks if picks.dtype.kind == "i" else picks.astype(np.dtype(np.int64))
    if picks.dtype.kind != "i":
        raise TypeError(
            f"{call} needs an index of whole numbers (int64), got {picks.dtype}; use index.long()"
        )
    return picks


def vector(x: Data) -> Data:
    """A single number as a vector of one, anything else as it is: along dim 0 both are the same."""
    return x if x.shape else x.reshape((1,))


def rows(call: str, input: Data, dim: int, picks: Data, *, negative: bool = False) -> Index:
    """The rows (or columns, ...) `picks` along `dim`; `negative` ones are counted from the end."""
    return marked(index_ops.along(dim, _checked(call, input, dim, picks, negative)))


def _checked(call: str, input: Data, dim: int, picks: Data, negative: bool) -> Data:
    size = input.shape[dim]
    return ordering.within(picks, call=call, dim=dim, size=size, lowest=-size if negative else 0)


def grid(call: str, input: Data, dim: int, picks: Data, *, negative: bool = False) -> Index:
    """A number for each of `picks`: of its index along `dim`, and of its own place in all other dimensions."""
    return unchecked_grid(dim, _checked(call, input, dim, picks, negative))


def unchecked_grid(dim: int, picks: Data) -> Index:
    """The `grid` of `picks` that cannot be wrong."""
    axes = np.ogrid[tuple([slice(n) for n in picks.shape])]
    return marked([picks if i == dim else axis for i, axis in enumerate(axes)])


def taken(x: Data, place: Index) -> Data:
    """The numbers of `x` at a place."""
    arrays, index = place
    return index_ops.take(x, *arrays, index=index)


def replaced(x: Data, v: Data, place: Index) -> Data:
    """`x` with `v`, a number or of the shape of the place, at a place."""
    arrays, index = place
    return index_ops.put(x, v, *arrays, index=index)


def added(x: Data, v: Data, place: Index) -> Data:
    """`x` with `v`, of the shape of the place, added at a place."""
    arrays, index = place
    return x + index_ops.scatter(v, *arrays, index=index, shape=x.shape)


# What is put there.


def of_same_dtype(call: str, name: str, input: Data, src: Data) -> Data:
    """`src` if it is a Tensor of the dtype of `input`."""
    if not is_tensor(src):
        raise TypeError(f"{call} needs {name} as a Tensor, got {type(src).__name__}; write tensor(...)")
    if src.dtype != input.dtype:
        raise TypeError(
            f"{call} needs {name} of {input.dtype}, as its tensor is, got {src.dtype}; use {name}.to(x)"
        )
    return src


def single(call: str, input: Data, value: Data) -> Data:
    """One number, plain or a tensor without dimensions, as the dtype of `input`: 2.5 is 2 among whole numbers."""
    if np.shape(value) != ():
        raise ValueError(f"{call} needs a single number as value, got shape {np.shape(value)}")
    if is_tensor(value):
        if not np.can_cast(value.dtype, input.dtype, "same_kind"):
            raise _lossy(call, input, value.dtype)
        return value if value.dtype == input.dtype else value.astype(input.dtype)
    if type(value) not in NUMBERS or (input.dtype.kind in "iu" and not _fits(value, input.dtype)):
        raise _lossy(call, input, value)
    return np.asarray(value).astype(input.dtype).item()


def spread(call: str, input: Data, value: Data, place: Index) -> Data:
    """`value` broadcast to the shape of a place in `input`."""
    sizes = taken(input.detach(), place).shape
    if value.shape == sizes:
        return value
    try:
        return shape.expand(value, shape=sizes)
    except ValueError as error:
        raise ValueError(f"{call} needs values that broadcast to {sizes}, got shape {value.shape}") from error


def _fits(value: float, dtype: np.dtype[Any]) -> bool:
    return np.iinfo(dtype).min <= value <= np.iinfo(dtype).max


def _lossy(call: str, input: Data, value: Any) -> TypeError:
    return TypeError(f"{call} needs a value that fits {input.dtype}, got {value}; use x.double() first")
