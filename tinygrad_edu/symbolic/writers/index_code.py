"""Indices as Python writes them: `1`, `:, 1:3`, `[0, 0]`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

MAX_NUMBERS = 16  # of an index that is written out
MAX_CHARACTERS = 24  # of an index in a formula


class CodeError(ValueError):
    """A formula, or an index, without a short form in NumPy."""


def index_code(index: Any) -> str:
    """The code between the brackets of `x[…]`. Raises `CodeError` if it is too long."""
    return ", ".join(map(_place, index)) if isinstance(index, tuple) and index else _place(index)


def short_index(index: Any, arrays: Sequence[Any]) -> str:
    """An index in a formula: dots if the code is long, or `arrays` of it were computed."""
    try:
        code = "…" if arrays else index_code(index)
    except CodeError:
        return "…"
    return code if len(code) <= MAX_CHARACTERS else "…"


def _place(part: Any) -> str:
    if isinstance(part, slice):
        ends = ["" if x is None else str(x) for x in (part.start, part.stop, part.step)]
        return ":".join(ends if ends[2] else ends[:2])
    if isinstance(part, np.ndarray) and part.size <= MAX_NUMBERS:
        return repr(part.tolist())
    if part is None or part is Ellipsis or isinstance(part, int | np.integer | tuple):
        return "..." if part is Ellipsis else "None" if part is None else str(part)
    raise CodeError("an index too long to be written")
