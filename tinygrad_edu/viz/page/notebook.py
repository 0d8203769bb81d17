"""The page inside a notebook: in a frame of its own, which can run its script and reach nothing outside."""

from __future__ import annotations

from html import escape
from reprlib import repr as short

BELOW = "The page of a graph, step by step: run this cell to see it, or trust the notebook."


class Interactive:
    """The page as a notebook shows it, `height` pixels high; where no HTML is shown, the `picture`."""

    def __init__(self, page: str, height: int, picture: str) -> None:
        if isinstance(height, bool) or not isinstance(height, int) or height < 200:
            raise ValueError(
                f"interactive needs height as a whole number of 200 pixels or more, got {short(height)}"
            )
        self.page = page
        self.height = height
        self.picture = picture

    def __repr__(self) -> str:
        return "<Interactive page of a graph; a notebook shows it>"

    def _repr_svg_(self) -> str:
        return self.picture

    def _repr_html_(self) -> str:
        """The frame of the page over a sentence, which a notebook that is not trusted shows in place of the frame."""
        size = f"width:100%;height:{self.height}px;margin-top:-2em;position:relative"
        look = "background:#fff;border:1px solid #8A909A;border-radius:8px"
        attributes = 'sandbox="allow-scripts" title="A graph, step by step"'
        frame = f'<iframe {attributes} style="{size};{look}" srcdoc="{escape(self.page)}"></iframe>'
        return f'<div><div style="height:2em">{BELOW}</div>{frame}</div>'
