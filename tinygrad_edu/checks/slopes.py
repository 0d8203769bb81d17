"""The slope of a function of one number by five points, its error, and the slopes of both sides where it bends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isfinite, nan
from typing import Any, Literal

import numpy as np

Function = Callable[[float], float]
Kind = Literal["smooth", "kink", "jump", "pole", "edge", "outside the domain", "rounding"]

STEP = 0.97 * 2.0**-10  # truncation costs about STEP ** 4 / 30, rounding 1e-16 / STEP: both near 1e-13
# Of a second look. None is a power of two, at which sin(2 pi n x) would be sampled at equal phases.
LADDER = tuple(0.97 * 2.0**k for k in range(-4, -34, -3))
NEAR_ZERO = tuple(0.97 * 2.0**k for k in (-4, -7, -10, -13, -16))  # of |x| itself, as log needs them near 0
RESOLVED = 1e-3, 1e-5  # relative and absolute error up to which a slope is known
FLOOR = 2.0**-51  # rounding of a sum, relative


@dataclass(frozen=True)
class Slope:
    """What is known of the slope at a point; `left` and `right` where it bends, or the one side that there is."""

    kind: Kind
    value: float
    error: float = 0.0
    left: float = nan
    right: float = nan

    def admits(self, found: float, rtol: float, atol: float) -> bool:
        """True if `found` is this slope, or lies between those of both sides; where there is none, anything is."""
        if self.kind in ("pole", "jump", "outside the domain"):
            return True
        low, high = self.value, self.value
        if self.kind == "kink":
            low, high = sorted((self.left, self.right))
        slack = atol + rtol * max(abs(low), abs(high)) + 2 * self.error
        return low - slack <= found <= high + slack  # False for nan


def quick_slope(f: Function, x: float) -> float:
    """(8 (f(x + h) - f(x - h)) - (f(x + 2h) - f(x - 2h))) / 12h, for one h."""
    h = STEP * max(1.0, abs(x))
    a, b, c, d = x - 2 * h, x - h, x + h, x + 2 * h
    return (4 * (f(c) - f(b)) / (c - b) - (f(d) - f(a)) / (d - a)) / 3


def careful_slope(f: Function, x: float, rounding: float = 0.0) -> Slope:
    """The slope from a ladder of steps: the step with the least error, or each side by itself.

    `rounding`: of the results, where that is known to be more than that of float64.
    """
    y = f(x)
    if not isfinite(y):
        return Slope("outside the domain", nan)
    rounding += FLOOR * abs(y)
    steps, samples = _sampled(f, x)
    value, error = _central(y, steps, samples, rounding)
    if _resolved(value, error):
        return Slope("smooth", value, error)
    right = _side(y, steps, samples[:, 2], samples[:, 3], rounding)
    left = _side(y, -steps, samples[:, 1], samples[:, 0], rounding)
    return _of_sides(left, right, Slope("rounding", value, error))


def is_finer(f: Function, x: float, found: float, other: float, rounding: float) -> bool:
    """True if `found` is the slope at steps too small for `careful_slope`, which gave `other`: f jumps often."""
    y = f(x)
    for power in range(-20, -45, -4):
        h = (abs(x) or 1.0) * 2.0**power
        uncertain = 20 * (rounding + FLOOR * abs(y)) / h
        if uncertain > abs(other - found) / 100:
            return False
        for a, b in ((x - h, x + h), (x + h, x + 2 * h), (x - 2 * h, x - h)):  # x itself may be at a jump
            slope = (f(b) - f(a)) / (b - a)
            if abs(slope - found) <= uncertain + abs(other - found) / 100:
                return True
    return False


def _sampled(f: Function, x: float) -> tuple[Any, Any]:
    """The steps, greatest first, and f at x - 2h, x - h, x + h, x + 2h for each."""
    wanted = {h * max(1.0, abs(x)) for h in LADDER} | {h * abs(x) for h in NEAR_ZERO if 0 < abs(x) < 0.1}
    steps = np.array(sorted(wanted, reverse=True))
    steps = np.array([(x + h) - x for h in steps])  # as they are after rounding
    return steps, np.array([[f(x + k * h) for k in (-2, -1, 1, 2)] for h in steps])


@np.errstate(all="ignore")
def _central(y: float, steps: Any, samples: Any, rounding: float) -> tuple[float, float]:
    a, b, c, d = samples.T
    slopes = (8 * (c - b) - (d - a)) / (12 * steps)
    return _best(slopes, np.abs(a - 4 * b + 6 * y - 4 * c + d) / 8, steps, rounding)


def _best(slopes: Any, roughness: Any, steps: Any, rounding: float) -> tuple[float, float]:
    """The slope with the least error: its distance to that of the next smaller step, and noise over the step.

    Noise is what is left of a high difference once the step is small: the greatest of all smaller steps. The greatest
    step that is good enough decides: steps too small for a function in float32 see one that is flat.
    """
    noise = np.maximum.accumulate(np.nan_to_num(roughness)[::-1])[::-1] + rounding
    errors = np.abs(np.diff(slopes, append=nan)) + 5 * noise / np.abs(steps)
    errors = np.where(np.isnan(errors), inf, errors)
    good = errors <= RESOLVED[0] * np.abs(slopes) + 20 * rounding / np.abs(steps)
    if good.any():
        first = int(np.argmax(good))
        errors = np.where(np.abs(slopes - slopes[first]) <= 2 * errors[first], errors, inf)
    best = int(np.argmin(errors))
    return float(slopes[best]), float(errors[best])


def _resolved(value: float, error: float) -> bool:
    relative, absolute = RESOLVED
    return error <= absolute + relative * abs(value)


@np.errstate(all="ignore")
def _side(y: float, steps: Any, near: Any, far: Any, rounding: float) -> Slope:
    """The slope of one side, from x, x + h and x + 2h; steps of the left side are negative."""
    slopes = (4 * near - far - 3 * y) / (2 * steps)
    value, error = _best(slopes, np.abs(y - 2 * near + far) / 2.4, steps, rounding)
    if _resolved(value, error):
        return Slope("smooth", value, error)
    inner = near[-4:]
    if not np.isfinite(inner).all():
        return Slope("edge", nan)
    gaps = np.abs(inner - y)
    if gaps[-1] > 1e-6 * max(1.0, abs(y)) and gaps[-1] > gaps[0] / 2:
        return Slope("jump", float(((far - near) / steps)[0]))
    last = slopes[-4:]
    grows = (np.diff(np.abs(last)) > 0).all() and (np.sign(last) == np.sign(last[0])).all()
    return Slope("pole", float(last[-1])) if grows else Slope("rounding", value, error)


def _of_sides(left: Slope, right: Slope, otherwise: Slope) -> Slope:
    """What both sides say together; `otherwise` where they say nothing."""
    kinds = {left.kind, right.kind}
    both = {"left": left.value, "right": right.value}
    if kinds == {"smooth"}:
        middle, error = (left.value + right.value) / 2, left.error + right.error
        same = abs(left.value - right.value) <= 2 * error
        return Slope("smooth" if same else "kink", middle, error, **both)
    for kind in ("jump", "pole"):
        if kind in kinds:
            return Slope(kind, otherwise.value, **both)
    if "edge" in kinds and len(kinds) == 2:
        known = right if left.kind == "edge" else left
        return Slope("edge", known.value, known.error if known.kind == "smooth" else inf, **both)
    return Slope("outside the domain", nan) if kinds == {"edge"} else otherwise
