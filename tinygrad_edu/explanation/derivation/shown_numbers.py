"""Rounding of the numbers of a derivation, and the part of a large array that is printed."""

from __future__ import annotations

import math

import numpy as np

from tinygrad_edu.text.numbers import SIGNIFICANT, significant

MAX_ROWS, MAX_COLUMNS = 10, 8  # of a matrix that is printed in full
CORNER_SIDE = 4  # rows and columns of the printed corner of a larger matrix
SIGNIFICANT_OF_SMALL = 2  # digits of the smallest number of a matrix that counts beside the largest
_MIN_SHARE = 1e-3  # of the largest number, for a small number to count
MAX_DECIMALS, MAX_ALIGNED = (
    7,
    1e6,
)  # decimals and size of numbers of a matrix whose points stand below each other


def decimals(array: np.ndarray) -> int | None:
    """The decimals of the numbers of a matrix, whose points stand below each other.

    As few as give all numbers back, if four do; None if numbers are too large, too small, or of too different sizes.
    """
    sizes = np.abs(array[np.isfinite(array) & (array != 0)]).astype(float)
    if not sizes.size or sizes.max() >= MAX_ALIGNED:
        return None
    largest = float(sizes.max())
    for few in range(SIGNIFICANT + 1):
        if _exact(sizes, few):
            return few
    smallest = float(sizes[sizes >= _MIN_SHARE * largest].min())
    places = max(_place(largest, SIGNIFICANT), _place(smallest, SIGNIFICANT_OF_SMALL), 0)
    return places if places <= MAX_DECIMALS else None


def _exact(array: np.ndarray, digits: int) -> bool:
    """True if `digits` decimals give all finite numbers back."""
    finite = array[np.isfinite(array)]
    return bool((np.abs(np.round(finite, digits) - finite) <= 1e-12 * np.abs(finite).max(initial=0)).all())


def _place(size: float, significant: int) -> int:
    """The decimals that give a number of this size `significant` digits."""
    return significant - 1 - math.floor(math.log10(size))


def rows(array: np.ndarray, digits: int | None = None) -> list[list[str]]:
    """The numbers of a matrix as texts; of a large one, a corner and dots. A vector is a row."""
    matrix = np.atleast_2d(array[(0,) * (array.ndim - 2)] if array.ndim > 2 else array)
    high = CORNER_SIDE if len(matrix) > MAX_ROWS else len(matrix)
    wide = CORNER_SIDE if matrix.shape[1] > MAX_COLUMNS else matrix.shape[1]
    corner = matrix[:high, :wide]
    places = decimals(corner) if digits is None and array.ndim else digits
    zero = "0" if digits is None and not (places and _exact(corner, places)) else significant(0.0, places)
    texts = [[significant(x, places) if x else zero for x in row] for row in corner]
    if wide < matrix.shape[1]:
        texts = [[*row, "…"] for row in texts]
    return texts if high == len(matrix) else [*texts, ["⋮"] * len(texts[0])]


def summary(array: np.ndarray, digits: int | None = None) -> str:
    """Facts that a corner lacks: `40×30, from -0.3 to 0.5, mean 0.02`; empty for an array that is printed in full."""
    matrices = array.size // max(1, math.prod(array.shape[-2:]))
    is_narrow = array.ndim == 0 or array.shape[-1] <= MAX_COLUMNS
    if matrices <= 1 and is_narrow and (array.ndim < 2 or array.shape[-2] <= MAX_ROWS):
        return ""
    first = f"the first of {matrices} matrices of " if matrices > 1 else ""
    low, high, mean = (significant(x, digits) for x in (array.min(), array.max(), array.mean()))
    return f"{first}{shape_text(array.shape)}, from {low} to {high}, mean {mean}".replace("-", "−")


def shape_text(shape: tuple[int, ...]) -> str:
    """`3×2`, `3 numbers`, `a number`."""
    if not shape:
        return "a number"
    return f"{shape[0]} number{'s' * (shape[0] != 1)}" if len(shape) == 1 else "×".join(map(str, shape))
