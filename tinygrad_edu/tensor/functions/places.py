"""The places that an index along a dimension stands for, checked, and what is done there: numbers taken, put, added.

A place is an index for each dimension, in which Tensors may stand; tensors without dimensions count as vectors of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import index as index_ops
from tinygrad_edu.ops import ordering
from tinygrad_edu.ops.index import along
from tinygrad_edu.tensor.arguments import one_dim
from tinygrad_edu.tensor.indexing import marked

Place = Sequence[Any]


def is_tensor(x: Data) -> bool:
    """True for a Tensor, not for arrays and numbers."""
    return isinstance(x, Variable)


def vector(x: Data) -> Data:
    """A single number as a vector of one, anything else as it is."""
    return x if x.shape else x.reshape((1,))


def whole(call: str, index: Data) -> Data:
    """An index tensor (arrays and lists count, too) that holds whole numbers, or nothing."""
    picks: Any = index if is_tensor(index) else np.array(index)
    if picks.dtype.kind == "i":
        return picks
    if 0 not in picks.shape:
        raise TypeError(
            f"{call} needs an index of whole numbers (int64), got {picks.dtype}; use index.long()"
        )
    return picks.astype(np.dtype(np.int64))


def rows(call: str, input: Data, dim: int, index: Data, *, negative: bool = False) -> tuple[Data, Place]:
    """The tensor, and the place of its rows `index` along `dim`; `negative` ones are counted from the end."""
    dim, x, picks = one_dim(call, dim, input.ndim), vector(input), vector(whole(call, index))
    if picks.ndim > 1:
        raise ValueError(f"{call} needs a vector of indices, got shape {picks.shape}")
    return x, along(dim, picks if negative else within(call, x, dim, picks))


def grid(call: str, input: Data, dim: int, index: Data) -> tuple[Data, Place]:
    """The tensor, and the `cells` of an index along `dim` that is in no other dimension larger than the tensor."""
    dim, x, picks = one_dim(call, dim, input.ndim), vector(input), vector(whole(call, index))
    if 0 in picks.shape:  # of any shape
        picks = picks.reshape((0,) * x.ndim)
    check_sizes(call, picks.shape, x.shape, dim)
    return x, cells(dim, within(call, x, dim, picks))


def within(call: str, x: Data, dim: int, picks: Data) -> Data:
    """`picks`, if all are places in `dim` counted from 0."""
    return ordering.within(picks, call=call, dim=dim, size=x.shape[dim])


def check_sizes(call: str, sizes: tuple[int, ...], limits: tuple[int, ...], dim: int | None = None) -> None:
    """Raise `ValueError` if an index has other dimensions than `limits` or larger ones, but along `dim`."""
    if len(sizes) != len(limits):
        raise ValueError(f"{call} needs index of {len(limits)} dimensions, got shape {sizes} for {limits}")
    if any(n > most for i, (n, most) in enumerate(zip(sizes, limits)) if i != dim):
        but = "" if dim is None else f" but for dim {dim}"
        raise ValueError(f"{call} needs index of at most shape {limits}{but}, got {sizes}")


def cells(dim: int, picks: Data) -> Place:
    """A number for each of `picks`: at its index along `dim`, and at its own place in all other dimensions."""
    axes = np.ogrid[tuple([slice(n) for n in picks.shape])]
    return [picks if i == dim else axis for i, axis in enumerate(axes)]


def taken(x: Data, place: Place) -> Data:
    """The numbers of `x` at a place."""
    arrays, index = marked(place)
    return index_ops.take(x, *arrays, index=index)


def replaced(x: Data, v: Data, place: Place) -> Data:
    """`x` with `v`, a number or of the shape of the place, at a place."""
    arrays, index = marked(place)
    return index_ops.put(x, v, *arrays, index=index)


def added(x: Data, v: Data, place: Place) -> Data:
    """`x` with `v`, of the shape of the place, added at a place."""
    arrays, index = marked(place)
    return x + index_ops.scatter(v, *arrays, index=index, shape=x.shape)
