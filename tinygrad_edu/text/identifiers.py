"""Names in written code: what can be one, and one that nothing else has."""

from __future__ import annotations

import keyword
import re
import unicodedata

_OF_PROGRAMS = frozenset({"inputs", "run", "make", "sweep", "pieces"})
_NUMBERED = re.compile(r"([a-z]|sweep)\d+")  # places and things of a program: r12


def can_be_called(name: str) -> bool:
    """Whether a program can call a function by this name."""
    simple = name.isascii() and name.isidentifier() and not name.startswith("_")
    return simple and not (keyword.iskeyword(name) or name in _OF_PROGRAMS or _NUMBERED.fullmatch(name))


def free_name(wish: str, taken: set[str]) -> str:
    """A name as similar to `wish` as can be that is not taken yet; it is from now on."""
    wish = re.sub(r"\W", "_", unicodedata.normalize("NFKC", wish)).strip("_") or "v"
    wish = wish if wish.isidentifier() else f"v{wish}"
    wish = wish if wish.isidentifier() else "v"
    name, number = wish, 0
    while name in taken or keyword.iskeyword(name):
        number += 1
        name = f"{wish}_{number}"
    taken.add(name)
    return name
