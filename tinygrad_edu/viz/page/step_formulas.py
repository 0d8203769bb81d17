"""Formulas of a step: in symbols, and the same with places for numbers, which the page fills in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tinygrad_edu.ops.shape import expand
from tinygrad_edu.symbolic.expression import Expression, number_in, size
from tinygrad_edu.symbolic.writers.mathml_writer import MathML
from tinygrad_edu.symbolic.writers.writer import MAX_SIGNS, Piece
from tinygrad_edu.symbolic.writers.written_products import (
    ATOM,
    INFIX,
    PREFIX,
    PRODUCT,
    kind_of_product,
    notation_of,
)
from tinygrad_edu.symbolic.writers.written_shapes import elements, plain_shape
from tinygrad_edu.text import mathml as m
from tinygrad_edu.text.mathml import Markup

MAX_DIMENSIONS = 2  # of an array whose numbers stand in a formula
_SIGNS_BEFORE = {
    "total": PREFIX,
    "minus": PRODUCT,
}  # how tightly what follows must hold


def place(key: str, shape: tuple[int, ...], *, alone: bool = False) -> Markup:
    """The place of the numbers called `key`; a negative one that is not `alone` stands in brackets."""
    attributes = {"data-number": key} | ({"data-alone": ""} if alone else {})
    return m.tag("mtable", class_=m.MATRIX, **attributes) if shape else m.tag("mrow", **attributes)


class Coloured(MathML):
    """Formulas with gradients from above in one colour, and local derivatives in another."""

    def symbol(self, node: Expression) -> Piece[Markup]:
        """The symbol with its colour."""
        return _coloured(super().symbol(node), node)


def _coloured(piece: Piece[Markup], node: Expression) -> Piece[Markup]:
    return Piece(m.tag("mrow", piece.text, class_="upstream" if node.by else "factor"), piece.binds)


class Numbered(MathML):
    """The same formula with numbers in place of symbols; `keys` are their names, by the id of a symbol."""

    def __init__(self, keys: Mapping[int, str]) -> None:
        self.keys = keys

    def symbol(self, node: Expression) -> Piece[Markup]:
        """The place for its numbers, in the colour of the symbol."""
        piece = super().symbol(node)
        if id(node) in self.keys and len(node.shape) <= MAX_DIMENSIONS:
            piece = Piece(place(self.keys[id(node)], node.shape), ATOM)
        return _coloured(piece, node)

    def pieces(self, root: Any, least: int = 0) -> list[Markup]:
        """`root` in pieces between which a line may be broken: at the signs of sums and products."""
        if (
            least == 0
            and isinstance(root, Expression)
            and root.operation is expand
            and number_in(root) is None
        ):
            (inner,) = root.inputs
            moved = plain_shape(inner.shape) == plain_shape(root.shape)
            words = "" if moved else f"\N{NO-BREAK SPACE}{self.repeated[elements(inner) == 1]}"
            return [*self.pieces(inner), *([m.text(words)] if words else [])]
        form = notation_of(root).form if isinstance(root, Expression) and root.operation is not None else ""
        if form in _SIGNS_BEFORE:  # the sign alone, then what it stands before
            sign_alone = self.operation(root, [Piece(m.row(), ATOM)])
            if sign_alone.binds >= least:
                return [sign_alone.text, *self.pieces(root.inputs[0], _SIGNS_BEFORE[form])]
        if form not in INFIX or number_in(root) is not None:
            return [self.within(self.piece(root), least)]
        binds, left, right = INFIX[form]
        sign = kind_of_product(root, form) if binds == PRODUCT else form
        x, y = (self.pieces(side, bound) for side, bound in zip(root.inputs, (left, right)))
        y[0] = m.row(m.tag("mo", Markup(self.signs[sign])), y[0])
        whole = [*x, *y]
        if binds < least:
            whole[0], whole[-1] = m.row(_bracket("("), whole[0]), m.row(whole[-1], _bracket(")"))
        return whole


def _bracket(sign: str) -> Markup:
    return m.tag("mo", sign, lspace="0", rspace="0", stretchy="false")


def equation(left: Markup, sign: str, formula: Expression, *, coloured: bool) -> Markup:
    """`left = formula`, in symbols."""
    writer: MathML = Coloured() if coloured else MathML()
    return m.math(left, _sign(sign), writer.write(formula), display=True)


def coloured(formula: Expression) -> Markup:
    """A formula alone."""
    return m.math(Coloured().write(formula))


def numbers(keys: Mapping[int, str], formula: Expression, end: Markup) -> list[Markup]:
    """`= formula = end` with numbers, in pieces that may stand on lines of their own."""
    if size(formula) > MAX_SIGNS:
        return [m.math(_sign("="), end)]
    first, *rest = Numbered(keys).pieces(formula)
    if formula.operation is None or number_in(formula) is not None:  # the result itself
        return [m.math(_sign("="), end)]
    return [m.math(_sign("="), first), *map(m.math, rest), m.math(_sign("="), end)]


def result(key: str, shape: tuple[int, ...]) -> Markup:
    """An equals sign and the numbers called `key`."""
    return m.math(_sign("="), place(key, shape, alone=True))


def shaped(node: Expression, shape: str) -> Markup:
    """The symbol `node` above `shape`."""
    return m.tag("munder", MathML().write(node), m.text(shape))


def chain(before: Sequence[Markup], by: str, after: Sequence[Markup]) -> Markup:
    """`x → by → y`; of several, one after the other with commas."""
    whole: list[Markup] = []
    for part, sign in zip((before, (m.text(by),), after), ("→", "→", "")):
        whole += [y for x in part for y in (m.tag("mo", ","), x)][1:]
        whole += [_sign(sign)] if sign else []
    return m.math(*whole, display=True)


def _sign(sign: str) -> Markup:
    return m.tag("mo", Markup(sign), lspace="0.3em", rspace="0.3em")


def running(k: int, shape: tuple[int, ...]) -> tuple[Markup, ...]:
    """The sum before the share along edge `k`, the share, and the sum with it."""
    before, share, after = (place(f"{letter}{k}", shape, alone=letter != "s") for letter in "bsa")
    return m.math(before), m.math(_sign("+"), share), m.math(_sign("="), after)
