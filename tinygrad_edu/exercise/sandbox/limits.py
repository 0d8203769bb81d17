"""The limits under which a student's code runs, and the words for what passes them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one submission may use: `seconds` of computing, and bytes of `memory` and of `results`.

    It has twice the seconds by the clock, as a machine may be busy.
    """

    seconds: float = 5
    memory: int = 1_000_000_000
    results: int = 64_000_000

    @property
    def clock(self) -> float:
        """The seconds by the clock."""
        return 2 * self.seconds

    @property
    def late(self) -> str:
        """The reason for a program that was not done in time."""
        return f"the program was stopped, as it was not done after {self.clock:g} seconds"


def ended(code: int) -> str:
    """The reason for a program that ended itself."""
    return f"the program ended by itself, with exit code {code}, before there were results"
