"""A graph run forward again, operation by operation: with other numbers in it, or with objects in place of numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from tinygrad_edu.engine.grad_mode import enable_grad
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.node import Node
from tinygrad_edu.reading.nodes import Array, Computation
from tinygrad_edu.tensor.tensor import Tensor, around

T = TypeVar("T")
Copies = dict[Variable, Tensor]


def recompute(
    computation: Computation, leaf: Callable[[Any], T], result: Callable[[Any, list[Any]], T]
) -> dict[Any, T]:
    """Every node computed again: a leaf as `leaf(node)`, a result as `result(node, inputs)` from its new inputs."""
    made: dict[Any, T] = {}
    for node in computation:
        inputs = [made[x] if isinstance(x, Node) else x for x in node.inputs]
        made[node] = leaf(node) if node.operation is None else result(node, inputs)
    return made


def rerun(
    loss: Tensor,
    values: Mapping[Variable, Array],
    after: Callable[[Variable, Array], Array] | None = None,
    overwrite: Mapping[Variable, Array] | None = None,
) -> Copies:
    """A copy of every tensor of the graph; the leaves in `values` hold these numbers, and constants are shared.

    `after(node, value)` changes results before they are used, as rounding does; `overwrite` replaces results.
    """
    overwrite = overwrite or {}

    def leaf(x: Any) -> Any:
        return _copy(x, values.get(x, x.raw)) if x.requires_grad or x in values else x

    def result(node: Variable, inputs: list[Any]) -> Any:
        computed = _computed_alike(node, inputs)
        if node in overwrite:
            computed.raw = np.asarray(overwrite[node])
        elif after is not None:
            computed.raw = after(node, computed.raw)
        return computed

    with enable_grad():
        return recompute(Computation(loss), leaf, result)


def _copy(leaf: Variable, numbers: Array) -> Tensor:
    copy = around(np.array(numbers, leaf.raw.dtype))
    copy.name, copy.requires_grad = leaf.name, leaf.requires_grad
    return copy


def _computed_alike(node: Variable, inputs: list[Any]) -> Any:
    """The operation of `node` on other inputs, with the name and the line of `node`."""
    assert node.operation is not None
    first = next(x for x in inputs if isinstance(x, Variable))
    result = first.apply(node.operation, tuple(inputs), dict(node.settings))
    result.name, result.call_site = node.name, node.call_site
    return result
