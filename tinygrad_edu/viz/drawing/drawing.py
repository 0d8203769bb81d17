"""`draw(loss)`, the one call that most people need, and `Drawing`, its result."""

from __future__ import annotations

import base64
import sys
import warnings
from collections.abc import Collection, Mapping
from functools import cached_property
from html import escape
from pathlib import Path
from reprlib import repr as short
from typing import Any

import graphviz

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.scalar import Value
from tinygrad_edu.text.numbers import counted
from tinygrad_edu.viz.drawing import dot as _dot
from tinygrad_edu.viz.drawing import svg as _svg
from tinygrad_edu.viz.drawing.cards import tooltip
from tinygrad_edu.viz.drawing.colours import THEMES
from tinygrad_edu.viz.drawing.export import content
from tinygrad_edu.viz.drawing.graphviz_engine import render
from tinygrad_edu.viz.drawing.listing import listing
from tinygrad_edu.viz.drawing.markdown_file import markdown
from tinygrad_edu.viz.drawing.mermaid import mermaid
from tinygrad_edu.viz.graph.fused_parts import check_parts
from tinygrad_edu.viz.graph.graph_model import Graph
from tinygrad_edu.viz.graph.request import Request
from tinygrad_edu.viz.page import Interactive, page

ENGINES = ("built-in", "dot")


class Drawing:
    """A picture of a graph, a snapshot of the time when it was drawn. A notebook shows it by itself."""

    def __init__(self, graph: Graph, theme: str, engine: str = "built-in") -> None:
        self.graph = graph
        self.theme = theme
        self.engine = engine

    @cached_property
    def svg(self) -> str:
        """The picture as SVG."""
        if self.engine == "dot":
            made = render(self.dot, "svg", len(self.graph.nodes))
            if made is not None:
                return made.decode()
            warnings.warn(
                "draw: Graphviz is not installed or took too long, so the built-in layout is used; "
                'pip install "tinygrad_edu[graphviz]", or leave out engine="dot"',
                stacklevel=2,
            )
        return self.built_in

    @cached_property
    def built_in(self) -> str:
        """The picture as SVG in the built-in layout, which is the same everywhere."""
        return _svg.svg(self.graph, THEMES[self.theme])

    @cached_property
    def digraph(self) -> graphviz.Digraph:
        """The graph for the `graphviz` package; rendering it needs the Graphviz programs."""
        return _dot.digraph(self.graph, THEMES[self.theme])

    @property
    def dot(self) -> str:
        """The graph in the DOT language."""
        return str(self.digraph.source)

    @property
    def mermaid(self) -> str:
        """The graph in the Mermaid language, for Markdown files."""
        return mermaid(self.graph)

    @property
    def markdown(self) -> str:
        """A Markdown document: the picture in the Mermaid language, and a table of all tensors."""
        return markdown(self.graph)

    @property
    def text(self) -> str:
        """The graph for a terminal: a line for every tensor, under the module it is in."""
        return listing(self.graph)

    @cached_property
    def html(self) -> str:
        """One page that steps forward and backward through the graph; it loads nothing from outside.

        It begins as light or dark as the reader's system, but dark if the drawing is. The gradients are those of the
        loss, whatever `.grad` holds. Raises `RuntimeError` if a number that the way back needs was overwritten since.
        """
        return page(self.graph, "dark" if self.theme == "dark" else None)

    def interactive(self, height: int = 620) -> Interactive:
        """The page for a notebook, in a frame `height` pixels high."""
        return Interactive(self.html, height, self.svg)

    def save(self, path: str | Path) -> Path:
        """Write the picture to `path`, in the format of its ending.

        `.svg`, `.png`, `.pdf`; `.html`, the page with all steps; a name that ends in `slides.html`, one step on each
        slide; in `steps.pdf`, a handout of the steps; `.gif`, `.webp` or `.mp4`, the way forward and back played;
        `.tikz`, a figure for LaTeX; `.dot`, `.md` or `.txt`. The extra `viz` makes `.png`, `.pdf` and what moves;
        Graphviz can make `.png` and `.pdf` of the picture, too.
        """
        path = Path(path)
        made = content(self, path.name)
        try:
            path.write_bytes(made)
        except OSError as error:
            raise type(error)(
                f"save cannot write {str(path)!r}: {error.strerror}; "
                "give a file in a folder that exists and is yours"
            ) from error
        return path

    def __repr__(self) -> str:
        nodes, tensors = self.graph.nodes, self.graph.tensors
        kind = "value" if all(isinstance(tensor, Value) for tensor in tensors) else "tensor"
        operations = sum(1 for node in nodes if node.operation)
        what = f"{nodes[-1].name!r}, {counted(len(nodes), kind)}, {counted(operations, 'operation')}"
        return f"<Drawing of {what}; .svg, .dot, .save('graph.svg')>"

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        """An image, which notebooks show even before they trust a document."""
        data = base64.b64encode(self.svg.encode()).decode()
        description = escape("; ".join(tooltip(node) for node in self.graph.nodes[-40:]))
        return f'<img src="data:image/svg+xml;base64,{data}" alt="{description}" style="max-width:100%">'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        everything = {"text/plain": repr(self), "text/html": self._repr_html_(), "image/svg+xml": self.svg}
        return {
            kind: data
            for kind, data in everything.items()
            if (not include or kind in include) and kind not in (exclude or ())
        }


def draw(
    x: Any,
    *inputs: Any,
    names: Mapping[str, Any] | None = None,
    model: Any = None,
    depth: int | None = None,
    max_nodes: int | None = None,
    numbers: bool | None = None,
    scalars: bool = False,
    parts: bool | str | Collection[str] = False,
    mark: Any = None,
    theme: str = "light",
    engine: str = "built-in",
) -> Drawing:
    """The graph by which `x`, a Tensor, a Value or a list of these, was computed, as a picture.

    Each tensor is a card with its name, shape, numbers and, after `backward()`, its gradient; each operation
    is a pill above its result; the local derivatives stand beside the edges. Tensors without a name of their own
    are called as the caller's variables; `names`, for example `locals()`, come before names of their own.
    `theme` is "light" or "dark".
    `draw(net, x)` runs a module once and draws what it computes; `draw(plan)` draws what a plan replays. Modules
    are boxes around what they computed: of a loss, those among the variables or `names`, or the one given as `model`.
    Beyond 12 cards each card is one line, with the numbers as coloured cells. `numbers=True` writes the numbers out,
    `numbers=False` makes every card one line.
    With `depth` modules open to that depth, and those below are one card each. Without it, what repeats beyond 40
    tensors is one card: blocks (`Block ×12`), steps of a loop, neurons of a layer (`× … tanh ×16`), and modules are
    folded beyond `max_nodes` (200) cards. Of more than `max_nodes` (1,500) that no folding helps only the newest are
    drawn. The picture says what is left out, and its page opens a folded card by a click.
    `scalars=True` opens Tensors up to single numbers, each a Value of its own, as micrograd draws them.
    `parts=True` draws fused operations in their parts, as `linear` in its product and sum, `cross_entropy` down to its
    exponentials; `parts=["cross_entropy"]` only these. One whose parts do not give its numbers stays whole.
    `mark`: tensors to be pointed at, or what `diagnose` returned: the place of the mistake.
    A path after these, `draw(loss, "graph.svg")`, is where the picture is saved: see `Drawing.save`.
    `engine="dot"` asks Graphviz for the layout, if it is there and quick enough; otherwise it is not needed.
    Raises `TypeError` or `ValueError` for anything else.
    """
    if engine not in ENGINES:
        raise ValueError(f'draw needs engine "built-in" or "dot", got {engine!r}')
    if theme not in THEMES:
        raise ValueError(f'draw needs theme "light" or "dark", got {theme!r}')
    frame = sys._getframe(1)
    _check_whole("depth", depth, 0)
    _check_whole("max_nodes", max_nodes, 1)
    *inputs_only, path = inputs if inputs and isinstance(inputs[-1], str | Path) else (*inputs, None)
    check_parts(parts)
    request = Request(x, tuple(inputs_only), names, model, scalars)
    graph = request.graph(
        frame, depth=depth, max_nodes=max_nodes, numbers=numbers, parts=parts, marked=_marked(mark)
    )
    drawing = Drawing(graph, theme, engine)
    if path is not None:
        drawing.save(path)
    return drawing


def _check_whole(name: str, given: Any, least: int) -> None:
    if given is not None and (not isinstance(given, int) or isinstance(given, bool) or given < least):
        raise ValueError(f"draw needs {name} as a whole number of {least} or more, got {short(given)}")


def _marked(mark: Any) -> list[Any]:
    """The tensors that the picture points at."""
    tensors = getattr(mark, "guilty", mark)
    tensors = [] if tensors is None else list(tensors) if isinstance(tensors, list | tuple) else [tensors]
    for tensor in tensors:
        if not isinstance(tensor, Variable | Value):
            raise TypeError(
                f"draw needs mark as Tensors or a diagnosis, got {type(tensor).__name__} {short(tensor)}"
            )
    return tensors
