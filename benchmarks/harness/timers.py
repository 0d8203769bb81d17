"""How a contestant measures itself: time by steps that fill a round, memory as the system counts it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

ROUND = 0.05  # seconds: long beside the clock and the scheduler, short beside the moods of the machine
STATM = Path("/proc/self/statm")


def timed(step: Callable[[], object], quick: bool, per: int = 1) -> Callable[[], float]:
    """A function that does steps for one round, and returns the mean time of one in µs, divided by `per`.

    The garbage collector stays on, as it does where people train.
    """
    once = min(_seconds(step, 1) for _ in range(3))
    count = 1 if quick else max(1, round(ROUND / once))
    return lambda: _seconds(step, count) / (count * per) * 1e6


def _seconds(step: Callable[[], object], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        step()
    return time.perf_counter() - start


def peak_memory() -> float:
    """The most memory this process ever held, in bytes; nan where the system does not say."""
    if resource is None:
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak * 1024 if STATM.exists() else peak)  # KiB on Linux, bytes on macOS


def resident_memory() -> float:
    """The memory this process holds now, in bytes; nan where the system does not say."""
    if resource is None or not STATM.exists():
        return float("nan")
    return float(STATM.read_text().split()[1]) * resource.getpagesize()
