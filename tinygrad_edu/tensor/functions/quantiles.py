"""Numbers by their rank: median and quantiles; and the most frequent number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data, Tracer
from tinygrad_edu.ops import elementwise, ordering, reduce, step_functions
from tinygrad_edu.tensor.arguments import no_booleans, one_dim, only_floats
from tinygrad_edu.tensor.functions.extreme_values import picked
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.sorting import median_place, mode_place
from tinygrad_edu.tensor.pair import ValuesAndIndices

# In the middle, and most frequent.


@public()
def median(input: Data, dim: int | None = None, keepdim: bool = False) -> Any:
    """`median(x)`: the middle number, the lower of two. `median(x, dim)`: (values, indices). A nan is the median.

    Without `dim` numbers that equal the median share the gradient evenly.
    """
    return _median("median", input, dim, keepdim, skip_nan=False)


@public()
def nanmedian(input: Data, dim: int | None = None, keepdim: bool = False) -> Any:
    """`median` of all numbers that are not nan; nan if there is none."""
    return _median("nanmedian", input, dim, keepdim, skip_nan=True)


def _median(call: str, input: Data, dim: int | None, keepdim: bool, *, skip_nan: bool) -> Any:
    no_booleans(call, input)
    if dim is not None:
        return picked(call, median_place, input, dim, keepdim, skip_nan=skip_nan)
    if 0 in input.shape:
        return input.sum() / 0
    row = input.reshape(-1)
    middle = row[median_place(row, dim=0, skip_nan=skip_nan)].reshape(())
    if row.dtype.kind != "f":
        return middle
    equals = elementwise.where(reduce.same(row, middle), row, -math.inf)
    return reduce.amax(equals, dims=None, keepdim=False)


@public()
def mode(input: Data, dim: int = -1, keepdim: bool = False) -> ValuesAndIndices[Any]:
    """(values, indices) along `dim` of the most frequent number, the smallest of several; its last index."""
    return picked("mode", mode_place, input, dim, keepdim)


# Quantiles.

_INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")


@public()
def quantile(
    input: Data, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Data:
    """The number below which a share `q` of the numbers lies, of all or along `dim`; for a vector `q` one row each.

    `interpolation` between two numbers: linear, lower, higher, midpoint or nearest. With a nan it is nan.
    """
    return _quantile("quantile", input, q, dim, keepdim=keepdim, interpolation=interpolation)


@public()
def nanquantile(
    input: Data, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Data:
    """`quantile` of all numbers that are not nan; nan if there is none."""
    return _quantile("nanquantile", input, q, dim, keepdim=keepdim, interpolation=interpolation)


def _quantile(call: str, input: Data, q: Any, dim: int | None, *, keepdim: bool, interpolation: str) -> Data:
    only_floats(call, input)
    _check_quantile(call, input, q, interpolation)
    several = q.shape if isinstance(q, Tracer) else ()  # type: ignore[attr-defined]
    of_all = dim is None or not input.ndim
    place = 0 if dim is None else one_dim(call, dim, input.ndim)
    rows = input.reshape(-1) if of_all else input.transpose(place, -1)
    ranks = _ranks(rows, q.reshape(-1) if several else q, skip_nan=call == "nanquantile")
    result = _between(rows.gather(-1, ordering.argsort(rows, dim=rows.ndim - 1)), ranks, interpolation)
    if of_all:
        return result.reshape((*several, *(1,) * (input.ndim if keepdim else 0)))
    result = result.transpose(place, -1)
    if several:
        result = result.unsqueeze(0).transpose(0, place + 1)
    return result if keepdim else result.squeeze(place + len(several))


def _check_quantile(call: str, input: Data, q: Any, interpolation: str) -> None:
    if interpolation not in _INTERPOLATIONS:
        raise ValueError(f"{call} needs interpolation of {', '.join(_INTERPOLATIONS)}, got {interpolation!r}")
    if 0 in input.shape:
        raise ValueError(f"{call} needs at least one number, got shape {input.shape}")
    numbers: Any = getattr(q, "raw", q)
    if isinstance(q, Tracer) and (numbers.ndim > 1 or numbers.dtype != input.dtype):
        raise ValueError(
            f"{call} needs q as a number or a vector of {input.dtype}, got {numbers.dtype} of shape {numbers.shape}"
        )
    if not np.all((numbers >= 0) & (numbers <= 1)):
        raise ValueError(f"{call} needs q from 0 to 1, got {numbers}")


def _ranks(rows: Data, shares: Data, *, skip_nan: bool) -> Data:
    """The rank, not always whole, of each share in each row; that of a nan if there is one and it counts."""
    size = rows.shape[-1]
    count = reduce.sum(elementwise.equal(rows, rows), dims=(rows.ndim - 1,), keepdim=True)
    if skip_nan:
        return (shares * elementwise.maximum(count - 1, 0)).to(rows.dtype)
    return elementwise.where(count == size, shares * (size - 1), size - 1).to(rows.dtype)


def _between(ordered: Data, ranks: Data, interpolation: str) -> Data:
    """The numbers with these ranks, from the ordered numbers with the whole ranks below and above."""
    if interpolation == "nearest":
        ranks = step_functions.round(ranks)
    floor = ranks.long()
    low = ordered.gather(-1, floor)
    high = ordered.gather(-1, floor + (ranks > floor))
    if interpolation in ("lower", "higher"):
        return low if interpolation == "lower" else high
    weight = 0.5 if interpolation == "midpoint" else ranks - floor
    from_low, from_high = low + (high - low) * weight, high - (high - low) * (1 - weight)
    return elementwise.where(elementwise.less(weight, 0.5), from_low, from_high)  # keeps infinities
