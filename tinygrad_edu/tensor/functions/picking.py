"""Numbers picked out of a tensor: by an index along a dimension, by places counted through, and by a mask."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import READ, announce
from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import elementwise, ordering, shape
from tinygrad_edu.tensor.arguments import one_dim
from tinygrad_edu.tensor.functions.places import grid, is_tensor, rows, taken, vector, whole
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.indexing import marked


@public()
def gather(input: Data, dim: int, index: Data, *, sparse_grad: bool = False) -> Data:
    """`y[i][j] = x[index[i][j]][j]` for dim 0, `x[i][index[i][j]]` for dim 1, and so on; y has the shape of `index`.

    `sparse_grad` changes nothing here: gradients are dense.
    """
    return _gathered("gather", input, one_dim("gather", dim, input.ndim), whole("gather", index))


def _gathered(call: str, input: Data, dim: int, index: Data, negative: bool = False) -> Data:
    if 0 in index.shape:
        return input.reshape(-1)[:0].reshape(index.shape)
    x, picks = vector(input), vector(index)
    check_sizes(call, "index", picks.shape, x.shape, dim)
    result = taken(x, grid(call, x, dim, picks, negative=negative))
    return result if index.shape else result.reshape(())


def check_sizes(
    call: str, name: str, sizes: tuple[int, ...], limits: tuple[int, ...], dim: int | None = None
) -> None:
    """Raise `ValueError` if `sizes` has other dimensions than `limits` or larger ones, but along `dim`."""
    if len(sizes) != len(limits):
        raise ValueError(f"{call} needs {name} of {len(limits)} dimensions, got shape {sizes} for {limits}")
    if any(n > most for i, (n, most) in enumerate(zip(sizes, limits)) if i != dim):
        but = "" if dim is None else f" but for dim {dim}"
        raise ValueError(f"{call} needs {name} of at most shape {limits}{but}, got {sizes}")


@public()
def take_along_dim(input: Data, indices: Data, dim: int | None = None) -> Data:
    """`gather` of tensors that broadcast but for `dim`; without `dim`, of all numbers in a row.

    `x.take_along_dim(x.argsort(1), 1)` is sorted.
    """
    indices = whole("take_along_dim", indices)
    if dim is None:
        return _gathered("take_along_dim", input.reshape(-1), 0, indices.reshape(-1))
    dim = one_dim("take_along_dim", dim, input.ndim)
    if indices.ndim != input.ndim:
        raise ValueError(
            f"take_along_dim needs indices of {input.ndim} dimensions, as its tensor has, got shape {indices.shape}"
        )
    sizes = np.broadcast_shapes(_but(dim, 1, input.shape), _but(dim, 1, indices.shape))
    x = shape.expand(input, shape=_but(dim, input.shape[dim], sizes))
    picks = shape.expand(indices, shape=_but(dim, indices.shape[dim], sizes))
    return _gathered("take_along_dim", x, dim, picks, negative=True)


def _but(dim: int, size: int, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """`sizes` with another one for `dim`."""
    return (*sizes[:dim], size, *sizes[dim + 1 :])


@public()
def index_select(input: Data, dim: int, index: Data) -> Data:
    """The rows (or columns, ...) along `dim` in the order of a vector of indices: `x[index]` for dim 0."""
    dim = one_dim("index_select", dim, input.ndim)
    picks = vector(whole("index_select", index))
    if picks.ndim > 1 or (input.ndim == 0 and picks.shape != (1,)):
        count = "one index" if input.ndim == 0 else "a vector of indices"
        raise ValueError(f"index_select needs {count}, got shape {picks.shape} for a tensor of {input.shape}")
    x = vector(input)
    result = taken(x, rows("index_select", x, dim, picks))
    return result if input.shape else result.reshape(())


@public()
def take(input: Data, index: Data) -> Data:
    """The numbers at places counted row by row through the whole tensor, in the shape of `index`; -1 is the last."""
    flat = input.reshape(-1)
    return taken(flat, rows("take", flat, 0, whole("take", index), negative=True))


# By a mask.


def as_mask(call: str, mask: Data) -> Data:
    """`mask` if it is a tensor (or an array, or a list) of True and False."""
    part: Any = mask if is_tensor(mask) else np.array(mask)
    if part.dtype != np.bool_:
        raise TypeError(f"{call} needs a mask of booleans, got {part.dtype}; write x != 0")
    return part


@public()
def masked_select(input: Data, mask: Data) -> Data:
    """The numbers where the mask holds, in a vector; tensor and mask broadcast."""
    mask = as_mask("masked_select", mask)
    sizes = np.broadcast_shapes(input.shape, mask.shape)
    return taken(shape.expand(input, shape=sizes), marked([shape.expand(mask, shape=sizes)]))


@public()
def nonzero(input: Data, *, as_tuple: bool = False) -> Data:
    """The indices of all numbers other than 0: a row for each, or `as_tuple` a vector for each dimension.

    `x[x.nonzero(as_tuple=True)]` are these numbers.
    """
    announce(READ, input)
    if not as_tuple:
        return ordering.nonzero(input)
    found = ordering.nonzero(vector(input))
    return tuple([found[:, i] for i in range(found.shape[1])])


@public()
def argwhere(input: Data) -> Data:
    """The indices of all numbers other than 0, a row for each."""
    return nonzero(input)


@public()
def nonzero_static(input: Data, *, size: int, fill_value: int = -1) -> Data:
    """The first `size` rows of `nonzero`; rows of `fill_value` behind them if there are fewer."""
    if size < 0:
        raise ValueError(f"nonzero_static needs size of 0 or more, got {size}")
    return ordering.nonzero_static(input, size=size, fill_value=fill_value)


@public(method=False)
def where(condition: Data, input: Data = None, other: Data = None) -> Data:
    """`input` where the condition holds, else `other`; of the condition alone, where it holds: see `nonzero`."""
    if input is None and other is None:
        return nonzero(condition, as_tuple=True)
    if input is None or other is None:
        raise TypeError("where needs both input and other, or the condition alone")
    if getattr(condition, "dtype", np.bool_) not in (np.bool_, np.uint8):
        raise TypeError(f"where needs a condition of booleans, got {condition.dtype}; write x != 0")
    return elementwise.where(condition, input, other)
