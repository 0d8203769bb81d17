"""Formulas as trees: the operations of the tables, run on symbols in place of numbers.

An `Expression` passed through the functions and derivative rules of arrays gives the formula of the result.
Expressions are plain data, to be written, evaluated on arrays, simplified or differentiated; a part used twice is kept
once. No function recurses, so that a chain of a million operations is only long. Dictionaries find an expression by
identity, as `==` of two expressions is a formula.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import NUMBERS, Operation
from tinygrad_edu.engine.readings import Shape
from tinygrad_edu.ops.shape import expand
from tinygrad_edu.symbolic.shape_rules import shape_of
from tinygrad_edu.tensor.arithmetic import Operators
from tinygrad_edu.tensor.methods import Methods
from tinygrad_edu.tensor.numpy_ufuncs import UFUNCS
from tinygrad_edu.tensor.shaping import Shaping
from tinygrad_edu.text.notation import REPEATED, RESHAPED, TRANSPOSE, UNWRITTEN


class Expression(Operators["Expression"], Shaping["Expression"], Methods):
    """A symbol, or an operation on expressions and plain numbers; with a shape, as the array has that it stands for.

    A symbol has a `name`, and no `operation`. `by` names the variables of a derivative: `∂L/∂W1` has the name `L` and
    is by `("W1",)`. A `mask` has only zeros and ones.
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
        """The shape of the array."""
        return self._shape

    @property
    def ndim(self) -> int:
        """The number of dimensions of the array."""
        return len(self._shape)

    @property
    def dtype(self) -> None:
        """None: a formula has no dtype."""
        return

    def astype(self, _dtype: Any) -> Expression:
        """Self: a dtype is not written."""
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
        name = self.operation.name if self.operation else self.name
        return f"<expression {name} of shape {self.shape}>"


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
    """A symbol for an array of `shape`; with `by`, for the derivative of `name` by these variables."""
    return Expression(name, tuple(shape), by=by, mask=mask)


def filled(number: float, shape: Shape = ()) -> Expression:
    """A plain number in every place of `shape`."""
    return Expression(shape=shape, operation=expand, inputs=(number,), settings={"shape": shape})


def number_in(x: Any) -> Any:
    """The plain number in every place of `x`, or None."""
    if not isinstance(x, Expression):
        return x
    plain = x.operation is expand and not isinstance(x.inputs[0], Expression)
    return x.inputs[0] if plain else None


def inside_out(*roots: Any) -> list[Expression]:
    """Every expression in `roots` once, inputs before results."""
    order: list[Expression] = []
    seen: set[Expression] = set()
    waiting = [(root, False) for root in reversed(roots) if isinstance(root, Expression)]
    while waiting:
        node, ready = waiting.pop()
        if ready:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            waiting.append((node, True))
            waiting.extend((x, False) for x in reversed(node.inputs) if isinstance(x, Expression))
    return order


def symbols_in(*roots: Any) -> list[Expression]:
    """The symbols in `roots`, inside out."""
    return [node for node in inside_out(*roots) if node.operation is None]


def size(root: Any) -> int:
    """The number of signs of `root` when written: a part used twice counts twice, transposing does not count."""
    sizes: dict[Expression, int] = {}
    for node in inside_out(root):
        own = 0 if node.operation is not None and node.operation.readings.notation in _SILENT else 1
        sizes[node] = own + sum(sizes[x] if isinstance(x, Expression) else 1 for x in node.inputs)
    return sizes[root] if isinstance(root, Expression) else 1


_SILENT = (REPEATED, RESHAPED, TRANSPOSE, UNWRITTEN)


def with_inputs(node: Expression, inputs: tuple[Any, ...]) -> Expression:
    """`node` with other inputs; itself if they are the same."""
    if all(new is old for new, old in zip(inputs, node.inputs, strict=True)):
        return node
    return Expression(shape=node.shape, operation=node.operation, inputs=inputs, settings=node.settings)


def rebuilt(
    root: Any, make: Callable[[Expression, tuple[Any, ...]], Any], done: dict[Expression, Any] | None = None
) -> Any:
    """`root` made anew from the inside out: `make(node, inputs)` stands for a part, and inputs are made so before.

    `done` holds parts that are made already.
    """
    done = {} if done is None else done
    for node in inside_out(root):
        if node not in done:
            inputs = tuple(done[x] if isinstance(x, Expression) else x for x in node.inputs)
            done[node] = make(node, inputs)
    return done[root] if isinstance(root, Expression) else root


def replaced(root: Any, by: Mapping[Expression, Any]) -> Any:
    """`root` with the parts that are keys of `by` replaced."""
    return rebuilt(root, with_inputs, dict(by))


def same(a: Any, b: Any) -> bool:
    """True if `a` and `b` are written alike: the same operations on the same symbols and numbers."""
    waiting, seen = [(a, b)], set()
    while waiting:
        x, y = waiting.pop()
        if x is y or (x, y) in seen:
            continue
        seen.add((x, y))
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
