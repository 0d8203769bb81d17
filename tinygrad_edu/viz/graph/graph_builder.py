"""The graph model of a picture: names, numbers and formulas of every node, without places on the page.

The model is a snapshot, which later training does not change. The same program gives the same model.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from tinygrad_edu.reading.names import Names, check_names, outermost
from tinygrad_edu.reading.nodes import Computation
from tinygrad_edu.viz.graph import drawable
from tinygrad_edu.viz.graph.fused_parts import in_parts
from tinygrad_edu.viz.graph.graph_model import Graph
from tinygrad_edu.viz.graph.module_homes import Homes, homes_of
from tinygrad_edu.viz.graph.node_builder import Builder
from tinygrad_edu.viz.graph.selection import Limits, selected

MAX_FULL_CARDS = 12  # nodes of a picture that writes out all numbers unasked


def graph_of(
    x: Any,
    names: Mapping[str, Any] | None = None,
    *,
    depth: int | None = None,
    max_nodes: int | None = None,
    numbers: bool | None = None,
    marked: Iterable[Any] = (),
    learned: Iterable[Any] = (),
    implicit: bool = False,
    parts: bool | str | Collection[str] = False,
) -> Graph:
    """The graph by which `x`, a Tensor, a Value, a list of these or a plan, was computed.

    Results of the modules among `names` stand in boxes. Modules at `depth`, or as many as it takes for `max_nodes`
    cards, are folded to one card each. With `numbers` each card writes them out, without it is one line; if None,
    small graphs have `numbers`. `marked` tensors are pointed at; `learned` Values are parameters.
    With `implicit` nobody chose the `names`, and those of the nodes come before them. `parts` as in `in_parts`.
    Raises `TypeError` or `ValueError` if `x` or `names` are anything else.
    """
    check_names(names)
    computation = Computation(*drawable.roots(x))
    known = Names(names, implicit=implicit)
    computation, now, fused = in_parts(computation, parts, known)
    computation.keep()
    limits = Limits(set(computation.ends), depth, max_nodes, frozenset(learned), fused)
    with computation.rewound():
        pointed_at = {now.get(x, x) for x in marked}
        graph = _graph(computation, known, homes_of(outermost(names or {})), limits, pointed_at)
    compact = len(graph.nodes) > MAX_FULL_CARDS if numbers is None else not numbers
    return replace(graph, compact=compact)


def _graph(
    computation: Computation,
    names: Names,
    homes: Homes,
    limits: Limits,
    marked: set[Any],
) -> Graph:
    """The graph of a computation whose nodes have the numbers that they had in it."""
    selection = selected(drawable.drawn_nodes(computation), homes, limits)
    builder = Builder(computation, selection, names, limits.learned)
    scopes, kept = selection.kept_scopes()
    return Graph(
        nodes=tuple(
            builder.node(i, scope=kept.get(scope), marked=tensor in marked)
            for i, (tensor, scope) in enumerate(zip(selection.tensors, selection.inside, strict=True))
        ),
        edges=tuple(edge for i in range(len(selection.tensors)) for edge in builder.edges(i)),
        loss=builder.loss_name,
        differentiated=builder.differentiated,
        notes=(*selection.notes, *builder.notes()),
        scopes=scopes,
        tensors=tuple(selection.tensors),
        modules=selection.modules,
        computation=computation,
        called=names,
        learned=limits.learned,
    )
