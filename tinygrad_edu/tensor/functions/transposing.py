"""The dimensions in another order: permute, transpose, movedim; and numbers in another order along them: flip, roll."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import index
from tinygrad_edu.ops import shape as ops
from tinygrad_edu.ops.index import along
from tinygrad_edu.tensor.arguments import ANY, Dim, all_dims, one_dim, whole_number, whole_shape
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.reshaping import clone, flatten
from tinygrad_edu.tensor.functions.splitting import dim_of


@public()
def permute(input: Data, *order: Any, dims: Any = ()) -> Data:
    """The dimensions in another order."""
    dims = whole_shape(order or (dims,), "permute")
    order = all_dims("permute", dims, input.ndim) or ()
    if len(order) != input.ndim:
        raise ValueError(f"permute needs all {input.ndim} dimensions, got {dims}")
    return ops.permute(input, dims=order)


@public()
def transpose(input: Data, dim0: int, dim1: int) -> Data:
    """Two dimensions exchanged."""
    first, second = one_dim("transpose", dim0, input.ndim), one_dim("transpose", dim1, input.ndim)
    dims = list(range(input.ndim))
    if dims:
        dims[first], dims[second] = second, first
    return ops.permute(input, dims=tuple(dims))


@public()
def swapdims(input: Data, dim0: int, dim1: int) -> Data:
    """Two dimensions exchanged: `transpose`."""
    return transpose(input, dim0, dim1)


@public()
def swapaxes(input: Data, axis0: int, axis1: int) -> Data:
    """Two dimensions exchanged: `transpose` under NumPy's name."""
    return transpose(input, axis0, axis1)


@public()
def t(input: Data) -> Data:
    """The transpose of a matrix; a vector stays as it is."""
    if input.ndim > 2:
        raise ValueError(f"t needs a matrix or a vector, got shape {input.shape}; use mT or transpose")
    return input.T


@public()
def adjoint(input: Data) -> Data:
    """Each matrix of a stack transposed, which for real numbers is all: `mT`."""
    return input.mT


@public("moveaxis")
def movedim(input: Data, source: Any, destination: Any) -> Data:
    """The dimensions `source` moved to the places `destination`; the others stay in their order."""
    sources, places = _several("source", source, input.ndim), _several("destination", destination, input.ndim)
    if len(sources) != len(places):
        raise ValueError(f"movedim needs as many sources as destinations, got {source} and {destination}")
    order = [i for i in range(input.ndim) if i not in sources]
    for place, dim in sorted(zip(places, sources)):
        order.insert(place, dim)
    return ops.permute(input, dims=tuple(order) if input.ndim else ())


def _several(name: str, dims: Dim, ndim: int) -> tuple[int, ...]:
    return all_dims(f"movedim {name}", dims, max(ndim, 1)) or ()


# Numbers in another order. Each result has memory of its own.


@public()
def flip(input: Data, *order: Any, dims: Any = ()) -> Data:
    """The numbers in reverse along `dims`."""
    chosen = all_dims("flip", whole_shape(order or (dims,), "flip"), input.ndim) or ()
    backwards = tuple(slice(None, None, -1 if i in chosen else 1) for i in range(input.ndim))
    return clone(index.take(input, index=backwards))


@public()
def fliplr(input: Data) -> Data:
    """The columns in reverse: the numbers along dimension 1."""
    if input.ndim < 2:
        raise ValueError(f"fliplr needs at least 2 dimensions, got shape {input.shape}; use flip")
    return flip(input, 1)


@public()
def flipud(input: Data) -> Data:
    """The rows in reverse: the numbers along dimension 0."""
    if input.ndim < 1:
        raise ValueError(f"flipud needs at least 1 dimension, got shape {input.shape}")
    return flip(input, 0)


@public()
def roll(input: Data, shifts: Any, dims: Any = ()) -> Data:
    """The numbers moved on by `shifts` along `dims`, those at the end to the beginning; without dims as in one row."""
    steps, where = _listed(shifts), _listed(dims)
    if not where and len(steps) == 1:
        return ops.reshape(roll(flatten(input), steps, 0), shape=input.shape)
    if not steps or len(steps) != len(where):
        raise ValueError(f"roll needs one shift for each of dims, got {shifts} and {dims}")
    for step, dim in zip(steps, where):
        input = _rolled(input, whole_number("roll", "shifts", step, least=ANY), dim_of("roll", dim, input))
    return input


def _listed(x: Any) -> tuple[Any, ...]:
    return tuple(x) if isinstance(x, list | tuple) else () if x is None else (x,)


def _rolled(x: Data, step: int, dim: int) -> Data:
    if not x.shape[dim]:
        return clone(x)
    cut = -step % x.shape[dim]
    ends = [index.take(x, index=along(dim, part)) for part in (slice(cut, None), slice(cut))]
    return ops.cat(*ends, dim=dim)


@public()
def rot90(input: Data, k: int = 1, dims: Any = (0, 1)) -> Data:
    """Each matrix of the dimensions `dims` turned by k times 90 degrees, from the first of them to the second."""
    if len(dims) != 2 or input.ndim < 2:
        raise ValueError(f"rot90 needs two dims of a tensor that has them, got {dims} for {input.shape}")
    first, second = all_dims("rot90", tuple(dims), input.ndim) or ()
    if k % 4 in (0, 2):
        return flip(input, dims) if k % 4 else clone(input)
    return transpose(flip(input, second if k % 4 == 1 else first), first, second)
