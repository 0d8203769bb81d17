"""Equations of one line, with lines below that name the parts of a long formula."""

from __future__ import annotations

from tinygrad_edu.explanation.derivation.line_names import LineNames
from tinygrad_edu.explanation.derivation.page.blocks import Line, Sign, Words
from tinygrad_edu.explanation.derivation.page.text_boxes import MAX_COLUMNS
from tinygrad_edu.symbolic.expression import Expression
from tinygrad_edu.symbolic.writers.named_parts import Part, with_named_parts
from tinygrad_edu.symbolic.writers.text_writer import text

EQUALS = Sign("=")
PART_LETTERS = "suvwqr"  # for the names of parts of formulas, while they are free
MARGIN = 5  # columns beside the two sides of an equation


class Equations:
    """The equations of a page. A part of formulas has the same name wherever it is written so."""

    def __init__(self, names: LineNames) -> None:
        self._names = names
        self._name_of: dict[str, str] = {}  # by the text of the part
        self._cut: dict[tuple[Expression, int], tuple[Expression, list[Part]]] = {}

    def lines(self, left: Line, formula: Expression, sign: Sign = EQUALS) -> list[Line]:
        """`left = formula`, and a line `with s = part` for each part that has a name."""
        signs = MAX_COLUMNS - MARGIN - sum(len(text(part)) for part in left if isinstance(part, Expression))
        if (formula, signs) not in self._cut:
            self._cut[formula, signs] = with_named_parts(formula, self._part_name, signs)
        short, parts = self._cut[formula, signs]
        return [(*left, sign, short), *((Words("with "), part.name, EQUALS, part.formula) for part in parts)]

    def _part_name(self, words: str) -> str:
        if words not in self._name_of:
            letters = [*PART_LETTERS, *(f"s{n}" for n in range(1, 2 + len(self._name_of)))]
            free = (name for name in letters if self._names.take(name))
            self._name_of[words] = next(free, f"s{len(self._name_of) + 2}")
        return self._name_of[words]
