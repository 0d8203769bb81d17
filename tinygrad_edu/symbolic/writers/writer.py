"""Formulas written out in any alphabet: one table of how tightly the parts of a formula bind, one walk over the tree.

A `Writer` is an alphabet: it writes a sum, a fraction, a function. `Writer.write` walks the tree and sets brackets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from tinygrad_edu.ops.index import repeats
from tinygrad_edu.ops.reduce import kept_shape
from tinygrad_edu.ops.shape import expand, reshape
from tinygrad_edu.symbolic.expression import Expression, number_in, rebuilt, size
from tinygrad_edu.symbolic.writers.index_code import short_index
from tinygrad_edu.symbolic.writers.said_settings import said_settings, summed
from tinygrad_edu.symbolic.writers.written_products import (
    ATOM,
    EACH,
    INFIX,
    MATRICES,
    NUMBER,
    OUTER,
    SUM,
    kind_of_product,
    notation_of,
)
from tinygrad_edu.symbolic.writers.written_shapes import elements, is_transpose, only_ones_move, plain_shape

P = TypeVar("P", bound=str)  # text or markup

MAX_SIGNS = 2_000  # a longer formula is not written


class Piece(NamedTuple, Generic[P]):
    """A written part of a formula, and how tightly it binds.

    `kind` is that of a product whose factors keep their places: EACH, OUTER or MATRICES. `is_open`: a further factor
    would seem to belong to the sum at the end, Σ x. `inner`: x, of what is written as a column xᵀ or as expand(x).
    """

    text: P
    binds: int
    kind: str = ""
    is_open: bool = False
    inner: Any = None


class Writer(Generic[P]):
    """An alphabet. Its methods put pieces together; brackets are set here."""

    negative_binds = SUM
    repeated: ClassVar = ("repeated", "in every place")  # several numbers, a single one

    def write(self, root: Any) -> P:
        """`root`, whose shape the reader knows, written out; `…` if it has more than 2,000 signs."""
        if isinstance(root, Expression) and root.operation is expand and number_in(root) is None:
            inner = root.inputs[0]
            moved = plain_shape(inner.shape) == plain_shape(root.shape)
            piece = self.piece(inner)
            return piece.text if moved else self.noted(piece, self.repeated[elements(inner) == 1]).text
        while isinstance(root, Expression) and root.operation is reshape and only_ones_move(root):
            (root,) = root.inputs
        return self.piece(root, at_end=True).text

    def piece(self, root: Any, *, at_end: bool = False) -> Piece[P]:
        """`root` written out, as a piece; `at_end`, without words on dimensions of size 1."""
        if not isinstance(root, Expression):
            return self.number(root)
        if size(root) > MAX_SIGNS:
            return self.symbol(Expression("…", root.shape))
        if at_end and root.settings.get("keepdim") is False:
            settings = {**root.settings, "keepdim": True}
            root = Expression(shape=(), operation=root.operation, inputs=root.inputs, settings=settings)
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
        form, sign, unsaid = notation_of(node)
        if form in INFIX:
            return self.infix(node, form, *parts)
        if form == "comparison":
            return self.compared(parts[0], sign, parts[1])
        if form in ("function", "along"):
            return self._without_ones(node, self.call(sign, parts, said_settings(node, unsaid)))
        return getattr(self, f"write_{form}")(node, *parts)

    def infix(self, node: Expression, form: str, x: Piece[P], y: Piece[P]) -> Piece[P]:
        """A sum, a difference or a product."""
        binds, left, right = INFIX[form]
        if binds == SUM:
            return Piece(self.joined(self.within(x, left), form, self.within(y, right)), SUM)
        sign = kind_of_product(node, form)
        if (
            sign == OUTER
            and x.inner is not None
            and node.ndim == 2
            and node.inputs[0].operation is not expand
        ):
            x = x.inner
        if x.is_open or (sign == MATRICES and x.kind in (EACH, OUTER)):
            left = ATOM
        if y.kind == MATRICES and sign != NUMBER and elements(node.inputs[0]) > 1:
            right = ATOM
        text = self.joined(self.within(x, left), sign, self.within(y, right))
        kind = sign if sign in (EACH, OUTER, MATRICES) else x.kind or y.kind
        return Piece(text, binds, kind, y.is_open and right != ATOM)

    def write_quotient(self, node: Expression, x: Piece[P], y: Piece[P]) -> Piece[P]:
        """x / y."""
        hides = x.is_open and elements(node.inputs[1]) > 1
        return self.fraction(Piece(self.bracketed(x.text), ATOM) if hides else x, y)

    def write_unwritten(self, _node: Expression, x: Piece[P]) -> Piece[P]:
        """x, for an operation that formulas leave out, such as a cast to another dtype."""
        return x

    def write_total(self, node: Expression, x: Piece[P]) -> Piece[P]:
        """The sum sign; with it, the dimension that is summed."""
        dims = node.settings.get("dims", (0,))
        return (
            x if dims == () else self._without_ones(node, self.total(summed(node.inputs[0].shape, dims), x))
        )

    def _without_ones(self, node: Expression, x: Piece[P]) -> Piece[P]:
        """`x`, in which reduced dimensions stay as the reader expects, without them if `node` is."""
        if node.settings.get("keepdim", True):
            return x
        dims = node.settings["dims"] if "dims" in node.settings else (node.settings["dim"],)
        return self.moved(x, kept_shape(node.inputs[0].shape, None if dims == (None,) else dims), node.shape)

    def moved(self, x: Piece[P], before: tuple[int, ...], after: tuple[int, ...]) -> Piece[P]:
        """x with other dimensions of size 1: nothing for rows, xᵀ for columns, else a function."""
        before, after = plain_shape(before), plain_shape(after)
        if before == after:
            return x
        if max(len(before), len(after)) == 2:
            return self.transposed(x)._replace(inner=x if len(before) == 1 else None)
        for name, shorter, longer in (("squeeze", after, before), ("unsqueeze", before, after)):
            for dim in range(len(longer)):
                if longer[dim] == 1 and longer[:dim] + longer[dim + 1 :] == shorter:
                    return self.call(name, [x], [str(dim)])
        return self.call("reshape", [x], [*map(str, after)])

    def write_elements(self, node: Expression, x: Piece[P], *arrays: Piece[P]) -> Piece[P]:
        """x[0:3]."""
        return self.elements(self._whole(node.inputs[0], x), short_index(node.settings["index"], arrays))

    def write_replaced(self, node: Expression, x: Piece[P], y: Piece[P], *arrays: Piece[P]) -> Piece[P]:
        """x[0 ← y]."""
        whole = self._whole(node.inputs[0], x)
        return self.elements(whole, short_index(node.settings["index"], arrays), "←", y)

    def _whole(self, node: Any, x: Piece[P]) -> Piece[P]:
        """x with all of its dimensions, which an index counts; those of a symbol are known."""
        if (
            not isinstance(node, Expression)
            or node.operation is None
            or plain_shape(node.shape) == node.shape
        ):
            return x
        return self.call("reshape", [x], [*map(str, node.shape)])

    def write_scattered(self, node: Expression, x: Piece[P], *arrays: Piece[P]) -> Piece[P]:
        """zeros(5)[0:3 ← x], or zeros(5)[[0, 0] += x] where an index may name a place twice."""
        zeros = self.call("zeros", [], [*map(str, node.shape)])
        if isinstance(node.inputs[0], Expression) and node.inputs[0].operation is expand:
            x = x.inner or x  # which is repeated anyway
        sign = "+=" if arrays or repeats(node.settings["index"]) else "←"
        return self.elements(zeros, short_index(node.settings["index"], arrays), sign, x)

    def write_transpose(self, node: Expression, x: Piece[P]) -> Piece[P]:
        """xᵀ, or a function for another order of dimensions."""
        if is_transpose(node):
            return self.transposed(x)
        dims = node.settings["dims"]
        return x if dims == tuple(range(len(dims))) else self.call("permute", [x], [*map(str, dims)])

    def write_reshaped(self, node: Expression, x: Piece[P]) -> Piece[P]:
        """A function, or what is written where only dimensions of size 1 change."""
        if only_ones_move(node):
            return self.moved(x, node.inputs[0].shape, node.shape)
        return self.call("reshape", [x], [*map(str, node.shape)])

    def write_repeated(self, node: Expression, x: Piece[P]) -> Piece[P]:
        """A function for a repeated row or column."""
        if plain_shape(node.inputs[0].shape) == plain_shape(node.shape):
            return x
        return self.call("expand", [x], [*map(str, node.shape)])._replace(inner=x)

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

    def call(self, name: str, arguments: list[Piece[P]], settings: Sequence[str] = ()) -> Piece[P]:
        """name(x, y, dim=1)."""
        raise NotImplementedError

    def total(self, what: str, x: Piece[P]) -> Piece[P]:
        """Σ x, or the sum of all rows of x, or columns."""
        raise NotImplementedError

    def elements(self, x: Piece[P], index: str, sign: str = "", y: Piece[P] | None = None) -> Piece[P]:
        """x[index], or x[index ← y] and x[index += y]; the index may be `…`."""
        raise NotImplementedError

    def transposed(self, x: Piece[P]) -> Piece[P]:
        """xᵀ."""
        raise NotImplementedError

    def noted(self, x: Piece[P], words: str) -> Piece[P]:
        """x and words."""
        raise NotImplementedError
