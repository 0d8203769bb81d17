"""The graph as text for a terminal: a line for every tensor, inputs before results, under the module it is in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from tinygrad_edu.viz.drawing.cards import HERE
from tinygrad_edu.viz.drawing.number_cells import Cells
from tinygrad_edu.viz.drawing.text_width import clean
from tinygrad_edu.viz.graph.graph_model import DrawnNode, Graph

MAX_COLUMN_LENGTH = 60  # characters of one column
MAX_NUMBERS = 6  # of a tensor written out


def listing(graph: Graph) -> str:
    """The whole text, a line for each tensor with formula, shape, numbers and gradient."""
    rows = list(_rows(graph))
    widths = [min(max(len(row[i]) for row in rows), MAX_COLUMN_LENGTH + 12) for i in range(3)]
    lines = [
        "  ".join([*(part.ljust(width) for part, width in zip(row, widths, strict=False)), row[3]]).rstrip()
        for row in rows
    ]
    return "\n".join([*lines, *(clean(note) for note in graph.notes), ""])


def _rows(graph: Graph) -> Iterator[tuple[str, str, str, str]]:
    chain: tuple[int, ...] = ()
    for node in graph.nodes:
        here = graph.around(node.scope)
        for depth, scope in enumerate(here):
            if chain[: depth + 1] != here[: depth + 1]:
                yield (f"{'  ' * depth}{graph.title(scope)[:MAX_COLUMN_LENGTH]}", "", "", "")
        chain = here
        yield _row(node, graph, len(here))


def _row(node: DrawnNode, graph: Graph, depth: int) -> tuple[str, str, str, str]:
    name = shortened(clean(node.name), 30)
    equation = f"{name} = {shortened(node.expression, MAX_COLUMN_LENGTH - 30)}" if node.expression else name
    gradient = (
        f"{shortened(graph.gradient_caption(node), 24)} {numbers(node.gradient)}" if node.gradient else ""
    )
    value = value_text(node) if node.value else "; ".join(node.inside)
    gradient += f"  ← {HERE}" if node.marked else ""
    kind = "" if node.kind == "result" else node.kind
    return f"{'  ' * depth}{equation}", f"{node.shape_text} {kind}".rstrip(), value, gradient


def shortened(text: str, most: int) -> str:
    """`text`, or its beginning and `…`."""
    return text if len(text) <= most else text[: most - 1] + "…"


def value_text(node: DrawnNode) -> str:
    """The numbers of `node`; with those of now if the graph was computed with others."""
    if node.overwritten and node.value:
        return f"now {numbers(node.value)}"
    return f"{numbers(node.value)}, now {numbers(node.now)}" if node.now else numbers(node.value)


def numbers(cells: Cells | None) -> str:
    """`[1 2; 3 4]`; of more numbers the first, of very many a summary."""
    if cells is None:
        return ""
    if cells.note:
        return cells.note
    texts = [text for row in cells.texts for text in [*row, ";"]][:-1]
    if len(texts) == 1:
        return texts[0]
    more = len(texts) - texts.count(";") > MAX_NUMBERS
    first = " ".join(islice(texts, MAX_NUMBERS + texts[:MAX_NUMBERS].count(";")))
    return f"[{first}{' …' if more else ''}]".replace(" ;", ";")
