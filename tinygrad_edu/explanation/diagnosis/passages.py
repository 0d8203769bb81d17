"""The steps of a recurrent network, and the ways by which one step hands on to the next."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Tape
from tinygrad_edu.explanation.diagnosis.layers_and_biases import Layer


class Passage(NamedTuple):
    """A way into a step: `x`, the input of `node` at `position`, is of an earlier step.

    `weights` are those of the cell if `node` is one of its uses.
    """

    node: Variable
    position: int
    x: Variable
    step: int  # counted from 1
    weights: Variable | None


def passages(tape: Tape, cells: Mapping[Variable, Sequence[Layer]]) -> list[Passage]:
    """Every way from step to step, those into the last step first.

    The step of a tensor is the count of uses of one cell that lie one behind the other on the way to it. A way into a
    step begins at a tensor on which a use depends: the sum of the losses of all steps is none.
    """
    depths = {w: _depths(tape, {use.node for use in uses}) for w, uses in cells.items()}
    recurrent = {w: depth for w, depth in depths.items() if max(depth.values(), default=0) > 1}
    weights = {use.node: w for w in recurrent for use in cells[w]}
    step = {node: max((d[node] for d in recurrent.values()), default=0) for node in tape.nodes}
    behind = _behind(tape, weights)
    return [
        Passage(node, i, x, step[node], weights.get(node))
        for node in tape.nodes
        for i, x in node.edges()
        if x in behind and 0 < step.get(x, 0) < step[node]
    ]


def _depths(tape: Tape, uses: Collection[Variable]) -> dict[Variable, int]:
    """The count of uses one behind the other on the way to each result."""
    depth: dict[Variable, int] = {}
    for node in reversed(tape.nodes):
        depth[node] = max((depth.get(x, 0) for _, x in node.edges()), default=0) + (node in uses)
    return depth


def _behind(tape: Tape, uses: Collection[Variable]) -> set[Variable]:
    """The tensors on which a use depends."""
    found: set[Variable] = set()
    for node in tape.nodes:
        if node in uses or node in found:
            found |= {x for _, x in node.edges()}
    return found
