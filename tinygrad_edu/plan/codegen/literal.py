"""Numbers, arrays and settings as Python text."""

from __future__ import annotations

import re
from typing import Any

import numpy as np


def literal(x: Any) -> str:
    """`x`, a setting or a constant of a program, as an expression in which `np` is NumPy or that of JAX."""
    if isinstance(x, np.ndarray) and not x.size:
        return f"np.zeros({x.shape}, dtype=np.{x.dtype.name})"
    if isinstance(x, np.ndarray) and x.size > 1 and _is_uniform(x):
        return f"np.full({x.shape}, {_number(x.flat[0])}, dtype=np.{x.dtype.name})"
    if isinstance(x, np.ndarray):
        return f"np.array({_number(x)}, dtype=np.{x.dtype.name})"
    if isinstance(x, np.dtype):
        return f"np.{x.name}"
    if isinstance(x, tuple):
        return f"({', '.join(map(literal, x))}{',' if len(x) == 1 else ''})"
    if isinstance(x, float) and not np.isfinite(x):
        return f'float("{x}")'
    return repr(x)


def _is_uniform(x: np.ndarray) -> bool:
    """True if all numbers have the same bits, as 0.0 and -0.0 have not."""
    first = np.full(x.shape, x.flat[0])
    return first.tobytes() == x.tobytes()


def _number(x: Any) -> str:
    return re.sub(r"\b(inf|nan)\b", r"np.\1", repr(x.tolist()))
