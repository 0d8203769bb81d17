"""Formulas in MathML, which browsers draw by themselves. Names are escaped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from tinygrad_edu.symbolic.expression import Expression
from tinygrad_edu.symbolic.writers import written_products as products
from tinygrad_edu.symbolic.writers.text_writer import constant
from tinygrad_edu.symbolic.writers.writer import Piece, Writer
from tinygrad_edu.symbolic.writers.written_products import ATOM, POWER, PREFIX, PRODUCT, SUM
from tinygrad_edu.text import mathml as m
from tinygrad_edu.text.math_names import denominator, name_of
from tinygrad_edu.text.mathml import Markup


def mathml_name(text: str) -> Markup:
    """A name in a formula: W with an index, y with a hat."""
    name = name_of(text)
    base = m.name(name.base)
    base = m.over(base) if name.hat else base
    base = m.sup(base, m.sign("′" * name.primes)) if name.primes else base
    return m.sub(base, name.below) if name.below else base


class MathML(Writer[Markup]):
    """The alphabet of MathML."""

    signs: ClassVar = {
        "sum": "+",
        "difference": "−",
        products.NUMBER: "\N{INVISIBLE TIMES}",
        products.SINGLE: "·",
        products.EACH: "⊙",
        products.OUTER: "⊗",
        products.MATRICES: "·",
    }

    # fmt: off
    def symbol(self, node: Expression) -> Piece[Markup]:
        if node.by:
            below = [m.row(m.sign("∂"), _to_power(mathml_name(name), n)) for name, n in denominator(node.by)]
            above = m.row(_to_power(m.sign("∂"), len(node.by)), mathml_name(node.name))
            return Piece(m.fraction(above, m.row(*below)), ATOM)
        return Piece(mathml_name(node.name), SUM if name_of(node.name).is_formula else ATOM)

    def number(self, x: float) -> Piece[Markup]:
        written = constant(x)
        return Piece(m.number(written), PREFIX if x < 0 else PRODUCT if "e" in written else ATOM)

    def joined(self, left: Markup, sign: str, right: Markup) -> Markup:
        if sign == products.NUMBER and right.startswith(("<mn", "<mfrac", "<mrow><mn")):
            sign = products.SINGLE
        return m.row(left, m.sign(self.signs[sign]), right)

    def fraction(self, x: Piece[Markup], y: Piece[Markup]) -> Piece[Markup]:
        return Piece(m.fraction(x.text, y.text), PREFIX)

    def bracketed(self, text: Markup) -> Markup:
        return m.bracketed(text)

    def compared(self, x: Piece[Markup], sign: str, y: Piece[Markup]) -> Piece[Markup]:
        return Piece(m.bracketed(m.row(x.text, m.sign(sign), y.text), "[", "]"), ATOM)

    def call(self, name: str, arguments: list[Piece[Markup]], settings: Sequence[str] = ()) -> Piece[Markup]:
        parts: list[Markup] = []
        for part in [*(x.text for x in arguments), *map(m.text, settings)]:
            parts += [m.sign(","), part] if parts else [part]
        return Piece(m.row(m.name(name), self.bracketed(m.row(*parts))), ATOM)

    def total(self, what: str, x: Piece[Markup]) -> Piece[Markup]:
        sign = m.tag("munder", m.sign("∑"), m.text(what)) if what else m.sign("∑")
        return Piece(m.row(sign, self.within(x, PREFIX)), PREFIX, is_open=x.binds >= PREFIX)

    def elements(self, x: Piece[Markup], index: str, sign: str = "", y: Piece[Markup] | None = None) -> Piece[Markup]:
        inside = m.row(m.sign(index), m.sign(sign), y.text) if y else m.sign(index)
        return Piece(m.row(self.within(x, ATOM), m.bracketed(inside, "[", "]")), ATOM)

    def transposed(self, x: Piece[Markup]) -> Piece[Markup]:
        return Piece(m.sup(self.within(x, ATOM), m.sign("⊤")), POWER)

    def noted(self, x: Piece[Markup], words: str) -> Piece[Markup]:
        return Piece(m.row(x.text, m.text(f"\N{NO-BREAK SPACE}{words}")), SUM)
    # fmt: on

    def write_minus(self, _node: Expression, x: Piece[Markup]) -> Piece[Markup]:
        """−x."""
        return Piece(m.row(m.sign("−"), self.within(x, PRODUCT)), self.negative_binds)

    def write_power(self, _node: Expression, x: Piece[Markup], y: Piece[Markup]) -> Piece[Markup]:
        """x²."""
        return Piece(m.sup(self.within(x, ATOM), y.text), POWER)

    def write_exponential(self, _node: Expression, x: Piece[Markup]) -> Piece[Markup]:
        """e to the x."""
        return Piece(m.sup(m.name("e"), x.text), POWER)

    def write_root(self, _node: Expression, x: Piece[Markup]) -> Piece[Markup]:
        """The root sign."""
        return Piece(m.tag("msqrt", x.text), ATOM)

    def write_bars(self, _node: Expression, x: Piece[Markup]) -> Piece[Markup]:
        """|x|."""
        return Piece(m.bracketed(x.text, "|", "|"), ATOM)


def _to_power(base: Markup, n: int) -> Markup:
    return m.sup(base, str(n)) if n > 1 else base


def mathml(root: Any) -> Markup:
    """`root` for the inside of a formula in MathML."""
    return MathML().write(root)
