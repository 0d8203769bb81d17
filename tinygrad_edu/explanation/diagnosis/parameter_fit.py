"""The value of a mistake's parameter, such as a learning rate, that reproduces the submitted numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.polynomial.polynomial import polyfit, polyroots, polyval

from tinygrad_edu.explanation.diagnosis.evidence import SAME_NUMBER, Evidence, Fit
from tinygrad_edu.explanation.diagnosis.mistakes.families import Family
from tinygrad_edu.reading.nodes import Array

MAX_SECANT_STEPS = 8
MIN_LARGE_NUMBERS = 4  # numbers with digits enough
MIN_MOVED = 3  # numbers that the parameter changes: any value explains one

Curve = Callable[[float], Array]  # the prediction for a value


def solved(e: Evidence, family: Family, rows: Array, curve: Curve) -> Fit | None:
    """The member of the family that fits; None if there is none.

    `rows` are the predictions for `family.starts`, `curve` gives that for any value by a walk of the graph.
    """
    if not np.isfinite(rows).all() or np.ptp(rows, axis=0).max() <= SAME_NUMBER * np.abs(rows).max():
        return None
    starts = np.array(family.starts)
    if np.count_nonzero(np.ptp(rows, axis=0)) < min(MIN_MOVED, e.numbers.size):
        return None
    if family.linear:
        low, high = _allowed(e, rows[0], (rows[1] - rows[0]) / (starts[1] - starts[0]))
        return _by_secants(e, family, _line(starts, rows), starts, rows) if low <= high else None
    if not family.polynomial:
        return _by_secants(e, family, curve, starts, rows) if _within(e, rows) else None
    powers = polyfit(starts, rows, len(starts) - 1)
    moving = int(np.argmax(np.ptp(rows, axis=0) / e.tolerance))
    roots = polyroots(powers[:, moving] - np.eye(len(powers))[0] * e.numbers[moving])
    starts = np.unique(np.concatenate([starts, roots.real]))
    return _by_secants(e, family, lambda t: np.asarray(polyval(t, powers)), starts, polyval(starts, powers).T)


def _within(e: Evidence, rows: Array) -> bool:
    """True if every number lies among those of the starts, or as far again beside them."""
    around = e.tolerance + np.ptp(rows, axis=0)
    return bool(((e.numbers >= rows.min(axis=0) - around) & (e.numbers <= rows.max(axis=0) + around)).all())


def _line(starts: Array, rows: Array) -> Curve:
    return lambda t: rows[0] + (t - starts[0]) / (starts[1] - starts[0]) * (rows[1] - rows[0])


def _by_secants(e: Evidence, family: Family, curve: Curve, starts: Array, rows: Array) -> Fit | None:
    """The member found by secants from the two best starts, with as few digits as fit; None if no value fits."""
    misses = np.abs((rows - e.numbers) / e.tolerance).max(axis=1)
    first, other = np.argsort(misses, kind="stable")[:2]
    (t, row), (u, second) = ((float(starts[i]), rows[i]) for i in (first, other))
    low, high = t, t
    for _ in range(MAX_SECANT_STEPS):
        low, high = _allowed(e, row, (second - row) / (u - t))
        if e.accepts(row) or not np.isfinite(low + high) or (family.linear and low > high):
            break
        u, second = t, row
        t += float(np.clip((low + high) / 2, -2, 2)) if family.logarithmic else (low + high) / 2
        row = curve(t)
        if t == u or not np.isfinite(row).all():
            break
    if not _fits(e, row):
        return None
    meant = _roundest(e, family, curve, t + (low + high) / 2, t)
    vague = e.large < MIN_LARGE_NUMBERS or not family.known(meant, (high - low) / 2)
    return Fit(family.member(meant), curve(meant), vague=vague) if family.sensible(meant) else None


def _roundest(e: Evidence, family: Family, curve: Curve, middle: float, t: float) -> float:
    """The value with the fewest digits near the middle of the fitting ones, of which `t` is one."""
    values = (family.rounded(middle, digits) for digits in (1, 2, 3))
    return next((value for value in values if _fits(e, curve(value))), t)


def _fits(e: Evidence, row: Array) -> bool:
    """True if a row of numbers, none of which is open, reproduces every number."""
    return bool(np.isfinite(row).all() and e.accepts(row))


def _allowed(e: Evidence, row: Array, slope: Array) -> tuple[float, float]:
    """The most the parameter may go down and up if the gradients change by `slope`; crossed if nothing fits."""
    moving = np.abs(slope) > 1e-12 * np.abs(slope).max(initial=0)
    if not moving.any():
        return np.nan, np.nan
    centre = (e.numbers - row)[moving] / slope[moving]
    reach = np.abs(e.tolerance[moving] / slope[moving])
    return float((centre - reach).max()), float((centre + reach).min())
