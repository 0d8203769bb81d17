"""Formulas written out in any alphabet: one table of how tightly the parts of a formula bind, one walk over the tree.

A `Writer` is an alphabet: it writes a sum, a fraction, a function. `Writer.write` walks the tree and sets brackets.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from tinygrad_edu.symbolic.expression import Expression, number_in, rebuilt, size
from tinygrad_edu.symbolic.writers.index_code import short_index
from tinygrad_edu.text.notation import Notation, function

P = TypeVar("P", bound=str)  # text or markup

SUM, PRODUCT, PREFIX, POWER, ATOM = 1, 2, 3, 4, 5  # how tightly the parts of a piece bind
MAX_SIGNS = 2_000  # a longer formula is not written

# For each notation with a sign in the middle: how tightly it binds, and how tightly its left and right side must.
INFIX = {
    "sum": (SUM, SUM, SUM),
    "difference": (SUM, SUM, PRODUCT),
    "product": (PRODUCT, PRODUCT, PRODUCT),
    "matrix_product": (PRODUCT, PRODUCT, PREFIX),
}
NUMBER, SINGLE, EACH, OUTER, MATRICES = "number", "single", "each", "outer", "matrices"  # kinds of product


class Piece(NamedTuple, Generic[P]):
    """A written part of a formula, and how tightly it binds."""

    text: P
    binds: int


class Writer(Generic[P]):
    """An alphabet. Its methods put pieces together; brackets are set here."""

    negative_binds = SUM
    repeated: ClassVar = ("repeated", "in every place")  # several numbers, a single one

    def write(self, root: Any) -> P:
        """`root` written out; `…` if it has more than 2,000 signs."""
        return self.piece(root).text

    def piece(self, root: Any) -> Piece[P]:
        """`root` written out, as a piece."""
        if not isinstance(root, Expression):
            return self.number(root)
        if size(root) > MAX_SIGNS:
            return self.symbol(Expression("…", root.shape))
        piece: Piece[P] = rebuilt(root, self._node)
        return piece

    def _node(self, node: Expression, inputs: tuple[Any, ...]) -> Piece[P]:
        if node.operation is None:
            return self.symbol(node)
        number = number_in(node)
        if number is not None:
            return self.number(number)
        return self.operation(node, [x if isinstance(x, Piece) else self.number(x) for x in inputs])

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
        """x, for an operation that formulas leave out, such as a cast to another dtype."""
        return x

    def write_total(self, node: Expression, x: Piece[P]) -> Piece[P]:
        """The sum sign; with it, the dimension that is summed."""
        dims = node.settings.get("dims", (0,))
        return x if dims == () else self.total(summed(node.inputs[0].shape, dims).strip(), x)

    def write_elements(self, node: Expression, x: Piece[P], *arrays: Piece[P]) -> Piece[P]:
        """x[0:3]."""
        return self.elements(x, short_index(node.settings["index"], arrays))

    def write_replaced(self, node: Expression, x: Piece[P], y: Piece[P], *arrays: Piece[P]) -> Piece[P]:
        """x[0 ← y]."""
        return self.elements(x, short_index(node.settings["index"], arrays), y)

    def write_transpose(self, node: Expression, x: Piece[P]) -> Piece[P]:
        """xᵀ, or a function for another order of dimensions."""
        if is_transpose(node):
            return self.transposed(x)
        dims = node.settings["dims"]
        return x if dims == tuple(range(len(dims))) else self.call("permute", [x])

    def write_reshaped(self, node: Expression, x: Piece[P]) -> Piece[P]:
        """A function, left out where only dimensions of size 1 change."""
        return x if only_ones_move(node) else self.call("reshape", [x])

    def write_repeated(self, node: Expression, x: Piece[P]) -> Piece[P]:
        """Words after a single number in every place, or a repeated row or column."""
        return x if only_ones_move(node) else self.noted(x, self.repeated[elements(node.inputs[0]) == 1])

    def within(self, part: Piece[P], least: int) -> P:
        """`part`, in brackets if it binds less tightly than `least`."""
        return part.text if part.binds >= least else self.bracketed(part.text)

    # An alphabet defines these, and write_minus, _power, _exponential, _root and _bars.

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
        """[x > y]: 1 where the comparison holds, else 0."""
        raise NotImplementedError

    def call(self, name: str, arguments: list[Piece[P]]) -> Piece[P]:
        """name(x, y)."""
        raise NotImplementedError

    def along(self, name: str, what: str, x: Piece[P]) -> Piece[P]:
        """`max rows(x)`: the function `name` along all rows of x, or columns."""
        raise NotImplementedError

    def total(self, what: str, x: Piece[P]) -> Piece[P]:
        """Σ x, or the sum of all rows of x, or columns."""
        raise NotImplementedError

    def elements(self, x: Piece[P], index: str, y: Piece[P] | None = None) -> Piece[P]:
        """x[index], or x[index ← y]; the index may be `…`."""
        raise NotImplementedError

    def transposed(self, x: Piece[P]) -> Piece[P]:
        """xᵀ."""
        raise NotImplementedError

    def noted(self, x: Piece[P], words: str) -> Piece[P]:
        """x and words."""
        raise NotImplementedError


def notation_of(node: Expression) -> Notation:
    """The notation of its operation: name and brackets, if no other is known."""
    assert node.operation is not None
    return node.operation.readings.notation or function(node.operation.name)


def kind_of_product(node: Expression, form: str) -> str:
    """The kind of a product: with a plain number, of single numbers, number by number, outer, or of matrices."""
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
    """The number of elements of `x`."""
    return math.prod(x.shape) if isinstance(x, Expression) else 1


def summed(shape: tuple[int, ...], dims: tuple[int, ...] | None) -> str:
    """` rows` if the rows of a matrix are added up, ` columns`, or nothing for all numbers."""
    if len(shape) != 2 or dims is None or len(dims) != 1:
        return ""
    return " rows" if dims == (0,) else " columns"


def is_transpose(node: Expression) -> bool:
    """True if the last two dimensions are exchanged, and no others."""
    dims = node.settings["dims"]
    return len(dims) > 1 and dims == (*range(len(dims) - 2), len(dims) - 1, len(dims) - 2)


def only_ones_move(node: Expression) -> bool:
    """True if only dimensions of size 1 change, which nobody writes."""
    return [n for n in node.inputs[0].shape if n != 1] == [n for n in node.shape if n != 1]
