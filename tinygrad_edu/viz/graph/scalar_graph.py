"""A graph of Tensors opened up to single numbers: the same operations on arrays of Values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from reprlib import repr as short
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.engine.readings import ARRAYS
from tinygrad_edu.ops import contractions
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.fused_loss import class_cross_entropy
from tinygrad_edu.reading.names import Names
from tinygrad_edu.reading.nodes import Computation
from tinygrad_edu.reading.recompute import recompute
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.arithmetic import Operators
from tinygrad_edu.tensor.methods import Methods
from tinygrad_edu.tensor.shaping import Shaping
from tinygrad_edu.text.words import clean
from tinygrad_edu.viz.graph import drawable

MAX_OPENED_NUMBERS = 2_000  # numbers

Objects = Any  # an array of Values, or a plain number


class Opened(NamedTuple):
    """Values in which a graph of Tensors ends, those among their leaves that are learned, and notes for the picture."""

    ends: list[Value]
    learned: list[Value]
    notes: list[str]


def opened(x: Any, names: Mapping[str, Any] | None = None, *, implicit: bool = False) -> Opened:
    """The numbers of the Tensors `x` as Values with their graph, and with gradients if `x` has been differentiated.

    The elements of a tensor that is called W are called `W[0,1]`.
    Raises `TypeError` or `ValueError` for anything else, for too many numbers, and for an operation that has no
    meaning for single numbers.
    """
    roots = drawable.roots(x)
    if not all(isinstance(root, Variable) for root in roots):
        raise TypeError(f"draw with scalars=True needs Tensors, got {short(x)}; draw Values without it")
    computation = Computation(*roots)
    _check_size(computation)
    arrays = recompute(computation, _leaf, _computed)
    known = Names(names, implicit=implicit)
    for tensor, array in arrays.items():
        _label(array, known.find(tensor))
    ends = [value for root in roots for value in arrays[root].ravel().tolist()]
    gradient = roots[0].raw_grad() if len(ends) == 1 else None
    if gradient is not None and np.all(gradient == 1):
        ends[0].backward()
    learned = [leaf for leaf in computation.leaves if leaf.requires_grad]
    lost = [clean(known.find(x) or x.described()) for x in computation.lost]
    notes = [f"computed anew: {drawable.overwritten(lost)}"] if lost else []
    return Opened(ends, [value for leaf in learned for value in arrays[leaf].ravel().tolist()], notes)


def _check_size(tensors: Iterable[Any]) -> None:
    total = 0
    for x in tensors:
        factor = 2 * x.inputs[0].shape[-1] if _is_product(x) and x.inputs[0].shape else 1
        total += x.raw.size * factor
        if total > MAX_OPENED_NUMBERS:
            raise ValueError(
                f"draw with scalars=True needs at most {MAX_OPENED_NUMBERS:,} numbers, got more; "
                "draw a smaller input, one example say, or an earlier result"
            )


def _is_product(tensor: Any) -> bool:
    return tensor.operation in (contractions.matmul, contractions.linear)


def _leaf(tensor: Any) -> np.ndarray:
    raw = tensor.raw
    return _each(Value, raw.astype(float) if raw.dtype.kind == "b" else raw)  # true is 1


def _each(function: Callable[..., Any], *arrays: Objects) -> np.ndarray:
    """`function` of the numbers of arrays that broadcast."""
    return np.asarray(np.frompyfunc(function, len(arrays), 1)(*arrays), dtype=object)


def _label(array: np.ndarray, name: str) -> None:
    for index, value in np.ndenumerate(array):
        if name and isinstance(value, Value) and not value.label:
            value.label = f"{name}[{','.join(map(str, index))}]" if index else name


def _computed(tensor: Any, inputs: list[Objects]) -> np.ndarray:
    if (
        "index" in tensor.settings or tensor.operation is class_cross_entropy
    ):  # whole numbers stay what they are
        inputs = [
            x.raw if isinstance(x, Variable) and x.raw.dtype.kind in "iub" else y
            for x, y in zip(tensor.inputs, inputs)
        ]
    result = Numbers(inputs[0]).apply(tensor.operation, tuple(inputs), dict(tensor.settings))
    return _each(_as_value, np.asarray(result.raw, dtype=object))


def _as_value(x: Any) -> Value:
    x = (
        x.item() if isinstance(x, np.ndarray) else x
    )  # as NumPy puts an array without dimensions into one of objects
    return x if isinstance(x, Value) else Value(x)


class Numbers(Operators["Numbers"], Shaping["Numbers"], Methods):
    """An array of Values: operations run number by number, or as they are written out for single numbers."""

    def __init__(self, raw: Any) -> None:
        self.raw = np.asarray(raw, dtype=object)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        return self.raw.shape

    @property
    def dtype(self) -> None:
        """None: Values have no dtype."""
        return

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self.raw.ndim

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
