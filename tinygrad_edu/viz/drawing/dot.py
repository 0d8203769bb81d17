"""The picture as DOT, for Graphviz: the same cards as HTML-like tables, in nodes of the same shapes.

Building the text needs the `graphviz` package only; a Graphviz program is needed by whoever renders it.
"""

from __future__ import annotations

from html import escape

import graphviz

from tinygrad_edu.viz.drawing.cards import HERE
from tinygrad_edu.viz.drawing.colours import Theme, cell_colours
from tinygrad_edu.viz.drawing.number_cells import Cells
from tinygrad_edu.viz.drawing.text_width import clean, cut
from tinygrad_edu.viz.graph.graph_model import DrawnNode, Graph

MAX_EXACT_NODES = 500  # nodes, beyond which Graphviz is asked to hurry
MAX_TITLE_WIDTH = 220.0
_SHAPES = {
    "input": {"shape": "note"},
    "parameter": {"shape": "box", "peripheries": "2"},
    "result": {"shape": "box", "style": "rounded"},
    "loss": {"shape": "octagon", "penwidth": "2"},
    "folded": {"shape": "box", "style": "dashed"},
    "module": {"shape": "box3d"},
}


def digraph(graph: Graph, theme: Theme) -> graphviz.Digraph:
    """The graph for Graphviz. All ids are ours: `n0` is a tensor, `o0` the operation that computed it."""
    drawn = _empty(graph, theme)
    boxes = [_cluster(graph, i, theme) for i in range(len(graph.scopes))]
    for i, node in enumerate(graph.nodes):
        place = drawn if node.scope is None else boxes[node.scope]
        place.node(node.id, table(node, graph, theme), **_look(node, theme))
        if node.operation:
            place.node(f"o{i}", plain(node.sign), **_pill(theme))
            place.edge(f"o{i}", node.id)
    for scope, box in reversed(list(zip(graph.scopes, boxes, strict=True))):  # inner ones first
        (drawn if scope.parent is None else boxes[scope.parent]).subgraph(box)
    for edge in graph.edges:
        label = plain(f" {edge.local}") if edge.local else None
        drawn.edge(graph.nodes[edge.source].id, f"o{edge.target}", label)
    return drawn


def _empty(graph: Graph, theme: Theme) -> graphviz.Digraph:
    """The picture without nodes and edges: fonts, distances, the notes."""
    drawn = graphviz.Digraph("graph")
    drawn.attr("graph", rankdir="TB", bgcolor=theme.page, nodesep="0.35", ranksep="0.4")
    drawn.attr("node", fontname="Helvetica", fontsize="11", fontcolor=theme.ink, margin="0.06,0.04")
    drawn.attr("edge", fontname="Helvetica", fontsize="10", color=theme.line, fontcolor=theme.local)
    if graph.notes:
        drawn.attr("graph", label=plain(" — ".join(graph.notes)), fontcolor=theme.ink, fontname="Helvetica")
    if len(graph.nodes) > MAX_EXACT_NODES:
        drawn.attr("graph", nslimit="0.1", nslimit1="0.1", mclimit="0.1", splines="line")
    return drawn


def _look(node: DrawnNode, theme: Theme) -> dict[str, str]:
    """The attributes of the outline of a card."""
    look = {"color": theme.kinds[node.kind], **_SHAPES[node.kind]}
    return look | {"color": theme.backward, "penwidth": "3", "peripheries": "2"} if node.marked else look


def _pill(theme: Theme) -> dict[str, str]:
    """The attributes of the pill of an operation."""
    return {"shape": "box", "style": "rounded,filled", "fillcolor": theme.pill, "fontcolor": theme.pill_ink}


def _cluster(graph: Graph, i: int, theme: Theme) -> graphviz.Digraph:
    """The box of a module, still empty."""
    box = graphviz.Digraph(f"cluster_{i}")
    look = {"style": "rounded,dashed", "color": theme.soft, "fontcolor": theme.soft, "labeljust": "l"}
    box.attr(
        "graph",
        label=plain(cut(graph.title(i), MAX_TITLE_WIDTH, 11)),
        fontname="Helvetica",
        fontsize="11",
        **look,
    )
    return box


def plain(text: str) -> str:
    """`text` as a label that Graphviz neither takes for markup nor searches for escapes."""
    return graphviz.escape(clean(text).replace("&", "&amp;"))


def html(text: str, size: int, colour: str, *, bold: bool = False) -> str:
    r"""`text` inside an HTML-like label. Graphviz looks for `\N` there too, and refuses an empty FONT."""
    safe = escape(cut(clean(text), 260, 11).replace("\\", "\\\\")) or " "
    return f'<FONT POINT-SIZE="{size}" COLOR="{colour}">{f"<B>{safe}</B>" if bold else safe}</FONT>'


def table(node: DrawnNode, graph: Graph, theme: Theme) -> str:
    """The card of `node` as an HTML-like label."""
    title = html(node.name, 13, theme.ink, bold=True)
    equals = f" {html('= ' + node.expression, 10, theme.soft)}" if node.expression else ""
    shape = html(node.shape_text, 10, theme.soft)
    rows = [f'<TR><TD ALIGN="LEFT">{title}{equals}</TD><TD ALIGN="RIGHT">{shape}</TD></TR>']
    if node.marked:
        rows.append(f'<TR><TD ALIGN="LEFT" COLSPAN="2">{html(HERE, 11, theme.backward, bold=True)}</TD></TR>')
    rows += [
        f'<TR><TD ALIGN="LEFT" COLSPAN="2">{html(line, 10, theme.soft)}</TD></TR>' for line in node.inside
    ]
    if node.value is not None:
        value = _grid(node.value, node.value_caption, theme, is_gradient=False)
        rows.append(f"<TR><TD>{value}</TD><TD>{_gradient(node, graph, theme)}</TD></TR>")
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="1" CELLPADDING="2">{"".join(rows)}</TABLE>>'


def _gradient(node: DrawnNode, graph: Graph, theme: Theme) -> str:
    if not node.awaits_gradient:
        return " "
    caption = graph.gradient_caption(node)
    if node.gradient is not None:
        return _grid(node.gradient, caption, theme, is_gradient=True)
    return html(f"{caption}: not computed", 9, theme.backward)


def _grid(cells: Cells, caption: str, theme: Theme, *, is_gradient: bool) -> str:
    ink = theme.backward if is_gradient else theme.soft
    table = cell_colours(cells, theme, is_gradient=is_gradient) or [[(" ", "", theme.soft)]]
    across = f'COLSPAN="{len(table[0])}"'
    rows = [f"<TR><TD {across}>{html(caption, 9, ink)}</TD></TR>"]
    rows += [f"<TR>{''.join(_cell(*cell) for cell in row)}</TR>" for row in table]
    if cells.note:
        rows.append(f"<TR><TD {across}>{html(cells.note, 9, theme.soft)}</TD></TR>")
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="1" CELLPADDING="2">{"".join(rows)}</TABLE>'


def _cell(content: str, fill: str, ink: str) -> str:
    background = f' BGCOLOR="{fill}"' if fill else ""
    return f"<TD{background}>{html(content, 10, ink)}</TD>"
