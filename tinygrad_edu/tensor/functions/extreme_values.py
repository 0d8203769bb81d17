"""Extreme numbers, and where they stand."""

from __future__ import annotations

from typing import Any, NamedTuple

from tinygrad_edu.engine.operation import Data, Operation
from tinygrad_edu.ops import elementwise, reduce
from tinygrad_edu.tensor.arguments import Dim, all_dims, either, numpy_names, one_dim
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.pair import ValuesAndIndices


@public()
@numpy_names
def amax(input: Data, dim: Dim = None, keepdim: bool = False) -> Data:
    """The greatest, of all or over `dim`; equal ones share the gradient evenly."""
    return reduce.amax(input, dims=all_dims("amax", dim, input.ndim), keepdim=keepdim)


@public()
@numpy_names
def amin(input: Data, dim: Dim = None, keepdim: bool = False) -> Data:
    """The smallest, of all or over `dim`; equal ones share the gradient evenly."""
    return reduce.amin(input, dims=all_dims("amin", dim, input.ndim), keepdim=keepdim)


class MinAndMax(NamedTuple):
    """The smallest and the greatest numbers: `low, high = aminmax(x)`."""

    min: Any
    max: Any


@public()
def aminmax(input: Data, *, dim: int | None = None, keepdim: bool = False) -> MinAndMax:
    """The smallest and the greatest, of all or along `dim`; equal ones share the gradient evenly."""
    dims = None if dim is None else (one_dim("aminmax", dim, input.ndim),)
    return MinAndMax(amin(input, dims, keepdim), amax(input, dims, keepdim))


@public()
@numpy_names
def argmax(input: Data, dim: int | None = None, keepdim: bool = False) -> Data:
    """The index of the greatest, the first of equals; counted through all numbers if `dim` is None."""
    return reduce.argmax(input, dim=_one_or_none("argmax", dim, input), keepdim=keepdim)


@public()
@numpy_names
def argmin(input: Data, dim: int | None = None, keepdim: bool = False) -> Data:
    """The index of the smallest, the first of equals; counted through all numbers if `dim` is None."""
    return reduce.argmin(input, dim=_one_or_none("argmin", dim, input), keepdim=keepdim)


def _one_or_none(call: str, dim: int | None, input: Data) -> int | None:
    return None if dim is None or not input.ndim else one_dim(call, dim, input.ndim)


@public()
def max(
    input: Data, dim: Any = None, keepdim: bool = False, *, axis: Any = None, keepdims: bool = False
) -> Any:
    """`max(x)`: the greatest. `max(x, dim)`: (values, indices), the first of equals. `max(x, other)`: maximum.

    `axis` is `dim`, so that `x.max(axis=1)` is a pair, too; `x.amax(axis=1)` are the values, as `np.max(x, 1)`.
    """
    return _extreme("max", input, either("max", dim, axis), keepdim or keepdims)


@public()
def min(
    input: Data, dim: Any = None, keepdim: bool = False, *, axis: Any = None, keepdims: bool = False
) -> Any:
    """`min(x)`: the smallest. `min(x, dim)`: (values, indices), the first of equals. `min(x, other)`: minimum.

    `axis` is `dim`, so that `x.min(axis=1)` is a pair, too; `x.amin(axis=1)` are the values, as `np.min(x, 1)`.
    """
    return _extreme("min", input, either("min", dim, axis), keepdim or keepdims)


# The operations that find the place of the extreme number, the number itself, and that of two.
_EXTREMES: dict[str, tuple[Any, Any, Any]] = {
    "max": (reduce.argmax, reduce.amax, elementwise.maximum),
    "min": (reduce.argmin, reduce.amin, elementwise.minimum),
}


def _extreme(call: str, input: Data, dim: Any, keepdim: bool) -> Any:
    place, most, of_two = _EXTREMES[call]
    if dim is None:
        return most(input, dims=None, keepdim=keepdim)
    if hasattr(dim, "shape"):
        return of_two(input, dim)
    if isinstance(dim, list | tuple):
        raise TypeError(f"{call} needs one dim, got {dim}; use a{call}({dim}) for the values over several")
    return picked(call, place, input, dim, keepdim, keepdim=True)


def picked(
    call: str, place: Operation, input: Data, dim: int, kept: bool, **settings: Any
) -> ValuesAndIndices[Any]:
    """(values, indices) along `dim`, at the place that an operation finds and keeps as a dimension if `kept`."""
    dim = one_dim(call, dim, input.ndim)
    if not input.ndim:
        row = picked(call, place, input.reshape(1), 0, True, **settings)
        return ValuesAndIndices(*(part.reshape(()) for part in row))
    indices = place(input, dim=dim, **settings)
    values = input.gather(dim, indices)
    return ValuesAndIndices(*((values, indices) if kept else (values.squeeze(dim), indices.squeeze(dim))))
