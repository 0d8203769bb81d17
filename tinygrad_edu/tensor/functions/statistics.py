"""Statistics: variance and standard deviation, median, mode and quantiles, covariance and correlation."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data, Tracer
from tinygrad_edu.ops import elementwise, order, reduce
from tinygrad_edu.tensor.arguments import (
    all_dims,
    in_float32,
    no_booleans,
    numpy_names,
    one_dim,
    only_floats,
)
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.reducing import picked
from tinygrad_edu.tensor.pair import ValuesAndIndices

# Spread.


def _spread(
    call: str, input: Data, dim: Any, *, unbiased: bool | None, keepdim: bool, correction: float | None
) -> tuple[Data, Data]:
    """The variance and the mean."""
    only_floats(call, input)
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if unbiased is not None:
        correction = int(unbiased)
    dims = all_dims(call, dim, input.ndim)
    count = math.prod(n for i, n in enumerate(input.shape) if dims is None or i in dims)
    mean = reduce.mean(input, dims=dims, keepdim=True)
    distance = input - mean
    total = reduce.sum(distance * distance, dims=dims, keepdim=keepdim)
    freedom = count - (1 if correction is None else correction)
    return reduce.divided(total, builtins.max(freedom, 0)), mean if keepdim else mean.reshape(total.shape)


@public()
@numpy_names
@in_float32
def var(
    input: Data,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Data:
    """The mean squared distance from the mean, divided by n - correction instead of n (PyTorch's default, 1).

    `unbiased=False` is `correction=0`; `x.var(False)` means that, too.
    """
    return _spread("var", input, dim, unbiased=unbiased, keepdim=keepdim, correction=correction)[0]


@public()
@numpy_names
@in_float32
def std(
    input: Data,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Data:
    """The square root of `var`; its gradient at equal numbers, where there is none, is taken as 0."""
    return elementwise.root(
        _spread("std", input, dim, unbiased=unbiased, keepdim=keepdim, correction=correction)[0]
    )


@public(method=False)
def var_mean(
    input: Data,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Data, Data]:
    """`var` and `mean`."""
    return _spread("var_mean", input, dim, unbiased=unbiased, keepdim=keepdim, correction=correction)


@public(method=False)
def std_mean(
    input: Data,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Data, Data]:
    """`std` and `mean`."""
    variance, mean = _spread(
        "std_mean", input, dim, unbiased=unbiased, keepdim=keepdim, correction=correction
    )
    return elementwise.root(variance), mean


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
        return picked(call, order.median_place, input, dim, keepdim, skip_nan=skip_nan)
    if 0 in input.shape:
        return input.sum() / 0
    row = input.reshape(-1)
    middle = row[order.median_place(row, dim=0, skip_nan=skip_nan)].reshape(())
    if row.dtype.kind != "f":
        return middle
    equals = elementwise.where(elementwise.same(row, middle), row, -math.inf)
    return reduce.amax(equals, dims=None, keepdim=False)


@public()
def mode(input: Data, dim: int = -1, keepdim: bool = False) -> ValuesAndIndices[Any]:
    """(values, indices) along `dim` of the most frequent number, the smallest of several; its last index."""
    return picked("mode", order.mode_place, input, dim, keepdim)


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
    shares: Data = q if isinstance(q, Tracer) else np.asarray(q, input.dtype)
    _check_quantile(call, input, shares, interpolation)
    of_all = dim is None or not input.ndim
    place = 0 if dim is None else one_dim(call, dim, input.ndim)
    rows = input.reshape(-1) if of_all else input.transpose(place, -1)
    ranks = _ranks(rows, shares.reshape(-1), skip_nan=call == "nanquantile")
    result = _between(rows.gather(-1, order.order(rows, dim=rows.ndim - 1)), ranks, interpolation)
    if of_all:
        return result.reshape((*shares.shape, *(1,) * (input.ndim if keepdim else 0)))
    result = result.transpose(place, -1)
    if shares.ndim:
        result = result.unsqueeze(0).transpose(0, place + 1)
    return result if keepdim else result.squeeze(place + shares.ndim)


def _check_quantile(call: str, input: Data, shares: Data, interpolation: str) -> None:
    if interpolation not in _INTERPOLATIONS:
        raise ValueError(f"{call} needs interpolation of {', '.join(_INTERPOLATIONS)}, got {interpolation!r}")
    if 0 in input.shape:
        raise ValueError(f"{call} needs at least one number, got shape {input.shape}")
    if shares.ndim > 1 or shares.dtype != input.dtype:
        raise ValueError(
            f"{call} needs q as a number or a vector of {input.dtype}, got {shares.dtype} of shape {shares.shape}"
        )
    numbers: Any = getattr(shares, "raw", shares)
    if not ((numbers >= 0) & (numbers <= 1)).all():
        raise ValueError(f"{call} needs q from 0 to 1, got {numbers.tolist()}")


def _ranks(rows: Data, shares: Data, *, skip_nan: bool) -> Data:
    """The rank, not always whole, of each share in each row; that of a nan if there is one and it counts."""
    size = rows.shape[-1]
    count = reduce.sum(elementwise.equal(rows, rows), dims=(rows.ndim - 1,), keepdim=True)
    if skip_nan:
        return elementwise.multiply(shares, elementwise.maximum(count - 1, 0))
    return elementwise.where(count == size, shares * (size - 1), rows.dtype.type(size - 1))


def _between(ordered: Data, ranks: Data, interpolation: str) -> Data:
    """The numbers with these ranks, from the ordered numbers with the whole ranks below and above."""
    if interpolation == "nearest":
        ranks = reduce.round(ranks, decimals=0)
    floor = ranks.long()
    low = ordered.gather(-1, floor)
    high = ordered.gather(-1, floor + (ranks > floor))
    if interpolation in ("lower", "higher"):
        return low if interpolation == "lower" else high
    weight = 0.5 if interpolation == "midpoint" else ranks - floor
    from_low, from_high = low + (high - low) * weight, high - (high - low) * (1 - weight)
    return elementwise.where(elementwise.less(weight, 0.5), from_low, from_high)  # keeps infinities


# Together.


@public()
def cov(input: Data, *, correction: int = 1, fweights: Data = None, aweights: Data = None) -> Data:
    """The covariances of the rows, each the observations of one variable; of a vector its variance.

    `fweights`: how often each observation counts; `aweights`: its importance.
    """
    _check_cov(input, fweights, aweights)
    rows = input if input.ndim == 2 else input.reshape(1, -1)
    weights = fweights if aweights is None else aweights if fweights is None else fweights * aweights
    if weights is None:
        total, lost, weights = rows.shape[1], correction, 1
    else:
        total = weights.sum()
        lost = correction if aweights is None else correction * (weights * aweights).sum() / total
    distance = rows - (rows * weights).sum(1, keepdim=True) / total
    return ((distance * weights) @ distance.T / elementwise.maximum(total - lost, 0)).squeeze()


def _check_cov(input: Data, fweights: Data, aweights: Data) -> None:
    no_booleans("cov", input)
    if input.ndim > 2:
        raise ValueError(f"cov needs a matrix or a vector, got shape {input.shape}")
    for name, weights in (("fweights", fweights), ("aweights", aweights)):
        if weights is None:
            continue
        count = input.shape[-1] if input.ndim else 1
        if weights.shape != (count,) and weights.shape + input.shape != ():
            raise ValueError(f"cov needs {name} of shape ({count},), got {weights.shape}")
        if (weights.dtype.kind == "f") != (name == "aweights"):
            raise TypeError(
                f"cov needs fweights of whole numbers and aweights of floats, got {name} of {weights.dtype}"
            )
        if bool((weights < 0).any()):
            raise ValueError(f"cov needs {name} of 0 or more")


@public()
def corrcoef(input: Data) -> Data:
    """The correlations of the rows: their covariances, divided by both standard deviations."""
    if input.ndim > 2:
        raise ValueError(f"corrcoef needs a matrix or a vector, got shape {input.shape}")
    covariances = cov(input)
    if covariances.ndim == 0:
        return covariances / covariances
    each = np.arange(len(covariances))
    deviation = covariances[each, each].sqrt()
    return (covariances / deviation.unsqueeze(1) / deviation).clamp(-1, 1)
