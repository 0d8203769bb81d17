"""The blocks of a page, for all languages: headings, sentences, formulas and tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np


class Sign(NamedTuple):
    """A sign between formulas: `=`, `≈`, `+`."""

    text: str


class Numbers(NamedTuple):
    """A matrix of this run."""

    array: np.ndarray
    digits: int | None = None


class Words(NamedTuple):
    """Words inside a formula."""

    text: str

    @property
    def name(self) -> str:
        """Empty, at the head of a line whose name somebody looks for."""
        return ""


class Math(NamedTuple):
    """A formula inside a sentence."""

    parts: tuple[Any, ...]


# In a formula: an Expression, a Sign, Numbers or Words. In a sentence: a str or Math.
Line = tuple[Any, ...]


@dataclass(frozen=True)
class Heading:
    """The title of a part; level 1 or 2."""

    parts: Line
    level: int = 1


@dataclass(frozen=True)
class Sentence:
    """Words, with formulas among them."""

    parts: Line


@dataclass(frozen=True)
class Formula:
    """Lines of a formula, one below the other, aligned at their first sign."""

    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Code:
    """Lines to be typed or copied, as they stand."""

    text: str


@dataclass(frozen=True)
class Table:
    """Rows of sentences below a header."""

    header: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]


Block = Heading | Sentence | Formula | Code | Table


def parts_of(blocks: tuple[Block, ...]) -> list[Math | Formula]:
    """The formulas of a page, in order."""
    found: list[Math | Formula] = []
    for block in blocks:
        if isinstance(block, Formula):
            found.append(block)
        elif not isinstance(block, Code):
            cells = (
                [cell for row in block.rows for cell in row] if isinstance(block, Table) else [block.parts]
            )
            found += [part for cell in cells for part in cell if isinstance(part, Math)]
    return found
