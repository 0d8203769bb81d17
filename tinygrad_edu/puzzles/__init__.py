"""Puzzles: gradients to write and bugs to find, with verdicts that name the mistake."""

from __future__ import annotations

from tinygrad_edu.puzzles.checking import Verdict
from tinygrad_edu.puzzles.progress import Progress
from tinygrad_edu.puzzles.puzzle import Puzzle
from tinygrad_edu.puzzles.registry import listing as list  # noqa: A004 - puzzles.list() reads best
from tinygrad_edu.puzzles.registry import puzzle

__all__ = ["Progress", "Puzzle", "Verdict", "list", "puzzle"]
