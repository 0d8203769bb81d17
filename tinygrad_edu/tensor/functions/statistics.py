"""Statistics: variance and standard deviation, median, mode and quantiles."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data, Tracer
from tinygrad_edu.ops import elementwise, ordering, reduce, step_functions
from tinygrad_edu.tensor.arguments import all_dims, in_float32, no_booleans, numpy_names, one_dim, only_floats
from tinygrad_edu.tensor.functions.extreme_values import picked
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.reshaping import movedim
from tinygrad_edu.tensor.functions.sorting import median_place, mode_place
from tinygrad_edu.tensor.pair import ValuesAndIndices

# Spread.


def _spread(name: str, of: Callable[[Data, Data], Any], text: str, method: bool = True) -> None:
    """Make a function of the variance, and of the mean with its dimensions kept, public."""

    def spread(
        input: Data,
        dim: Any = None,
        unbiased: bool | None = None,
        keepdim: bool = False,
        *,
        correction: float | None = None,
    ) -> Any:
        only_floats(name, input)
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        if unbiased is not None or correction is None:
            correction = 0 if unbiased is False else 1
        dims = all_dims(name, dim, input.ndim)
        mean = reduce.mean(input, dims=dims, keepdim=True)
        distance = input - mean
        total = reduce.sum(distance * distance, dims=dims, keepdim=keepdim)
        freedom = reduce.counted(input.shape, dims) - correction
        return of(reduce.divided(total, builtins.max(freedom, 0)), mean)

    spread.__name__, spread.__doc__ = name, text
    spread.__annotations__["return"] = "Data" if method else "tuple[Data, Data]"
    public(method=method)(numpy_names(in_float32(spread)))


_VARIANCE = """The mean squared distance from the mean, divided by n - correction instead of n (PyTorch's default, 1).

    `unbiased=False` is `correction=0`; `x.var(False)` means that, too.
    """
_DEVIATION = "The square root of `var`; its gradient at equal numbers, where there is none, is taken as 0."
_spread("var", lambda var, _mean: var, _VARIANCE)
_spread("std", lambda var, _mean: elementwise.root(var), _DEVIATION)
_spread("var_mean", lambda var, mean: (var, mean.reshape(var.shape)), "`var` and `mean`.", method=False)
_spread(
    "std_mean",
    lambda var, mean: (elementwise.root(var), mean.reshape(var.shape)),
    "`std` and `mean`.",
    method=False,
)

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

_WHOLE_RANKS = {"lower": step_functions.floor, "higher": step_functions.ceil, "nearest": step_functions.round}
_INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")


@public()
def quantile(
    input: Data, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Data:
    """The number below which a share `q` of the numbers lies, of all or along `dim`; for a vector `q` one row each.

    `interpolation` between two numbers: linear, lower, higher, midpoint or nearest. With a nan it is nan.
    """
    return _quantile("quantile", input, q, dim, keepdim, interpolation)


@public()
def nanquantile(
    input: Data, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Data:
    """`quantile` of all numbers that are not nan; nan if there is none."""
    return _quantile("nanquantile", input, q, dim, keepdim, interpolation)


def _quantile(call: str, input: Data, q: Any, dim: int | None, keepdim: bool, interpolation: str) -> Data:
    only_floats(call, input)
    _check_quantile(call, input, q, interpolation)
    dims = None if dim is None else (one_dim(call, dim, input.ndim),)
    rows = input.reshape(-1) if dims is None or not input.ndim else movedim(input, dims[0], -1)
    ordered = rows.gather(-1, ordering.argsort(rows, dim=rows.ndim - 1))
    several = isinstance(q, Tracer) and q.ndim == 1  # type: ignore[attr-defined]
    found = movedim(_between(ordered, _ranks(rows, q, call == "nanquantile"), interpolation), -1, 0)
    if keepdim:
        found = found.reshape(-1, *reduce.kept_shape(input.shape, dims))
    return found if several else found.squeeze(0)


def _check_quantile(call: str, input: Data, q: Any, interpolation: str) -> None:
    if interpolation not in _INTERPOLATIONS:
        raise ValueError(f"{call} needs interpolation of {', '.join(_INTERPOLATIONS)}, got {interpolation!r}")
    if 0 in input.shape:
        raise ValueError(f"{call} needs at least one number, got shape {input.shape}")
    shares: Any = getattr(q, "raw", q)
    if isinstance(q, Tracer) and (shares.ndim > 1 or shares.dtype != input.dtype):
        raise ValueError(
            f"{call} needs q as a number or a vector of {input.dtype}, got {shares.dtype} of shape {shares.shape}"
        )
    if not np.all((shares >= 0) & (shares <= 1)):
        raise ValueError(f"{call} needs q from 0 to 1, got {shares}")


def _ranks(rows: Data, shares: Data, skip_nan: bool) -> Data:
    """The rank, not always whole, of each share in each row; that of a nan if there is one and it counts."""
    size = rows.shape[-1]
    count = reduce.sum(elementwise.equal(rows, rows), dims=(rows.ndim - 1,), keepdim=True)
    if skip_nan:
        return (shares * elementwise.maximum(count - 1, 0)).to(rows.dtype)
    return elementwise.where(count == size, shares * (size - 1), size - 1).to(rows.dtype)


def _between(ordered: Data, ranks: Data, interpolation: str) -> Data:
    """The numbers with these ranks, from the ordered numbers with the whole ranks below and above."""
    if interpolation in _WHOLE_RANKS:
        return ordered.gather(-1, _WHOLE_RANKS[interpolation](ranks).long())
    floor = ranks.long()
    low = ordered.gather(-1, floor)
    high = ordered.gather(-1, floor + (ranks > floor))
    weight = 0.5 if interpolation == "midpoint" else ranks - floor
    from_low, from_high = low + (high - low) * weight, high - (high - low) * (1 - weight)
    return elementwise.where(elementwise.less(weight, 0.5), from_low, from_high)  # keeps infinities
