"""The graph as a Markdown file: the picture in the Mermaid language, and a table of all tensors."""

from __future__ import annotations

import string

from tinygrad_edu.viz.drawing.listing import numbers, shortened, value_text
from tinygrad_edu.viz.drawing.mermaid import mermaid
from tinygrad_edu.viz.drawing.text_width import clean
from tinygrad_edu.viz.graph.graph_model import Graph

_PLAIN = frozenset(string.ascii_letters + string.digits + " .,=+/:")


def markdown(graph: Graph) -> str:
    """The whole file."""
    head = f"# Graph of {escaped(graph.nodes[-1].name)}\n\n```mermaid\n{mermaid(graph)}```\n\n"
    rows = [
        (
            node.name,
            node.expression,
            f"{node.shape_text} {node.kind}",
            value_text(node),
            numbers(node.gradient),
        )
        for node in graph.nodes
    ]
    titles = "| tensor | computed as | shape, kind | value | gradient |\n|---|---|---|---|---|\n"
    table = "".join(f"| {' | '.join(map(escaped, row))} |\n" for row in rows)
    return head + titles + table + "".join(f"\n{escaped(note)}\n" for note in graph.notes)


def escaped(text: str) -> str:
    """`text` with a backslash before every sign that has a meaning in Markdown or HTML."""
    return "".join(c if c in _PLAIN or not c.isascii() else f"\\{c}" for c in shortened(clean(text), 80))
