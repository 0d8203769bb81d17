"""The nodes of a drawable graph: its ends, which are checked, and the nodes they were computed from."""

from __future__ import annotations

from collections.abc import Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.call_site import line_of
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.node import Node
from tinygrad_edu.nn.module import Module
from tinygrad_edu.plan import Plan
from tinygrad_edu.reading.nodes import Computation
from tinygrad_edu.scalar import Value
from tinygrad_edu.viz.graph.plan_graph import Planned, ends_of

MAX_INPUTS = 30  # inputs of one operation


def roots(x: Any) -> list[Any]:
    """`x` as a list of different Tensors or Values. Raises `TypeError` or `ValueError` for anything else."""
    found = ends_of(x) if isinstance(x, Plan) else list(x) if isinstance(x, list | tuple) else [x]
    if not found:
        raise ValueError("draw needs a Tensor or a Value, got an empty list; pass the result to be drawn")
    for root in found:
        if not isinstance(root, Variable | Value | Planned):
            raise TypeError(
                f"draw needs a Tensor, a Value or a list of these, got {_described(root)}; {_advice(root)}"
            )
    if len({isinstance(root, Value) for root in found}) > 1:
        raise TypeError("draw needs only Tensors or only Values in a list, got both; draw them one by one")
    return list(dict.fromkeys(found))


def _described(x: Any) -> str:
    """The type of `x` and `x` itself, but of a module, which takes many lines, only the type."""
    kind = type(x).__name__
    return kind if isinstance(x, Module) else f"{kind} {short(x)}"


def _advice(x: Any) -> str:
    if isinstance(x, Module):
        return "draw what it returns, draw(model(x)), or pass an input beside it, draw(model, x)"
    if hasattr(x, "named_parameters"):
        return "call the module first and pass what it returns: draw(model(x))"
    return "compute with tensor(..., requires_grad=True) and pass the result: draw(loss)"


def drawn_inputs(node: Any) -> list[Any]:
    """The inputs of `node` that are drawn: the first `MAX_INPUTS`, without plain numbers."""
    return [x for x in node.inputs[:MAX_INPUTS] if isinstance(x, Node)]


def drawn_nodes(computation: Computation) -> list[Any]:
    """The nodes that are drawn, inputs before results: all that lead to an end through drawn inputs."""
    reached = set(computation.ends)
    for node in computation.results:
        if node in reached:
            reached.update(drawn_inputs(node))
    return [node for node in computation if node in reached]


def is_learned(leaf: Any) -> bool:
    """True for a parameter: a Tensor that requires a gradient, or its place in a plan."""
    return bool(getattr(leaf, "requires_grad", False) or getattr(leaf, "learned", False))


def why_cut(leaf: Any) -> str:
    """The place where the graph was cut, if `leaf` only looks like a leaf: `no_grad() at train.py:12`."""
    if getattr(leaf, "detachment", None) is None:
        return ""
    by, place, *_ = leaf.detachment
    return f"{getattr(by, 'name', by)} at {line_of(place)}"


def some(texts: Sequence[str]) -> str:
    """`w, b, c and 2 more`."""
    more = f" and {len(texts) - 3:,} more" if len(texts) > 3 else ""
    return f"{', '.join(texts[:3])}{more}"


def overwritten(names: Sequence[str]) -> str:
    """`w, b, c and 2 more were overwritten since the graph was computed`."""
    return f"{some(names)} {'was' if len(names) == 1 else 'were'} overwritten since the graph was computed"


def stored_gradients(nodes: Sequence[Any]) -> list[np.ndarray | None]:
    """The `.grad` of each node, None before `backward()` has reached the node.

    A Value starts with gradient 0.0, so Values count as not yet visited while all their gradients are zero.
    """
    if not any(isinstance(node, Value) for node in nodes):
        return [node.raw_grad() for node in nodes]
    visited = any(node.grad != 0 for node in nodes)
    return [np.asarray(node.grad) if visited else None for node in nodes]
