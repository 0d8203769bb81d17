"""Where a function is defined, and the slope taken where it bends: found by trying, so that nothing can drift."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.text.numbers import significant

Function = Callable[..., float]
_POINTS = (-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0)
_STEP = 1e-6
_STEEP = 100.0  # a difference quotient that no slope of ours has, unless it grows without bound
_TIES = ((0.0, 0.0), (1.0, 1.0))


@np.errstate(all="ignore")
def domain(op: Operation) -> str:
    """`x > 0`, `y ≠ 0`, `all`, or that it is no such region; "not tried" without the extra that computes `op`."""
    f = getattr(op, "on_numbers", None)  # of an elementwise operation
    if f is None or len(op.rules) > 2:
        return "all"
    try:
        if len(op.rules) == 1:
            return _region("x", lambda x: bool(np.isfinite(f(x)))) or "not all x"
        by_y = _region("y", lambda y: all(np.isfinite(f(x, y)) for x in _POINTS))
        by_x = _region("x", lambda x: all(np.isfinite(f(x, y)) for y in _POINTS))
    except ImportError:
        return "not tried"
    return by_y or by_x or "depends on both"


def _region(name: str, defined: Callable[[float], bool]) -> str:
    """The domain of a function, if it is everything, all but a point, or a side of a bound; else empty."""
    inside = [defined(x) for x in _POINTS]
    outside = [x for x, fine in zip(_POINTS, inside, strict=True) if not fine]
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


@np.errstate(all="ignore")
def kink(op: Operation) -> str:
    """`derivative 0 at x = 0`, `0.5 each at x = y`; empty if there is no kink."""
    f = getattr(op, "on_numbers", None)  # of an elementwise operation
    if f is None:
        return _tie_of_many(op)
    try:
        if len(op.rules) == 1:
            return kinks_of(f, lambda x: _slope(op, f, 0, x))
        return _tie_of_two(op, f) if len(op.rules) == 2 else ""
    except ImportError:  # of an extra that computes it
        return ""


def kinks_of(f: Function, slope: Callable[[float], float]) -> str:
    """`derivative 1 at x = −1 and x = 1`: where `f` bends, and the `slope` that is taken there."""
    at: dict[float, list[float]] = {}  # by the slope that is taken
    for x in _POINTS:
        taken = slope(x)
        if _bends(f, x) or np.isinf(taken):
            at.setdefault(taken, []).append(x)
    parts = [
        f"derivative {significant(taken)} at {' and '.join(f'x = {significant(x)}' for x in places)}"
        for taken, places in at.items()
    ]
    return ", ".join(parts).replace("-", "−")


def _bends(f: Function, x: float) -> bool:
    """True if `f` has different slopes on both sides of `x`, or one that grows without bound."""
    left, right = (f(x) - f(x - _STEP)) / _STEP, (f(x + _STEP) - f(x)) / _STEP
    if np.isfinite(left) and np.isfinite(right):
        return bool(abs(left - right) > 0.1)
    return bool(np.isfinite(f(x)) and np.isfinite(right) and abs(right) > _STEEP)


def _slope(op: Operation, f: Function, position: int, *inputs: float) -> float:
    """The derivative by the rule at a point."""
    rule = op.rules[position]
    if rule is None:
        return 0.0
    numbers = [np.float64(x) for x in (1.0, f(*inputs), *inputs)]
    return float(rule(*numbers))


def _tie_of_two(op: Operation, f: Function) -> str:
    if not all(_bends(lambda t, y=y: f(t, y), x) for x, y in _TIES):
        return ""
    shares = {_slope(op, f, position, x, y) for position in (0, 1) for x, y in _TIES}
    return f"{' or '.join(map(significant, sorted(shares)))} each at x = y"


def _tie_of_many(op: Operation) -> str:
    """Reductions of two equal numbers."""
    example = op.readings.example
    if example is None or example(2)[1].keys() != {"dims", "keepdim"}:
        return ""
    settings: dict[str, Any] = {"dims": (0,), "keepdim": False}
    equal = np.ones(2)
    if not _bends(lambda x: float(op.forward(np.array([x, 1.0]), **settings)), 1.0):
        return ""
    rule = op.rules[0]
    assert rule is not None
    shares = rule(np.array(1.0), op.forward(equal, **settings), equal, **settings)
    return f"{significant(shares[0])} each for two equal numbers"
