"""Formulas as lines of text: in the signs of the program for pictures, in those of a textbook for derivations."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from typing import Any, ClassVar

from tinygrad_edu.symbolic.expression import Expression
from tinygrad_edu.symbolic.writers import written_products as products
from tinygrad_edu.symbolic.writers.writer import Piece, Writer
from tinygrad_edu.symbolic.writers.written_products import ATOM, EACH, POWER, PREFIX, PRODUCT, SUM
from tinygrad_edu.symbolic.writers.written_shapes import elements
from tinygrad_edu.text.math_names import denominator, name_of

SUPERSCRIPTS = str.maketrans("0123456789-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻")
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def constant(x: float) -> str:
    """A number of the program, which must not look like another: `1.001`, `1e−10`, `0.333333`."""
    mantissa, _, power = f"{x:.6g}".partition("e")
    return (mantissa + (f"e{int(power)}" if power else "")).replace("-", "−").replace("inf", "∞")


class Text(Writer[str]):
    """The alphabet of a textbook: `Xᵀ · δ₁`, `2 (p − y) / 3`, `g ⊙ h`."""

    signs: ClassVar = {
        "sum": " + ",
        "difference": " − ",
        products.NUMBER: " ",
        products.SINGLE: " · ",
        products.EACH: " ⊙ ",
        products.OUTER: " ⊗ ",
        products.MATRICES: " · ",
    }

    # fmt: off
    def symbol(self, node: Expression) -> Piece[str]:
        if node.by:
            return Piece(f"∂{_order(len(node.by))}{text_name(node.name)}/{self.below(node.by)}", ATOM)
        binds = SUM if " " in node.name else PREFIX if node.name.startswith("-") else ATOM
        return Piece(self.name(node.name), binds)

    def below(self, by: tuple[str, ...]) -> str:
        """∂x²∂y."""
        return "".join(f"∂{text_name(name)}{_order(n)}" for name, n in denominator(by))

    def name(self, text: str) -> str:
        """The name of a symbol."""
        return text_name(text)

    def number(self, x: float) -> Piece[str]:
        return Piece(constant(x), PREFIX if x < 0 else ATOM)

    def joined(self, left: str, sign: str, right: str) -> str:
        if sign == products.NUMBER and right[:1].isdigit():
            sign = products.SINGLE
        if sign in products.OPPOSITE and right.startswith("−"):
            sign, right = products.OPPOSITE[sign], right[1:]
        return left + self.signs[sign] + right

    def fraction(self, x: Piece[str], y: Piece[str]) -> Piece[str]:
        return Piece(f"{self.within(x, PRODUCT)} / {self.within(y, PREFIX)}", PRODUCT, EACH, x.is_open)

    def bracketed(self, text: str) -> str:
        return f"({text})"

    def compared(self, x: Piece[str], sign: str, y: Piece[str]) -> Piece[str]:
        return Piece(f"[{x.text} {sign} {y.text}]", ATOM)

    def call(self, name: str, arguments: list[Piece[str]], settings: Sequence[str] = ()) -> Piece[str]:
        return Piece(f"{name}({', '.join([*(part.text for part in arguments), *settings])})", ATOM)

    def total(self, what: str, x: Piece[str]) -> Piece[str]:
        text = " ".join(filter(None, ("Σ", what, self.within(x, PREFIX))))
        return Piece(text, PREFIX, is_open=x.binds >= PREFIX)

    def elements(self, x: Piece[str], index: str, sign: str = "", y: Piece[str] | None = None) -> Piece[str]:
        arrow = f" {sign} {y.text}" if y else ""
        return Piece(f"{self.within(x, ATOM)}[{index}{arrow}]", ATOM)

    def transposed(self, x: Piece[str]) -> Piece[str]:
        return Piece(f"{self.within(x, ATOM)}ᵀ", ATOM)

    def noted(self, x: Piece[str], words: str) -> Piece[str]:
        return Piece(f"{x.text} {words}", SUM)
    # fmt: on

    def write_minus(self, _node: Expression, x: Piece[str]) -> Piece[str]:
        """−x."""
        return Piece(f"−{self.within(x, PRODUCT)}", self.negative_binds)

    def write_power(self, _node: Expression, x: Piece[str], y: Piece[str]) -> Piece[str]:
        """x², x ^ 0.5."""
        if y.text.lstrip("-−").isdecimal():
            return Piece(self.within(x, ATOM) + y.text.translate(SUPERSCRIPTS), POWER)
        return Piece(f"{self.within(x, ATOM)} ^ {self.within(y, ATOM)}", PREFIX)

    def write_exponential(self, _node: Expression, x: Piece[str]) -> Piece[str]:
        """exp(x)."""
        return self.call("exp", [x])

    def write_root(self, _node: Expression, x: Piece[str]) -> Piece[str]:
        """√(x)."""
        return self.call("√", [x])

    def write_bars(self, _node: Expression, x: Piece[str]) -> Piece[str]:
        """|x|."""
        return Piece(f"|{x.text}|", ATOM)


def _order(n: int) -> str:
    return str(n).translate(SUPERSCRIPTS) if n > 1 else ""


class Program(Text):
    """The signs of the program: `x @ w`, `g × y × (1 − y)`, `outer(g, v)`; names unchanged."""

    negative_binds = PREFIX
    repeated: ClassVar = ("repeated", "to all")
    signs: ClassVar = {**Text.signs, products.NUMBER: " · ", products.EACH: " × ", products.MATRICES: " @ "}

    def name(self, text: str) -> str:
        """The name of a symbol, unchanged."""
        return text

    def infix(self, node: Expression, form: str, x: Piece[str], y: Piece[str]) -> Piece[str]:
        """A sum, a difference or a product without factors 1; one larger than both sides is `outer`."""
        if form == "product" and "1" in (x.text, y.text):
            return x if y.text == "1" else y
        sizes = [elements(part) for part in node.inputs]
        if form == "product" and min(sizes) > 1 and math.prod(node.shape) > max(sizes):
            return Piece(f"outer({(x.inner or x).text}, {y.text})", ATOM)
        return super().infix(node, form, x, y)

    def write_quotient(self, _node: Expression, x: Piece[str], y: Piece[str]) -> Piece[str]:
        """x / y, but x for x / 1."""
        return x if y.text == "1" else self.fraction(x, y)

    def write_power(self, node: Expression, x: Piece[str], y: Piece[str]) -> Piece[str]:
        """x², but x for x¹."""
        return x if y.text == "1" else super().write_power(node, x, y)


def text_name(text: str) -> str:
    """`W₁` for W1, `ŷ` for yhat."""
    name = name_of(text)
    base = (
        unicodedata.normalize("NFC", name.base + "\N{COMBINING CIRCUMFLEX ACCENT}") if name.hat else name.base
    )
    return base + name.below.translate(SUBSCRIPTS) + ["", "′", "″", "‴"][min(name.primes, 3)]


def text(root: Any) -> str:
    """`root` in the signs of a textbook, on one line."""
    return Text().write(root)


def program(root: Any) -> str:
    """`root` in the signs of the program, on one line."""
    return Program().write(root)
