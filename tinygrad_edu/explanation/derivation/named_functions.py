"""Softmax and normalizations that a program writes out in steps, folded back to their names; an LSTM in its steps.

A result belongs to a softmax if it depends on one tensor z of its shape alone, and the same steps on other numbers
than z give the softmax of those numbers too. No way of writing it is looked for.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import numpy as np

from tinygrad_edu.engine.grad_mode import enable_grad
from tinygrad_edu.engine.node import Node, gets_gradient
from tinygrad_edu.ops import elementwise, recurrent, reduce, softmax
from tinygrad_edu.ops.standardization import standardize
from tinygrad_edu.reading.names import Names
from tinygrad_edu.reading.nodes import Computation, nodes_in
from tinygrad_edu.tensor.tensor import Tensor

MAX_RESULTS = 1_000  # of a graph that is looked through
MAX_STEPS = 20  # of one function
MAX_UNFOLDED = 2  # steps of an LSTM: three are a wall of text
MAX_NUMBERS = 10_000  # of an array on which steps are tried
_LAST = (elementwise.divide, elementwise.multiply, elementwise.subtract, elementwise.log, elementwise.exp)
_SUMS = (reduce.sum, reduce.mean, softmax.logsumexp)
_NAMES = (softmax.softmax, softmax.log_softmax, standardize)
Named = tuple[Callable[..., Any], dict[str, Any]]


def folded(computation: Computation, names: Names, wrt: Collection[Any]) -> dict[Any, Any]:
    """The results computed again with named functions where steps are one, by the nodes that they stand for.

    Steps with a name, and those that are asked for, stay steps.
    """
    results = [node for node in reversed(computation.results) if isinstance(node, Tensor)]
    overwritten = computation.lost or any(computation.array(node) is not node.raw for node in results)
    if not results or len(results) > MAX_RESULTS or overwritten:
        return {}
    kept = {*wrt, *(node for node in results if names.find(node))}
    found: dict[Any, tuple[tuple[Any, ...], Named]] = {}
    for node in results:
        named = _in_steps(node) or _named(node, kept | found.keys())
        if named is not None:
            found[node] = named
    return _again(results, found, names) if found else {}


def _in_steps(node: Any) -> tuple[tuple[Any, ...], Named] | None:
    """The steps of an LSTM, which are one operation, if they are few."""
    steps = recurrent.lstm.readings.scalars
    if node.operation is not recurrent.lstm or len(node.inputs[0]) > MAX_UNFOLDED or not callable(steps):
        return None
    return node.inputs, (steps, {})


def _again(
    results: list[Any], found: Mapping[Any, tuple[tuple[Any, ...], Named]], names: Names
) -> dict[Any, Any]:
    """What is `found`, and what was computed from it, computed again."""
    new: dict[Any, Any] = {}
    with enable_grad(), np.errstate(all="ignore"):
        for node in results:
            if node in found:
                given, (function, settings) = found[node]
                new[node] = function(*(new.get(x, x) for x in given), **settings)
            elif any(x in new for x in nodes_in(node)):
                inputs = [new.get(x, x) if isinstance(x, Node) else x for x in node.inputs]
                new[node] = node.operation(*inputs, **node.settings)
            if node in new:
                new[node].name = names.find(node) or None
    return new


def _named(node: Any, kept: set[Any]) -> tuple[tuple[Any, ...], Named] | None:
    """The tensor and the function of it that `node` is the last step of."""
    if node.operation not in _LAST or not node.raw.ndim or node.raw.size > MAX_NUMBERS:
        return None
    for x, steps in _steps_behind(node, kept):
        named = _function(x, steps)
        if named is not None:
            return (x,), named
    return None


def _steps_behind(node: Any, kept: set[Any]) -> Iterator[tuple[Any, list[Any]]]:
    """Each single tensor of its shape that `node` was computed from, and the steps from there, oldest first."""
    steps, open_ends = [node], _variables_in(node)
    while len(steps) < MAX_STEPS:
        if len(open_ends) == 1:
            (x,) = open_ends
            if x.raw.shape == node.raw.shape and any(step.operation in _SUMS for step in steps):
                yield x, steps[::-1]
        newest = max((x for x in open_ends if x.operation is not None), key=lambda x: x.serial, default=None)
        if newest is None or newest in kept or newest.operation in _NAMES:
            return
        open_ends = (open_ends - {newest}) | _variables_in(newest)
        steps.append(newest)


def _variables_in(node: Any) -> set[Any]:
    """The inputs through which a gradient flows; what else is among them counts as constant."""
    return {x for x in nodes_in(node) if gets_gradient(x)}


def _function(x: Any, steps: list[Any]) -> Named | None:
    """The function of `x` that the `steps` up to `node` are, also on other numbers."""
    rng = np.random.default_rng(0)
    probes = [rng.normal(size=x.raw.shape) for _ in range(2)]
    with np.errstate(all="ignore"):
        try:
            wanted = [_computed(probe, x, steps) for probe in probes]
        except (ValueError, TypeError, IndexError):
            return None
        for operation, settings in _candidates(x.raw.shape, steps):
            if all(
                np.allclose(operation(probe, **settings), y, rtol=1e-9, atol=1e-12)
                for probe, y in zip(probes, wanted, strict=True)
            ):
                return operation, settings
    return None


def _computed(probe: np.ndarray, x: Any, steps: list[Any]) -> np.ndarray:
    """The result of the `steps` with `probe` in place of `x`."""
    values = {x: probe}
    for node in steps:
        inputs = [values.get(y, getattr(y, "raw", y)) if isinstance(y, Node) else y for y in node.inputs]
        values[node] = np.asarray(node.operation(*inputs, **node.settings))
    return values[steps[-1]]


def _candidates(shape: tuple[int, ...], steps: list[Any]) -> Iterator[Named]:
    """The functions that steps on an array of this shape may be."""
    long = [dim for dim, n in enumerate(shape) if n > 1]
    for dim in long:
        yield softmax.softmax, {"dim": dim}
        yield softmax.log_softmax, {"dim": dim}
    small = [x for node in steps for x in node.inputs if isinstance(x, float) and 0 < x < 1e-2]
    for count in range(1, len(long) + 1):
        for dims in itertools.combinations(long, count):
            for eps in (*dict.fromkeys(small), 0.0):
                yield standardize, {"dims": dims, "eps": eps}
