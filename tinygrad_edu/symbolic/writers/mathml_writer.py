"""Formulas as MathML, which browsers draw by themselves. Everything that is a name is escaped."""

from __future__ import annotations

from typing import Any, ClassVar

from tinygrad_edu.symbolic.expression import Expression
from tinygrad_edu.symbolic.writers.index_code import short_index
from tinygrad_edu.symbolic.writers.math_names import denominator, name_of
from tinygrad_edu.symbolic.writers.text_writer import constant
from tinygrad_edu.symbolic.writers.writer import (
    ATOM,
    EACH,
    MATRICES,
    NUMBER,
    OUTER,
    POWER,
    PREFIX,
    PRODUCT,
    SINGLE,
    SUM,
    Piece,
    Writer,
    elements,
    is_transpose,
    only_ones_move,
    summed,
)
from tinygrad_edu.text.mathml import Markup, bracketed, fraction, over, row, sub, sup, tag
from tinygrad_edu.text.mathml import text as words


def called(text: str) -> Markup:
    """A name in a formula: W with an index, y with a hat."""
    name = name_of(text)
    base = tag("mi", Markup(_escaped(name.base)))
    base = over(base) if name.hat else base
    base = sup(base, _sign("′" * name.primes)) if name.primes else base
    return sub(base, name.below) if name.below else base


def _escaped(text: str) -> str:
    return words(text).removeprefix("<mtext>").removesuffix("</mtext>")


def number(text: str) -> Markup:
    """A number that is written already: −1.5 · 10⁻³."""
    mantissa, e, power = text.replace("-", "−").partition("e")
    plain = tag("mn", Markup(mantissa))
    return (
        row(plain, _sign("·"), sup(tag("mn", Markup("10")), str(int(power.replace("−", "-")))))
        if e
        else plain
    )


def _sign(sign: str) -> Markup:
    return tag("mo", Markup(_escaped(sign)))


class MathML(Writer[Markup]):
    """The alphabet of MathML."""

    signs: ClassVar = {
        "sum": "+",
        "difference": "−",
        NUMBER: "\N{INVISIBLE TIMES}",
        SINGLE: "·",
        EACH: "⊙",
        OUTER: "⊗",
        MATRICES: "·",
    }

    # fmt: off
    def symbol(self, node: Expression) -> Piece[Markup]:
        if node.by:
            below = [row(_sign("∂"), _to_power(called(name), n)) for name, n in denominator(node.by)]
            above = row(_to_power(_sign("∂"), len(node.by)), called(node.name))
            return Piece(fraction(above, row(*below)), ATOM)
        return Piece(called(node.name), SUM if name_of(node.name).is_formula else ATOM)

    def number(self, x: float) -> Piece[Markup]:
        written = constant(x)
        return Piece(number(written), PREFIX if x < 0 else PRODUCT if "e" in written else ATOM)

    def joined(self, left: Markup, sign: str, right: Markup) -> Markup:
        if sign == NUMBER and right.startswith(("<mn", "<mfrac", "<mrow><mn")):
            sign = SINGLE
        return row(left, _sign(self.signs[sign]), right)

    def fraction(self, x: Piece[Markup], y: Piece[Markup]) -> Piece[Markup]:
        return Piece(fraction(x.text, y.text), PREFIX)

    def bracketed(self, text: Markup) -> Markup:
        return bracketed(text)

    def compared(self, x: Piece[Markup], sign: str, y: Piece[Markup]) -> Piece[Markup]:
        return Piece(bracketed(row(x.text, _sign(sign), y.text), "[", "]"), ATOM)

    def call(self, name: str, arguments: list[Piece[Markup]]) -> Piece[Markup]:
        parts: list[Markup] = []
        for part in arguments:
            parts += [_sign(","), part.text] if parts else [part.text]
        return Piece(row(tag("mi", Markup(_escaped(name))), self.bracketed(row(*parts))), ATOM)

    def along(self, name: str, what: str, x: Piece[Markup]) -> Piece[Markup]:
        function = tag("munder", tag("mi", Markup(_escaped(name))), words(what))
        return Piece(row(function, self.bracketed(x.text)), ATOM)
    # fmt: on

    def write_minus(self, _node: Expression, x: Piece[Markup]) -> Piece[Markup]:
        """−x."""
        return Piece(row(_sign("−"), self.within(x, PRODUCT)), SUM)

    def write_power(self, _node: Expression, x: Piece[Markup], y: Piece[Markup]) -> Piece[Markup]:
        """x²."""
        return Piece(sup(self.within(x, ATOM), y.text), POWER)

    def write_exponential(self, _node: Expression, x: Piece[Markup]) -> Piece[Markup]:
        """e to the x."""
        return Piece(sup(tag("mi", Markup("e")), x.text), POWER)

    def write_root(self, _node: Expression, x: Piece[Markup]) -> Piece[Markup]:
        """The root sign."""
        return Piece(tag("msqrt", x.text), ATOM)

    def write_bars(self, _node: Expression, x: Piece[Markup]) -> Piece[Markup]:
        """|x|."""
        return Piece(bracketed(x.text, "|", "|"), ATOM)

    def write_total(self, node: Expression, x: Piece[Markup]) -> Piece[Markup]:
        """The sum sign; below it, what is summed over."""
        over_what = summed(node.inputs[0].shape, node.settings.get("dims", (0,))).strip()
        sign = tag("munder", _sign("∑"), words(over_what)) if over_what else _sign("∑")
        return Piece(row(sign, self.within(x, PREFIX)), PREFIX)

    def write_elements(self, node: Expression, x: Piece[Markup], *arrays: Piece[Markup]) -> Piece[Markup]:
        """x[0:3]."""
        index = short_index(node.settings["index"], arrays)
        return Piece(row(self.within(x, ATOM), bracketed(_sign(index), "[", "]")), ATOM)

    def write_transpose(self, node: Expression, x: Piece[Markup]) -> Piece[Markup]:
        """xᵀ."""
        if is_transpose(node):
            return Piece(sup(self.within(x, ATOM), _sign("⊤")), POWER)
        dims = node.settings["dims"]
        return x if dims == tuple(range(len(dims))) else self.call("permute", [x])

    def write_reshaped(self, node: Expression, x: Piece[Markup]) -> Piece[Markup]:
        """Written only where more than dimensions of size 1 change."""
        return x if only_ones_move(node) else self.call("reshape", [x])

    def write_repeated(self, node: Expression, x: Piece[Markup]) -> Piece[Markup]:
        """Repeated numbers are said in words."""
        said = (
            "\N{NO-BREAK SPACE}in every place"
            if elements(node.inputs[0]) == 1
            else "\N{NO-BREAK SPACE}repeated"
        )
        return x if only_ones_move(node) else Piece(row(x.text, words(said)), SUM)


def _to_power(base: Markup, n: int) -> Markup:
    return sup(base, str(n)) if n > 1 else base


def mathml(root: Any) -> Markup:
    """`root` for the inside of a formula in MathML."""
    return MathML().write(root)
