"""One self-contained page that steps forward and backward through a graph."""

from __future__ import annotations

from tinygrad_edu.viz.page.document import page

__all__ = ["page"]
