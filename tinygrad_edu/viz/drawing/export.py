"""A drawing as the bytes of a file, by the ending of its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from tinygrad_edu.viz.drawing import svg as _svg
from tinygrad_edu.viz.drawing.graphviz_engine import render

MAX_PIXELS = 60_000_000  # of a PNG


class Drawn(Protocol):
    """A drawing in every language that a file may have: see `Drawing`."""

    engine: str
    graph: Any

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


def content(drawing: Drawn, ending: str) -> bytes:
    """The bytes of a file with this ending. Raises `ImportError` if an extra that they need is not installed."""
    return WRITERS[ending](drawing)


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
    return _by_graphviz(drawing, "pdf", 'pygraphviz, pip install "tinygrad_edu[graphviz]"')


def _by_graphviz(drawing: Drawn, form: str, extra: str) -> bytes:
    made = render(drawing.dot, form, len(drawing.graph.nodes))
    if made is None:
        raise ImportError(f"save needs Graphviz or {extra}, for a .{form}; or save as .svg")
    return made


WRITERS: dict[str, Callable[[Drawn], bytes]] = {
    ".svg": lambda drawing: drawing.svg.encode(),
    ".html": lambda drawing: drawing.html.encode(),
    ".png": _png,
    ".pdf": _pdf,
    ".dot": lambda drawing: drawing.dot.encode(),
    ".md": lambda drawing: drawing.markdown.encode(),
    ".txt": lambda drawing: drawing.text.encode(),
}
ENDINGS = f"{', '.join(list(WRITERS)[:-1])} or {list(WRITERS)[-1]}"
