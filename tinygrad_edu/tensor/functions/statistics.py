"""Statistics: variance and standard deviation, covariance and correlation."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import elementwise, reduce
from tinygrad_edu.tensor.arguments import (
    all_dims,
    in_float32,
    no_booleans,
    numpy_names,
    only_floats,
)
from tinygrad_edu.tensor.functions.public import public

# Spread.


def _spread(
    call: str, input: Data, dim: Any, *, unbiased: bool | None, keepdim: bool, correction: float | None
) -> tuple[Data, Data]:
    """The variance, and the mean with its dimensions kept."""
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
    return reduce.divided(total, builtins.max(freedom, 0)), mean


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
    variance, mean = _spread(
        "var_mean", input, dim, unbiased=unbiased, keepdim=keepdim, correction=correction
    )
    return variance, mean.reshape(variance.shape)


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
    return elementwise.root(variance), mean.reshape(variance.shape)


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
