r"""Formulas as LaTeX (amsmath): `X^{\top} \cdot \delta_{1}`. Names are escaped; nothing in them is a command."""

from __future__ import annotations

import unicodedata
from typing import Any, ClassVar

from tinygrad_edu.symbolic.expression import Expression
from tinygrad_edu.symbolic.writers.index_code import short_index
from tinygrad_edu.symbolic.writers.math_names import GREEK, denominator, name_of
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

_COMMANDS = {sign: "\\" + word for word, sign in GREEK.items()} | {
    "∂": r"\partial ",
    "−": "-",
    "·": r"\cdot ",
    "⊙": r"\odot ",
    "≠": r"\neq ",
    "≤": r"\leq ",
    "≥": r"\geq ",
    "…": r"\dots ",
    "′": "'",
}
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "[": "{[}",
    "]": "{]}",
    "|": r"\textbar{}",
    '"': "''",
    "`": "'",
    **{sign: "\\" + sign for sign in "&%$#_{}"},
    **{sign: rf"\ensuremath{{{command}}}" for sign, command in _COMMANDS.items()},
    **{sign: rf"\ensuremath{{^{{{digit}}}}}" for sign, digit in zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True)},
    **{sign: rf"\ensuremath{{_{{{digit}}}}}" for sign, digit in zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)},
    "′": r"\ensuremath{'}",
    "×": r"\ensuremath{\times}",
    "∞": r"\ensuremath{\infty}",
    "Σ": r"\ensuremath{\Sigma}",
    "→": r"\ensuremath{\rightarrow}",
    "–": "--",
    "“": "``",
    "”": "''",
}
_ACCENTS = {"\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0308": '"'}
_FUNCTIONS = {
    "σ": r"\sigma",
    **{word: "\\" + word for word in ("exp", "log", "sin", "cos", "tanh", "max", "min")},
}


def escaped(text: str) -> str:
    """Plain words for LaTeX; a character it may not have is written as its number, `[U+91CD]`."""
    return "".join(map(_character, text))


def _character(c: str) -> str:
    if c in _SPECIAL:
        return _SPECIAL[c]
    if " " <= c <= "~":
        return c
    base, *marks = list(unicodedata.normalize("NFD", c))
    if base.isascii() and base.isalpha() and len(marks) == 1 and marks[0] in _ACCENTS:
        return rf"\{_ACCENTS[marks[0]]}{{{base}}}"
    return f"[U+{ord(c):04X}]"


def called(text: str) -> str:
    r"""A name in a formula: `W_{1}`, `\hat{y}`, `\mathit{loss}`."""
    name = name_of(text)
    base = _COMMANDS.get(name.base) or (name.base if len(name.base) == 1 and name.base.isascii() else "")
    if not base or not (base[0].isalpha() or base[0] == "\\"):
        plain = name.base.isascii() and name.base.isalpha()
        base = rf"\mathit{{{name.base}}}" if plain else rf"\text{{{escaped(name.base)}}}"
    base = rf"\hat{{{base}}}" if name.hat else base + "'" * name.primes
    return f"{base}_{{{name.below}}}" if name.below else base


def number(text: str) -> str:
    r"""A number that is written already: `-1.5 \cdot 10^{-3}`."""
    mantissa, e, power = text.replace("−", "-").replace("∞", r"\infty").partition("e")
    if mantissa.lower() == "nan":
        return r"\mathrm{NaN}"
    return rf"{mantissa} \cdot 10^{{{int(power)}}}" if e else mantissa


class Latex(Writer[str]):
    """The alphabet of LaTeX's mathematics."""

    signs: ClassVar = {
        "sum": " + ",
        "difference": " - ",
        NUMBER: r"\,",
        SINGLE: r" \cdot ",
        EACH: r" \odot ",
        OUTER: r" \otimes ",
        MATRICES: r" \cdot ",
    }

    # fmt: off
    def symbol(self, node: Expression) -> Piece[str]:
        if node.by:
            below = "".join(rf"\partial {{{called(name)}}}{_order(n)}" for name, n in denominator(node.by))
            return Piece(rf"\frac{{\partial{_order(len(node.by))} {called(node.name)}}}{{{below}}}", ATOM)
        return Piece(called(node.name), SUM if name_of(node.name).is_formula else ATOM)

    def number(self, x: float) -> Piece[str]:
        written = number(constant(x))
        return Piece(written, PREFIX if x < 0 else PRODUCT if "cdot" in written else ATOM)

    def joined(self, left: str, sign: str, right: str) -> str:
        if sign == NUMBER and (right[:1].isdigit() or right.startswith(r"\frac")):
            sign = SINGLE
        return left + self.signs[sign] + right

    def fraction(self, x: Piece[str], y: Piece[str]) -> Piece[str]:
        return Piece(rf"\frac{{{x.text}}}{{{y.text}}}", PREFIX)

    def bracketed(self, text: str) -> str:
        return rf"\left({text}\right)"

    def compared(self, x: Piece[str], sign: str, y: Piece[str]) -> Piece[str]:
        return Piece(rf"\left[{x.text} {_COMMANDS.get(sign, sign)} {y.text}\right]", ATOM)

    def call(self, name: str, arguments: list[Piece[str]]) -> Piece[str]:
        function = _FUNCTIONS.get(name) or rf"\operatorname{{{escaped(name)}}}"
        return Piece(f"{function}{self.bracketed(', '.join(part.text for part in arguments))}", ATOM)

    def along(self, name: str, what: str, x: Piece[str]) -> Piece[str]:
        function = _FUNCTIONS.get(name) or rf"\operatorname*{{{escaped(name)}}}"
        return Piece(rf"{function}_{{\text{{{what}}}}} {self.bracketed(x.text)}", ATOM)
    # fmt: on

    def write_minus(self, _node: Expression, x: Piece[str]) -> Piece[str]:
        """-x."""
        return Piece(f"-{self.within(x, PRODUCT)}", SUM)

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

    def write_total(self, node: Expression, x: Piece[str]) -> Piece[str]:
        """The sum sign; below it, what is summed over."""
        words = summed(node.inputs[0].shape, node.settings.get("dims", (0,)))
        below = rf"_{{\text{{{words.strip()}}}}}" if words else ""
        return Piece(rf"\sum{below} {self.within(x, PREFIX)}", PREFIX)

    def write_elements(self, node: Expression, x: Piece[str], *arrays: Piece[str]) -> Piece[str]:
        """x[0:3]."""
        index = short_index(node.settings["index"], arrays)
        written = r"\dots" if index == "…" else rf"\mathtt{{{index}}}"
        return Piece(f"{self.within(x, ATOM)}[{written}]", ATOM)

    def write_transpose(self, node: Expression, x: Piece[str]) -> Piece[str]:
        """x^T."""
        if is_transpose(node):
            return Piece(rf"{{{self.within(x, ATOM)}}}^{{\top}}", POWER)
        dims = node.settings["dims"]
        return x if dims == tuple(range(len(dims))) else self.call("permute", [x])

    def write_reshaped(self, node: Expression, x: Piece[str]) -> Piece[str]:
        """Written only where more than dimensions of size 1 change."""
        return x if only_ones_move(node) else self.call("reshape", [x])

    def write_repeated(self, node: Expression, x: Piece[str]) -> Piece[str]:
        """Repeated numbers are said in words."""
        words = "in every place" if elements(node.inputs[0]) == 1 else "repeated"
        return x if only_ones_move(node) else Piece(rf"{x.text}\text{{ {words}}}", SUM)


def _order(n: int) -> str:
    return f"^{{{n}}}" if n > 1 else ""


def latex(root: Any) -> str:
    """`root` for the inside of a formula in LaTeX."""
    return Latex().write(root)
