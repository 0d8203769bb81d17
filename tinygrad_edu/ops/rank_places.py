"""Places of numbers along `dim`: of the median, of the most frequent, of the greatest yet.

The results are indices, which have no derivative: values are taken at them with `gather`. `dim` is one non-negative
dimension, which the results keep.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.readings import Example
from tinygrad_edu.ops.reduce import same_shape
from tinygrad_edu.ops.scan import FRONT, REST, part
from tinygrad_edu.ops.tested import operation


def _one_place(shape: tuple[int, ...], *, dim: int, **_settings: Any) -> tuple[int, ...]:
    return (*shape[:dim], 1, *shape[dim + 1 :])


def _along(n: int) -> Example:
    return [(n, n + 1)], {"dim": 1}


def _counted(x: np.ndarray, dim: int) -> np.ndarray:
    """The places along `dim`, in a shape that broadcasts with `x`."""
    return np.arange(x.shape[dim]).reshape(-1, *[1] * (x.ndim - dim - 1))


@operation(
    None,
    shape=_one_place,
    example=lambda n: ([(n, n + 1)], {"dim": 1, "skip_nan": True}),
    mismatch="of no numbers there is no middle",
)
def median_place(x: np.ndarray, *, dim: int, skip_nan: bool) -> np.ndarray:
    """The place of the middle number, the lower of two; the first nan, unless they are skipped."""
    nans = np.sum(np.isnan(x), axis=dim, keepdims=True)
    count = x.shape[dim] - nans
    middle = np.maximum(count - 1, 0) // 2
    rank = middle if skip_nan else np.where(nans > 0, count, middle)
    return np.take_along_axis(np.argsort(x, axis=dim, kind="stable"), rank, dim)


@operation(None, shape=_one_place, example=_along, mismatch="of no numbers there is no most frequent")
def mode_place(x: np.ndarray, *, dim: int) -> np.ndarray:
    """The last place of the most frequent number, the smallest of several."""
    order = np.argsort(x, axis=dim, kind="stable")
    ordered, place = np.take_along_axis(x, order, dim), _counted(x, dim)
    repeated = part(ordered, dim, REST) == part(ordered, dim, FRONT)
    begin = np.maximum.accumulate(np.where(np.insert(repeated, 0, False, axis=dim), 0, place), axis=dim)
    longest = np.argmax(place - begin, axis=dim, keepdims=True)
    return np.take_along_axis(order, longest, dim)


@operation(None, shape=same_shape, example=lambda n: ([(n, n + 1)], {"dim": 1, "least": False}))
def running_place(x: np.ndarray, *, dim: int, least: bool) -> np.ndarray:
    """The place of the greatest (or least) number up to each place, the last of equals; a nan is beyond all."""
    extreme = (np.minimum if least else np.maximum).accumulate(x, axis=dim)
    found = np.where((x == extreme) | np.isnan(x), _counted(x, dim), 0)
    return np.maximum.accumulate(found, axis=dim)
