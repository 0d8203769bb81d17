"""The same graph computed again, forward: with other numbers in its leaves, or with every result rounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.grad_mode import enable_grad
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.tensor.tensor import Tensor, around

Copies = dict[Variable, Tensor]


def rerun(
    loss: Tensor,
    values: Mapping[Variable, Array],
    after: Callable[[Variable, Array], Array] | None = None,
    overwrite: Mapping[Variable, Array] | None = None,
) -> Copies:
    """A copy of every tensor of the graph; the leaves in `values` hold these numbers.

    `after(node, value)` changes results before they are used, as rounding does; `overwrite` replaces results.
    """
    copies: Copies = {}
    with enable_grad():
        for node in reversed(newest_first(loss)):
            assert node.operation is not None
            inputs = tuple(_copy(x, copies, values) for x in node.inputs)
            first = next(x for x in inputs if isinstance(x, Variable))
            copies[node] = result = first.apply(node.operation, inputs, dict(node.settings))
            result.name, result.call_site = node.name, node.call_site
            if overwrite is not None and node in overwrite:
                result.raw = np.asarray(overwrite[node])
            elif after is not None:
                result.raw = after(node, result.raw)
    return copies


def _copy(x: object, copies: Copies, values: Mapping[Variable, Array]) -> object:
    if not isinstance(x, Variable) or x in copies:
        return copies.get(x, x) if isinstance(x, Variable) else x
    if x.requires_grad or x in values:
        copies[x] = leaf = around(np.array(values.get(x, x.raw), x.raw.dtype))
        leaf.name, leaf.requires_grad = x.name, x.requires_grad
        return leaf
    return x
