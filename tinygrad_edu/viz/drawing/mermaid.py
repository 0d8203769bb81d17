"""The graph in the Mermaid language, which GitHub and many editors draw from a Markdown file."""

from __future__ import annotations

import string

from tinygrad_edu.viz.drawing.colours import LIGHT
from tinygrad_edu.viz.drawing.listing import numbers, shortened, value_text
from tinygrad_edu.viz.drawing.text_width import clean
from tinygrad_edu.viz.graph.graph_model import DrawnNode, Graph

_SAFE = frozenset(string.ascii_letters + string.digits + " .,=+/_-:()")
MAX_LINE_LENGTH = 48  # characters of a line


def mermaid(graph: Graph) -> str:
    """A flowchart: a box for every tensor, a round pill for its operation, a frame for every module.

    GitHub draws at most 500 edges; of a large network draw a smaller `depth`.
    """
    lines = ["flowchart TD"]
    open_now: tuple[int, ...] = ()
    for i, node in enumerate(graph.nodes):
        here = graph.around(node.scope)
        lines += _frames(graph, open_now, here)
        open_now = here
        indent = "  " * (len(here) + 1)
        lines.append(f"{indent}{node.id}{_box(node, '<br>'.join(_texts(node)))}:::{node.kind}")
        if node.operation:
            lines.append(f'{indent}o{i}(["{quoted(node.sign)}"]):::operation')
            lines.append(f"{indent}o{i} --> {node.id}")
    lines += _frames(graph, open_now, ())
    for edge in graph.edges:
        label = f'|"{quoted(edge.local)}"| ' if edge.local else ""
        lines.append(f"  {graph.nodes[edge.source].id} --> {label}o{edge.target}")
    lines += [f"  classDef {kind} stroke:{colour},stroke-width:2px" for kind, colour in LIGHT.kinds.items()]
    lines.append(f"  classDef operation fill:{LIGHT.pill},color:{LIGHT.pill_ink}")
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """`text` inside quotation marks, with the number of every sign that has a meaning in Mermaid, `#34;`."""
    return (
        "".join(
            c if c in _SAFE or not c.isascii() else f"#{ord(c)};"
            for c in shortened(clean(text), MAX_LINE_LENGTH)
        )
        or " "
    )


def _texts(node: DrawnNode) -> list[str]:
    title = f"{shortened(clean(node.name), MAX_LINE_LENGTH)}: {node.shape_text}"
    expression = f"= {node.expression}" if node.expression else ""
    gradient = f"gradient {numbers(node.gradient)}" if node.gradient else ""
    texts = [title, expression, *node.inside, value_text(node), gradient]
    return [quoted(text) for text in texts if text]


def _box(node: DrawnNode, text: str) -> str:
    before, after = {"input": (">", "]"), "parameter": ("[[", "]]"), "loss": ("{{", "}}")}.get(
        node.kind, ("[", "]")
    )
    return f'{before}"{text}"{after}'


def _frames(graph: Graph, before: tuple[int, ...], after: tuple[int, ...]) -> list[str]:
    """The ends and beginnings of frames from one node to the next."""
    same = 0
    while same < min(len(before), len(after)) and before[same] == after[same]:
        same += 1
    lines = ["  " * (depth + 1) + "end" for depth in reversed(range(same, len(before)))]
    for depth in range(same, len(after)):
        title = quoted(graph.title(after[depth]))
        lines.append(f'{"  " * (depth + 1)}subgraph m{after[depth]}["{title}"]')
    return lines
