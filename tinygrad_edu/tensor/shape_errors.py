"""Errors of NumPy in the words of the caller: which operation cannot take which inputs, why, and what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops.ordering import WordedError

_KINDS = (IndexError, TypeError, ValueError)  # NumPy's own, such as UFuncTypeError, take other arguments


def complaint(
    error: Exception, operation: Operation, values: Sequence[Any], settings: dict[str, Any]
) -> Exception:
    """An error of the same kind that names the operation and its inputs."""
    if isinstance(error, WordedError):
        return error
    if operation.name == "take" and "broadcast" in str(error):
        shapes = " and ".join(str(x.shape) for x in values[1:])
        return IndexError(
            f"x[...] needs index arrays whose sizes are equal or 1, counted from the last, got shapes {shapes}"
        )
    inputs = " and ".join(f"shape {x.shape}" if isinstance(x, np.ndarray) else repr(x) for x in values)
    options = "".join(f", {key}={short(value)}" for key, value in settings.items())
    advice = operation.readings.mismatch or str(error)
    if "negative integer powers" in advice:
        advice = "whole numbers have no negative powers; use x.double()"
    if "broadcast" in advice:
        advice = "sizes must be equal or 1, counted from the last"
    place = re.search(r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)", advice)
    if place:
        advice = "there is no {} in dim {} of size {}".format(*place.groups())
    kind = next(kind for kind in _KINDS if isinstance(error, kind))
    return kind(f"{operation.name} cannot take {inputs}{options}; {advice}")
