"""Operations that find places: the order of numbers, the place of a number among others, those that are not 0.

None has a derivative: what is wanted of the numbers is taken at the places that are found.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.ops.reduce import same_shape
from tinygrad_edu.ops.tested import operation


class WordedError(Exception):
    """An error of a kernel that is worded for the caller already."""


class OutOfRangeError(WordedError, IndexError):
    """An error of an index."""


class ClassNumberError(WordedError, ValueError):
    """An error of class numbers."""


def class_numbers(call: str, numbers: np.ndarray, classes: int, ignore_index: int) -> None:
    """Raise `ValueError` unless all numbers are in [0, classes), or to be ignored."""
    wrong = numbers[(numbers != ignore_index) & ((numbers < 0) | (numbers >= classes))]
    if wrong.size:
        raise ClassNumberError(f"{call} needs class numbers from 0 to {classes - 1}, got {wrong[0]}")


@operation(
    None,
    shape=same_shape,
    numpy="x.copy()",
    jax="x",  # which cannot look at the numbers, and takes the nearest place
    example=lambda n: ([np.arange(n)], {"call": "gather", "dim": 0, "size": n}),
)
def within(x: np.ndarray, *, call: str, dim: int, size: int) -> np.ndarray:
    """A copy of the indices `x`, if all are from 0 to `size` - 1; else an `IndexError` worded for `call`."""
    if x.size and not (x.min() >= 0 and x.max() < size):
        wrong = x[(x < 0) | (x >= size)].flat[0]
        allowed = f"indices from 0 to {size - 1}" if size else "no index"
        raise OutOfRangeError(f"{call} needs {allowed} in dim {dim} of size {size}, got {wrong}")
    return x.copy()  # a plan would make a view once, and never look again


@operation(
    None,
    shape=same_shape,
    numpy="x.argsort(dim, kind='stable')",
    jax="np.argsort(x, dim, stable=True)",
    example=lambda n: ([(n, n + 1)], {"dim": 1}),
)
def argsort(x: np.ndarray, *, dim: int) -> np.ndarray:
    """The indices that bring the numbers along `dim` into order, equal ones as they came; nan is the greatest."""
    return x.argsort(dim, kind="stable")


@operation(None, shape=same_shape, example=lambda n: ([(n, n + 1)], {"dim": 1, "least": False}))
def running_place(x: np.ndarray, *, dim: int, least: bool) -> np.ndarray:
    """The place of the greatest (or least) number up to each place, the last of equals; a nan is beyond all."""
    extreme = (np.minimum if least else np.maximum).accumulate(x, axis=dim)
    place = np.arange(x.shape[dim]).reshape(-1, *[1] * (x.ndim - dim - 1))
    return np.maximum.accumulate(np.where((x == extreme) | np.isnan(x), place, 0), axis=dim)


@operation(
    None,
    shape=lambda x, _y, *, side: x,
    numpy="np.searchsorted(y, x, side)",
    jax="np.searchsorted(y, x, side)",
    example=lambda n: ([(n,), np.linspace(0.5, 1.5, n)], {"side": "left"}),
)
def searchsorted(x: np.ndarray, y: np.ndarray, *, side: Any) -> Any:
    """For each number of `x`, before which number of `y` it stands, or after all equal ones if `side` is right.

    `y` is in ascending order: one row for all numbers, or a row for each row of `x`.
    """
    if y.ndim == 1:
        return np.asarray(np.searchsorted(y, x, side))
    found = np.empty(x.shape, dtype=np.int64)
    for row in np.ndindex(x.shape[:-1]):
        found[row] = np.searchsorted(y[row], x[row], side)
    return found


@operation(None, numpy="np.argwhere(x)", example=lambda n: ([(n,)], {}))
def nonzero(x: np.ndarray) -> np.ndarray:
    """The indices of the numbers other than 0, a row for each; as many rows as there are such numbers."""
    return np.argwhere(x)
