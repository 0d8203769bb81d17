"""The 41 puzzles in three tracks, found by number or name, and listed with what is solved."""

from __future__ import annotations

import difflib
from pathlib import Path
from reprlib import repr as short

from tinygrad_edu.puzzles import bug_puzzles, network_puzzles, operation_puzzles
from tinygrad_edu.puzzles.progress_file import Progress
from tinygrad_edu.puzzles.puzzle_task import Puzzle

TRACKS = {
    "Rules of operations": operation_puzzles.ROWS,
    "Backpropagation through networks": network_puzzles.ROWS,
    "Find the planted bug": bug_puzzles.ROWS,
}
ROWS = tuple(row for rows in TRACKS.values() for row in rows)
NAMES = tuple(row.name for row in ROWS)


class Listing(str):
    """A text that a prompt shows as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def puzzle(name: str | int, progress: str | Path | None = None) -> Puzzle:
    """The puzzle of this name or number, with its progress in a file. Raises `ValueError` for another name."""
    text = str(name).strip().lower()
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
    if not number and text in NAMES:
        number = NAMES.index(text) + 1
    if not 1 <= number <= len(ROWS):
        near = difflib.get_close_matches(text, NAMES, n=1)
        hint = f"; did you mean {near[0]}?" if near else "; puzzles.list() has all names"
        raise ValueError(f"puzzle needs a name or a number from 1 to {len(ROWS)}, got {short(name)}{hint}")
    return Puzzle(number, ROWS[number - 1], Progress(progress))


def listing(progress: str | Path | None = None) -> Listing:
    """All puzzles by track, ✓ before those that are solved, (s) behind those whose solution was read."""
    kept = Progress(progress)
    lines, number = [], 0
    for track, rows in TRACKS.items():
        solved = sum(kept.count("solved", row.name) for row in rows)
        lines.append(f"{track} ({solved} of {len(rows)})")
        for row in rows:
            number += 1
            tick = "✓" if kept.count("solved", row.name) else " "
            read = " (s)" if kept.count("solutions", row.name) else ""
            lines.append(f" {tick} {number:2} {row.name:20} {row.title}{read}")
    return Listing("\n".join([*lines, *([f"Note: {kept.note}."] if kept.note else [])]))
