"""Exercises in deriving gradients by hand: written, printed, graded and audited by the engine."""

from __future__ import annotations

from tinygrad_edu.exercise.audit import Audit
from tinygrad_edu.exercise.bugs import PlantedBug
from tinygrad_edu.exercise.exercise import Exercise
from tinygrad_edu.exercise.result import Graded, Result

__all__ = ["Audit", "Exercise", "Graded", "PlantedBug", "Result"]
