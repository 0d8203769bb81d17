"""A graph of Tensors opened up to single numbers: the same operations on arrays of Values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from reprlib import repr as short
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.reading.names import Names
from tinygrad_edu.reading.nodes import Computation
from tinygrad_edu.reading.recompute import recompute
from tinygrad_edu.scalar import Value
from tinygrad_edu.viz.graph import drawable

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
    roots = drawable.roots(x)
    if not all(isinstance(root, Variable) for root in roots):
        raise TypeError(f"draw with scalars=True needs Tensors, got {short(x)}; draw Values without it")
    computation = Computation(*roots)
    _check_size(computation)
    arrays = recompute(computation, _leaf, _computed)
    known = Names(names)
    for tensor, array in arrays.items():
        _label(array, known.find(tensor))
    ends = [value for root in roots for value in arrays[root].ravel().tolist()]
    gradient = roots[0].raw_grad() if len(ends) == 1 else None
    if gradient is not None and np.all(gradient == 1):
        ends[0].backward()
    learned = [leaf for leaf in computation.leaves if leaf.requires_grad]
    return Opened(ends, [value for leaf in learned for value in arrays[leaf].ravel().tolist()])


def _check_size(tensors: Iterable[Any]) -> None:
    total = 0
    for x in tensors:
        factor = 2 * x.inputs[0].shape[-1] if _is_product(x) and x.inputs[0].shape else 1
        total += x.raw.size * factor
        if total > MOST_OPENED:
            raise ValueError(
                f"draw with scalars=True needs at most {MOST_OPENED:,} numbers, got more; "
                "draw a smaller input, one example say, or an earlier result"
            )


def _is_product(thing: Any) -> bool:
    return thing.operation is not None and thing.operation.name in ("matmul", "linear")


def _leaf(thing: Any) -> np.ndarray:
    return _each(Value, thing.raw)


def _each(function: Callable[..., Any], *arrays: Objects) -> np.ndarray:
    """`function` of the numbers of arrays that broadcast."""
    return np.asarray(np.frompyfunc(function, len(arrays), 1)(*arrays), dtype=object)


def _label(array: np.ndarray, name: str) -> None:
    for index, value in np.ndenumerate(array):
        if name and isinstance(value, Value) and not value.label:
            value.label = f"{name}[{','.join(map(str, index))}]" if index else name


def _computed(thing: Any, inputs: list[Objects]) -> np.ndarray:
    operation: Operation = thing.operation
    if isinstance(operation, Elementwise):
        result = _each(operation, *inputs)
    elif operation.name in _COMPOSED:
        result = np.asarray(_COMPOSED[operation.name](*inputs, **thing.settings), dtype=object)
    elif operation.name in _MOVING:
        rest = [x.raw if isinstance(x, Variable) else x for x in thing.inputs[1:]]
        moved = inputs if operation.name == "cat" else [inputs[0], *rest]
        result = np.asarray(operation.forward(*moved, **thing.settings), dtype=object)
    else:
        raise ValueError(
            f"draw with scalars=True needs operations that have a meaning for single numbers, got {operation.name}; "
            "draw without it"
        )
    return _each(_as_value, result)


def _as_value(x: Any) -> Value:
    return x if isinstance(x, Value) else Value(x)


_MOVING = ("cat", "expand", "permute", "reshape", "take")  # numbers that only move


def _linear(x: Objects, w: Objects, b: Objects | None = None) -> Objects:
    return x @ w.T if b is None else x @ w.T + b


def _sum(x: Objects, *, dims: Any, keepdim: bool) -> Objects:
    return x.sum(axis=dims, keepdims=keepdim)


def _mean(x: Objects, *, dims: Any, keepdim: bool) -> Objects:
    total = np.asarray(_sum(x, dims=dims, keepdim=keepdim), dtype=object)
    return total / (x.size / total.size)


def _exp(x: Objects) -> tuple[np.ndarray, float]:
    """exp(x - top), and top: a plain number, 0 unless exp could overflow or vanish."""
    greatest = max(map(float, x.ravel()))
    top = greatest if abs(greatest) > 300 else 0.0
    return _each(lambda v: v.exp(), x - top if top else x), top


def _softmax(x: Objects, *, dim: int) -> Objects:
    e, _ = _exp(x)
    return e / e.sum(axis=dim, keepdims=True)


def _logsumexp(x: Objects, *, dims: Any, keepdim: bool) -> Objects:
    e, top = _exp(x)
    logs = _each(lambda v: v.log(), e.sum(axis=dims, keepdims=keepdim))
    return logs + top if top else logs


def _log_softmax(x: Objects, *, dim: int) -> Objects:
    return x - _logsumexp(x, dims=(dim,), keepdim=True)


def _cross_entropy(z: Objects, target: Objects, divisor: Objects, *, dim: int) -> Objects:
    return -(target * _log_softmax(z, dim=dim)).sum() / np.asarray(divisor, dtype=object).item()


_COMPOSED: dict[str, Callable[..., Objects]] = {
    "cast": lambda x, **_: x,
    "column_sums": lambda x: x.sum(axis=0),
    "cross_entropy": _cross_entropy,
    "linear": _linear,
    "log_softmax": _log_softmax,
    "logsumexp": _logsumexp,
    "matmul": lambda x, y: x @ y,
    "mean": _mean,
    "softmax": _softmax,
    "sum": _sum,
}
