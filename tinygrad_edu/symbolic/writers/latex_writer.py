r"""Formulas in LaTeX (amsmath): `X^{\top} \cdot \delta_{1}`. Names are escaped; no character of a name is a command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from tinygrad_edu.symbolic.expression import Expression
from tinygrad_edu.symbolic.writers import written_products as products
from tinygrad_edu.symbolic.writers.text_writer import constant
from tinygrad_edu.symbolic.writers.writer import Piece, Writer
from tinygrad_edu.symbolic.writers.written_products import ATOM, POWER, PREFIX, PRODUCT, SUM
from tinygrad_edu.text.latex import COMMANDS, escaped, latex_number
from tinygrad_edu.text.math_names import denominator, name_of

_FUNCTIONS = {
    "σ": r"\sigma",
    **{word: "\\" + word for word in ("exp", "log", "sin", "cos", "tanh", "max", "min")},
}

_ARROWS = {"←": r"\leftarrow", "+=": r"\mathrel{+}="}


def latex_name(text: str) -> str:
    r"""A name in a formula: `W_{1}`, `\hat{y}`, `\mathit{loss}`."""
    name = name_of(text)
    base = COMMANDS.get(name.base) or (name.base if len(name.base) == 1 and name.base.isascii() else "")
    if not base or not (base[0].isalpha() or base[0] == "\\"):
        plain = name.base.isascii() and name.base.isalpha()
        base = rf"\mathit{{{name.base}}}" if plain else rf"\text{{{escaped(name.base)}}}"
    base = rf"\hat{{{base}}}" if name.hat else base + "'" * name.primes
    return f"{base}_{{{name.below}}}" if name.below else base


class Latex(Writer[str]):
    """The alphabet of LaTeX's mathematics."""

    signs: ClassVar = {
        "sum": " + ",
        "difference": " - ",
        products.NUMBER: r"\,",
        products.SINGLE: r" \cdot ",
        products.EACH: r" \odot ",
        products.OUTER: r" \otimes ",
        products.MATRICES: r" \cdot ",
    }

    # fmt: off
    def symbol(self, node: Expression) -> Piece[str]:
        if node.by:
            below = "".join(rf"\partial {{{latex_name(name)}}}{_order(n)}" for name, n in denominator(node.by))
            return Piece(rf"\frac{{\partial{_order(len(node.by))} {latex_name(node.name)}}}{{{below}}}", ATOM)
        return Piece(latex_name(node.name), SUM if name_of(node.name).is_formula else ATOM)

    def number(self, x: float) -> Piece[str]:
        written = latex_number(constant(x))
        return Piece(written, PREFIX if x < 0 else PRODUCT if "cdot" in written else ATOM)

    def joined(self, left: str, sign: str, right: str) -> str:
        if sign == products.NUMBER and (right[:1].isdigit() or right.startswith(r"\frac")):
            sign = products.SINGLE
        if sign in products.OPPOSITE and right.startswith("-"):
            sign, right = products.OPPOSITE[sign], right[1:]
        return left + self.signs[sign] + right

    def fraction(self, x: Piece[str], y: Piece[str]) -> Piece[str]:
        return Piece(rf"\frac{{{x.text}}}{{{y.text}}}", PREFIX)

    def bracketed(self, text: str) -> str:
        return rf"\left({text}\right)"

    def compared(self, x: Piece[str], sign: str, y: Piece[str]) -> Piece[str]:
        return Piece(rf"\left[{x.text} {COMMANDS.get(sign, sign)} {y.text}\right]", ATOM)

    def call(self, name: str, arguments: list[Piece[str]], settings: Sequence[str] = ()) -> Piece[str]:
        function = _FUNCTIONS.get(name) or rf"\operatorname{{{escaped(name)}}}"
        said = [rf"\mathtt{{{escaped(words)}}}" for words in settings]
        return Piece(f"{function}{self.bracketed(', '.join([*(part.text for part in arguments), *said]))}", ATOM)

    def total(self, what: str, x: Piece[str]) -> Piece[str]:
        below = rf"_{{\text{{{what}}}}}" if what else ""
        return Piece(rf"\sum{below} {self.within(x, PREFIX)}", PREFIX, is_open=x.binds >= PREFIX)

    def elements(self, x: Piece[str], index: str, sign: str = "", y: Piece[str] | None = None) -> Piece[str]:
        written = r"\dots" if index == "…" else rf"\mathtt{{{index}}}"
        arrow = f" {_ARROWS[sign]} {y.text}" if y else ""
        return Piece(f"{self.within(x, ATOM)}[{written}{arrow}]", ATOM)

    def transposed(self, x: Piece[str]) -> Piece[str]:
        return Piece(rf"{{{self.within(x, ATOM)}}}^{{\top}}", POWER)

    def noted(self, x: Piece[str], words: str) -> Piece[str]:
        return Piece(rf"{x.text}\text{{ {words}}}", SUM)
    # fmt: on

    def write_minus(self, _node: Expression, x: Piece[str]) -> Piece[str]:
        """-x."""
        return Piece(f"-{self.within(x, PRODUCT)}", self.negative_binds)

    def write_power(self, _node: Expression, x: Piece[str], y: Piece[str]) -> Piece[str]:
        """x^2."""
        return Piece(f"{{{self.within(x, ATOM)}}}^{{{y.text}}}", POWER)

    def write_exponential(self, _node: Expression, x: Piece[str]) -> Piece[str]:
        """e^x."""
        return Piece(f"e^{{{x.text}}}", POWER)

    def write_root(self, _node: Expression, x: Piece[str]) -> Piece[str]:
        """The root sign."""
        return Piece(rf"\sqrt{{{x.text}}}", ATOM)

    def write_bars(self, _node: Expression, x: Piece[str]) -> Piece[str]:
        """|x|."""
        return Piece(rf"\left|{x.text}\right|", ATOM)


def _order(n: int) -> str:
    return f"^{{{n}}}" if n > 1 else ""


def latex(root: Any) -> str:
    """`root` for the inside of a formula in LaTeX."""
    return Latex().write(root)
