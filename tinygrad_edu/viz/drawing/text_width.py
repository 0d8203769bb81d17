"""Names and other foreign text made fit for a picture: cleaned, cut, and measured without a font."""

from __future__ import annotations

import functools
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from math import fsum

from tinygrad_edu.text.words import clean

__all__ = ["MAX_SHORT_NAME", "clean", "cut", "cut_name", "short_names", "shortened", "width"]

MAX_SHORT_NAME = 12  # characters of a name in a formula

_WIDTHS = (  # of Helvetica, in parts of the font size, rounded up so that wider fonts fit too
    (frozenset("ijl|.,:;'!`· "), 0.31),
    (frozenset('Ifrt()[]{}/\\-"'), 0.38),
    (frozenset("mwMW@%…"), 0.95),
    (frozenset("ABCDEFGHJKLNOPQRSTUVXYZΣ∂"), 0.72),
)
_WIDTH = {character: width for characters, width in _WIDTHS for character in characters}


@functools.lru_cache(maxsize=4096)  # the same numbers and captions come again and again
def width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of `text` at font size `size` in pixels, an estimate that is rather too large than too small."""
    total = fsum(_WIDTH.get(c) or _other_width(c) for c in text)  # sum() rounds otherwise from Python 3.12 on
    return total * size * (1.08 if bold else 1.0)


def _other_width(character: str) -> float:
    if character.isascii():
        return 0.59
    if unicodedata.combining(character):
        return 0.0
    return 1.05 if unicodedata.east_asian_width(character) in "WF" else 0.68


def cut(text: str, most: float, size: float, *, bold: bool = False) -> str:
    """`text`, or its beginning and `…` if it is wider than `most` pixels."""
    if width(text, size, bold=bold) <= most:
        return text
    room = most - width("…", size, bold=bold)
    for end, character in enumerate(text):
        room -= width(character, size, bold=bold)
        if room < 0:
            return text[:end].rstrip() + "…"
    raise AssertionError("a text wider than its own characters")


def cut_name(name: str, most: float, size: float, *, bold: bool = False) -> str:
    """`name`, or its beginning, `…` and its end if it is wider than `most` pixels: what tells parameters apart."""
    length = min(len(name), int(most))  # no character is narrower than a pixel
    while length > 2 and width(shortened(name, length), size, bold=bold) > most:
        length -= 1
    return shortened(name, length)


def shortened(name: str, most: int) -> str:
    """`name` in at most so many characters: the beginning and the rather longer end of a long one."""
    if len(name) <= most:
        return name
    start = (most - 1) * 2 // 5
    return f"{name[:start]}…{name[len(name) - (most - 1 - start) :]}"


def short_names(names: Iterable[str], most: int = MAX_SHORT_NAME) -> dict[str, str]:
    """Each of `names` in at most `most` characters, or as many more as it takes to tell them apart."""
    short = {name: shortened(name, most) for name in names}
    for length in range(most + 1, 3 * most):
        alike = defaultdict(list)
        for name, text in short.items():
            alike[text].append(name)
        if len(alike) == len(short):
            break
        short |= {
            name: shortened(name, length) for group in alike.values() if len(group) > 1 for name in group
        }
    return short
