"""Names as mathematics writes them: `W1` is W with the index 1, `yhat` is y with a hat, `alpha` is α."""

from __future__ import annotations

import itertools
import re
from typing import NamedTuple

from tinygrad_edu.text.words import clean

MAX_CHARACTERS = 40  # of a name in a formula
_WORDS = "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi rho sigma tau phi chi psi omega"
GREEK = dict(zip(_WORDS.split(), "αβγδεζηθκλμνξρστφχψω", strict=True))
_HAT = re.compile(r"([A-Za-z])_?hat(?:_?(\d+))?")
_INDEX = re.compile(r"(.*[^\W\d_])_?(\d{1,3})")


class Name(NamedTuple):
    """The parts of a name."""

    base: str
    below: str = ""
    hat: bool = False
    primes: int = 0

    @property
    def is_formula(self) -> bool:
        """True for a name that needs brackets in a product: `1 - Y`."""
        return " " in self.base or self.base.startswith(("-", "−"))


def denominator(by: tuple[str, ...]) -> list[tuple[str, int]]:
    """The names one differentiates by, and how often in a row: ∂x²∂y."""
    return [(name, len(list(group))) for name, group in itertools.groupby(by)]


def name_of(text: str) -> Name:
    """The parts of the name `text`, cleaned of what disturbs a page and cut at 40 characters."""
    text = clean(text) or "?"
    if text.endswith("′"):
        return name_of(text.rstrip("′"))._replace(primes=len(text) - len(text.rstrip("′")))
    if len(text) > MAX_CHARACTERS:
        return Name(text[: MAX_CHARACTERS - 1] + "…")
    hat, index = _HAT.fullmatch(text), _INDEX.fullmatch(text)
    if hat:
        return Name(hat[1], hat[2] or "", hat=True)
    if index and " " not in text:
        return Name(GREEK.get(index[1], index[1]), index[2])
    return Name(GREEK.get(text, text))
