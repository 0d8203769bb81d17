"""When a plan is compared with its step as written, and what is said of a step that is left alone."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

CHECKS = ("often", "sometimes", "never")
_OFTEN = 8  # replays between two checks


class Schedule:
    """The replays that are checked: 1, 2, 4, 8 and from then on each eighth, or with "sometimes" 16, 32 and so on."""

    def __init__(self, check: str) -> None:
        self._check, self._replays, self._next = check, 0, 1

    def is_due(self) -> bool:
        """Count a replay; True if it is one to be checked."""
        self._replays += 1
        if self._check == "never" or self._replays < self._next:
            return False
        self._next += min(self._replays, _OFTEN) if self._check == "often" else self._replays
        return True

    def skip(self, replays: int) -> None:
        """Count replays for which nobody asked."""
        self._replays += replays

    def before(self, most: int) -> int:
        """How many replays, at most `most`, may come before the next that is to be checked."""
        return most if self._check == "never" else min(most, self._next - self._replays - 1)


def name_of(step: Callable[..., Any]) -> str:
    """The name of a step for messages."""
    return getattr(step, "__qualname__", type(step).__name__)


def warn_left_alone(step: Callable[..., Any], why: str, stacklevel: int) -> None:
    """Warn that a plan does nothing for its step any more."""
    warnings.warn(
        f"capture leaves {name_of(step)} alone, which runs as written from now on: {why}",
        stacklevel=stacklevel,
    )
