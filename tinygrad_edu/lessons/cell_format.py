"""A file in cell format as its cells: `# %%` begins code, `# %% [markdown]` begins prose in comments."""

from __future__ import annotations

import re
from typing import NamedTuple

_MARKER = re.compile(r"# %%(?P<rest>.*)")
_PROMISE = re.compile(r"^(?:print\(.*)?\)  # (?!fmt:|noqa)(.*)$", re.MULTILINE)  # the call may be wrapped


class Cell(NamedTuple):
    """A cell: prose as Markdown or code as Python, and the line of the file at which `source` begins."""

    kind: str  # "markdown" or "code"
    source: str
    line: int

    @property
    def promised(self) -> list[str]:
        """The lines that the comments behind the cell's `print(...)` say are printed."""
        return _PROMISE.findall(self.source) if self.kind == "code" else []


def cells(text: str) -> list[Cell]:
    """The cells of a file. Raises `ValueError` if there is text before the first marker."""
    lines = text.splitlines()
    starts = [i for i, line in enumerate(lines) if _MARKER.fullmatch(line)]
    if any(line.strip() for line in lines[: starts[0] if starts else None]):
        raise ValueError("a lesson begins with a line # %%, but there is text before the first")
    ends = [*starts[1:], len(lines)]
    return [_cell(lines[start], lines[start + 1 : end], start + 2) for start, end in zip(starts, ends)]


def _cell(marker: str, body: list[str], line: int) -> Cell:
    while body and not body[0].strip():
        body, line = body[1:], line + 1
    if "[markdown]" in marker:
        return Cell("markdown", "\n".join(re.sub(r"^# ?", "", row) for row in body).strip(), line)
    return Cell("code", "\n".join(body).rstrip(), line)
