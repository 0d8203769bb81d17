"""A line search for the strong Wolfe conditions: a step that goes down enough, to where the slope is flat enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

DECREASE, CURVATURE = 1e-4, 0.9  # c1 and c2 of the conditions
_SMALLEST = 1e-9  # width of a bracket, times the greatest number of the direction


class Point(NamedTuple):
    """A place on the line: how far along, the loss there, its gradient, and its slope along the line."""

    t: Any
    loss: float
    gradient: np.ndarray
    slope: Any


Evaluate = Callable[[Any], Point]


def strong_wolfe(evaluate: Evaluate, start: Point, t: Any, reach: float, max_steps: int) -> tuple[Point, int]:
    """A point that satisfies the conditions, or the lowest one found, and how many were evaluated.

    `t`: where to look first. `reach`: the greatest number of the direction. At most `max_steps` more are evaluated.
    Source: Nocedal and Wright, Numerical optimization (2006), algorithms 3.5 and 3.6, with the cubic interpolation of
    eq. 3.59 and the safeguards of minFunc.
    """
    found, steps, done = _bracket(evaluate, start, t, max_steps)
    return (found[0], steps + 1) if done else _zoomed(evaluate, start, found, reach, steps, max_steps)


def _goes_up(here: Point, start: Point) -> bool:
    """Whether the first condition, enough decrease, does not hold."""
    return bool(here.loss > start.loss + DECREASE * here.t * start.slope)


def _is_flat(here: Point, start: Point) -> bool:
    """Whether the second condition, a slope that is flat enough, holds."""
    return bool(abs(here.slope) <= -CURVATURE * start.slope)


def _bracket(evaluate: Evaluate, start: Point, t: Any, max_steps: int) -> tuple[list[Point], int, bool]:
    """Two points with a good one between them, or one good point and True."""
    before, here = start, evaluate(t)
    for step in range(max_steps):
        if _goes_up(here, start) or (step > 1 and here.loss >= before.loss):
            return [before, here], step, False
        if _is_flat(here, start):
            return [here], step, True
        if here.slope >= 0:
            return [before, here], step, False
        t = cubic_minimum(before, here, here.t + 0.01 * (here.t - before.t), here.t * 10)
        before, here = here, evaluate(t)
    return [start, here], max_steps, False


def _zoomed(
    evaluate: Evaluate, start: Point, bracket: list[Point], reach: float, steps: int, max_steps: int
) -> tuple[Point, int]:
    """The bracket made narrower until its lower end is good."""
    low, stalled = _lower(bracket), False
    while steps < max_steps:
        left, right = sorted(x.t for x in bracket)
        if (right - left) * reach < _SMALLEST:
            break
        t, stalled = _safe(cubic_minimum(bracket[0], bracket[1], left, right), left, right, stalled)
        here = evaluate(t)
        steps += 1
        if _goes_up(here, start) or here.loss >= bracket[low].loss:
            bracket[1 - low] = here
            low = _lower(bracket)
            continue
        good = _is_flat(here, start)
        if not good and here.slope * (bracket[1 - low].t - bracket[low].t) >= 0:
            bracket[1 - low] = bracket[low]
        bracket[low] = here
        if good:
            break
    return bracket[low], steps + 1


def _lower(bracket: list[Point]) -> int:
    return 0 if bracket[0].loss <= bracket[1].loss else 1


def _safe(t: Any, left: Any, right: Any, stalled: bool) -> tuple[Any, bool]:
    """`t` away from the ends of the bracket, if it is near one for the second time; and whether it is near one."""
    margin = 0.1 * (right - left)
    if min(right - t, t - left) >= margin:
        return t, False
    if not stalled and left < t < right:
        return t, True
    return (right - margin if abs(t - right) < abs(t - left) else left + margin), False


def cubic_minimum(a: Point, b: Point, low: Any, high: Any) -> Any:
    """Where the cubic with the losses and slopes of two points is least, within `low` and `high`."""
    a, b = (a, b) if a.t <= b.t else (b, a)
    middle = a.slope + b.slope - 3 * (a.loss - b.loss) / np.float64(a.t - b.t)
    square = middle * middle - a.slope * b.slope
    if not square >= 0:
        return (low + high) / 2
    root = np.sqrt(square)
    t = b.t - (b.t - a.t) * ((b.slope + root - middle) / (b.slope - a.slope + 2 * root))
    return min(max(t, low), high)
