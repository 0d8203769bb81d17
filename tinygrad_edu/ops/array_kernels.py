"""The elementwise operations on arrays, where NumPy has none or another one; `out` is written into, if it is given."""

from __future__ import annotations

from typing import Any

import numpy as np

# For each dtype: exp of more than the first overflows. As arrays, as NumPy converts a Python number anew every time.
_LIMIT_AND_ONE = {
    char: (np.array(0.99 * np.log(np.finfo(char).max), char), np.ones((), char))
    for char in np.typecodes["Float"]
}


def sigmoid(x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """exp(x) / (1 + exp(x)), which is 1 / (1 + exp(-x)) and keeps all digits for large negative x."""
    constants = _LIMIT_AND_ONE.get(x.dtype.char)
    if constants is None:  # whole numbers
        return sigmoid(x.astype(np.float64))
    limit, one = constants
    e = np.exp(np.minimum(x, limit, out=out), out=out)
    return np.true_divide(e, one + e, out=out)


def relu(x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """max(x, 0)."""
    return np.maximum(x, 0, out=out)


def sign(x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """-1, 0 or 1; 0 for nan, and of booleans they themselves, which NumPy refuses."""
    if x.dtype == np.bool_:
        return np.logical_and(x, x, out=out)
    y = np.sign(x, out=out)
    return np.nan_to_num(y, copy=False) if np.isnan(np.sum(y)) else y


def softplus(x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """log(1 + exp(x)), without overflow."""
    return np.logaddexp(0, x, out=out)


def sinc(x: Any) -> Any:
    """sin(πx) / (πx), 1 at 0."""
    return np.sinc(x)


def where(c: Any, x: Any, y: Any) -> Any:
    """x where c, else y."""
    # By bits where one of them is the number 0, as in every masked gradient: much quicker.
    if y.__class__ is int and y == 0 and maskable(c, x):
        return masked(c, x)
    if x.__class__ is int and x == 0 and maskable(c, y):
        return masked(~c, y)
    return np.where(c, x, y)


_INTEGERS = {2: np.int16, 4: np.int32, 8: np.int64}  # by size in bytes


def maskable(c: Any, x: Any) -> bool:
    """True if `x` is a float array large enough for `masked` to pay, with a mask of its shape."""
    is_large = isinstance(x, np.ndarray) and x.size > 500 and x.dtype.kind == "f" and x.itemsize in _INTEGERS
    return is_large and isinstance(c, np.ndarray) and c.dtype == np.bool_ and c.shape == x.shape


def masked(c: np.ndarray, x: np.ndarray) -> np.ndarray:
    """x where c, else 0: by bits, in a tenth of the time of np.where, which branches; c * x would make nan of inf."""
    integer = _INTEGERS[x.itemsize]
    mask = c.astype(integer)
    np.negative(mask, out=mask)  # 1 becomes -1, which has all bits
    mask &= x.view(integer)
    return mask.view(x.dtype)


def power(x: Any, y: Any) -> Any:
    """x ** y."""
    try:
        return x**y
    except ValueError:  # which NumPy raises for whole numbers with a negative exponent
        if not isinstance(y, np.ndarray):
            raise
        ones = np.where(x == -1, 1 - 2 * (y % 2), x == 1)  # the rest is cut off to 0
        return np.where(y < 0, ones, x ** np.maximum(y, 0))


def rounded(x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """The nearest whole number, of two equally near ones the even."""
    return np.round(x, out=out)


def fmod(x: Any, y: Any, out: np.ndarray | None = None) -> Any:
    """The remainder of x / y with the sign of x."""
    return np.fmod(x, _divisor(x, y), out=out)


def remainder(x: Any, y: Any, out: np.ndarray | None = None) -> Any:
    """The remainder of x / y with the sign of y."""
    return np.remainder(x, _divisor(x, y), out=out)


def floor_divide(x: Any, y: Any, out: np.ndarray | None = None) -> Any:
    """x / y, rounded down."""
    return np.floor_divide(x, _divisor(x, y), out=out)


def trunc_divide(x: Any, y: Any, out: np.ndarray | None = None) -> Any:
    """x / y without what stands behind the point."""
    if np.result_type(x, y).kind == "f":
        return np.trunc(np.true_divide(x, y), out=out)
    return np.floor_divide(x - fmod(x, y), y, out=out)


def _divisor(x: Any, y: Any) -> Any:
    """`y`, if whole numbers can be divided by it."""
    if np.result_type(x, y).kind in "iu" and np.any(np.equal(y, 0)):
        raise ValueError("whole numbers cannot be divided by 0; use x.double()")
    return y
