"""Numbers written as text: alone, counted, and as the cells of a matrix."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

SIGNIFICANT = 4  # digits of a number in a derivation, and of the largest of a matrix there
MAX_SIDE = 12  # rows, and columns, of a matrix written in full
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth",
)  # fmt: skip
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}
_MAX_FIXED = 1e7  # a number as large as that is written with a power of ten, whatever decimals are asked for


def number(x: Any, digits: int | None = None) -> str:
    """`0.25`, `3`, `1e-05`; rounded to `digits` decimals, or to six significant digits."""
    x = x.item() if isinstance(x, np.generic | np.ndarray) else x
    if isinstance(x, bool | int):
        return str(x)
    if digits is not None and np.isfinite(x):
        return f"{x:.{digits}f}"
    return f"{x:.6g}"


def significant(x: Any, digits: int | None = None) -> str:
    """`x` with `digits` decimals, or with four significant digits: `0.25`, `-3`, `7.463e-5`, `2.000` if rounded."""
    if isinstance(x, bool | np.bool_ | int | np.integer):
        return str(int(x))
    x = float(x)
    if not math.isfinite(x):
        return str(x).replace("inf", "∞").replace("nan", "NaN")
    if digits is not None and abs(x) < _MAX_FIXED:
        written = f"{x:.{digits}f}"
        return written.removeprefix("-") if not written.strip("-0.") else written
    written = f"{x:.{SIGNIFICANT}g}"
    if float(written) != x:
        written = f"{x:#.{SIGNIFICANT}g}".removesuffix(".")  # zeros stay where digits were rounded away
    mantissa, e, power = written.partition("e")
    return f"{mantissa}e{int(power)}" if e else "0" if written == "-0" else written


def counted(n: int, word: str) -> str:
    """`1 tensor`, `1,000 tensors`."""
    return f"{n:,} {word}{'s' * (n != 1)}"


def ordinal(n: int) -> str:
    """`first`, `second`, ..., `twelfth`, `13th`, `21st`."""
    if n <= len(_ORDINALS):
        return _ORDINALS[n - 1]
    ending = "th" if n % 100 in (11, 12, 13) else _ENDINGS.get(n % 10, "th")
    return f"{n}{ending}"


def grid(array: np.ndarray, digits: int | None = None) -> list[list[str]]:
    """The numbers of a matrix as texts, with dots for the inner ones of a long side; a vector is one row."""
    rows = np.atleast_2d(array)
    texts = [[number(x, digits) for x in _ends(row)] for row in _ends(rows)]
    if rows.shape[1] > MAX_SIDE:
        texts = [[*row[:-1], "…", row[-1]] for row in texts]
    if rows.shape[0] > MAX_SIDE:
        texts = [*texts[:-1], ["⋮"] * len(texts[0]), texts[-1]]
    return texts


def _ends(items: np.ndarray) -> list[Any]:
    return list(items) if len(items) <= MAX_SIDE else [*items[: MAX_SIDE - 1], items[-1]]
