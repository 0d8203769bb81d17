"""Which line of the user's program is running: noted cheaply at every operation, looked up only for a message."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import CodeType
from typing import Any

Place = tuple[CodeType, int]  # a piece of code, and how far it had come

_PACKAGE = str(Path(__file__).parents[1]) + os.sep
_EXAM = _PACKAGE + "exam" + os.sep  # is written on top of the library, as a user's program is


class _Ours(dict[str, bool]):
    """Whether a file belongs to this package, remembered by its name."""

    def __missing__(self, filename: str) -> bool:
        self[filename] = ours = filename.startswith(_PACKAGE) and not filename.startswith(_EXAM)
        return ours


_ours = _Ours()


def is_ours(code: CodeType) -> bool:
    """Whether a piece of code is this package's own."""
    return _ours[code.co_filename]


def place_of_caller() -> Place | None:
    """The innermost place outside this package."""
    return _search(2)[1]


def place_of_call(site: Any) -> Place | None:
    """The same, for whoever remembers `called_from`: a training loop calls from the same place again and again."""
    depth, place = site.called_from
    if place is not None:
        try:
            frame = sys._getframe(depth)
        except ValueError:  # fewer frames than last time
            frame = sys._getframe(0)
        if frame.f_code is place[0] and frame.f_lasti == place[1]:
            return place
    site.called_from = _search(2)
    return site.called_from[1]


def _search(depth: int) -> tuple[int, Place | None]:
    """The innermost place outside this package, and how many frames above its caller it is."""
    frame = sys._getframe(depth)
    while _ours[frame.f_code.co_filename]:
        if frame.f_back is None:
            return 0, None
        frame = frame.f_back
        depth += 1
    return depth - 1, (frame.f_code, frame.f_lasti)


def variable_name(x: Any, frame: Any) -> str | None:
    """What the code running in `frame` calls `x`, if it has a variable for it."""
    variables = {**frame.f_globals, **frame.f_locals}
    return next((name for name, y in variables.items() if y is x and name[0] != "_" and name != "self"), None)


def line_of(place: Place | None) -> str:
    """`train.py:12`, in a notebook `In [3]:12`, or `unknown line`."""
    return "unknown line" if place is None else f"{_file(place[0].co_filename)}:{number_of(place)}"


def _file(filename: str) -> str:
    """The name of a file; of a cell of a notebook, whose file nobody has heard of, its number."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    cell = getattr(getattr(shell, "compile", None), "_filename_map", {}).get(filename)
    return Path(filename).name if cell is None else f"In [{cell}]"


def number_of(place: Place) -> int:
    """The number of the line."""
    code, reached = place
    lines = [line for start, stop, line in code.co_lines() if start <= reached < stop and line is not None]
    return lines[0] if lines else code.co_firstlineno
