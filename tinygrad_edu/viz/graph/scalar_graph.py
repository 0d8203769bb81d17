"""A graph of Tensors opened up to single numbers: the same operations on arrays of Values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from reprlib import repr as short
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.engine.readings import ARRAYS
from tinygrad_edu.ops import linalg
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.reading.names import known_names
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.reductions import Reductions
from tinygrad_edu.viz.graph import traced

MOST_OPENED = 2_000  # numbers

Objects = Any  # an array of Values, or a plain number


class Opened(NamedTuple):
    """Values in which a graph of Tensors ends, and those among their leaves that are learned."""

    ends: list[Value]
    learned: list[Value]


def opened(x: Any, names: Mapping[str, Any] | None = None) -> Opened:
    """The numbers of `x`, Tensors, as Values with the graph by which they were computed; gradients if `x` has its own.

    The elements of a tensor that is called W are called `W[0,1]`.
    Raises `TypeError` or `ValueError` for anything else, for too many numbers, and for an operation that has no
    meaning for single numbers.
    """
    roots = traced.roots(x)
    if not all(isinstance(root, Variable) for root in roots):
        raise TypeError(f"draw with scalars=True needs Tensors, got {short(x)}; draw Values without it")
    things = traced.oldest_first(roots)
    _check_size(things)
    arrays: dict[int, np.ndarray] = {}
    for thing, name in zip(things, known_names(things, names), strict=True):
        arrays[id(thing)] = _leaf(thing) if thing.operation is None else _computed(thing, arrays)
        _label(arrays[id(thing)], name)
    ends = [value for root in roots for value in arrays[id(root)].ravel().tolist()]
    gradient = roots[0].raw_grad() if len(ends) == 1 else None
    if gradient is not None and np.all(gradient == 1):
        ends[0].backward()
    learned = [thing for thing in things if thing.operation is None and thing.requires_grad]
    return Opened(ends, [value for thing in learned for value in arrays[id(thing)].ravel().tolist()])


def _check_size(things: Sequence[Any]) -> None:
    total = 0
    for thing in things:
        factor = 2 * thing.inputs[0].shape[-1] if _is_product(thing) and thing.inputs[0].shape else 1
        total += thing.raw.size * factor
        if total > MOST_OPENED:
            raise ValueError(
                f"draw with scalars=True needs at most {MOST_OPENED:,} numbers, got more; "
                "draw a smaller input, one example say, or an earlier result"
            )


def _is_product(thing: Any) -> bool:
    return thing.operation in (linalg.matmul, linalg.linear)


def _leaf(thing: Any) -> np.ndarray:
    return _each(Value, thing.raw)


def _each(function: Callable[..., Any], *arrays: Objects) -> np.ndarray:
    """`function` of the numbers of arrays that broadcast."""
    return np.asarray(np.frompyfunc(function, len(arrays), 1)(*arrays), dtype=object)


def _label(array: np.ndarray, name: str) -> None:
    for index, value in np.ndenumerate(array):
        if name and isinstance(value, Value) and not value.label:
            value.label = f"{name}[{','.join(map(str, index))}]" if index else name


def _computed(thing: Any, arrays: Mapping[int, np.ndarray]) -> np.ndarray:
    inputs = [arrays[id(x)] if isinstance(x, Variable) else x for x in thing.inputs]
    if "index" in thing.settings:  # whole numbers stay what they are
        inputs = [
            x.raw if isinstance(x, Variable) and x.raw.dtype.kind in "iub" else y
            for x, y in zip(thing.inputs, inputs)
        ]
    result = Numbers(inputs[0]).apply(thing.operation, tuple(inputs), dict(thing.settings))
    return _each(_as_value, np.asarray(result.raw, dtype=object))


def _as_value(x: Any) -> Value:
    return x if isinstance(x, Value) else Value(x)


class Numbers(Reductions["Numbers"]):
    """An array of Values: operations on it are done number by number, or as written out for single numbers."""

    def __init__(self, raw: Any) -> None:
        self.raw = np.asarray(raw, dtype=object)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        return self.raw.shape

    @property
    def ndim(self) -> int:
        """The number of its dimensions."""
        return self.raw.ndim

    @property
    def flat(self) -> Iterator[Any]:
        """The single numbers."""
        return iter(self.raw.flat)

    def apply(self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Numbers:
        """The numbers of `operation(*inputs, **settings)`.

        Raises `ValueError` for an operation that has no meaning for single numbers.
        """
        arrays = [x.raw if isinstance(x, Numbers) else x for x in inputs]
        if isinstance(operation, Elementwise):
            return Numbers(_each(operation, *arrays))
        readings = operation.readings
        if readings.scalars == ARRAYS:
            return Numbers(operation.forward(*arrays, **settings))
        written = readings.scalars or readings.paper
        if not callable(written):
            raise ValueError(
                "draw with scalars=True needs operations that have a meaning for single numbers, got "
                f"{operation.name}; draw without it"
            )
        return written(*(Numbers(x) for x in arrays), **settings)
