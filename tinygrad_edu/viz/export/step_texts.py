"""A step in words and in formulas, with the names of its tensors and its numbers in their places."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from tinygrad_edu.symbolic.writers.mathml_writer import mathml_name
from tinygrad_edu.text import mathml as m
from tinygrad_edu.text.mathml import Markup
from tinygrad_edu.viz.drawing.number_cells import Cells
from tinygrad_edu.viz.drawing.text_width import clean
from tinygrad_edu.viz.graph.graph_model import Graph
from tinygrad_edu.viz.page.step import Step
from tinygrad_edu.viz.page.variables import GRADIENTS, NAMES

MAX_NAME = 40  # characters


def title_of(step: Step, graph: Graph) -> str:
    """`backward through @: Z → X, W`."""
    if step.phase == "start":
        return "what is given"
    node = graph.nodes[step.node]
    sources = dict.fromkeys(_named(graph, graph.edges[k].source) for k in step.edges)
    name, sign = _named(graph, step.node), clean(node.sign)[:MAX_NAME]
    if step.phase == "seed":
        return f"the way back begins at {name}"
    if step.phase == "forward":
        return f"forward through {sign}: {', '.join(sources)} → {name}"
    return f"backward through {sign}: {name} → {', '.join(sources)}"


def formulas_of(step: Step, graph: Graph) -> list[str]:
    """The formulas of a step as text: `∂L/∂W = Xᵀ @ ∂L/∂Z`."""
    return [_with_names(line.as_text, graph) for line in step.lines if line.as_text]


def _named(graph: Graph, i: int) -> str:
    name = clean(graph.nodes[i].name)
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"


def _with_names(words: str, graph: Graph) -> str:
    """`words` with the names of tensors in place of the characters that stand for them."""
    return "".join(_name_at(c, graph) or c for c in words)


def _name_at(character: str, graph: Graph) -> str:
    """The name that a private character stands for; empty for other characters."""
    if len(character) != 1:
        return ""
    for first in (GRADIENTS, NAMES):
        i = ord(character) - first
        if 0 <= i < len(graph.nodes):
            return _named(graph, i)
    return ""


def filled(formula: Markup, graph: Graph, cells: Mapping[str, Cells | None]) -> Element:
    """A formula in MathML, with names and numbers in the places that a page fills in."""
    root = ElementTree.fromstring(formula)
    for element in list(root.iter()):
        key = element.attrib.pop("data-number", "")
        if key:
            _become(element, _numbers(cells.get(key), element.tag, alone="data-alone" in element.attrib))
        elif element.tag == "mi" and element.text and _name_at(element.text, graph):
            _become(element, mathml_name(_name_at(element.text, graph)))
        elif element.text:
            element.text = _with_names(element.text, graph)
    return root


def _become(element: Element, markup: Markup) -> None:
    """Put the element that `markup` is in the place of `element`."""
    new, tail = ElementTree.fromstring(markup), element.tail
    element.clear()
    element.tag, element.text, element.tail, element.attrib = new.tag, new.text, tail, new.attrib
    element.extend(new)


def _numbers(cells: Cells | None, place: str, *, alone: bool) -> Markup:
    if cells is None:
        return m.sign("…")
    rows = [[m.sign(x) if x == "…" else m.number(x) for x in row] for row in cells.texts]
    if place == "mtable":
        return m.table([m.tag("mtd", x) for x in row] for row in rows)
    number = rows[0][0] if rows else m.sign("…")
    return m.row(m.bracketed(number)) if cells.rows and cells.rows[0][0] < 0 and not alone else m.row(number)
