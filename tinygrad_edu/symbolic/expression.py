"""Formulas as trees: the operations of the tables, run on symbols in place of numbers.

An `Expression` passed through the same functions and derivative rules as arrays gives the formula of what they compute.
It is plain data, to be walked by writers, evaluated on arrays, simplified or differentiated; a part used twice is kept
once. Nothing here recurses: a chain of a million operations is only long.
"""

from __future__ import annotations

from collections.abc import Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import NUMBERS, Operation
from tinygrad_edu.engine.readings import Shape
from tinygrad_edu.ops.shape import expand
from tinygrad_edu.symbolic.shape_rules import shape_of
from tinygrad_edu.tensor.numpy_protocol import UFUNCS
from tinygrad_edu.tensor.reductions import Reductions
from tinygrad_edu.text.notation import REPEATED, RESHAPED, TRANSPOSE, UNWRITTEN


class Expression(Reductions["Expression"]):
    """A symbol, or an operation on expressions and plain numbers; with the shape of what it stands for.

    A symbol has a `name`, and no `operation`. `by` names what it is a derivative by: `∂L/∂W1` has the name `L` and is
    by `("W1",)`. A `mask` has only zeros and ones.
    """

    def __init__(
        self,
        name: str = "",
        shape: Shape = (),
        *,
        operation: Operation | None = None,
        inputs: tuple[Any, ...] = (),
        settings: dict[str, Any] | None = None,
        by: tuple[str, ...] = (),
        mask: bool = False,
    ) -> None:
        self.name = name
        self._shape = shape
        self.operation = operation
        self.inputs = inputs
        self.settings = settings or {}
        self.by = by
        self.mask = mask

    @property
    def shape(self) -> Shape:
        """The shape of what it stands for."""
        return self._shape

    @property
    def ndim(self) -> int:
        """How many dimensions that has."""
        return len(self._shape)

    @property
    def dtype(self) -> None:
        """A formula has no dtype."""
        return

    def astype(self, _dtype: Any) -> Expression:
        """A dtype is not written."""
        return self

    def apply(self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """The expression `operation(*inputs, **settings)`."""
        inputs = tuple(_admitted(operation, x) for x in inputs)
        shapes = [x.shape if isinstance(x, Expression) else () for x in inputs]
        return Expression(
            shape=shape_of(operation, shapes, settings),
            operation=operation,
            inputs=inputs,
            settings=settings,
        )

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or ufunc not in UFUNCS or options:
            raise TypeError(
                f"np.{ufunc.__name__} has no formula here; write it with operations of this library"
            )
        return UFUNCS[ufunc](*inputs)

    def __bool__(self) -> bool:
        raise TypeError(
            "a symbol is neither true nor false, so a formula cannot branch on it; write where(x > 0, a, b)"
        )

    def __float__(self) -> float:
        raise TypeError(
            "a symbol is no number; use exp, log and so on of this library or of NumPy, not of math"
        )

    def __repr__(self) -> str:
        what = self.operation.name if self.operation else self.name
        return f"<expression {what} of shape {self.shape}>"


def _admitted(operation: Operation, x: Any) -> Any:
    if isinstance(x, Expression) or x.__class__ in NUMBERS:
        return x
    if isinstance(x, np.generic) or (isinstance(x, np.ndarray) and x.ndim == 0) or isinstance(x, float):
        return x.item() if hasattr(x, "item") else float(x)
    raise TypeError(
        f"{operation.name} takes symbols and plain numbers in a formula, got {type(x).__name__} {short(x)}"
    )


def symbol(
    name: str, shape: Sequence[int] = (), *, by: tuple[str, ...] = (), mask: bool = False
) -> Expression:
    """A symbol for an array of `shape`; with `by`, for the derivative of `name` by these."""
    return Expression(name, tuple(shape), by=by, mask=mask)


def filled(number: float, shape: Shape = ()) -> Expression:
    """A plain number in every place of `shape`."""
    return Expression(shape=shape, operation=expand, inputs=(number,), settings={"shape": shape})


def number_in(x: Any) -> Any:
    """The plain number that is in every place of `x`, or None."""
    if not isinstance(x, Expression):
        return x
    plain = x.operation is expand and not isinstance(x.inputs[0], Expression)
    return x.inputs[0] if plain else None


def inside_out(*roots: Any) -> list[Expression]:
    """Every expression in `roots` once, inputs before what is made of them."""
    order: list[Expression] = []
    seen: set[int] = set()
    waiting = [(root, False) for root in reversed(roots) if isinstance(root, Expression)]
    while waiting:
        node, ready = waiting.pop()
        if ready:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            waiting.append((node, True))
            waiting.extend((x, False) for x in reversed(node.inputs) if isinstance(x, Expression))
    return order


def symbols_in(*roots: Any) -> list[Expression]:
    """The symbols, in the order in which they are met."""
    return [node for node in inside_out(*roots) if node.operation is None]


def size(root: Any) -> int:
    """How many signs it takes to write `root`: what is used twice counts twice, transposing does not count."""
    sizes: dict[int, int] = {}
    for node in inside_out(root):
        own = 0 if node.operation is not None and node.operation.readings.notation in _SILENT else 1
        sizes[id(node)] = own + sum(sizes[id(x)] if isinstance(x, Expression) else 1 for x in node.inputs)
    return sizes[id(root)] if isinstance(root, Expression) else 1


_SILENT = (REPEATED, RESHAPED, TRANSPOSE, UNWRITTEN)


def rebuilt(node: Expression, inputs: tuple[Any, ...]) -> Expression:
    """`node` with other inputs; itself if they are the same."""
    if all(new is old for new, old in zip(inputs, node.inputs, strict=True)):
        return node
    return Expression(shape=node.shape, operation=node.operation, inputs=inputs, settings=node.settings)


def replaced(root: Any, by: dict[int, Any]) -> Any:
    """`root` with some of its parts replaced: `by` maps the id of a part to what stands for it."""
    done: dict[int, Any] = {}
    for node in inside_out(root):
        if id(node) in by:
            done[id(node)] = by[id(node)]
        else:
            new = tuple(done[id(x)] if isinstance(x, Expression) else x for x in node.inputs)
            done[id(node)] = rebuilt(node, new)
    return done[id(root)] if isinstance(root, Expression) else root


def same(a: Any, b: Any) -> bool:
    """Whether `a` and `b` are written alike: the same operations on the same symbols and numbers."""
    waiting, seen = [(a, b)], set()
    while waiting:
        x, y = waiting.pop()
        if x is y or (id(x), id(y)) in seen:
            continue
        seen.add((id(x), id(y)))
        if not (isinstance(x, Expression) and isinstance(y, Expression)):
            if isinstance(x, Expression) or isinstance(y, Expression) or x != y:
                return False
        elif x.operation is None or x.operation is not y.operation or not _alike(x, y):
            return False
        else:
            waiting.extend(zip(x.inputs, y.inputs, strict=True))
    return True


def _alike(x: Expression, y: Expression) -> bool:
    return x.shape == y.shape and len(x.inputs) == len(y.inputs) and repr(x.settings) == repr(y.settings)
