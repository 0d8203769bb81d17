"""Indices as Python writes them: `1`, `:, 1:3`, `[0, 0]`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.ops.index import ARRAY, parts_of

MAX_NUMBERS = 16  # of an index that is written out
MAX_CHARACTERS = 40  # of an index in a formula


class CodeError(ValueError):
    """A formula, or an index, without a short form in NumPy."""


def index_code(index: Any, arrays: Sequence[str] = ()) -> str:
    """The code between the brackets of `x[…]`, with the names of `arrays`. Raises `CodeError` if it is too long."""
    names = iter(arrays)
    parts = [next(names, "") if part is ARRAY else _place(part) for part in parts_of(index)]
    if "" in parts:
        raise CodeError("an index that was computed")
    return ", ".join(parts) or "()"


def with_named_arrays(
    inputs: Sequence[Any], settings: Mapping[str, Any], symbol_of: Callable[[np.ndarray], Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The inputs and settings of an operation, with the symbols that `symbol_of` has for arrays of its index.

    An array of which `symbol_of` returns None stays a part of the index.
    """
    parts = parts_of(settings.get("index"))
    first = len(inputs) - sum(part is ARRAY for part in parts)
    computed, arrays, index = iter(inputs[first:]), [], []
    for part in parts:
        named = symbol_of(part) if isinstance(part, np.ndarray) else None
        if part is ARRAY:
            arrays.append(next(computed))
        elif named is not None:
            arrays.append(named)
        index.append(part if named is None else ARRAY)
    return (*inputs[:first], *arrays), {**settings, "index": tuple(index)}


def short_index(index: Any, arrays: Sequence[Any]) -> str:
    """An index in a formula: dots if the code is long."""
    try:
        code = index_code(index, [array.text for array in arrays])
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
