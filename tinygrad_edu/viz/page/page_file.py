"""The page put together: picture, steps, numbers, style and script in one file that loads nothing.

Texts of users come in at three places, each escaped in its own way: the picture (XML), the steps (HTML, MathML)
and the data (JSON). A policy lets nothing run but the script that is here.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from html import escape
from importlib import resources
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.reading.gradients import checked_gradients
from tinygrad_edu.scalar import Value
from tinygrad_edu.text import mathml
from tinygrad_edu.text.numbers import counted
from tinygrad_edu.viz.drawing import svg
from tinygrad_edu.viz.drawing.cards import tooltip
from tinygrad_edu.viz.drawing.insets import Inset
from tinygrad_edu.viz.drawing.number_cells import Cells, cells_of
from tinygrad_edu.viz.drawing.text_width import clean, cut_name
from tinygrad_edu.viz.graph.graph_model import DrawnNode, Graph
from tinygrad_edu.viz.page.backward_pass import shares_along
from tinygrad_edu.viz.page.page_colours import PAGE, colours, style, variable_names
from tinygrad_edu.viz.page.page_insets import Insets
from tinygrad_edu.viz.page.page_packing import packed
from tinygrad_edu.viz.page.page_steps import Steps, steps_inside, steps_through
from tinygrad_edu.viz.page.picture_styles import styled
from tinygrad_edu.viz.page.script_data import for_script, json_number
from tinygrad_edu.viz.page.step import Step
from tinygrad_edu.viz.page.step_sections import Sections, written
from tinygrad_edu.viz.page.what_if import what_if, why_absent

POLICY = (
    "default-src 'none'; script-src 'sha256-{}'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
SCRIPTS = (
    *("numbers", "kernels", "picture", "modules", "page", "formulas"),
    *("quiz", "paths", "pointer", "lens", "insets", "what_if", "begin"),
)  # files, in the order in which they run
MAX_STEPPED_NODES = 6_000  # nodes
MAX_TITLE_WIDTH = 420.0  # pixels


def page(graph: Graph, theme: str | None = None, *, slides: bool = False) -> str:
    """The page of `graph`, beginning in `theme` "light" or "dark", or None for what the reader's system prefers.

    As `slides` each step fills the screen, in letters for the last row.

    The way back is the engine's; no `.grad` is changed or read. All numbers are those of the computation, also if the
    program has overwritten them since.
    """
    with graph.computation.rewound():
        return _page(graph, theme, slides=slides)


def _page(graph: Graph, theme: str | None, *, slides: bool) -> str:
    """The page, while all nodes have the numbers of the computation."""
    gradients = _gradients(graph)
    graph, steps = _stepped(graph, gradients)
    insets = Insets(graph, lambda inside: _with(inside, gradients))
    sections = Sections()
    data = _data(graph, steps, sections, theme, insets, gradients)
    code = script(data["whatIf"].pop("kernels") if data["whatIf"] else {})
    picture, rules = styled(svg.svg(graph, PAGE, insets.of_graph), variable_names())
    parts = {
        "title": escape(_title(graph, steps)),
        "style": _file("page.css") + mathml.STYLE + style() + rules + (_file("slides.css") if slides else ""),
        "picture": picture.replace('role="img"', 'role="group" id="picture"', 1),
        "names": written(node.name for drawn in (graph, *insets.graphs) for node in drawn.nodes)
        if steps
        else "",
        "steps": "\n".join(sections.index),
        "data": for_script(data),
        "script": code,
    }
    parts = packed(parts, _file("unpack.js"))
    scripts = dict.fromkeys((code, parts["script"]))
    parts["policy"] = escape(POLICY.format("' 'sha256-".join(map(sha256, scripts))))
    return re.sub(r"<!--(\w+)-->", lambda slot: parts[slot[1]], _file("page.html"))


def stepped(graph: Graph) -> tuple[Graph, Steps | None]:
    """`graph` with the gradients of its loss, and the steps through it; None for a page without steps.

    To be called while all nodes have the numbers of the computation.
    """
    return _stepped(graph, _gradients(graph))


def _stepped(graph: Graph, gradients: dict[Any, np.ndarray]) -> tuple[Graph, Steps | None]:
    graph = _with(graph, gradients)
    return graph, steps_through(graph, gradients) if _walkable(graph) else None


def _walkable(graph: Graph) -> bool:
    """True if the page has steps: a plan has none, nor has a graph of very many operations."""
    return len(graph.nodes) <= MAX_STEPPED_NODES and all(
        isinstance(tensor, Variable | Value) for tensor in graph.tensors
    )


def _without_steps(graph: Graph) -> Step:
    """The only step of a page without steps, which says why it has none."""
    if len(graph.nodes) > MAX_STEPPED_NODES:
        why = f"More than {MAX_STEPPED_NODES:,} tensors have no steps here"
        return Step("start", remarks=(f"{why}: draw an earlier result, or fold modules with depth.",))
    return Step("start", remarks=("A plan has no steps here: its program is plan.source().",))


def _gradients(graph: Graph) -> dict[Any, np.ndarray]:
    """The gradients of the loss by every tensor; empty without a loss, or for a page without steps."""
    loss = next((i for i, node in enumerate(graph.nodes) if node.kind == "loss"), None)
    if loss is None or not graph.nodes[loss].awaits_gradient or not _walkable(graph):
        return {}
    return checked_gradients("the page", graph.tensors[loss])


def _with(graph: Graph, gradients: dict[Any, np.ndarray]) -> Graph:
    """`graph` with these gradients in place of those in `.grad`."""
    nodes = []
    for node, tensor in zip(graph.nodes, graph.tensors, strict=True):
        gradient = gradients.get(tensor)
        nodes.append(replace(node, gradient=None if gradient is None else cells_of(gradient)))
    return replace(graph, nodes=tuple(nodes), differentiated=bool(gradients))


def _title(graph: Graph, steps: Steps | None) -> str:
    last = graph.loss or graph.nodes[-1].name
    how = ", step by step" if steps and len(steps.all) > 1 else ""
    return cut_name(clean(last), MAX_TITLE_WIDTH, 16, bold=True) + how


# Data.


def _data(
    graph: Graph,
    steps: Steps | None,
    sections: Sections,
    theme: str | None,
    insets: Insets,
    gradients: dict[Any, np.ndarray],
) -> dict[str, Any]:
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
        "steps": [
            _step(step, sections, len(graph.nodes))
            for step in (steps.all if steps else [_without_steps(graph)])
        ],
        "variables": steps.symbols.variables if steps else [],
        "numbers": {key: _cells(cells) for key, cells in numbers.items()},
        "colours": colours(),
        "theme": theme,
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


# Files.


@cache
def _file(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")


def script(kernels: Mapping[str, str]) -> str:
    """The whole script without its comments, and with the kernels that the instructions of the page call."""
    called = "".join(f"  {name}: {kernel},\n" for name, kernel in kernels.items())
    files = {name: _file(f"{name}.js") for name in SCRIPTS}
    files["kernels"] += f"\nconst KERNELS = {{\n{called}}};\n"
    code = "\n".join(['"use strict";', *files.values()])
    return re.sub(r"^ +|^ *//.*\n|  // .*", "", code, flags=re.MULTILINE)


def sha256(text: str) -> str:
    """The name of a script in a content security policy."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
