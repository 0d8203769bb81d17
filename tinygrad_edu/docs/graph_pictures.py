"""Pictures of the pages: one for light and one for dark screens, as files beside the pages."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from tinygrad_edu.viz import draw

FOLDER = "_static/pictures"


def graph_picture(source: Path, name: str, result: Any, names: dict[str, Any]) -> str:
    """Save the graph of a result as SVG; returns the HTML that shows it, empty if there is no graph."""
    try:
        drawings = {theme: draw(result, names=names, theme=theme).svg for theme in ("light", "dark")}
    except (TypeError, ValueError):  # a result that nothing was recorded for
        return ""
    return picture(source, name, f"The graph of the example of {name}", drawings)


def picture(source: Path, name: str, words: str, drawings: dict[str, str]) -> str:
    """Save two SVGs; returns the HTML that shows the one of the screen's theme. `words` describe it."""
    (source / FOLDER).mkdir(parents=True, exist_ok=True)
    images = []
    for theme, svg in drawings.items():
        file = f"{name}-{theme}.svg"
        (source / FOLDER / file).write_text(svg, "utf-8")
        width = f' width="{_width(svg):.0f}"'
        images.append(
            f'<img class="only-{theme} graph" loading="lazy" alt="{escape(words)}"{width} src="@ROOT@{FOLDER}/{file}">'
        )
    return "\n".join(images)


def _width(svg: str) -> float:
    return float(svg.partition('width="')[2].partition('"')[0]) * 0.7
