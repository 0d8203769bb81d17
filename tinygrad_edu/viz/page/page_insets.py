"""The insets of a page: what is inside every folded card, down to the last, numbered on from the nodes before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tinygrad_edu.viz.drawing.insets import Inset
from tinygrad_edu.viz.graph.graph_model import Graph
from tinygrad_edu.viz.graph.opened_card import inside_of

MAX_INSET_NODES = 1_000  # nodes in all insets of a page


class Insets:
    """`of_graph`: the insets by node. `all`: each with the number of its card, in the order of their numbers."""

    def __init__(self, graph: Graph, finished: Callable[[Graph], Graph]) -> None:
        self.nodes, self.edges = len(graph.nodes), len(graph.edges)
        self.room = MAX_INSET_NODES
        self.finished = finished
        self.all: list[tuple[int, Inset]] = []
        self.of_graph = self._inside(graph, 0)

    def _inside(self, graph: Graph, first: int) -> Mapping[int, Inset]:
        found = {}
        for i, module in graph.modules.items():
            inside = self.finished(inside_of(graph, i))
            if len(inside.nodes) > self.room:
                continue
            self.room -= len(inside.nodes)
            first_node, first_edge = self.nodes, self.edges
            self.nodes, self.edges = first_node + len(inside.nodes), first_edge + len(inside.edges)
            renumbered = tuple(replace(x, id=f"n{first_node + k}") for k, x in enumerate(inside.nodes))
            inside = replace(inside, nodes=renumbered)
            title = f"the first of {module.count}" if module.count > 1 else f"inside {module.path}"
            place = len(self.all)
            self.all.append((first + i, Inset(inside, title, first_node, first_edge)))
            insets = self._inside(inside, first_node)
            found[i] = replace(self.all[place][1], insets=insets)
            self.all[place] = first + i, found[i]
        return found
