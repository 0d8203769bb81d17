"""What the benchmarks share: each library in its own process, rounds interleaved, ratios as the result."""

from __future__ import annotations

from harness.command import main
from harness.question import Claim, Contestant, Question, above, alone, growth, ratio
from harness.timers import peak_memory, resident_memory, timed

__all__ = [
    "Claim",
    "Contestant",
    "Question",
    "above",
    "alone",
    "growth",
    "main",
    "peak_memory",
    "ratio",
    "resident_memory",
    "timed",
]
