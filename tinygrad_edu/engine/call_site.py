"""Call sites: the lines of the user's program that call the library. Noted cheaply, looked up only for a message."""

from __future__ import annotations

import os
import sys
from types import CodeType
from typing import Any

CallSite = tuple[CodeType, int]  # a piece of code, and the instruction that was running

_PACKAGE = os.path.dirname(os.path.dirname(__file__)) + os.sep
_ON_TOP = tuple(
    _PACKAGE + folder + os.sep for folder in ("exam", "examples", "lessons")
)  # written as a user's program is
_PASSING = os.path.join("numpy", "lib", "mixins.py")  # where NumPy hands operators on, as in 1 / x


class _OwnFiles(dict[str, bool]):
    """A table from file names to True for the files of this package."""

    def __missing__(self, filename: str) -> bool:
        ours = filename.startswith(_PACKAGE) and not filename.startswith(_ON_TOP)
        self[filename] = own = ours or filename.endswith(_PASSING)
        return own


_own = _OwnFiles()


def is_own(code: CodeType) -> bool:
    """True if a piece of code belongs to this package."""
    return _own[code.co_filename]


def current_call_site() -> CallSite | None:
    """The call site that is running: the innermost frame outside this package."""
    return _search(2)[1]


def call_site_of(called: Any) -> CallSite | None:
    """The same, remembered in `called.called_from`: a training loop calls from the same line again and again."""
    depth, site = called.called_from
    if site is not None:
        try:
            frame = sys._getframe(depth)
            if frame.f_code is site[0] and frame.f_lasti == site[1]:
                return site
        except ValueError:  # fewer frames than last time
            pass
    called.called_from = _search(2)
    return called.called_from[1]


def _search(depth: int) -> tuple[int, CallSite | None]:
    """The innermost frame outside this package: how many frames it is above the caller, and its call site."""
    frame = sys._getframe(depth)
    while _own[frame.f_code.co_filename]:
        if frame.f_back is None:
            return 0, None
        frame = frame.f_back
        depth += 1
    return depth - 1, (frame.f_code, frame.f_lasti)


def variable_name(x: Any, frame: Any) -> str | None:
    """The name of a variable of the code in `frame` that holds `x`, if there is one."""
    variables = {**frame.f_globals, **frame.f_locals}
    return next((name for name, y in variables.items() if y is x and name[0] != "_" and name != "self"), None)


def line_of(site: CallSite | None) -> str:
    """`train.py:12`, in a notebook `In [3]:12`, or `unknown line`."""
    return "unknown line" if site is None else f"{_file(site[0].co_filename)}:{line_number(site)}"


def _file(filename: str) -> str:
    """The name of a file; for a notebook's cell, whose file the reader does not know, its number."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    cell = getattr(getattr(shell, "compile", None), "_filename_map", {}).get(filename)
    return os.path.basename(filename) if cell is None else f"In [{cell}]"


def line_number(site: CallSite) -> int:
    """The line number of a call site in its file."""
    code, reached = site
    lines = [line for start, stop, line in code.co_lines() if start <= reached < stop and line is not None]
    return lines[0] if lines else code.co_firstlineno
