"""Formulas written out in simpler operations, for writers that do not know all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinygrad_edu.symbolic.expression import Expression, inside_out, rebuilt


def on_paper(root: Any, is_known: Callable[[Expression], bool]) -> Any:
    """`root` with every operation that is not known, but can be written in simpler ones, written so."""
    done: dict[int, Any] = {}
    for node in inside_out(root):
        inputs = tuple(done[id(x)] if isinstance(x, Expression) else x for x in node.inputs)
        paper = node.operation.readings.paper if node.operation is not None else None
        if paper is None or is_known(node):
            done[id(node)] = rebuilt(node, inputs)
        else:
            done[id(node)] = on_paper(paper(*inputs, **node.settings), is_known)
    return done[id(root)] if isinstance(root, Expression) else root
