"""Formulas in simpler operations, for writers that do not know all operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinygrad_edu.symbolic.expression import Expression, rebuilt, with_inputs


def on_paper(root: Any, is_known: Callable[[Expression], bool]) -> Any:
    """`root` in which simpler operations, where they are stated, stand for operations without `is_known`."""

    def made(node: Expression, inputs: tuple[Any, ...]) -> Any:
        paper = node.operation.readings.paper if node.operation is not None else None
        if paper is None or is_known(node):
            return with_inputs(node, inputs)
        return on_paper(paper(*inputs, **node.settings), is_known)

    return rebuilt(root, made)
