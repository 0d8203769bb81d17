"""Dtypes as words, as `torch.float32`: what they can hold, and the one in which an operation is computed.

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
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import shape
from tinygrad_edu.tensor.coerce import ORDER, WHOLE, get_default_dtype, real_dtype, widest
from tinygrad_edu.tensor.vocabulary import WORDS, word

# By NumPy's name: PyTorch's short one, and that of its class of tensors.
# fmt: off
NAMES = {
    "float64": ("double", "DoubleTensor"), "float32": ("float", "FloatTensor"), "float16": ("half", "HalfTensor"),
    "int64": ("long", "LongTensor"), "int32": ("int", "IntTensor"), "int16": ("short", "ShortTensor"),
    "int8": ("int8", "CharTensor"), "uint8": ("uint8", "ByteTensor"), "bool": ("bool", "BoolTensor"),
}
# fmt: on
WORDS |= {alias: np.dtype(name) for name, (short, _) in NAMES.items() for alias in (name, short)}
WORDS |= {"dtype": np.dtype, "pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan, "newaxis": None}


class _Limits:
    def __repr__(self) -> str:
        limits = {
            name: f"{x:g}" if type(x) is float else x for name, x in vars(self).items() if name != "bits"
        }
        return f"{type(self).__name__}({', '.join(f'{name}={x}' for name, x in limits.items())})"


@word
class finfo(_Limits):  # noqa: N801 - PyTorch's name
    """What a floating dtype can hold: `eps` is the step from 1 to the next number, `tiny` the least with all digits."""

    def __init__(self, type: Any = None) -> None:  # noqa: A002 - PyTorch's name
        dtype = get_default_dtype() if type is None else real_dtype("finfo", type)
        if dtype.kind != "f":
            raise TypeError(f"finfo needs a floating dtype, got {dtype}; use iinfo for whole numbers")
        info = np.finfo(dtype)
        self.resolution, self.min, self.max = float(info.resolution), float(info.min), float(info.max)
        self.eps, self.smallest_normal, self.tiny = float(info.eps), float(info.tiny), float(info.tiny)
        self.bits, self.dtype = info.bits, dtype.name


@word
class iinfo(_Limits):  # noqa: N801 - PyTorch's name
    """What a dtype of whole numbers can hold, from `min` to `max`."""

    def __init__(self, type: Any) -> None:  # noqa: A002 - PyTorch's name
        dtype = real_dtype("iinfo", type)
        if dtype.kind not in "iu":
            raise TypeError(f"iinfo needs a dtype of whole numbers, got {dtype}; use finfo for floats")
        info = np.iinfo(dtype)
        self.min, self.max, self.bits, self.dtype = int(info.min), int(info.max), info.bits, dtype.name


@word
def promote_types(type1: Any, type2: Any) -> np.dtype[Any]:
    """The dtype in which arrays of two dtypes meet."""
    return widest([real_dtype("promote_types", type1), real_dtype("promote_types", type2)])


@word
def result_type(tensor1: Any, tensor2: Any) -> np.dtype[Any]:
    """The dtype of `tensor1 + tensor2`, Tensors or numbers."""
    return _common((_rank(tensor1), _rank(tensor2)))


@word
def can_cast(from_: Any, to: Any) -> bool:
    """True if PyTorch casts in place from one dtype to another: not from floats to whole numbers, nor to bool."""
    old, new = real_dtype("can_cast", from_), real_dtype("can_cast", to)
    return ORDER[old.kind] <= ORDER[new.kind]


# Promotion.


def promoted(operation: Operation, inputs: tuple[Any, ...], values: Sequence[Any]) -> tuple[Any, ...] | None:
    """The inputs cast to the dtype in which `operation` is computed; None if they are fine as they are."""
    for x in inputs:
        if isinstance(x, Variable) and x.requires_grad and x.raw.dtype.kind != "f":
            raise TypeError(
                f"{x.described()} requires a gradient, but holds {x.raw.dtype}, which has no derivative; "
                "use x.double()"
            )
    part = operation.promoted_part(values)
    dtype = shared = _shared(part)
    if dtype is None:
        dtype = _common(tuple([_rank(x) for x in part]))
    if dtype.kind not in operation.kinds:
        words = {"f": "floats", "i": "whole numbers", "b": "booleans"}
        taken = ", ".join(word for kind, word in words.items() if kind in operation.kinds)
        raise TypeError(f"{operation.name} takes {taken}, got {dtype}; convert with x.to(...)")
    if dtype.kind != "f" and operation.gives_floats:
        dtype = get_default_dtype()
    elif shared is not None:
        return None
    first = len(values) - len(part)
    stay = [i < first or _stays(x, dtype) for i, x in enumerate(values)]
    return None if all(stay) else tuple(x if fits else _cast(x, dtype) for x, fits in zip(inputs, stay))


def _shared(values: Sequence[Any]) -> np.dtype[Any] | None:
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


def _rank(x: Any) -> tuple[np.dtype[Any], int]:
    """The dtype of `x`, and 0 for an array, 1 for a 0-d one, 2 for a plain number: who has a say, in this order."""
    x = getattr(x, "raw", x)
    if isinstance(x, np.ndarray):
        return x.dtype, int(x.ndim == 0)
    return WHOLE.get(type(x)) or get_default_dtype(), 2


@functools.cache
def _common(ranks: tuple[tuple[np.dtype[Any], int], ...]) -> np.dtype[Any]:
    """The dtype for arrays and plain numbers together, by the table of this file."""
    groups = [[dtype for dtype, place in ranks if place == i] for i in range(3)]
    return max((widest(group) for group in groups if group), key=lambda dtype: ORDER[dtype.kind])


def _stays(x: Any, dtype: np.dtype[Any]) -> bool:
    """True if `x` is of this dtype, or a plain number that the dtype can hold."""
    if isinstance(x, np.ndarray):
        return x.dtype == dtype
    return dtype.kind not in "iu" or 0 <= x <= 127 or abs(x) >= 2**63 or _wrapped(x, dtype) == x


def _wrapped(x: int, dtype: np.dtype[Any]) -> int:
    """A plain whole number as `dtype` holds it: 256 is 0 in uint8, and -1 is 255, as in PyTorch."""
    limits = np.iinfo(dtype)
    return (x - limits.min) % 2**limits.bits + limits.min


def _cast(x: Any, dtype: np.dtype[Any]) -> Any:
    """`x` in `dtype`; a constant keeps its name, as it has no other place in the graph."""
    if not isinstance(x, Variable):
        return _wrapped(x, dtype)
    result = (shape.cast if dtype.kind == "f" else shape.cast_whole)(x, dtype=dtype)
    if not x.requires_grad:
        result.name = x.name
    return result
