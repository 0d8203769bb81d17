"""Checks of the arguments of the exam's network: each returns the value in one form, or raises a clear error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.tensor.tensor import Tensor


def whole(call: str, name: str, value: Any) -> int:
    """A whole number of 1 or more."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{call} needs {name} as a whole number, got {short(value)}")
    if value < 1:
        raise ValueError(f"{call} needs {name} of 1 or more, got {value}")
    return int(value)


def rate(call: str, name: str, value: Any) -> float:
    """A finite number of 0 or more."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"{call} needs {name} as a number, got {short(value)}")
    if not 0 <= value < math.inf:
        raise ValueError(f"{call} needs {name} of 0 or more, and finite: got {value}")
    return float(value)


def listed(call: str, name: str, value: Any, example: str) -> list[Any]:
    """A list or tuple."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise TypeError(f"{call} needs {name} as a list, got {short(value)}; write {example}")
    return list(value)


def functions(call: str, name: str, value: Any, count: int) -> list[Any]:
    """A list of `count` functions, one for each layer."""
    found = listed(call, name, value, f"{name}=[sigmoid, softmax]")
    for f in found:
        if not callable(f):
            raise TypeError(f"{call} needs functions in {name}, got {short(f)}")
    if len(found) != count:
        raise ValueError(
            f"{call} needs one function in {name} for each of {count} layers (hidden ones and the output), "
            f"got {len(found)}"
        )
    return found


def random_generator(call: str, rng: Any) -> np.random.Generator | None:
    """NumPy's generator, or None."""
    if rng is not None and not isinstance(rng, np.random.Generator):
        raise TypeError(f"{call} needs rng=np.random.default_rng(seed), got {short(rng)}")
    return rng


def matrix(call: str, name: str, value: Any, columns: int, rows: int | None = None) -> Tensor:
    """Finite numbers, one example a row, as a Tensor of floats; such a Tensor is returned as it is."""
    try:
        array = np.array(value.raw if isinstance(value, Tensor) else value, dtype=float)
    except (TypeError, ValueError):
        raise TypeError(f"{call} needs {name} as a matrix of numbers, got {short(value)}") from None
    if array.ndim != 2 or array.shape[1] != columns or len(array) == 0:
        hint = f"; use {name}.reshape(1, {columns}) for one example" if array.shape == (columns,) else ""
        raise ValueError(f"{call} needs {name} of shape (N, {columns}), got {array.shape}{hint}")
    if rows is not None and len(array) != rows:
        raise ValueError(f"{call} needs {rows} rows in {name}, got {len(array)}")
    if not np.isfinite(array).all():
        raise ValueError(f"{call} needs finite numbers in {name}, got {array[~np.isfinite(array)][0]}")
    return value if isinstance(value, Tensor) and value.dtype.kind == "f" else Tensor(array, name=name)
