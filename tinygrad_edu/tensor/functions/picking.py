"""Numbers picked out of a tensor: by an index along a dimension, by places counted through, by a mask; embedding."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.engine.graph import READ, announce
from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import elementwise, index, ordering, shape
from tinygrad_edu.tensor.arguments import one_dim
from tinygrad_edu.tensor.functions.places import cells, grid, is_tensor, rows, taken, vector, whole, within
from tinygrad_edu.tensor.functions.public import public


@public()
def gather(input: Data, dim: int, index: Data, *, sparse_grad: bool = False) -> Data:
    """`y[i][j] = x[index[i][j]][j]` for dim 0, `x[i][index[i][j]]` for dim 1, and so on; y has the shape of `index`.

    `sparse_grad` changes nothing here: gradients are dense.
    """
    return taken(*grid("gather", input, dim, index)).reshape(np.shape(index))


@public()
def take_along_dim(input: Data, indices: Data, dim: int | None = None) -> Data:
    """`gather` of tensors that broadcast but for `dim`; without `dim`, of all numbers in a row.

    `x.take_along_dim(x.argsort(1), 1)` is sorted. Negative indices are counted from the end.
    """
    indices = whole("take_along_dim", indices)
    if dim is None:
        return taken(input.reshape(-1), [indices.reshape(-1)])
    dim = one_dim("take_along_dim", dim, input.ndim)
    if indices.ndim != input.ndim:
        raise ValueError(
            f"take_along_dim needs indices of {input.ndim} dimensions, as its tensor has, got shape {indices.shape}"
        )
    sizes = np.broadcast_shapes(_but(dim, 1, input.shape), _but(dim, 1, indices.shape))
    x = shape.expand(input, shape=_but(dim, input.shape[dim], sizes))
    return taken(x, cells(dim, shape.expand(indices, shape=_but(dim, indices.shape[dim], sizes))))


def _but(dim: int, size: int, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """`sizes` with another one for `dim`."""
    return (*sizes[:dim], size, *sizes[dim + 1 :])


@public()
def index_select(input: Data, dim: int, index: Data) -> Data:
    """The rows (or columns, ...) along `dim` in the order of a vector of indices: `x[index]` for dim 0."""
    x, place = rows("index_select", input, dim, index)
    if input.ndim == 0 and place[0].shape != (1,):
        raise ValueError(f"index_select needs one index for a single number, got shape {place[0].shape}")
    return taken(x, place) if input.shape else taken(x, place).reshape(())


@public()
def take(input: Data, index: Data) -> Data:
    """The numbers at places counted row by row through the whole tensor, in the shape of `index`; -1 is the last."""
    return taken(input.reshape(-1), [whole("take", index)])


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
    return taken(shape.expand(input, shape=sizes), [shape.expand(mask, shape=sizes)])


@public()
def nonzero(input: Data, *, as_tuple: bool = False) -> Data:
    """The indices of all numbers other than 0: a row for each, or `as_tuple` a vector for each dimension.

    `x[x.nonzero(as_tuple=True)]` are these numbers.
    """
    announce(READ, input)
    return ordering.nonzero(vector(input)).unbind(1) if as_tuple else ordering.nonzero(input)


@public()
def argwhere(input: Data) -> Data:
    """The indices of all numbers other than 0, a row for each."""
    return nonzero(input)


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


@public(within="nn.functional")
def embedding(
    input: Data,
    weight: Data,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Data:
    """The rows of `weight` that whole numbers name: `weight[input]`.

    `padding_idx`: a row that gets no gradient. `max_norm`: rows of a larger norm are made shorter, in `weight` itself.
    `scale_grad_by_freq`: gradients are divided by how often a row was named. `sparse` changes nothing here.
    Shapes: `input` (...), `weight` (rows, features); result (..., features).
    """
    if not is_tensor(weight) or weight.ndim != 2:
        raise ValueError(f"embedding needs weight as a matrix, got shape {np.shape(weight)}")
    picks, size = within("embedding", weight, 0, whole("embedding", input)), weight.shape[0]
    if padding_idx is not None and not -size <= padding_idx < size:
        raise ValueError(f"embedding needs padding_idx from {-size} to {size - 1}, got {padding_idx}")
    if max_norm is not None:
        _renormalize(weight, picks, max_norm, norm_type)
    found = taken(weight, [picks])
    if scale_grad_by_freq:
        ones = (picks >= 0).to(weight.dtype).unsqueeze(-1)
        count = taken(index.scatter(ones, picks, index=index.ARRAY, shape=(size, 1)), [picks])
        fixed = found.detach()
        found = fixed + (found - fixed) / count
    if padding_idx is not None:
        found = elementwise.where((picks == padding_idx % size).unsqueeze(-1), found.detach(), found)
    return found


def _renormalize(weight: Data, picks: Data, max_norm: float, norm_type: float) -> None:
    """Make the rows `picks` shorter, if they are longer than `max_norm`."""
    with no_grad():
        found = taken(weight, [picks])
        norm = found.norm(norm_type, dim=-1, keepdim=True)
        weight.detach()[picks] = elementwise.where(norm > max_norm, found * (max_norm / (norm + 1e-7)), found)
