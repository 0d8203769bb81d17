"""The parts that the benchmarks share: each library in its own process, rounds interleaved, ratios as the result."""

from __future__ import annotations

from harness.command import main
from harness.models import model_question
from harness.question import Claim, Contestant, Numbers, Question, above, alone, growth, ratio
from harness.steps import training_step
from harness.timers import memory, rise, seconds, timed

__all__ = [
    "Claim",
    "Contestant",
    "Numbers",
    "Question",
    "above",
    "alone",
    "growth",
    "main",
    "memory",
    "model_question",
    "ratio",
    "rise",
    "seconds",
    "timed",
    "training_step",
]
