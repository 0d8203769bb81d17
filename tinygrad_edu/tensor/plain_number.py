"""Plain numbers as floats, where a single number is wanted; the message for anything else names the call."""

from __future__ import annotations

from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Tracer


def as_plain_number(call: str, x: Any) -> float:
    """A number as a float; `call` is named where it is none."""
    if isinstance(x, int | float | np.integer | np.floating | np.bool_):
        return as_float(call, x)
    hint = "; Values and Tensors do not mix" if isinstance(x, Tracer) else ""
    raise TypeError(f"{call} takes Values and numbers, got {type(x).__name__} {short(x)}{hint}")


def as_float(call: str, x: Any) -> float:
    """A number as a float. Raises `ValueError` if it is too large for one."""
    try:
        return float(x)
    except OverflowError:
        raise ValueError(f"{call} needs numbers that a float can hold, got {short(x)}") from None
