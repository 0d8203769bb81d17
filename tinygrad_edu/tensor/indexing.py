"""Indices as PyTorch reads them, put into NumPy's form: the one place that knows in which points the two differ.

PyTorch takes numbers away before it looks at index arrays; for NumPy a number is an index array itself. So the new
dimensions of `x[0, :, [0, 1]]` stand last in PyTorch, and first in NumPy: here such an index is two, one after the
other, `x[0][:, [0, 1]]`. The other difference is `...` between index arrays for no dimension at all.

Beyond PyTorch a slice may have a negative step, as in NumPy. Refused is what has two readings: uint8 (a mask or
numbers), and a list of lists, slices or Tensors (in PyTorch an index for each dimension, which it is about to change).
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.ops.index import ARRAY
from tinygrad_edu.tensor.coerce import refuse_masked

# The Tensors in an index, and the index with `ARRAY` in their place: what is computed is an input.
Index = tuple[tuple[Variable, ...], Any]

_WHOLE = slice(None)


def numpy_indices(key: Any, ndim: int) -> tuple[Index, ...]:
    """What NumPy does, one index after the other, where PyTorch does `x[key]`, for an x of `ndim` dimensions."""
    if key.__class__ is int:
        return (((), key),)
    if key.__class__ is list and any(isinstance(part, list | tuple | slice | Variable) for part in key):
        raise IndexError(
            "an index that is a list of lists, slices or Tensors could be one array or an index for each dimension; "
            "write x[tensor(...)] for the one, x[a, b] for the other"
        )
    if key.__class__ is not tuple:
        arrays, (index,) = marked([clean_index(key)])
        return ((arrays, index),)
    parts = [clean_index(part) for part in key]
    if any(map(_is_array, parts)):
        parts = _without_dots(parts, ndim)
        if any(map(_is_number, parts)):
            return marked(_numbers(parts)), marked([part for part in parts if not _is_number(part)])
    return (marked(parts),)


def marked(parts: Sequence[Any]) -> Index:
    """An index with these parts, of which some are Tensors."""
    arrays = tuple([part for part in parts if isinstance(part, Variable)])
    return arrays, tuple([ARRAY if isinstance(part, Variable) else part for part in parts])


def _is_number(part: Any) -> bool:
    single = isinstance(part, Variable) and part.raw.shape == () and not _is_mask(part)
    return part.__class__ is int or single


def _is_array(part: Any) -> bool:
    """True for index arrays, True and False among them."""
    return isinstance(part, np.ndarray | bool | Variable) and not _is_number(part)


def _is_mask(part: Any) -> bool:
    return getattr(part, "dtype", None) == np.bool_


def _dims(part: Any) -> int:
    """How many dimensions a part is the index of."""
    if part is None or part is ... or part.__class__ is bool:
        return 0
    return part.ndim if _is_mask(part) else 1


def _without_dots(parts: list[Any], ndim: int) -> list[Any]:
    """With whole slices in place of `...`."""
    dots = [i for i, part in enumerate(parts) if part is ...]
    if len(dots) != 1:  # NumPy refuses several
        return parts
    return [*parts[: dots[0]], *[_WHOLE] * (ndim - sum(map(_dims, parts))), *parts[dots[0] + 1 :]]


def _numbers(parts: list[Any]) -> list[Any]:
    """The index that does what the numbers do, and leaves all other dimensions as they are."""
    return [part for x in parts for part in ([x] if _is_number(x) or x is ... else [_WHOLE] * _dims(x))]


def clean_index(part: Any) -> Any:
    """A part of an index: a number, a slice, None, `...`, a Tensor, or an array of its own that nobody can change."""
    kind = part.__class__
    if kind is int or part is None or part is ...:
        return part
    if kind is slice:  # between plain numbers: a Tensor could be changed later
        bounds = (part.start, part.stop, part.step)
        return slice(*[None if bound is None else operator.index(bound) for bound in bounds])
    if isinstance(part, Variable):
        _check_index(part.raw)
        return part
    if isinstance(part, np.ndarray | list | tuple | range):
        refuse_masked("an index", part)
        picks = np.array(part)
        if picks.size == 0 and kind is not np.ndarray:  # NumPy takes an empty list for floats
            picks = picks.astype(int)
        _check_index(picks)
        return picks if picks.ndim else picks.item()
    return part.item() if isinstance(part, np.bool_ | np.integer) else part


def _check_index(picks: Any) -> None:
    """Refuse arrays that are no index; uint8, once a mask, could mean either."""
    if picks.dtype == np.uint8:
        raise IndexError(
            "an index of uint8 could be a mask or numbers; use x.bool() for a mask, x.long() for numbers"
        )
    if picks.dtype.kind not in "iub":
        raise IndexError(f"an index needs whole numbers or booleans, got {picks.dtype}; use x.long()")
