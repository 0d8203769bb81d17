"""Only part of an array is wrong, one number, row or column, or it is only in the wrong place or badly rounded."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.explanation.diagnosis.evidence import Evidence
from tinygrad_edu.reading.nodes import Array

ENOUGH_BITS = 30  # of right numbers, so that they are not right by accident
FAR = 4  # tolerances: what is nearer may be a number that was rounded carelessly


def pattern(evidence: Evidence, shape: tuple[int, ...]) -> str:
    """`row 1 is wrong, everything else is right`, or an empty text."""
    off = np.abs(evidence.numbers - evidence.true) / evidence.tolerance
    wrong = (off > 1).reshape(shape)
    right_bits = np.log2(np.maximum(np.abs(evidence.true) / evidence.tolerance, 1))[off <= 1].sum()
    if wrong.ndim == 0 or right_bits < ENOUGH_BITS or off.max() < FAR or not 0 < wrong.sum() < wrong.size:
        return ""
    return _where(wrong)


def _where(wrong: Array) -> str:
    places = np.argwhere(wrong)
    if len(places) == 1:
        return f"the number at {places[0].tolist()} is wrong, everything else is right"
    for axis, name in zip(range(wrong.ndim), ("row", "column") if wrong.ndim == 2 else ()):
        if len(set(places[:, axis])) == 1:
            return f"{name} {places[0][axis]} is wrong, everything else is right"
    return ""


def exchanged(evidence: Evidence, shape: tuple[int, ...]) -> str:
    """`rows 0 and 1`, if these stand in each other's place and all else is right, or an empty text."""
    true = evidence.true.reshape(shape)
    wrong = (np.abs(evidence.numbers - evidence.true) > evidence.tolerance).reshape(shape)
    names = {1: ("numbers",), 2: ("rows", "columns")}.get(len(shape), ())
    for axis, name in enumerate(names):
        lines = np.unique(np.nonzero(wrong)[axis])
        if len(lines) == 2:
            order = np.arange(shape[axis])
            order[lines] = lines[::-1]
            if evidence.accepts(true.take(order, axis).ravel()) and evidence.suffices(shape[axis] ** 2):
                return f"{name} {lines[0]} and {lines[1]}"
    return ""


def close(evidence: Evidence) -> bool:
    """Whether every number is within one unit of the last digit."""
    return bool((np.abs(evidence.numbers - evidence.true) <= 2 * evidence.tolerance).all())


def cut_off(evidence: Evidence) -> bool:
    """Whether the right numbers were cut off, or all rounded up, where they should have been rounded."""
    unit = 10.0 ** np.round(np.log10(2 * evidence.tolerance))  # a little more than half a unit is tolerated
    scaled, given = evidence.true / unit, evidence.numbers / unit
    ways = (np.trunc(scaled), np.floor(scaled), np.ceil(scaled))
    whole = bool(np.allclose(given, np.round(given), atol=1e-3))
    return whole and any(bool(np.allclose(way, given, atol=1e-3)) for way in ways)
