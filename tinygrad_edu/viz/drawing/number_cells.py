"""The numbers of a tensor in a picture: small arrays whole, large ones as a corner and a summary."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_SIDE = 6  # rows and columns shown in full
CORNER_SIDE = 4  # rows and columns shown of a larger array


@dataclass(frozen=True, slots=True)
class Cells:
    """Numbers in rows, a snapshot: later changes to the array do not reach the cells."""

    rows: tuple[tuple[float, ...], ...]
    more_rows: bool
    more_columns: bool
    scale: float  # the greatest finite size of a number, for colours
    note: str  # a summary of the numbers that have no cell

    @property
    def texts(self) -> list[list[str]]:
        """Every row of cells as texts, dots included."""
        rows = [[number(x) for x in row] + ["…"] * self.more_columns for row in self.rows]
        return rows + [["…"] * len(rows[0])] * self.more_rows if rows else rows


def cells_of(array: np.ndarray) -> Cells:
    """`array` for a picture. A vector is a row; of a stack of matrices the first is shown."""
    if array.size == 0:
        return Cells((), False, False, 0.0, "no numbers")
    matrix = np.atleast_2d(array[(0,) * (array.ndim - 2)] if array.ndim > 2 else array)
    rows, columns = (CORNER_SIDE if n > MAX_SIDE else n for n in matrix.shape)
    corner = matrix[:rows, :columns].tolist()
    more_rows, more_columns = matrix.shape[0] > rows, matrix.shape[1] > columns
    partial = matrix.size < array.size or more_rows or more_columns
    note = _summary(array, array.size // matrix.size) if partial else ""
    return Cells(tuple(map(tuple, corner)), more_rows, more_columns, _scale(array), note)


def _finite(array: np.ndarray) -> np.ndarray:
    numbers = array.astype(np.float64, copy=False).ravel()
    kept = np.isfinite(numbers)
    return numbers if kept.all() else numbers[kept]


def _scale(array: np.ndarray) -> float:
    numbers = _finite(array)
    return max(-float(numbers.min()), float(numbers.max())) if numbers.size else 0.0


def _summary(array: np.ndarray, matrices: int) -> str:
    numbers = _finite(array)
    parts = [f"first of {matrices}"] if matrices > 1 else []
    if numbers.size:
        with np.errstate(over="ignore"):
            mean, size = numbers.mean(), np.abs(numbers).mean()
        if abs(mean) <= _rounding(array.dtype) * size:  # what is left where numbers cancel
            mean = 0.0
        three = ("min", numbers.min()), ("mean", mean), ("max", numbers.max())
        parts += [f"{word} {number(x)}" for word, x in three]
    if numbers.size < array.size:
        parts.append(f"{array.size - numbers.size} NaN or ∞")
    return " · ".join(parts)


def _rounding(dtype: np.dtype[Any]) -> float:
    """The largest relative rounding error of a number of this type."""
    return float(np.finfo(dtype).eps) if dtype.kind == "f" else 0.0


def number(x: Any) -> str:
    """`x` to three significant digits: `0.998`, `−13.3`, `7.46e−4`, `NaN`, `∞`.

    Trailing zeros stay when digits were rounded away (`1.00`) and go when `x` is exactly that number (`1`).
    """
    x = float(x)
    if math.isnan(x):
        return "NaN"
    if math.isinf(x):
        return "∞" if x > 0 else "−∞"
    if x == 0 or (x == int(x) and abs(x) < 1e5):
        return str(int(x)).replace("-", "−")
    mantissa, _, power = f"{x:.2e}".partition("e")
    exact = float(f"{mantissa}e{power}") == x
    if -4 < int(power) < 5:
        mantissa, power = f"{x:.{max(2 - int(power), 0)}f}", "0"
    if exact and "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return (mantissa + (f"e{int(power)}" if int(power) else "")).replace("-", "−")
