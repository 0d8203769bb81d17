"""Students' programs, run in a sandbox or in a child process with limits, never in the grader's own process."""

from __future__ import annotations

from tinygrad_edu.exercise.sandbox.limits import Limits
from tinygrad_edu.exercise.sandbox.outcome import Outcome, Run, is_program, ran_on, run
from tinygrad_edu.exercise.sandbox.submitted_program import Submission

__all__ = ["Limits", "Outcome", "Run", "Submission", "is_program", "ran_on", "run"]
