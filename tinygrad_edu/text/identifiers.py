"""Names in written code: functions that a program can call, variables that are still free."""

from __future__ import annotations

import keyword
import re
import unicodedata

_OF_PROGRAMS = frozenset({"inputs", "run", "make", "sweep", "pieces"})
_NUMBERED = re.compile(r"([a-z]|sweep)\d+")  # the variables of a program: r12


def can_be_called(name: str) -> bool:
    """True if a written program can call a function by this name."""
    simple = name.isascii() and name.isidentifier() and not name.startswith("_")
    return simple and not (keyword.iskeyword(name) or name in _OF_PROGRAMS or _NUMBERED.fullmatch(name))


def free_name(wish: str, taken: set[str]) -> str:
    """A Python name as similar to `wish` as can be that is not in `taken`, and its addition to `taken`."""
    wish = re.sub(r"\W", "_", unicodedata.normalize("NFKC", wish)).strip("_") or "v"
    wish = wish if wish.isidentifier() else f"v{wish}"
    wish = wish if wish.isidentifier() else "v"
    name, number = wish, 0
    while name in taken or keyword.iskeyword(name):
        number += 1
        name = f"{wish}_{number}"
    taken.add(name)
    return name
