"""How the numbers of a derivation are rounded, and which of a large array are shown."""

from __future__ import annotations

import math

import numpy as np

from tinygrad_edu.text.numbers import SIGNIFICANT, significant

MOST_ROWS, MOST_COLUMNS = 10, 8  # shown in full
CORNER = 4  # rows and columns shown of a larger matrix
OF_SMALL = 2  # digits of the smallest number of a matrix, if it is not next to nothing beside the largest
MOST_DECIMALS, LARGEST = 7, 1e6  # of a matrix; beyond, each number is written for itself


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
    zero = "0" if digits is None and not (places and _exact(shown, places)) else significant(0.0, places)
    texts = [[significant(x, places) if x else zero for x in row] for row in shown]
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
    low, high, mean = (significant(x, digits) for x in (array.min(), array.max(), array.mean()))
    return f"{first}{shape_text(array.shape)}, from {low} to {high}, mean {mean}".replace("-", "−")


def shape_text(shape: tuple[int, ...]) -> str:
    """`3×2`, `3 numbers`, `a number`."""
    if not shape:
        return "a number"
    return f"{shape[0]} number{'s' * (shape[0] != 1)}" if len(shape) == 1 else "×".join(map(str, shape))
