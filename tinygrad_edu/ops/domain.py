"""The domain of a function, found by trying it: no table that could drift from the code."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.text.numbers import significant

POINTS = (-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0)


def domain(op: Operation) -> str:
    """`x > 0`, `y ≠ 0`, `all`, or that it is no such region."""
    f = getattr(op, "on_numbers", None)  # of an elementwise operation
    if f is None or len(op.rules) > 2:
        return "all"
    with np.errstate(all="ignore"):
        if len(op.rules) == 1:
            return _region("x", lambda x: bool(np.isfinite(f(x)))) or "not all x"
        by_y = _region("y", lambda y: all(np.isfinite(f(x, y)) for x in POINTS))
        by_x = _region("x", lambda x: all(np.isfinite(f(x, y)) for y in POINTS))
    return next((words for words in (by_y, by_x) if words), "depends on both")


def _region(name: str, defined: Callable[[float], bool]) -> str:
    """The domain of a function, if it is everything, all but a point, or a side of a bound; else empty."""
    inside = [defined(x) for x in POINTS]
    outside = [x for x, fine in zip(POINTS, inside, strict=True) if not fine]
    if not outside:
        return "all"
    if len(outside) == 1 and inside[0] and inside[-1]:
        return f"{name} ≠ {significant(outside[0])}"
    if not all(inside[len(outside) :]):
        return ""
    return _bound(name, defined, outside[-1]) if len(outside) < len(inside) else ""


def _bound(name: str, defined: Callable[[float], bool], low: float) -> str:
    high = low + 0.5
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if defined(middle) else (middle, high)
    at = round(high, 6)
    return f"{name} {'≥' if defined(at) else '>'} {significant(at)}".replace("-", "−")
