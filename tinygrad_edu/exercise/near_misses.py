"""Answers that are nearly right: to one unit of the last decimal, or to fewer decimals than were asked for."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.explanation.diagnosis.submission import decimals_of
from tinygrad_edu.reading.nodes import Array

CLOSE = "to one unit of the last decimal, as it comes of numbers rounded on the way"


def close(array: Array, true: Array, digits: int) -> bool:
    """Whether it is the right answer up to one unit of the last decimal, if that unit is small beside it."""
    if array.shape != true.shape or np.abs(true).max(initial=0) < 10.0 ** (1 - digits):
        return False
    return bool((np.abs(array - np.round(true, digits)) <= 1.0001 * 10.0**-digits).all())


def coarse(array: Array, true: Array, digits: int) -> str:
    """A sentence if it is right to the decimals it has, but more were asked for."""
    if array.shape != true.shape or close(array, true, digits):
        return ""
    with np.errstate(all="ignore"):
        given = decimals_of(array)
    if not given or given >= digits or (np.abs(array - true) > 0.50001 * 10.0**-given).any():
        return ""
    return f"right to {given} decimal{'s' * (given != 1)}, but {digits} are asked for"
