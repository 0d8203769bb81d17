"""A step through a whole module that is folded to one card: its inputs and results, and the operations inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.explanation.derivation.shown_numbers import shape_text
from tinygrad_edu.reading.nodes import nodes_in
from tinygrad_edu.symbolic.expression import Expression
from tinygrad_edu.symbolic.writers.text_writer import text
from tinygrad_edu.viz.graph.folded_card import FoldedModule
from tinygrad_edu.viz.page import step_formulas
from tinygrad_edu.viz.page.step import Line

MAX_LISTED_OPERATIONS = 12  # operations


def through(
    module: FoldedModule, before: Sequence[Expression], after: Sequence[Expression], key: str
) -> Line:
    """`x → net.1 → y` with shapes; the numbers of y, if it is the only one, by their `key`."""
    left, right = ([step_formulas.shaped(x, shape_text(x.shape)) for x in side] for side in (before, after))
    numbers = (step_formulas.result(key, after[0].shape),) if key and len(after) == 1 else ()
    as_text = f"{', '.join(map(text, before))} → {', '.join(map(text, after))}"
    return Line(step_formulas.chain(left, module.path, right), numbers, as_text=as_text)


def operations(module: FoldedModule, *, backward: bool) -> tuple[str, ...]:
    """A heading that says how often the operations are done, then each of them with its shapes."""
    once = module.once[::-1] if backward else module.once
    lines = [_operation(x, backward=backward) for x in once]
    more = len(lines) - MAX_LISTED_OPERATIONS
    lines[MAX_LISTED_OPERATIONS:] = [f"and {more:,} more"] if more > 0 else []
    return (f"inside, {module.count} times" if module.count > 1 else "inside", *lines)


def _operation(x: Any, *, backward: bool) -> str:
    """`linear: 4×2 → 4×3`, or back; of several inputs the first that was computed."""
    inputs = sorted(nodes_in(x), key=lambda y: y.operation is None)
    ends = [shape_text(np.shape(getattr(y, "raw", 0.0))) for y in (*inputs[:1], x)]
    return f"{x.operation.name}: {' → '.join(reversed(ends) if backward else ends)}"
