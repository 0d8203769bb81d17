"""Names and other foreign text made fit for a picture: cleaned, cut, and measured without a font."""

from __future__ import annotations

import functools
import unicodedata
from math import fsum

from tinygrad_edu.text.words import clean

__all__ = ["clean", "cut", "width"]

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
