"""A drawing as the bytes of a file, by the end of its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tinygrad_edu.viz.drawing import svg as _svg
from tinygrad_edu.viz.drawing.colours import THEMES
from tinygrad_edu.viz.drawing.graphviz_engine import render
from tinygrad_edu.viz.export.animation import animation
from tinygrad_edu.viz.export.handout import figure, handout
from tinygrad_edu.viz.export.tikz import tikz
from tinygrad_edu.viz.graph.graph_model import Graph
from tinygrad_edu.viz.page import page
from tinygrad_edu.viz.page.page_file import stepped
from tinygrad_edu.viz.page.page_steps import Steps

MAX_PIXELS = 60_000_000  # of a PNG


class Drawn(Protocol):
    """A drawing in every language that a file may have: see `Drawing`."""

    engine: str
    theme: str
    graph: Graph

    @property
    def built_in(self) -> str: ...
    @property
    def svg(self) -> str: ...
    @property
    def dot(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def markdown(self) -> str: ...
    @property
    def text(self) -> str: ...


def _png(drawing: Drawn) -> bytes:
    wide, high = _svg.size(drawing.built_in)
    if wide * high > MAX_PIXELS:
        raise ValueError(
            f"save as .png needs a smaller graph, got one of {wide} x {high} pixels; save as .svg"
        )
    if drawing.engine == "built-in":
        try:
            import resvg_py  # noqa: PLC0415 - an optional extra

            zoom = 2 if 4 * wide * high <= MAX_PIXELS else 1
            return bytes(resvg_py.svg_to_bytes(svg_string=drawing.built_in, zoom=zoom))
        except ImportError:
            pass
    return _by_graphviz(drawing, "png", 'resvg-py, pip install "tinygrad_edu[viz]"')


def _pdf(drawing: Drawn) -> bytes:
    if drawing.engine == "built-in":
        made = figure(drawing.built_in)
        if made is not None:
            return made
    return _by_graphviz(drawing, "pdf", 'typst, pip install "tinygrad_edu[viz]"')


def _by_graphviz(drawing: Drawn, form: str, extra: str) -> bytes:
    made = render(drawing.dot, form, len(drawing.graph.nodes))
    if made is None:
        raise ImportError(f"save needs Graphviz or {extra}, for a .{form}; or save as .svg")
    return made


def _stepped(drawing: Drawn, kind: str) -> tuple[Graph, Steps]:
    """The graph with the gradients of its loss, and its steps. Raises `ValueError` if there are none."""
    with drawing.graph.computation.rewound():
        graph, steps = stepped(drawing.graph)
    if steps is None or len(steps.all) < 2:
        raise ValueError(
            f"save as {kind} needs the steps of a graph, but there are none here; draw a loss that was computed "
            "from tensors with requires_grad=True"
        )
    return graph, steps


def _animation(ending: str) -> Writer:
    return lambda drawing: animation(*_stepped(drawing, ending), THEMES[drawing.theme], ending)


Writer = Callable[[Drawn], bytes]
WRITERS: dict[str, Writer] = {  # by the end of the name: the first that fits
    ".svg": lambda drawing: drawing.svg.encode(),
    "slides.html": lambda drawing: page(drawing.graph, drawing.theme, slides=True).encode(),
    ".html": lambda drawing: drawing.html.encode(),
    ".png": _png,
    "steps.pdf": lambda drawing: handout(*_stepped(drawing, "a handout")),
    ".pdf": _pdf,
    ".gif": _animation(".gif"),
    ".webp": _animation(".webp"),
    ".mp4": _animation(".mp4"),
    ".tikz": lambda drawing: tikz(drawing.built_in).encode(),
    ".dot": lambda drawing: drawing.dot.encode(),
    ".md": lambda drawing: drawing.markdown.encode(),
    ".txt": lambda drawing: drawing.text.encode(),
}
ENDINGS = f"{', '.join(list(WRITERS)[:-1])} or {list(WRITERS)[-1]}"


def content(drawing: Drawn, name: str) -> bytes:
    """The bytes of a file of this name.

    Raises `ValueError` if the end of the name says no format, `ImportError` if an extra is not installed.
    """
    for ending, write in WRITERS.items():
        if name.lower().endswith(ending):
            return write(drawing)
    raise ValueError(f"save needs a file name that ends in {ENDINGS}, got {name!r}")
