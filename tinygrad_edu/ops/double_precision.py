"""Kernels that compute in float64 whatever they are given, and answer in the dtype they were given."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

Kernel = Callable[..., Any]


def in_double(kernel: Kernel) -> Kernel:
    """The kernel for floats of every width, whole numbers (which give float64) and plain numbers.

    Poles and numbers outside the domain give inf and nan without a warning of NumPy.
    """

    # With named parameters, as an operation reads the names of its inputs from its kernel.
    @functools.wraps(kernel)
    def of_one(x: Any) -> Any:
        return _rounded(kernel, x)

    @functools.wraps(kernel)
    def of_two(x: Any, y: Any) -> Any:
        return _rounded(kernel, x, y)

    return of_one if kernel.__code__.co_argcount == 1 else of_two


def _rounded(kernel: Kernel, *inputs: Any) -> Any:
    arrays = [np.asarray(x, np.float64) for x in inputs]
    with np.errstate(all="ignore"):
        result = kernel(*arrays)
    return np.asarray(result).astype(_float_dtype(inputs), copy=False)


def _float_dtype(inputs: tuple[Any, ...]) -> Any:
    """The dtype of the floats among the inputs, which have been promoted before."""
    dtypes = (x.dtype for x in inputs if isinstance(x, np.ndarray | np.generic) and x.dtype.kind == "f")
    return next(dtypes, np.float64)


def chosen(x: Any, *branches: tuple[Any, Kernel]) -> Any:
    """Each kernel computed for the numbers under its mask only; nan under none, the last of several counts."""
    result = np.full(x.shape, np.nan)
    for mask, kernel in branches:
        if mask.any():
            result[mask] = kernel(x[mask])
    return result


def added(terms: Iterable[Any]) -> Any:
    """The sum of arrays; `sum` would be the operation in a program that is written down."""
    total = 0.0
    for term in terms:
        total = total + term
    return total


def horner(x: Any, *coefficients: float) -> Any:
    """The polynomial with these coefficients, that of the highest power first."""
    y = x * coefficients[0]
    y += coefficients[1]
    for coefficient in coefficients[2:]:
        y *= x
        y += coefficient
    return y
