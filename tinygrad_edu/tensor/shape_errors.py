"""Errors of NumPy in the words of the caller: which operation cannot take which inputs, why, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation

_KINDS = (IndexError, TypeError, ValueError)  # NumPy's own, such as UFuncTypeError, take other arguments


def complaint(
    error: Exception, operation: Operation, values: Sequence[Any], settings: dict[str, Any]
) -> Exception:
    """An error of the same kind that names the operation and its inputs."""
    inputs = " and ".join(f"shape {x.shape}" if isinstance(x, np.ndarray) else repr(x) for x in values)
    options = "".join(f", {key}={short(value)}" for key, value in settings.items())
    advice = operation.readings.mismatch or str(error)
    if "negative integer powers" in advice:
        advice = "whole numbers have no negative powers; use x.double()"
    if "broadcast" in advice:
        advice = "sizes must be equal or 1, counted from the last"
    kind = next(kind for kind in _KINDS if isinstance(error, kind))
    return kind(f"{operation.name} cannot take {inputs}{options}; {advice}")
