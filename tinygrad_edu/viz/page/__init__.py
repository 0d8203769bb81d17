"""One self-contained page that steps forward and backward through a graph."""

from __future__ import annotations

from tinygrad_edu.viz.page.document import page
from tinygrad_edu.viz.page.notebook import Interactive

__all__ = ["Interactive", "page"]
