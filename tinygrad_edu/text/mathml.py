"""Elements of HTML, and formulas as MathML, which browsers draw by themselves. All but `Markup` is escaped.

    math(sub("Z", "1"), "=", "X", sub("W", "1"), "+", "B")

Brackets of matrices are CSS borders (`STYLE`): without a mathematical font, stretched brackets stay small.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tinygrad_edu.text.numbers import grid

MATRIX = "matrix"
_TALL = ("mfrac", "msqrt", "mtable", "munder")
_VOID = {"meta", "img", "source"}  # elements of HTML without an end
STYLE = """
math { font-family: "STIX Two Math", "Cambria Math", "Latin Modern Math", math; math-style: normal; }
math .matrix {
  --edge: linear-gradient(currentColor, currentColor);
  border: 0 solid; border-width: 0 1.5px; margin: 0 0.2em; padding: 3px 0.2em;
  border-collapse: separate; border-spacing: 0;
  background: var(--edge) 0 0 / 5px 1.5px, var(--edge) 0 100% / 5px 1.5px,
    var(--edge) 100% 0 / 5px 1.5px, var(--edge) 100% 100% / 5px 1.5px;
  background-repeat: no-repeat;
}
math .matrix mtd { padding: 0.3em 0.4em; text-align: right; text-align: -webkit-right; }
"""


class Markup(str):
    """A piece of MathML or HTML that is escaped already."""

    __slots__ = ()


def element(name: str, /, *children: Any, **attributes: str) -> Markup:
    """`<name attribute="...">children</name>`; an attribute named `class_` is `class`, `http_equiv` is `http-equiv`."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(value)}"' for key, value in attributes.items()
    )
    return Markup(
        f"<{name}{written}/>" if name in _VOID else f"<{name}{written}>{together(*children)}</{name}>"
    )


def together(*parts: Any) -> Markup:
    """The parts one after the other."""
    return Markup("".join(part if isinstance(part, Markup) else html.escape(str(part)) for part in parts))


def tag(name: str, /, *parts: Any, **attributes: str) -> Markup:
    """An element of MathML, its parts as `piece` writes them."""
    return element(name, *map(piece, parts), **attributes)


def piece(x: Any) -> Markup:
    """A number as `mn`, a name as `mi`, any other sign as `mo`; Markup unchanged."""
    if isinstance(x, Markup):
        return x
    text = str(x).replace("-", "−")
    is_number = text.lstrip("−").replace(".", "", 1).isdecimal()
    return element("mn" if is_number else "mi" if text.replace("_", "").isalnum() else "mo", text)


def name(words: str) -> Markup:
    """A name of any characters."""
    return element("mi", words)


def sign(words: str, **attributes: str) -> Markup:
    """A sign, a bracket or dots."""
    return element("mo", words, **attributes)


def number(written: str) -> Markup:
    """A written number: `-1.5e-3` is −1.5 · 10⁻³."""
    mantissa, e, power = written.replace("−", "-").partition("e")
    plain = element("mn", mantissa.replace("-", "−"))
    return row(plain, sign("·"), sup(element("mn", "10"), str(int(power)))) if e else plain


def math(*parts: Any, display: bool = False) -> Markup:
    """The whole formula, in a line of text or on a line of its own."""
    return tag("math", *parts, display="block" if display else "inline")


def row(*parts: Any) -> Markup:
    """Parts that belong together."""
    return tag("mrow", *parts)


def text(words: str) -> Markup:
    """Plain words inside a formula."""
    return element("mtext", words)


def sub(base: Any, index: Any) -> Markup:
    """`base` with an index below."""
    return tag("msub", base, index)


def sup(base: Any, exponent: Any) -> Markup:
    """`base` with an exponent."""
    return tag("msup", base, exponent)


def subsup(base: Any, index: Any, exponent: Any) -> Markup:
    """`base` with an index and an exponent, one above the other, as in the transpose of W1."""
    return tag("msubsup", base, index, exponent)


def over(base: Any, mark: str = "^") -> Markup:
    """`base` with a hat or a bar above."""
    return tag("mover", base, sign(mark), accent="true")


def fraction(above: Any, below: Any) -> Markup:
    """`above` over `below`."""
    return tag("mfrac", row(above), row(below))


def parenthesized(*parts: Any) -> Markup:
    """`( parts )`."""
    return bracketed(row(*parts))


def bracketed(inside: Markup, left: str = "(", right: str = ")") -> Markup:
    """`inside` in brackets. They grow only with fractions, roots and matrices: growing brackets keep their distance."""
    grow = {} if any(f"<{name}" in inside for name in _TALL) else {"stretchy": "false"}
    first, last = (sign(bracket, lspace="0", rspace="0", **grow) for bracket in (left, right))
    return row(first, inside, last)


def matrix(array: Any, digits: int | None = None, mark: Callable[[int, int], str] | None = None) -> Markup:
    """A matrix of numbers, rounded to `digits` decimals; a vector is one row, a single number stands alone.

    `mark(row, column)` gives a CSS class for a number, or "".
    Raises `ValueError` for more than two dimensions.
    """
    array = np.asarray(array)
    if array.ndim > 2:
        raise ValueError(
            f"matrix needs at most two dimensions, got shape {array.shape}; write its matrices one by one"
        )
    if array.ndim == 0:
        return _cell("mrow", grid(array, digits)[0][0], mark(0, 0) if mark else "")
    cells = [
        [_cell("mtd", x, mark(i, j) if mark else "") for j, x in enumerate(line)]
        for i, line in enumerate(grid(array, digits))
    ]
    return table(cells)


def table(rows: Iterable[Iterable[Markup]]) -> Markup:
    """A matrix of formulas, each already in its `mtd`."""
    return tag("mtable", *(tag("mtr", *cells) for cells in rows), class_=MATRIX)


def _cell(kind: str, number: str, css_class: str) -> Markup:
    number = number.lstrip("-") if not number.strip("-0.") else number  # no minus sign before zero
    return tag(kind, number, class_=css_class) if css_class else tag(kind, number)
