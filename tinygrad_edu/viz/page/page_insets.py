"""The insets of a page: what is inside every folded card, down to the last, numbered on from the nodes before.

What is done several times is drawn once; of the other times, the page knows the names and the numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from tinygrad_edu.viz.drawing.insets import Inset
from tinygrad_edu.viz.graph.graph_model import Graph
from tinygrad_edu.viz.graph.opened_card import inside_of

MAX_INSET_NODES = 1_000  # nodes in all insets of a page


class Insets:
    """`of_graph`: the insets by node. `all`: each with the number of its card, in the order of their numbers.

    `repetitions`: the graphs of the second time, the third and so on, by the first node of an inset; no longer than
    they have the nodes and edges of the first time.
    """

    def __init__(self, graph: Graph, finished: Callable[[Graph], Graph]) -> None:
        self.nodes, self.edges = len(graph.nodes), len(graph.edges)
        self.room = MAX_INSET_NODES
        self.finished = finished
        self.all: list[tuple[int, Inset]] = []
        self.repetitions: dict[int, list[Graph]] = {}
        self.of_graph = self._inside(graph, 0)

    @property
    def graphs(self) -> Iterator[Graph]:
        """What is inside: the first time of all insets, then their other times."""
        yield from (inset.graph for _, inset in self.all)
        for _, inset in self.all:
            yield from self.repetitions[inset.first_node]

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
            self.repetitions[first_node] = list(self._repeated(graph, i, inside))
            place = len(self.all)
            self.all.append((first + i, Inset(inside, title, first_node, first_edge)))
            insets = self._inside(inside, first_node)
            found[i] = replace(self.all[place][1], insets=insets)
            self.all[place] = first + i, found[i]
        return found

    def _repeated(self, graph: Graph, i: int, first: Graph) -> Iterator[Graph]:
        """What is inside card `i` the second time and later, if nothing is folded in it, as long as there is room."""
        for n in range(1, 1 if first.modules else graph.modules[i].count):
            inside = inside_of(graph, i, n)
            if _form(inside) != _form(first) or len(inside.nodes) > self.room:
                return
            self.room -= len(inside.nodes)
            yield self.finished(inside)


def _form(graph: Graph) -> tuple[list[tuple[int, ...]], list[tuple[int, int, int]]]:
    """The shapes of the nodes, and the edges between them."""
    edges = [(edge.source, edge.target, edge.position) for edge in graph.edges]
    return [node.shape for node in graph.nodes], edges
