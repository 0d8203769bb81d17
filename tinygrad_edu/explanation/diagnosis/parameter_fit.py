"""A mistake with a number in it, such as a learning rate: which value of the number reproduces what was handed in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.polynomial.polynomial import polyfit, polyroots, polyval

from tinygrad_edu.explanation.diagnosis.evidence import SAME, Evidence, Fit
from tinygrad_edu.explanation.diagnosis.mistakes.families import Family
from tinygrad_edu.reading.nodes import Array

MOST_STEPS = 8
FEWEST = 4  # numbers with digits enough

Curve = Callable[[float], Array]  # what comes of a value


def solved(e: Evidence, family: Family, rows: Array, walked: Curve) -> Fit | None:
    """The member of the family that fits; None if there is none.

    `rows` are what comes of `family.starts`, `walked` is what comes of any value.
    """
    if not np.isfinite(rows).all() or np.ptp(rows, axis=0).max() <= SAME * np.abs(rows).max():
        return None
    starts = np.array(family.starts)
    if not family.polynomial:
        return _by_secants(e, family, walked, *_two_best(e, starts, rows))
    powers = polyfit(starts, rows, len(starts) - 1)
    moving = int(np.argmax(np.ptp(rows, axis=0) / e.tolerance))
    roots = polyroots(powers[:, moving] - np.eye(len(powers))[0] * e.numbers[moving])
    starts = np.unique(np.concatenate([starts, roots.real]))
    return _by_secants(
        e, family, lambda t: np.asarray(polyval(t, powers)), *_two_best(e, starts, polyval(starts, powers).T)
    )


def _two_best(e: Evidence, starts: Array, rows: Array) -> tuple[float, float]:
    """The values that miss least."""
    misses = np.abs((rows - e.numbers) / e.tolerance).max(axis=1)
    first, second = np.argsort(misses, kind="stable")[:2]
    return float(starts[first]), float(starts[second])


def _by_secants(e: Evidence, family: Family, curve: Curve, t: float, u: float) -> Fit | None:
    row, second = curve(t), curve(u)
    low, high = t, t
    for _ in range(MOST_STEPS):
        low, high = _allowed(e, row, (second - row) / (u - t))
        if e.accepts(row) or not np.isfinite(low + high) or (family.linear and low > high):
            break
        u, second = t, row
        t += float(np.clip((low + high) / 2, -2, 2)) if family.logarithmic else (low + high) / 2
        row = curve(t)
        if t == u or not np.isfinite(row).all():
            break
    if not e.accepts(row):
        return None
    meant = _roundest(e, family, curve, t + (low + high) / 2, t)
    vague = e.large < FEWEST or not family.known(meant, (high - low) / 2)
    return Fit(family.member(meant), curve(meant), vague=vague) if family.sensible(meant) else None


def _roundest(e: Evidence, family: Family, curve: Curve, middle: float, t: float) -> float:
    """The value with the fewest digits, near the middle of those that fit; `t` is one of them."""
    values = (family.rounded(middle, digits) for digits in (1, 2, 3))
    return next((value for value in values if e.accepts(curve(value))), t)


def _allowed(e: Evidence, row: Array, slope: Array) -> tuple[float, float]:
    """How much the number may go down and up, if the gradients change by `slope`; crossed if nothing fits."""
    moving = np.abs(slope) > 1e-12 * np.abs(slope).max(initial=0)
    if not moving.any():
        return np.nan, np.nan
    centre = (e.numbers - row)[moving] / slope[moving]
    reach = np.abs(e.tolerance[moving] / slope[moving])
    return float((centre - reach).max()), float((centre + reach).min())
