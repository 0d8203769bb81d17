"""The data of a page: nodes, edges, steps and numbers, as its script reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.text.numbers import counted
from tinygrad_edu.viz.drawing.cards import tooltip
from tinygrad_edu.viz.drawing.insets import Inset
from tinygrad_edu.viz.drawing.number_cells import Cells, cells_of
from tinygrad_edu.viz.drawing.text_width import clean, cut_name
from tinygrad_edu.viz.graph.graph_model import DrawnNode, Graph
from tinygrad_edu.viz.page.backward_pass import shares_along
from tinygrad_edu.viz.page.page_colours import colours
from tinygrad_edu.viz.page.page_insets import Insets
from tinygrad_edu.viz.page.page_steps import Steps, steps_inside
from tinygrad_edu.viz.page.script_data import json_number
from tinygrad_edu.viz.page.step import Step
from tinygrad_edu.viz.page.step_sections import Sections
from tinygrad_edu.viz.page.what_if import what_if, why_absent


def data_of(
    graph: Graph,
    steps: Steps | None,
    all_steps: Sequence[Step],
    sections: Sections,
    insets: Insets,
    gradients: dict[Any, np.ndarray],
) -> dict[str, Any]:
    """The data of a page; `all_steps` are one without formulas where there are no `steps`."""
    nodes = [*graph.nodes, *(node for inset in insets.all for node in inset[1].graph.nodes)]
    numbers = {f"v{i}": node.value for i, node in enumerate(nodes) if node.value}
    numbers |= {f"g{i}": x.gradient for i, x in enumerate(nodes) if x.value and x.gradient}
    if steps:
        numbers |= {key: cells_of(x) for key, x in steps.sums.items()}
    inside: list[dict[str, Any]] = []
    for _, inset in insets.all if steps else ():
        through, shares = steps_inside(inset.graph, gradients)
        inside += [_step_inside(step, sections, inset) for step in through]
        numbers |= {_moved(key, inset): cells_of(x) for key, x in shares.items()}
    return {
        "nodes": _nodes(graph, insets),
        "insets": [
            [
                *(card, x.first_node, len(x.graph.nodes)),
                [_repetition(again, x, gradients) for again in insets.repetitions[x.first_node]],
            ]
            for card, x in insets.all
        ],
        "inside": inside,
        "scopes": [
            {"parent": _index(x.parent), "inside": _inside(i, graph)} for i, x in enumerate(graph.scopes)
        ],
        "edges": [
            *_edges(graph, 0),
            *(x for _, inset in insets.all for x in _edges(inset.graph, inset.first_node)),
        ],
        "steps": [_step(step, sections, len(graph.nodes)) for step in all_steps],
        "variables": steps.symbols.variables if steps else [],
        "numbers": {key: _cells(cells) for key, cells in numbers.items()},
        "colours": colours(),
        "whatIf": what_if(graph, steps) if steps else None,
        "noWhatIf": why_absent(graph),
    }


def _nodes(graph: Graph, insets: Insets) -> list[list[Any]]:
    """All nodes; those inside a folded card belong to the module that the card is in."""
    nodes = [_node(node, _index(node.scope)) for node in graph.nodes]
    for card, inset in insets.all:
        nodes += [_node(node, nodes[card][4]) for node in inset.graph.nodes]
    return nodes


def _node(node: DrawnNode, scope: int) -> list[Any]:
    """The name, kind, sign, line, module and shape of a node."""
    return [
        cut_name(clean(node.name), 260, 11),
        node.kind,
        clean(node.sign)[:40],
        clean(node.line)[:80],
        scope,
        list(node.shape),
    ]


def _repetition(graph: Graph, inset: Inset, gradients: dict[Any, np.ndarray]) -> list[Any]:
    """What stands on the cards of an inset at another time: names, tooltips, values and gradients; and the shares."""
    names = [cut_name(clean(node.name), 260, 11) for node in graph.nodes]
    values, slopes = (
        [None if cells is None else _cells(cells) for cells in column]
        for column in zip(*((node.value, node.gradient) for node in graph.nodes), strict=True)
    )
    shares = {
        f"s{inset.first_edge + k}": _cells(cells_of(x)) for k, x in shares_along(graph, gradients).items()
    }
    return [names, list(map(tooltip, graph.nodes)), values, slopes, shares]


def _edges(graph: Graph, first: int) -> list[list[int]]:
    return [[first + edge.source, first + edge.target, int(edge.carries)] for edge in graph.edges]


def _index(scope: int | None) -> int:
    return -1 if scope is None else scope


def _inside(scope: int, graph: Graph) -> str:
    """The parameters and operations of a module: `2 parameters, 3 operations`."""
    within = {scope}
    for i, inner in enumerate(graph.scopes):  # outer ones come before those inside them
        if inner.parent in within:
            within.add(i)
    nodes = [node for node in graph.nodes if node.scope in within]
    counts = {
        "parameter": sum(node.kind == "parameter" for node in nodes),
        "operation": sum(bool(node.operation) for node in nodes),
    }
    return ", ".join(counted(n, word) for word, n in counts.items() if n)


def _step(step: Step, sections: Sections, count: int) -> dict[str, Any]:
    section, names, keys = sections.of(step, count)
    done = [i for i, key in step.gradients.items() if key == f"g{i}"]
    changed = {i: key for i, key in step.gradients.items() if key != f"g{i}"}
    data = {"phase": step.phase, "node": step.node, "edges": step.edges, "gradients": changed, "done": done}
    data |= {"section": section, "names": names, "keys": keys, "answerable": step.answerable}
    return {key: x for key, x in data.items() if x not in ((), [], {}, -1, "")}


def _step_inside(step: Step, sections: Sections, inset: Inset) -> dict[str, Any]:
    """What is said of an operation inside a folded card."""
    section, names, keys = sections.of(step, len(inset.graph.nodes))
    data = {"phase": step.phase, "node": inset.first_node + step.node, "section": section}
    return data | {
        "names": [inset.first_node + i for i in names],
        "keys": [_moved(key, inset) for key in keys],
    }


def _moved(key: str, inset: Inset) -> str:
    """The key of a number inside a folded card, numbered on as its nodes and edges are."""
    return f"{key[0]}{int(key[1:]) + (inset.first_node if key[0] in 'vg' else inset.first_edge)}"


def _cells(cells: Cells) -> list[Any]:
    rows = [[json_number(x) for x in row] for row in cells.rows]
    return [rows, int(cells.more_rows), int(cells.more_columns), json_number(cells.scale), cells.note]
