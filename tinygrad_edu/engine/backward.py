"""Around the walk back: what one node hands to its inputs, the result for chosen leaves, each in its own memory."""

from __future__ import annotations

from reprlib import repr as short
from typing import Any

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Data


def shares(node: Variable, g: Data) -> list[tuple[Variable, Data]]:
    """Each input of `node` that needs a gradient, and its share of it, given the raw gradient `g` of the result."""
    operation, inputs, values = node.operation, node.inputs, node.given()
    assert operation is not None
    found: list[tuple[Variable, Any]] = []
    for x, like, rule in zip(inputs, values, operation.rules):
        if rule is not None and isinstance(x, Variable) and x.requires_grad:
            share = rule(g, node.raw, *values, **node.settings)
            if share.shape != like.shape or share.dtype != like.dtype:
                share = operation.fit(share, like)
            found.append((x, share))
    return found


def limited(found: dict[Variable, Data], inputs: Any) -> dict[Variable, Data]:
    """The gradients of inner Variables, and of those leaves that are among `inputs`."""
    chosen = [inputs] if isinstance(inputs, Variable) else list(inputs)
    for x in chosen:
        if x not in found:
            who = x.described() if isinstance(x, Variable) else short(x)
            raise RuntimeError(f"backward needs inputs that the tensor depends on, but it does not on {who}")
    kept = set(chosen)
    return {node: g for node, g in found.items() if node in kept or node.operation is not None}


def each_its_own(grads: dict[Variable, Any]) -> dict[Variable, Data]:
    """Gradients as Variables, for the leaves: none shared, as each may be overwritten.

    Raw for all others: an inner tensor that held its own graph would never be freed.
    """
    owned: set[int] = set()
    for node, g in grads.items():
        if node.operation is not None:
            grads[node] = g.raw
        elif id(g) in owned or g.raw.base is not None or not g.raw.flags.writeable:
            grads[node] = g.clone()
        owned.add(id(g))
    return grads
