"""What is taken as the derivative where there is none, found by trying: no table that could drift from the code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.autograd import grad
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.explanation.derivation.domain import POINTS
from tinygrad_edu.explanation.derivation.shown_numbers import number
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.tensor.tensor import Tensor, tensor

_STEP = 1e-6
_STEEP = 100.0  # a difference quotient that no slope of ours has, unless it grows without bound
_TIES = ((0.0, 0.0), (1.0, 1.0))

# Functions that are written with several operations, of one number and of equal ones.
COMPOSED: dict[str, Callable[[Tensor], Tensor]] = {"clamp(x, −1, 1)": lambda x: x.clamp(-1, 1)}
COMPOSED_OF_MANY: dict[str, Callable[[Tensor], Tensor]] = {"std": Tensor.std}


def kink(op: Operation) -> str:
    """`derivative 0 at x = 0`, `0.5 each at x = y`; empty if there is no kink."""
    with np.errstate(all="ignore"):
        if not isinstance(op, Elementwise):
            return _tie_of_many(op)
        if len(op.rules) == 1:
            return _of_one_number(op.on_numbers, lambda x: _slope(op, 0, x))
        return _tie_of_two(op) if len(op.rules) == 2 else ""


def composed_kinks() -> dict[str, str]:
    """The same for functions that are written with several operations."""
    of_one = {name: _of_one_number(*_value_and_slope(f)) for name, f in COMPOSED.items()}
    shares = {name: _gradient(f, [1.0, 1.0])[0].item() for name, f in COMPOSED_OF_MANY.items()}
    return of_one | {name: f"{number(share)} each for equal numbers" for name, share in shares.items()}


def _value_and_slope(
    f: Callable[[Tensor], Tensor],
) -> tuple[Callable[[float], float], Callable[[float], float]]:
    return lambda x: f(tensor(x)).item(), lambda x: _gradient(f, x).item()


def _gradient(f: Callable[[Tensor], Tensor], at: Any) -> Tensor:
    x = tensor(at, requires_grad=True)
    (found,) = grad(f(x), x)
    assert found is not None
    return found


def _of_one_number(f: Callable[[float], float], slope: Callable[[float], float]) -> str:
    at: dict[float, list[float]] = {}  # by the slope that is taken
    for x in POINTS:
        taken = slope(x)
        if _bends(f, x) or np.isinf(taken):
            at.setdefault(taken, []).append(x)
    return ", ".join(
        f"derivative {number(taken)} at {' and '.join(f'x = {number(x)}' for x in places)}".replace("-", "−")
        for taken, places in at.items()
    )


def _bends(f: Callable[[float], float], x: float) -> bool:
    """Whether `f` has different slopes on both sides of `x`, or one that grows without bound."""
    left, right = (f(x) - f(x - _STEP)) / _STEP, (f(x + _STEP) - f(x)) / _STEP
    if np.isfinite(left) and np.isfinite(right):
        return bool(abs(left - right) > 0.1)
    return bool(np.isfinite(f(x)) and np.isfinite(right) and abs(right) > _STEEP)


def _slope(op: Elementwise, position: int, *inputs: float) -> float:
    """What the rule gives at a point."""
    rule = op.rules[position]
    assert rule is not None
    numbers = [np.float64(x) for x in (1.0, op.on_numbers(*inputs), *inputs)]
    return float(rule(*numbers))


def _tie_of_two(op: Elementwise) -> str:
    if not all(_bends(lambda t, y=y: op.on_numbers(t, y), x) for x, y in _TIES):  # type: ignore[misc]
        return ""
    shares = {_slope(op, position, x, y) for position in (0, 1) for x, y in _TIES}
    return f"{' or '.join(map(number, sorted(shares)))} each at x = y"


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
    return f"{number(shares[0])} each for two equal numbers"
