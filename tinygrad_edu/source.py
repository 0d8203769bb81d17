"""Which line of the user's program is running: noted cheaply at every operation, looked up only for a message."""

from __future__ import annotations

import os
import sys
from types import CodeType

Place = tuple[CodeType, int]  # a piece of code, and how far it had come

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep


def place_of_caller() -> Place | None:
    """The innermost place outside this package."""
    frame = sys._getframe(2)
    while frame.f_code.co_filename.startswith(_PACKAGE):
        if frame.f_back is None:
            return None
        frame = frame.f_back
    return frame.f_code, frame.f_lasti


def line_of(place: Place | None) -> str:
    """`train.py:12`, or `unknown line`."""
    if place is None:
        return "unknown line"
    code, reached = place
    lines = [line for start, stop, line in code.co_lines() if start <= reached < stop and line is not None]
    return f"{os.path.basename(code.co_filename)}:{lines[0] if lines else code.co_firstlineno}"
