"""Numbers, arrays and settings as Python text."""

from __future__ import annotations

import re
from typing import Any

import numpy as np


def literal(x: Any) -> str:
    """`x`, a setting or a constant of a program, as an expression in which `np` is NumPy or that of JAX."""
    if isinstance(x, np.ndarray) and not x.size:
        return f"np.zeros({x.shape}, dtype=np.{x.dtype.name})"
    if isinstance(x, np.ndarray):
        numbers = re.sub(r"\b(inf|nan)\b", r"np.\1", repr(x.tolist()))
        return f"np.array({numbers}, dtype=np.{x.dtype.name})"
    if isinstance(x, np.dtype):
        return f"np.{x.name}"
    if isinstance(x, tuple):
        return f"({', '.join(map(literal, x))}{',' if len(x) == 1 else ''})"
    if isinstance(x, float) and not np.isfinite(x):
        return f'float("{x}")'
    return repr(x)
