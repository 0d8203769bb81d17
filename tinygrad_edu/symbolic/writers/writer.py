"""How formulas are written, whatever the alphabet: one table of how tightly things hold together, one walk.

A `Writer` says how its alphabet writes a sum, a fraction, a function; `Writer.write` walks the tree and sets brackets.
"""

from __future__ import annotations

import math
from typing import Any, Generic, NamedTuple, TypeVar

from tinygrad_edu.symbolic.expression import Expression, inside_out, number_in, size
from tinygrad_edu.text.notation import Notation, function

P = TypeVar("P", bound=str)  # a piece of text or markup

SUM, PRODUCT, PREFIX, POWER, ATOM = 1, 2, 3, 4, 5  # how tightly the parts of a piece hold together
MOST_SIGNS = 2_000  # a longer formula is not written

# For each notation with a sign in the middle: how tightly it binds, and how tightly its left and right side must.
INFIX = {
    "sum": (SUM, SUM, SUM),
    "difference": (SUM, SUM, PRODUCT),
    "product": (PRODUCT, PRODUCT, PRODUCT),
    "matrix_product": (PRODUCT, PRODUCT, PREFIX),
}
NUMBER, SINGLE, EACH, OUTER, MATRICES = "number", "single", "each", "outer", "matrices"  # kinds of product


class Piece(NamedTuple, Generic[P]):
    """Something written, and how tightly it holds together."""

    text: P
    binds: int


class Writer(Generic[P]):
    """An alphabet. Its methods get pieces and put them together; brackets are set here."""

    negative_binds = SUM

    def write(self, root: Any) -> P:
        """`root` written out; `…` if it is longer than anybody reads."""
        return self.piece(root).text

    def piece(self, root: Any) -> Piece[P]:
        """`root` written out, with how tightly that holds together."""
        if not isinstance(root, Expression):
            return self.number(root)
        if size(root) > MOST_SIGNS:
            return self.symbol(Expression("…", root.shape))
        done: dict[int, Piece[P]] = {}
        for node in inside_out(root):
            done[id(node)] = self._node(node, done)
        return done[id(root)]

    def _node(self, node: Expression, done: dict[int, Piece[P]]) -> Piece[P]:
        if node.operation is None:
            return self.symbol(node)
        number = number_in(node)
        if number is not None:
            return self.number(number)
        parts = [done[id(x)] if isinstance(x, Expression) else self.number(x) for x in node.inputs]
        return self.operation(node, parts)

    def operation(self, node: Expression, parts: list[Piece[P]]) -> Piece[P]:
        """The operation of `node` on `parts`."""
        form, sign = notation_of(node)
        if form in INFIX:
            return self.infix(node, form, *parts)
        if form == "comparison":
            return self.compared(parts[0], sign, parts[1])
        if form == "along":
            along = summed(node.inputs[0].shape, node.settings["dims"]).strip()
            return self.along(sign, along, parts[0]) if along else self.call(sign, parts)
        if form in ("function", "of_first"):
            return self.call(sign, parts[:1] if form == "of_first" else parts)
        return getattr(self, f"write_{form}")(node, *parts)

    def infix(self, node: Expression, form: str, x: Piece[P], y: Piece[P]) -> Piece[P]:
        """A sum, a difference or a product."""
        binds, left, right = INFIX[form]
        sign = kind_of_product(node, form) if binds == PRODUCT else form
        return Piece(self.joined(self.within(x, left), sign, self.within(y, right)), binds)

    def write_quotient(self, _node: Expression, x: Piece[P], y: Piece[P]) -> Piece[P]:
        """x / y."""
        return self.fraction(x, y)

    def write_unwritten(self, _node: Expression, x: Piece[P]) -> Piece[P]:
        """What is not written, such as another dtype."""
        return x

    def within(self, part: Piece[P], least: int) -> P:
        """`part`, in brackets if it does not hold together as tightly as `least`."""
        return part.text if part.binds >= least else self.bracketed(part.text)

    # What an alphabet says.

    def symbol(self, node: Expression) -> Piece[P]:
        """A name."""
        raise NotImplementedError

    def number(self, x: float) -> Piece[P]:
        """A plain number of the program."""
        raise NotImplementedError

    def joined(self, left: P, sign: str, right: P) -> P:
        """Two pieces with a sign between: `sum`, `difference`, or a kind of multiplication."""
        raise NotImplementedError

    def fraction(self, x: Piece[P], y: Piece[P]) -> Piece[P]:
        """x / y."""
        raise NotImplementedError

    def bracketed(self, text: P) -> P:
        """( text )."""
        raise NotImplementedError

    def compared(self, x: Piece[P], sign: str, y: Piece[P]) -> Piece[P]:
        """[x > y]: 1 where it holds, else 0."""
        raise NotImplementedError

    def call(self, name: str, arguments: list[Piece[P]]) -> Piece[P]:
        """name(x, y)."""
        raise NotImplementedError

    def along(self, name: str, what: str, x: Piece[P]) -> Piece[P]:
        """`max rows(x)`: the function `name` along all rows of x, or columns."""
        raise NotImplementedError


def notation_of(node: Expression) -> Notation:
    """How its operation is written: its name and brackets, if nothing else is known of it."""
    assert node.operation is not None
    return node.operation.readings.notation or function(node.operation.name)


def kind_of_product(node: Expression, form: str) -> str:
    """How the two sides of a product meet: a plain number, single numbers, number by number, or matrices."""
    if form == "matrix_product":
        return MATRICES
    x, y = node.inputs
    if number_in(x) is not None and number_in(y) is None:
        return NUMBER
    sizes = [elements(part) for part in (x, y)]
    if min(sizes) == 1:
        return SINGLE
    return OUTER if math.prod(node.shape) > max(sizes) else EACH


def elements(x: Any) -> int:
    """How many numbers `x` stands for."""
    return math.prod(x.shape) if isinstance(x, Expression) else 1


def summed(shape: tuple[int, ...], dims: tuple[int, ...] | None) -> str:
    """` rows` if the rows of a matrix are added up, ` columns`, or nothing for all numbers."""
    if len(shape) != 2 or dims is None or len(dims) != 1:
        return ""
    return " rows" if dims == (0,) else " columns"


def is_transpose(node: Expression) -> bool:
    """Whether the last two dimensions are exchanged, and no others."""
    dims = node.settings["dims"]
    return len(dims) > 1 and dims == (*range(len(dims) - 2), len(dims) - 1, len(dims) - 2)


def only_ones_move(node: Expression) -> bool:
    """Whether nothing changes but dimensions of size 1, which nobody writes."""
    return [n for n in node.inputs[0].shape if n != 1] == [n for n in node.shape if n != 1]
