"""What is inside a folded card: a graph of its own, of one of the times that the operations are done."""

from __future__ import annotations

from dataclasses import replace

from tinygrad_edu.viz.drawing.number_cells import cells_of
from tinygrad_edu.viz.graph.drawable import drawn_inputs
from tinygrad_edu.viz.graph.folding import Foldable
from tinygrad_edu.viz.graph.graph_model import Graph
from tinygrad_edu.viz.graph.node_builder import MAX_NUMBERED_NODES, Builder
from tinygrad_edu.viz.graph.selection import Limits, folded


def inside_of(graph: Graph, i: int, repetition: int = 0) -> Graph:
    """The graph inside the folded card `i` of `graph`, in which inputs from outside stand at the beginning."""
    part = graph.modules[i].repetitions[repetition]
    results = [x for x in part if x.operation is not None]
    inputs = dict.fromkeys(x for y in results for x in drawn_inputs(y))
    outside = [x for x in inputs if x not in set(part)]
    given = frozenset(x for x in outside if x.operation is not None)
    foldable = Foldable([*outside, *part], [], [None] * (len(outside) + len(part)), given)
    selection = folded(foldable, foldable.folded(None, None), Limits(set(), None, None, graph.learned))
    selection.stand_ins = {k for k, tensor in enumerate(selection.tensors) if tensor in given}
    builder = Builder(graph.computation, selection, graph.called, graph.learned, graph.tensors)
    numbered = len(selection.tensors) <= MAX_NUMBERED_NODES
    nodes = [
        replace(builder.node(k), value=cells_of(graph.computation.array(tensor)))
        if numbered and k in selection.stand_ins
        else builder.node(k)
        for k, tensor in enumerate(selection.tensors)
    ]
    return replace(
        graph,
        nodes=tuple(nodes),
        edges=tuple(edge for k in range(len(nodes)) for edge in builder.edges(k)),
        notes=(),
        scopes=(),
        compact=True,
        tensors=tuple(selection.tensors),
        modules=selection.modules,
    )
