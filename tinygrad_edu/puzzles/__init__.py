"""Puzzles: gradients to write and bugs to find, with verdicts that name the mistake."""

from __future__ import annotations

from tinygrad_edu.puzzles.progress_file import Progress
from tinygrad_edu.puzzles.puzzle_list import listing as list  # noqa: A004 - puzzles.list() reads best
from tinygrad_edu.puzzles.puzzle_list import puzzle
from tinygrad_edu.puzzles.puzzle_task import Puzzle
from tinygrad_edu.puzzles.puzzle_verdict import Verdict

__all__ = ["Progress", "Puzzle", "Verdict", "list", "puzzle"]
