"""The derivative taken where a function has none, found by trying: no table that could drift from the code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops.domain import POINTS
from tinygrad_edu.text.numbers import significant

Function = Callable[..., float]
_STEP = 1e-6
_STEEP = 100.0  # a difference quotient that no slope of ours has, unless it grows without bound
_TIES = ((0.0, 0.0), (1.0, 1.0))


def kink(op: Operation) -> str:
    """`derivative 0 at x = 0`, `0.5 each at x = y`; empty if there is no kink."""
    f = getattr(op, "on_numbers", None)  # of an elementwise operation
    with np.errstate(all="ignore"):
        if f is None:
            return _tie_of_many(op)
        if len(op.rules) == 1:
            return kinks_of(f, lambda x: _slope(op, f, 0, x))
        return _tie_of_two(op, f) if len(op.rules) == 2 else ""


def kinks_of(f: Function, slope: Callable[[float], float]) -> str:
    """`derivative 1 at x = −1 and x = 1`: where `f` bends, and the `slope` that is taken there."""
    at: dict[float, list[float]] = {}  # by the slope that is taken
    for x in POINTS:
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
