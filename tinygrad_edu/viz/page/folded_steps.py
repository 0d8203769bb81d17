"""A step through a whole module that is folded to one card: what goes in and comes out, and what is done inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tinygrad_edu.explanation.derivation.shown_numbers import shape_text
from tinygrad_edu.reading.nodes import nodes_in
from tinygrad_edu.symbolic.expression import Expression
from tinygrad_edu.symbolic.writers.text_writer import text
from tinygrad_edu.viz.graph.folded_card import FoldedModule
from tinygrad_edu.viz.page import step_formulas
from tinygrad_edu.viz.page.step import Line

MOST_LISTED = 12  # operations


def through(module: FoldedModule, given: Sequence[Expression], found: Sequence[Expression], key: str) -> Line:
    """`x → net.1 → y` with shapes; the numbers of y, if there is one, by their `key`."""
    before, after = ([step_formulas.shaped(x, shape_text(x.shape)) for x in side] for side in (given, found))
    numbers = (step_formulas.found(key, found[0].shape),) if key and len(found) == 1 else ()
    said = f"{', '.join(map(text, given))} → {', '.join(map(text, found))}"
    return Line(step_formulas.chain(before, module.path, after), numbers, said=said)


def operations(module: FoldedModule, *, backward: bool) -> tuple[str, ...]:
    """How often what follows is done, then the operations, with the shapes of what goes through."""
    once = module.results[: len(module.results) // module.count]
    lines = [_operation(x, backward=backward) for x in (reversed(once) if backward else once)]
    more = len(lines) - MOST_LISTED
    lines[MOST_LISTED:] = [f"and {more:,} more"] if more > 0 else []
    return (f"inside, {module.count} times" if module.count > 1 else "inside", *lines)


def _operation(x: Any, *, backward: bool) -> str:
    """`linear: 4×2 → 4×3`, or back; of several inputs the first that was computed."""
    inputs = sorted(nodes_in(x), key=lambda y: y.operation is None)
    ends = [shape_text(y.raw.shape) for y in (*inputs[:1], x)]
    return f"{x.operation.name}: {' → '.join(reversed(ends) if backward else ends)}"
