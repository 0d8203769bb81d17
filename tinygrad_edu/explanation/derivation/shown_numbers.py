"""How the numbers of a derivation are rounded, and which of a large array are shown."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

MOST_ROWS, MOST_COLUMNS = 10, 8  # shown in full
CORNER = 4  # rows and columns shown of a larger matrix
SIGNIFICANT = 4  # digits of a number, and of the largest of a matrix
OF_SMALL = 2  # digits of the smallest number of a matrix, if it is not next to nothing beside the largest
MOST_DECIMALS, LARGEST = 7, 1e6  # of a matrix; beyond, each number is written for itself


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


def decimals(array: np.ndarray) -> int | None:
    """To how many decimals the numbers of a matrix are written, so that their points stand below each other.

    As few as give all of them back, if four do; None if they are too large, too small or too many of both.
    """
    sizes = np.abs(array[np.isfinite(array) & (array != 0)]).astype(float)
    if not sizes.size or sizes.max() >= LARGEST:
        return None
    largest = float(sizes.max())
    for few in range(SIGNIFICANT + 1):
        if _exact(sizes, few):
            return few
    smallest = float(sizes[sizes >= 1e-3 * largest].min())
    wanted = max(_place(largest, SIGNIFICANT), _place(smallest, OF_SMALL), 0)
    return wanted if wanted <= MOST_DECIMALS else None


def _exact(array: np.ndarray, digits: int) -> bool:
    """Whether these decimals give all numbers back that are finite."""
    finite = array[np.isfinite(array)]
    return bool((np.abs(np.round(finite, digits) - finite) <= 1e-12 * np.abs(finite).max(initial=0)).all())


def _place(size: float, significant: int) -> int:
    """The decimal at which a number has so many digits."""
    return significant - 1 - math.floor(math.log10(size))


def rows(array: np.ndarray, digits: int | None = None) -> list[list[str]]:
    """The numbers of a matrix as texts; of a large one, a corner and dots. A vector is a row."""
    matrix = np.atleast_2d(array[(0,) * (array.ndim - 2)] if array.ndim > 2 else array)
    high = CORNER if len(matrix) > MOST_ROWS else len(matrix)
    wide = CORNER if matrix.shape[1] > MOST_COLUMNS else matrix.shape[1]
    shown = matrix[:high, :wide]
    places = decimals(shown) if digits is None and array.ndim else digits
    zero = "0" if digits is None and not (places and _exact(shown, places)) else number(0.0, places)
    texts = [[number(x, places) if x else zero for x in row] for row in shown]
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
