"""How numbers and matrices are written: as text, LaTeX and MathML."""

from __future__ import annotations

import math
import unicodedata
from typing import Any

import numpy as np

SIGNIFICANT = 4  # digits of a number in a derivation, and of the largest of a matrix there
MOST = 12  # rows and columns of a matrix written in full
# These reorder what follows.
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


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
    if digits is not None and abs(x) < 1e7:
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


def grid(array: np.ndarray, digits: int | None = None) -> list[list[str]]:
    """The numbers of a matrix as texts, with dots where it is too large; a vector is one row."""
    rows = np.atleast_2d(array)
    texts = [[number(x, digits) for x in _ends(row, MOST)] for row in _ends(rows, MOST)]
    if rows.shape[1] > MOST:
        texts = [[*row[:-1], "…", row[-1]] for row in texts]
    if rows.shape[0] > MOST:
        texts = [*texts[:-1], ["⋮"] * len(texts[0]), texts[-1]]
    return texts


def _ends(items: np.ndarray, most: int) -> list[Any]:
    return list(items) if len(items) <= most else [*items[: most - 1], items[-1]]


def latex(array: np.ndarray, digits: int | None = None) -> str:
    r"""`\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}`; a single number stands alone.

    Raises `ValueError` for more than two dimensions.
    """
    array = np.asarray(array)
    if array.ndim == 0:
        return _latex_number(number(array, digits))
    if array.ndim > 2:
        raise ValueError(
            f"latex needs at most two dimensions, got shape {array.shape}; write its matrices one by one"
        )
    rows = [" & ".join(_latex_number(x) for x in row) for row in grid(array, digits)]
    return r"\begin{bmatrix} " + r" \\ ".join(rows) + r" \end{bmatrix}"


def _latex_number(text: str) -> str:
    symbols = {"…": r"\cdots", "⋮": r"\vdots", "inf": r"\infty", "-inf": r"-\infty", "nan": r"\mathrm{nan}"}
    mantissa, e, exponent = text.partition("e")
    return symbols.get(text) or (rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e and exponent else text)


def clean(text: str) -> str:
    """`text` on one line, without what XML forbids or what disturbs its neighbours.

    Control characters, halves of surrogate pairs and code points without a character become `�`.
    """
    text = " ".join(text[:10_000].split())  # longer names are cut anyway
    return "".join(_clean_character(c) for c in text if c not in _BIDI)


def _clean_character(character: str) -> str:
    return "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character) in ("Cc", "Cs", "Cn") else character
