"""The door: whatever comes in becomes an array of real numbers, copied so that nobody else can change it."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.tensor.pair import ValuesAndIndices, refuse
from tinygrad_edu.tensor.vocabulary import Word, word

ORDER = {"b": 0, "u": 1, "i": 1, "f": 2}  # of the kinds of numbers
WHOLE = {bool: np.dtype(np.bool_), int: np.dtype(np.int64)}  # what Python's become
_PLAIN = {*WHOLE, float}

_default_dtype = np.dtype(np.float64)


def real_dtype(call: str, dtype: Any) -> np.dtype[Any]:
    """`dtype`, given in any way NumPy understands, if it holds real numbers."""
    if isinstance(dtype, Word) and dtype.instead:
        raise TypeError(f"{call} has no {dtype!r}: {dtype.instead}")
    try:
        kind = np.dtype("" if dtype is None else WHOLE.get(dtype, dtype))  # NumPy takes None for float64
    except TypeError:
        raise TypeError(f"{call} needs a dtype such as float or np.int64, got {dtype!r}") from None
    if kind.kind not in ORDER:
        raise TypeError(f"{call} needs a dtype of real numbers, got {kind}")
    return native(kind)


def native(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """`dtype` in the byte order of this machine."""
    return dtype if dtype.isnative else np.dtype(dtype.name)


@word
def set_default_dtype(d: Any) -> None:
    """Python floats and lists of them become this dtype; float64 unless changed."""
    global _default_dtype
    kind = real_dtype("set_default_dtype", d)
    if kind.kind != "f":
        raise TypeError(f"set_default_dtype needs a floating dtype, got {kind}")
    _default_dtype = kind


@word
def get_default_dtype() -> np.dtype[Any]:
    """The dtype that Python floats become."""
    return _default_dtype


def widest(dtypes: Collection[np.dtype[Any]]) -> np.dtype[Any]:
    """The widest dtype of the highest kind; whole numbers do not widen floats."""
    highest = max(ORDER[dtype.kind] for dtype in dtypes)
    return np.result_type(*(dtype for dtype in dtypes if ORDER[dtype.kind] == highest))


def as_array(data: Any, dtype: Any, requires_grad: bool, floats: bool = False) -> np.ndarray:
    """A copy of `data` as an array of real numbers.

    Whole numbers become floats if `requires_grad`, and if `floats` unless they come in an array.
    """
    if isinstance(data, ValuesAndIndices):
        refuse()
    refuse_masked("tensor", data)
    plain = not isinstance(data, np.ndarray | np.generic)
    met: list[np.dtype[Any]] = []  # in a list with more than Python's numbers
    listed = isinstance(data, list | tuple) and not _all_plain(data)
    array = _real_array(_numbers(data, met) if listed else data, data)
    floating = array.dtype.kind == "f"
    if dtype is not None:
        kind = real_dtype("tensor", dtype)
    elif not floating and (requires_grad or (plain and floats)):
        kind = _default_dtype
    elif met:
        kind = widest(met)
    elif plain and array.dtype == np.intp:  # which has 32 bits in a browser
        kind = WHOLE[int]
    else:
        kind = _default_dtype if plain and floating else native(array.dtype)
    if requires_grad and kind.kind != "f":
        raise TypeError(f"tensor needs a floating dtype to have a gradient, got {kind}; use dtype=float")
    _check_range(array, kind, plain, data)
    return array if array.dtype == kind else array.astype(kind)


def refuse_masked(call: str, data: Any) -> None:
    """Raise `TypeError` for a masked array: without its mask it would show what it hides."""
    if isinstance(data, np.ma.MaskedArray):
        raise TypeError(f"{call} needs all its numbers, got a masked array; use array.filled(...)")


def _all_plain(data: Any) -> bool:
    """True if all numbers in a nested list are Python's own, which is the usual case."""
    while data:
        types = set(map(type, data))
        if not types <= {list, tuple}:
            return types <= _PLAIN
        data = list(chain.from_iterable(data))
    return True


def _numbers(data: Any, met: list[np.dtype[Any]]) -> Any:
    """A nested list with plain numbers in place of Tensors; the dtypes of all its numbers are appended to `met`."""
    if isinstance(data, list | tuple):
        return [_numbers(x, met) for x in data]
    if isinstance(data, Variable):
        if data.requires_grad:
            raise TypeError(
                "tensor copies numbers, so the graph of a Tensor in the list would be lost; use stack"
            )
        if data.raw.size != 1:
            raise ValueError(
                f"tensor takes Tensors of one number in a list, got one of shape {data.raw.shape}; use stack"
            )
        met.append(data.raw.dtype)
        return data.item()  # type: ignore[attr-defined]
    refuse_masked("tensor", data)
    if isinstance(data, np.ndarray | np.generic) and data.dtype.kind in ORDER:
        met.append(data.dtype)
    elif type(data) in _PLAIN:
        met.append(WHOLE.get(type(data), _default_dtype))
    return data


def _real_array(numbers: Any, data: Any) -> np.ndarray:
    """`numbers`, which are those of `data`, as an array."""
    try:
        array = np.array(numbers)
    except ValueError:
        raise ValueError(f"tensor needs rows of equal length, got {short(data)}") from None
    if array.dtype.kind == "O" and any(isinstance(x, Tracer) for x in array.flat):
        raise TypeError(
            f"tensor needs numbers, got {short(data)}; Values and Tensors do not mix, use their .data"
        )
    if array.dtype.kind not in ORDER:
        what = "complex numbers" if array.dtype.kind == "c" else f"{array.dtype} data"
        raise TypeError(f"tensor needs real numbers, got {what} in {short(data)}; convert them first")
    return array


def _check_range(array: np.ndarray, kind: np.dtype[Any], plain: bool, data: Any) -> None:
    """Raise `ValueError` if numbers of `array` cannot be those of an array of whole numbers."""
    if kind.kind not in "iu" or not array.size:
        return
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError(f"tensor needs finite numbers for {kind}, got {short(data)}; use dtype=float")
    limits = np.iinfo(np.int64 if kind == np.uint64 else kind)
    low = limits.min or -limits.max  # unsigned ones count backwards from their end
    if plain and not (low <= array.min() and array.max() <= limits.max):
        raise ValueError(f"tensor needs numbers from {low} to {limits.max} for {kind}, got {short(data)}")
