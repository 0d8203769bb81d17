"""Type promotion: the dtype in which an operation on several inputs is computed, as in PyTorch.

Booleans come before whole numbers, these before floats. Inputs of the highest kind that have dimensions decide: the
widest dtype counts, and a whole-number array beside a float array takes the dtype of the floats. Single numbers
(0-d tensors, and after them plain numbers) have a say only if they are of a higher kind: a plain float then has the
default dtype, a plain int int64. A function whose results are floats takes whole numbers as the default dtype.

| first input | second input | computed in |
|---|---|---|
| float32 (3,) | float64 () | float32 |
| float32 (3,) | int64 (3,) | float32 |
| float32 (3,) | float64 (3,) | float64 |
| float32 (3,) | 2.5 or 2 | float32 |
| int64 (3,) | float32 () | float32 |
| int64 (3,) | 2.5 | the default dtype |
| int32 (3,) | int64 () or 2 | int32 |
| bool (3,) | 2 | int64 |
| uint8 (3,) | int8 (3,) | int16 |
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import shape
from tinygrad_edu.tensor.coerce import ORDER, WHOLE, get_default_dtype, widest

# A dtype and 0 for an array, 1 for a 0-d one, 2 for a plain number: who has a say, in this order.
Rank = tuple[np.dtype[Any], int]


def promoted(operation: Operation, inputs: tuple[Any, ...], values: Sequence[Any]) -> tuple[Any, ...] | None:
    """The inputs cast to the dtype in which `operation` is computed; None if they are fine as they are."""
    for x in inputs:
        if isinstance(x, Variable) and x.requires_grad and x.raw.dtype.kind != "f":
            raise TypeError(
                f"{x.described()} requires a gradient, but holds {x.raw.dtype}, which has no derivative; "
                "use x.double()"
            )
    part = operation.promoted_part(values)
    shared = _shared_dtype(part)
    dtype = common_dtype(tuple([rank(x) for x in part])) if shared is None else shared
    if dtype.kind not in operation.kinds:
        raise TypeError(
            f"{operation.name} takes {_words(operation.kinds)}, got {dtype}; convert with x.to(...)"
        )
    if shared is not None and (dtype.kind == "f" or not operation.gives_floats):
        return None
    if dtype.kind != "f" and operation.gives_floats:
        dtype = get_default_dtype()
    first = len(values) - len(part)
    stay = [i < first or _stays(x, dtype) for i, x in enumerate(values)]
    if all(stay):
        return None
    return tuple(x if stays else _changed(x, dtype) for x, stays in zip(inputs, stay))


def _stays(x: Any, dtype: np.dtype[Any]) -> bool:
    """True if `x` is of this dtype, or a plain number that the dtype can hold."""
    if isinstance(x, np.ndarray):
        return x.dtype == dtype
    return dtype.kind not in "iu" or 0 <= x <= 127 or abs(x) >= 2**63 or _wrapped(x, dtype) == x


def _wrapped(x: int, dtype: np.dtype[Any]) -> int:
    """A plain whole number as `dtype` holds it: 256 is 0 in uint8, and -1 is 255, as in PyTorch."""
    limits = np.iinfo(dtype)
    return (x - limits.min) % 2**limits.bits + limits.min


def _words(kinds: str) -> str:
    """`floats, whole numbers`, for the kinds "fiu"."""
    words = {"f": "floats", "i": "whole numbers", "b": "booleans"}
    return ", ".join(word for kind, word in words.items() if kind in kinds)


def _shared_dtype(values: Sequence[Any]) -> np.dtype[Any] | None:
    """The dtype of all arrays among `values`, if it is one, and plain numbers have no say beside it."""
    dtype, alone = None, True
    for x in values:
        if x.__class__ is not np.ndarray:
            alone = False
        elif dtype is None:
            dtype = x.dtype
        elif x.dtype is not dtype:
            return None
    return dtype if alone or dtype is None or dtype.kind == "f" else None


def rank(x: Any) -> Rank:
    """The rank of an array, a Tensor or a plain number."""
    x = getattr(x, "raw", x)
    if isinstance(x, np.ndarray):
        return x.dtype, int(x.ndim == 0)
    return WHOLE.get(type(x)) or get_default_dtype(), 2


@functools.cache
def common_dtype(ranks: tuple[Rank, ...]) -> np.dtype[Any]:
    """The dtype for arrays and plain numbers together, by the table of this file."""
    groups = [[dtype for dtype, place in ranks if place == i] for i in range(3)]
    result, *weaker = [widest(group) for group in groups if group]
    for dtype in weaker:
        if ORDER[dtype.kind] > ORDER[result.kind]:
            result = dtype
    return result


def _changed(x: Any, dtype: np.dtype[Any]) -> Any:
    """`x` in `dtype`; a constant keeps its name, as it has no other place in the graph."""
    if not isinstance(x, Variable):
        return _wrapped(x, dtype)
    result = (shape.cast if dtype.kind == "f" else shape.cast_whole)(x, dtype=dtype)
    if not x.requires_grad:
        result.name = x.name
    return result
