"""Words and names from outside, made safe for a page."""

from __future__ import annotations

import unicodedata

_MAX_CHARACTERS = 10_000  # names that are shown are cut long before
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")  # reorder text


def clean(text: str) -> str:
    """`text` on one line, without what XML forbids or what disturbs its neighbours.

    Control characters, halves of surrogate pairs and code points without a character become `�`.
    """
    text = " ".join(text[:_MAX_CHARACTERS].split())
    if text.isprintable():  # as nearly all names are: then nothing of it is replaced
        return text
    return "".join(_clean_character(c) for c in text if c not in _BIDI)


def clean_words(text: str) -> str:
    """`text`, clean, with one blank at each end where blanks were: part of a sentence."""
    inner = clean(text)
    return (" " if text[:1] == " " and inner else "") + inner + (" " if text[-1:] == " " else "")


def _clean_character(character: str) -> str:
    return "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character) in ("Cc", "Cs", "Cn") else character
