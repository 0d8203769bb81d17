"""Exercises in deriving gradients by hand: written, printed, graded and audited by the engine."""

from __future__ import annotations

from tinygrad_edu.exercise.audit import Audit
from tinygrad_edu.exercise.exercise import Exercise
from tinygrad_edu.exercise.grade_report import Graded, Result
from tinygrad_edu.exercise.jacobian_puzzle import JacobianPuzzle
from tinygrad_edu.exercise.planted_bugs import PlantedBug
from tinygrad_edu.exercise.registry import EXAM_PROBLEM_2, EXAM_PROBLEM_3, load
from tinygrad_edu.exercise.sandbox import Submission

__all__ = [
    "EXAM_PROBLEM_2",
    "EXAM_PROBLEM_3",
    "Audit",
    "Exercise",
    "Graded",
    "JacobianPuzzle",
    "PlantedBug",
    "Result",
    "Submission",
    "load",
]
