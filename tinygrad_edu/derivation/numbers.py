"""How the numbers of a derivation are rounded, and which of a large array are shown."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

MOST_ROWS, MOST_COLUMNS = 10, 8  # shown in full
CORNER = 4  # rows and columns shown of a larger matrix
SIGNIFICANT = 4


def number(x: Any, digits: int | None = None) -> str:
    """`x` with `digits` decimals, or with four significant digits: `0.25`, `-3`, `7.463e-5`, `2.000` if rounded."""
    if isinstance(x, bool | np.bool_ | int | np.integer):
        return str(int(x))
    x = float(x)
    if not math.isfinite(x):
        return str(x).replace("inf", "∞").replace("nan", "NaN")
    if digits is not None and abs(x) < 1e7:
        written = f"{x:.{digits}f}"
        return written.removeprefix("-") if not written.strip("-0.") else written
    written = f"{x:.{SIGNIFICANT}g}"
    if float(written) != x:
        written = f"{x:#.{SIGNIFICANT}g}".removesuffix(".")  # zeros stay where digits were rounded away
    mantissa, e, power = written.partition("e")
    return f"{mantissa}e{int(power)}" if e else "0" if written == "-0" else written


def rows(array: np.ndarray, digits: int | None = None) -> list[list[str]]:
    """The numbers of a matrix as texts; of a large one, a corner and dots. A vector is a row."""
    matrix = np.atleast_2d(array[(0,) * (array.ndim - 2)] if array.ndim > 2 else array)
    high = CORNER if len(matrix) > MOST_ROWS else len(matrix)
    wide = CORNER if matrix.shape[1] > MOST_COLUMNS else matrix.shape[1]
    texts = [[number(x, digits) for x in row[:wide]] for row in matrix[:high]]
    if wide < matrix.shape[1]:
        texts = [[*row, "…"] for row in texts]
    return texts if high == len(matrix) else [*texts, ["⋮"] * len(texts[0])]


def summary(array: np.ndarray, digits: int | None = None) -> str:
    """What a corner does not say: `40×30, from -0.3 to 0.5, mean 0.02`; empty if everything is shown."""
    matrices = array.size // max(1, math.prod(array.shape[-2:]))
    shown = matrices <= 1 and (array.ndim == 0 or array.shape[-1] <= MOST_COLUMNS)
    if shown and (array.ndim < 2 or array.shape[-2] <= MOST_ROWS):
        return ""
    first = f"the first of {matrices} matrices of " if matrices > 1 else ""
    low, high, mean = (number(x, digits) for x in (array.min(), array.max(), array.mean()))
    return f"{first}{shape_text(array.shape)}, from {low} to {high}, mean {mean}".replace("-", "−")


def shape_text(shape: tuple[int, ...]) -> str:
    """`3×2`, `3 numbers`, `a number`."""
    if not shape:
        return "a number"
    return f"{shape[0]} number{'s' * (shape[0] != 1)}" if len(shape) == 1 else "×".join(map(str, shape))
