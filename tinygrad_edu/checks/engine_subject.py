"""Functions of an engine's own numbers: our `Value`, every class with micrograd's `data`, `grad` and `backward()`."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.checks.comparison import Arrays
from tinygrad_edu.checks.rule_likeness import NARROW, Step
from tinygrad_edu.checks.subject import Run, Subject, name_of, parameters
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.tensor import Tensor

# What micrograd's `_op` says, beside the names of operations; `**3` and the like begin with `**`.
LABELS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power", "neg": "negative"}
LABELS |= {
    "ReLU": "relu",
    "sub": "subtract",
    "mul": "multiply",
    "div": "divide",
    "pow": "power",
    "@": "matmul",
}


def is_engines(x: Any) -> bool:
    """True for a number or an array that an engine other than Tensor differentiates by."""
    return not isinstance(x, Tensor) and all(hasattr(x, name) for name in ("data", "grad", "backward"))


class EngineRun(Run):
    """A call of a function of such numbers."""

    def __init__(self, results: Sequence[Any], inputs: Sequence[Any]) -> None:
        self.results, self.inputs = results, inputs
        self.outputs = [np.array(y.data, float) for y in results]

    def back(self, upstream: Arrays) -> Arrays:
        self._total(upstream).backward()
        return [np.array(x.grad, float) for x in self.inputs]

    def adds(self, upstream: Arrays, found: Arrays) -> bool:
        """Whether gradients are added to those that are there; of a call whose gradients nobody has asked for."""
        for x in self.inputs:
            x.grad = _plain(np.ones(np.shape(x.data)))
        added = self.back(upstream)
        return all(np.allclose(a, g + 1, equal_nan=True) for a, g in zip(added, found))

    def precision(self) -> float:
        kinds = [np.asarray(y.data).dtype for y in self.results]
        return max((float(np.finfo(kind).eps) for kind in kinds if kind in NARROW), default=0.0)

    def raw_inputs(self) -> Arrays:
        return [np.array(x.data, float) for x in self.inputs]

    def _total(self, upstream: Arrays) -> Any:
        """The sum of the results, each times what flows back into it, written with the operations of the engine."""
        parts = [y * _plain(u) for y, u in zip(self.results, upstream)]
        parts = [part if np.size(part.data) == 1 else part.sum() for part in parts]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    def by_chain_rule(self, upstream: Arrays) -> Arrays:
        """The gradients by the rules of the engine, but in the right order."""
        total = self._total(upstream)
        grads: dict[int, Any] = {id(total): np.ones(np.shape(total.data))}
        for node in _results_first([total]):
            if parents := _parents(node):
                for x, share in zip(parents, _Backward(node, parents).shares(grads[id(node)])):
                    grads[id(x)] = grads.get(id(x), 0.0) + share
        return [np.asarray(grads.get(id(x), np.zeros(np.shape(x.data)))) for x in self.inputs]

    def steps(self) -> Iterator[Step | None]:
        for node in _results_first(self.results):
            if _parents(node):
                yield _of_value(node) if isinstance(node, Value) else _of_micrograd(node)


class EngineSubject(Subject):
    """A function whose inputs are such numbers; other inputs are constants."""

    def __init__(self, function: Callable[..., Any], inputs: Sequence[Any]) -> None:
        self.function, self.name, self.given = function, name_of(function), list(inputs)
        self.places = [i for i, x in enumerate(inputs) if is_engines(x)]
        self.arrays = [np.array(inputs[i].data, float) for i in self.places]
        self.names = [parameters(function, len(inputs))[i] for i in self.places]

    def run(self, arrays: Arrays) -> EngineRun:
        xs = [_leaf(self.given[i], array) for i, array in zip(self.places, arrays, strict=True)]
        args = list(self.given)
        for place, x in zip(self.places, xs):
            args[place] = x
        result = self.function(*args)
        results = list(result) if isinstance(result, tuple | list) else [result]
        if not results or not all(map(is_engines, results)):
            kind = type(self.given[self.places[0]]).__name__
            raise TypeError(
                f"check_gradients needs a function of {kind}s that returns {kind}s, got {type(result).__name__}"
            )
        return EngineRun(results, xs)


def _leaf(like: Any, array: Any) -> Any:
    """A new number of the same class; a copy with other data where the class takes more than the data."""
    data = _plain(array)
    try:
        return type(like)(data)
    except TypeError:
        x = copy.copy(like)
        x.data, x.grad = data, like.grad * 0
        return x


def _plain(array: Any) -> Any:
    return float(array) if np.ndim(array) == 0 else np.array(array)


# The operations by themselves.


def _results_first(results: Sequence[Any]) -> list[Any]:
    """Every number that the results depend on; each comes before all it was computed from."""
    order: list[Any] = []
    done: set[int] = set()
    waiting = [(x, False) for x in results]
    while waiting:
        node, ready = waiting.pop()
        if ready:
            order.append(node)
        elif id(node) not in done:
            done.add(id(node))
            waiting.append((node, True))
            waiting.extend((x, False) for x in _parents(node))
    return order[::-1]


def _parents(node: Any) -> list[Any]:
    return [x for x in getattr(node, "_prev", ()) if is_engines(x)]


def _of_value(node: Any) -> Step:
    """A step of ours: the rules on plain floats."""
    operation = node.operation
    arrays = [np.array(x) for x in node.numbers[1:]]
    positions = [i for i, _ in node.edges()]

    def forward(moved: Arrays) -> Any:
        return operation.on_numbers(*map(float, moved))

    def share(position: int, g: Any) -> Any:
        return operation.rules[position](float(g), *node.numbers)

    return Step(operation.name, operation.input_names, arrays, positions, np.array(node.data), forward, share)


# How many parents stand where among the inputs: micrograd keeps them in a set, which knows no order and nothing twice.
_ORDERS = {1: ((0,), (0, 0)), 2: ((0, 1), (1, 0))}


def _of_micrograd(node: Any) -> Step | None:
    """A step of micrograd's form, if its label tells what it computes and that is what it computed."""
    label, parents = str(getattr(node, "_op", "")), _parents(node)
    name = "power" if label.startswith("**") else LABELS.get(label, label.lower())
    if not callable(getattr(node, "_backward", None)) or name not in OPERATIONS:
        return None
    arrays, constants = [np.array(x.data, float) for x in parents], _exponent(label)
    for order in _ORDERS.get(len(parents), ()):

        def forward(moved: Arrays, order: tuple[int, ...] = order) -> Any:
            return OPERATIONS[name](*(moved[i] for i in order), *constants)

        if _gives(forward, arrays, node.data):
            back = _Backward(node, parents)
            data, positions = np.array(node.data, float), range(len(parents))
            return Step(label, ["x", "y"], arrays, positions, data, forward, back.share, adds=back.adds)
    return None


class _Backward:
    """The `_backward()` of one number, run by itself."""

    def __init__(self, node: Any, parents: Sequence[Any]) -> None:
        self.node, self.parents = node, parents

    def shares(self, g: Any, start: float = 0.0) -> list[Any]:
        """The gradients of the parents, which begin with `start`."""
        numbers = [self.node, *self.parents]
        before = [x.grad for x in numbers]
        for x in self.parents:
            x.grad = _plain(np.full(np.shape(x.data), start))
        self.node.grad = _plain(g)
        self.node._backward()
        found = [np.array(x.grad, float) for x in self.parents]
        for x, grad in zip(numbers, before):
            x.grad = grad
        return found

    def share(self, position: int, g: Any) -> Any:
        """What it adds to the gradient of one parent."""
        return self.shares(g)[position]

    def adds(self) -> bool:
        """Whether it adds to gradients that are there."""
        g = np.ones(np.shape(self.node.data))
        pairs = zip(self.shares(g), self.shares(g, 1.0))
        return all(a.shape == b.shape and np.allclose(a + 1, b, equal_nan=True) for a, b in pairs)


def _exponent(label: str) -> list[float]:
    try:
        return [float(label[2:])]
    except ValueError:
        return []


def _gives(forward: Any, arrays: Arrays, data: Any) -> bool:
    try:
        with np.errstate(all="ignore"):
            return bool(np.allclose(forward(arrays), data, rtol=1e-9, equal_nan=True))
    except (TypeError, ValueError):
        return False
