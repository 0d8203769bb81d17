"""The door: whatever comes in becomes an array of real numbers, copied so that nobody else can change it."""

from __future__ import annotations

from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.tensor.pair import ValuesAndIndices, refuse

_default_dtype = np.dtype(np.float64)


def real_dtype(call: str, dtype: Any) -> np.dtype[Any]:
    """`dtype`, given in any way NumPy understands, if it holds real numbers."""
    try:
        kind = np.dtype(dtype)
    except TypeError:
        raise TypeError(f"{call} needs a dtype such as float or np.int64, got {dtype!r}") from None
    if kind.kind not in "fiub":
        raise TypeError(f"{call} needs a dtype of real numbers, got {kind}")
    return kind


def set_default_dtype(dtype: Any) -> None:
    """Python floats and lists of them become this dtype; float64 unless changed."""
    global _default_dtype
    kind = real_dtype("set_default_dtype", dtype)
    if kind.kind != "f":
        raise TypeError(f"set_default_dtype needs a floating dtype, got {kind}")
    _default_dtype = kind


def get_default_dtype() -> np.dtype[Any]:
    """The dtype that Python floats become."""
    return _default_dtype


def as_array(data: Any, dtype: Any, requires_grad: bool, floats: bool = False) -> np.ndarray:
    """A copy of `data` as an array of real numbers.

    Whole numbers become floats if `requires_grad`, and if `floats` unless they come in an array.
    """
    kind = None if dtype is None else real_dtype("tensor", dtype)
    if isinstance(data, ValuesAndIndices):
        refuse()
    if isinstance(data, np.ma.MaskedArray):
        raise TypeError("tensor needs all its numbers, got a masked array; use array.filled(...)")
    if isinstance(data, list | tuple) and any(getattr(item, "requires_grad", False) for item in data):
        raise TypeError(
            "tensor copies numbers, so the graph of a Tensor in the list would be lost; use stack"
        )
    try:
        array = np.array(data)
    except ValueError:
        raise ValueError(f"tensor needs rows of equal length, got {short(data)}") from None
    if array.dtype.kind == "O" and any(isinstance(x, Tracer) for x in array.flat):
        raise TypeError(
            f"tensor needs numbers, got {short(data)}; Values and Tensors do not mix, use their .data"
        )
    if array.dtype.kind not in "fiub":
        what = "complex numbers" if array.dtype.kind == "c" else f"{array.dtype} data"
        raise TypeError(f"tensor needs real numbers, got {what} in {short(data)}; convert them first")
    if kind is None:
        plain = not isinstance(data, np.ndarray | np.generic)
        floating = array.dtype.kind == "f"
        becomes_float = plain if floating else requires_grad or (plain and floats)
        kind = _default_dtype if becomes_float else array.dtype
    if requires_grad and kind.kind != "f":
        raise TypeError(f"tensor needs a floating dtype to have a gradient, got {kind}; use dtype=float")
    if kind.kind in "iu" and array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError(f"tensor needs finite numbers for {kind}, got {short(data)}; use dtype=float")
    return array if array.dtype == kind else array.astype(kind)
