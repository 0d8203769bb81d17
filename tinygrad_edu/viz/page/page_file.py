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
from tinygrad_edu.viz.drawing import svg
from tinygrad_edu.viz.drawing.number_cells import cells_of
from tinygrad_edu.viz.drawing.text_width import clean, cut_name
from tinygrad_edu.viz.graph.graph_model import DrawnNode, Graph
from tinygrad_edu.viz.page.page_colours import PAGE, style, variable_names
from tinygrad_edu.viz.page.page_data import data_of
from tinygrad_edu.viz.page.page_insets import Insets
from tinygrad_edu.viz.page.page_packing import packed
from tinygrad_edu.viz.page.page_steps import Steps, steps_through
from tinygrad_edu.viz.page.picture_styles import styled
from tinygrad_edu.viz.page.script_data import for_script
from tinygrad_edu.viz.page.step import Step
from tinygrad_edu.viz.page.step_sections import Sections, written

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
    drawn, (graph, steps) = graph, _stepped(graph, gradients)
    if any(node.value for node in drawn.nodes):
        drawn = graph  # and places for gradients to come
    insets = Insets(graph, lambda inside: _with(inside, gradients))
    sections = Sections()
    data = data_of(graph, steps, steps.all if steps else [_without_steps(graph)], sections, insets, gradients)
    data["theme"] = theme
    code = script(data["whatIf"].pop("kernels") if data["whatIf"] else {})
    picture, rules = styled(svg.svg(drawn, PAGE, insets.of_graph), variable_names())
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
    if not _walkable(graph):
        return graph, None
    graph = replace(graph, nodes=tuple(_numbered(graph, i) for i in range(len(graph.nodes))))
    return graph, steps_through(graph, gradients)


def _numbered(graph: Graph, i: int) -> DrawnNode:
    """A node with its numbers, also where there are so many cards that they stand on none."""
    node = graph.nodes[i]
    if node.value is not None or node.inside or node.kind in ("folded", "module"):
        return node
    return replace(node, value=cells_of(graph.array(i)))


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
