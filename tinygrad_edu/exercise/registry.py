"""Exercises by name: `exam-2`, `exam-3`, `random:7`."""

from __future__ import annotations

from reprlib import repr as short

from tinygrad_edu.exercise.exam_problems import EXAM_PROBLEM_2, EXAM_PROBLEM_3
from tinygrad_edu.exercise.exercise import Exercise

EXERCISES = {"exam-2": EXAM_PROBLEM_2, "exam-3": EXAM_PROBLEM_3}
RANDOM = "random:"
LONGEST = 20  # digits of a seed


def load(name: str) -> Exercise:
    """The exercise of this name; `random:SEED` is `Exercise.random(SEED)`. Raises `ValueError` for another name."""
    seed = name.removeprefix(RANDOM) if isinstance(name, str) and name.startswith(RANDOM) else ""
    if seed.isascii() and seed.isdecimal() and len(seed) <= LONGEST:
        return Exercise.random(int(seed))
    if name in EXERCISES:
        return EXERCISES[name]
    raise ValueError(
        f"load needs {', '.join(EXERCISES)} or {RANDOM}SEED with a whole number, got {short(name)}"
    )
