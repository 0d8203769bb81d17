"""Indices as Python writes them: `1`, `:, 1:3`, `[0, 0]`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

MOST_INDEX = 16  # numbers of an index that is written out
MOST_SIGNS = 24  # of an index in a formula


class CodeError(ValueError):
    """What has no short form in NumPy."""


def index_code(index: Any) -> str:
    """What stands between the brackets of `x[…]`. Raises `CodeError` if it is too long."""
    return ", ".join(map(_place, index)) if isinstance(index, tuple) and index else _place(index)


def short_index(index: Any, arrays: Sequence[Any]) -> str:
    """The same in a formula: dots if it is long, or was computed."""
    try:
        code = "…" if arrays else index_code(index)
    except CodeError:
        return "…"
    return code if len(code) <= MOST_SIGNS else "…"


def _place(part: Any) -> str:
    if isinstance(part, slice):
        ends = ["" if x is None else str(x) for x in (part.start, part.stop, part.step)]
        return ":".join(ends if ends[2] else ends[:2])
    if isinstance(part, np.ndarray) and part.size <= MOST_INDEX:
        return repr(part.tolist())
    if part is None or part is Ellipsis or isinstance(part, int | np.integer | tuple):
        return "..." if part is Ellipsis else "None" if part is None else str(part)
    raise CodeError("an index too long to be written")
