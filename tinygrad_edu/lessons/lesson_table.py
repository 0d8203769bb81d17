"""The table of lessons, read from their files: number, title, summary, minutes, and where the file is."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tinygrad_edu.lessons.cell_format import Cell, cells

FOLDER = Path(__file__).parent


class Lesson(NamedTuple):
    """A lesson: what its first cell says of it, and its file."""

    number: int
    title: str
    summary: str  # the first sentence
    minutes: int  # at most
    path: Path

    @property
    def cells(self) -> list[Cell]:
        """The cells of the file, in order."""
        return cells(self.path.read_text("utf-8"))


@cache
def lessons() -> tuple[Lesson, ...]:
    """Every lesson of the folder, in the order in which they are read."""
    return tuple(_read(path) for path in sorted(FOLDER.glob("lesson_[0-9][0-9]_*.py")))


def lesson(number: int) -> Lesson:
    """The lesson of this number. Raises `ValueError` if there is none."""
    for each in lessons():
        if each.number == number:
            return each
    numbers = ", ".join(str(each.number) for each in lessons())
    raise ValueError(f"lessons are numbered {numbers}, got {number}")


def _read(path: Path) -> Lesson:
    title, _, paragraph = cells(path.read_text("utf-8"))[0].source.partition("\n")
    words = " ".join(paragraph.split())
    summary = re.match(r".*?[.!?](?=\s|$)", words)
    minutes = re.search(r"(\d+) minutes", words)
    if not (title.startswith("# ") and summary and minutes):
        raise ValueError(f"{path.name} begins with # Title and a paragraph with its minutes, got {title!r}")
    return Lesson(int(path.name[7:9]), title[2:], summary[0], int(minutes[1]), path)
