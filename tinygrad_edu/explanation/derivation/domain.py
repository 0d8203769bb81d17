"""Where a function has a kink and where it is defined, found by trying it: no table that could drift from the code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.explanation.derivation.shown_numbers import number
from tinygrad_edu.ops.elementwise import Elementwise

STEP = 1e-6
_POINTS = (-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0)
_TIES = ((0.0, 0.0), (1.0, 1.0))


def kink(op: Operation) -> str:
    """`derivative 0 at x = 0`, `half each at x = y`; empty if there is no kink."""
    with np.errstate(all="ignore"):
        if not isinstance(op, Elementwise):
            return _tie_of_many(op)
        if len(op.rules) == 1:
            return _kink_of_one(op)
        return _tie_of_two(op) if len(op.rules) == 2 else ""


def _kink_of_one(op: Elementwise) -> str:
    found = []
    for x in _POINTS:
        slope = _slope(op, 0, x)
        left, right = (
            (op.on_numbers(x) - op.on_numbers(x - STEP)) / STEP,
            (op.on_numbers(x + STEP) - op.on_numbers(x)) / STEP,
        )
        jumps = np.isfinite(left) and np.isfinite(right) and abs(left - right) > 0.1
        if jumps or np.isinf(slope):
            found.append(f"derivative {number(slope)} at x = {number(x)}".replace("-", "−"))
    return ", ".join(found)


def _slope(op: Elementwise, position: int, *inputs: float) -> float:
    """What the rule gives at a point."""
    rule = op.rules[position]
    assert rule is not None
    numbers = [np.float64(x) for x in (1.0, op.on_numbers(*inputs), *inputs)]
    return float(rule(*numbers))


def _tie_of_two(op: Elementwise) -> str:
    if not all(_jumps(op.on_numbers, x, y) for x, y in _TIES):
        return ""
    shares = {_slope(op, position, x, y) for position in (0, 1) for x, y in _TIES}
    return f"{' or '.join(map(number, sorted(shares)))} each at x = y"


def _jumps(f: Callable[..., float], x: float, y: float) -> bool:
    left, right = (f(x, y) - f(x - STEP, y)) / STEP, (f(x + STEP, y) - f(x, y)) / STEP
    return bool(np.isfinite(left) and np.isfinite(right) and abs(left - right) > 0.1)


def _tie_of_many(op: Operation) -> str:
    """Reductions of two equal numbers."""
    example = op.readings.example
    if example is None or example(2)[1].keys() != {"dims", "keepdim"}:
        return ""
    settings: dict[str, Any] = {"dims": (0,), "keepdim": False}
    equal = np.ones(2)
    if not _jumps(lambda x, y: float(op.forward(np.array([x, y]), **settings)), 1.0, 1.0):
        return ""
    rule = op.rules[0]
    assert rule is not None
    shares = rule(np.array(1.0), op.forward(equal, **settings), equal, **settings)
    return f"{number(shares[0])} each for two equal numbers"


def domain(op: Operation) -> str:
    """`x > 0`, `y ≠ 0`, or `all`."""
    if not isinstance(op, Elementwise) or len(op.rules) > 2:
        return "all"
    with np.errstate(all="ignore"):
        if len(op.rules) == 1:
            return _region("x", lambda x: bool(np.isfinite(op.on_numbers(x))))
        by_y = _region("y", lambda y: all(np.isfinite(op.on_numbers(x, y)) for x in _POINTS))
        by_x = _region("x", lambda x: all(np.isfinite(op.on_numbers(x, y)) for y in _POINTS))
    return next((words for words in (by_y, by_x) if words), "depends on both")


def _region(name: str, defined: Callable[[float], bool]) -> str:
    """Where a function is defined, if that is everywhere, everywhere but at a point, or beyond a bound; else empty."""
    inside = [defined(x) for x in _POINTS]
    outside = [x for x, fine in zip(_POINTS, inside, strict=True) if not fine]
    if not outside:
        return "all"
    if len(outside) == 1 and inside[0] and inside[-1]:
        return f"{name} ≠ {number(outside[0])}"
    if not all(inside[len(outside) :]):
        return ""
    return _bound(name, defined, outside[-1]) if len(outside) < len(inside) else ""


def _bound(name: str, defined: Callable[[float], bool], low: float) -> str:
    high = low + 0.5
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if defined(middle) else (middle, high)
    at = round(high, 6)
    return f"{name} {'≥' if defined(at) else '>'} {number(at)}".replace("-", "−")
