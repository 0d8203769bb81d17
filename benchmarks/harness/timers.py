"""The measurements of a contestant: time by steps that fill a round, memory as the system counts it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

ROUND = 0.05  # seconds: long beside the clock and the scheduler, short beside the moods of the machine
ENOUGH = 0.2  # of a second in which steps are done before they are timed, and what is lazy has been done
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")  # Linux


def timed(step: Callable[[], object], quick: bool, per: int = 1) -> Callable[[], float]:
    """A function that does steps for one round, and returns the mean time of one in µs, divided by `per`.

    The garbage collector stays on, as it does where people train.
    """
    once = seconds(step, 1)
    if quick:
        return lambda: seconds(step, 1) / per * 1e6
    warm = max(1, round(ENOUGH / once))
    count = max(1, round(ROUND / (seconds(step, warm) / warm)))
    return lambda: seconds(step, count) / (count * per) * 1e6


def seconds(step: Callable[[], object], count: int) -> float:
    """The time of `count` steps."""
    start = time.perf_counter()
    for _ in range(count):
        step()
    return time.perf_counter() - start


def memory() -> float:
    """The memory of this process now, in bytes; nan where the system does not say."""
    return _status("VmRSS")


def rise(work: Callable[[], object]) -> float:
    """The greatest rise of memory during `work()`, in bytes; nan where the system does not say."""
    try:
        CLEAR.write_text("5")  # forgets the peak so far
    except OSError:
        return float("nan")
    before = memory()
    work()
    return _status("VmHWM") - before


def _status(name: str) -> float:
    try:
        lines = STATUS.read_text().splitlines()
    except OSError:
        return float("nan")
    return next((float(line.split()[1]) * 1024 for line in lines if line.startswith(name)), float("nan"))
