"""Extreme numbers, and where they stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import elementwise, logic, reduce
from tinygrad_edu.tensor.arguments import Dim, all_dims, either, numpy_names, one_dim
from tinygrad_edu.tensor.functions.places import cells, taken
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
    of_two, over, place = elementwise.maximum, reduce.amax, reduce.argmax
    return _extreme("max", of_two, over, place, input, either("max", dim, axis), keepdim or keepdims)


@public()
def min(
    input: Data, dim: Any = None, keepdim: bool = False, *, axis: Any = None, keepdims: bool = False
) -> Any:
    """`min(x)`: the smallest. `min(x, dim)`: (values, indices), the first of equals. `min(x, other)`: minimum.

    `axis` is `dim`, so that `x.min(axis=1)` is a pair, too; `x.amin(axis=1)` are the values, as `np.min(x, 1)`.
    """
    of_two, over, place = elementwise.minimum, reduce.amin, reduce.argmin
    return _extreme("min", of_two, over, place, input, either("min", dim, axis), keepdim or keepdims)


def _extreme(call: str, of_two: Any, over: Any, place: Any, input: Data, dim: Any, keepdim: bool) -> Any:
    if dim is None:
        return over(input, dims=None, keepdim=keepdim)
    if hasattr(dim, "shape"):
        return of_two(input, dim)
    if isinstance(dim, list | tuple):
        raise TypeError(f"{call} needs one dim, got {dim}; use a{call}({dim}) for the values over several")
    return picked(call, place, input, dim, keepdim, keepdim=True)


def picked(
    call: str, place: Callable[..., Data], input: Data, dim: int, kept: bool, **settings: Any
) -> ValuesAndIndices[Any]:
    """(values, indices) along `dim`, at the places that a function finds; without the dimension unless it is `kept`."""
    dim = one_dim(call, dim, input.ndim)
    if not input.ndim:
        row = picked(call, place, input.reshape(1), 0, True, **settings)
        return ValuesAndIndices(*(part.reshape(()) for part in row))
    indices = place(input, dim=dim, **settings)
    values = taken(input, cells(dim, indices))
    return ValuesAndIndices(*((values, indices) if kept else (values.squeeze(dim), indices.squeeze(dim))))


@public(numbers="none")
def fmax(input: Data, other: Data) -> Data:
    """The greater of two numbers, the first of equals; if one of them is nan, the other one."""
    first = elementwise.where(elementwise.greater_equal(input, other), True, logic.isnan(other))
    return elementwise.where(first, input, other)


@public(numbers="none")
def fmin(input: Data, other: Data) -> Data:
    """The smaller of two numbers, the first of equals; if one of them is nan, the other one."""
    first = elementwise.where(elementwise.less_equal(input, other), True, logic.isnan(other))
    return elementwise.where(first, input, other)
