"""Checks of the arguments of `diagnose`."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from reprlib import repr as short
from typing import Any

import numpy as np

MAX_DECIMALS = 20


def check_digits(call: str, digits: Any) -> None:
    """Raise `ValueError` unless `digits` is a number of decimals, or None."""
    whole = isinstance(digits, int | np.integer) and not isinstance(digits, bool)
    if digits is not None and not (whole and 0 <= digits <= MAX_DECIMALS):
        raise ValueError(
            f"{call} needs digits as a number of decimals, 0 or more and at most {MAX_DECIMALS}: got {short(digits)}"
        )


def check_lr(lr: Any) -> None:
    """Raise `TypeError` or `ValueError` unless `lr` is a learning rate, or None."""
    if lr is not None and not _is_number(lr):
        raise TypeError(f"diagnose needs lr as a number, got {type(lr).__name__} {short(lr)}")
    if lr is not None and not 0 < lr < np.inf:
        raise ValueError(f"diagnose needs lr above 0, got {lr}")


def check_time_limit(seconds: Any) -> None:
    """Raise `TypeError` or `ValueError` unless `seconds` is a time, or None."""
    if seconds is not None and not _is_number(seconds):
        raise TypeError(
            f"diagnose needs time_limit in seconds, got {type(seconds).__name__} {short(seconds)}"
        )
    if seconds is not None and not seconds >= 0:
        raise ValueError(f"diagnose needs a time_limit of 0 seconds or more, got {seconds}")


def check_mapping(name: str, value: Any, example: str) -> None:
    """Raise `TypeError` unless `value` is a mapping, or None."""
    if value is not None and not isinstance(value, Mapping):
        raise TypeError(f"diagnose needs {name} as {example}, got {type(value).__name__} {short(value)}")


def _is_number(x: Any) -> bool:
    return isinstance(x, Real) and not isinstance(x, bool | np.bool_)
