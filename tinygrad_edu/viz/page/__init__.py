"""One self-contained page that steps forward and backward through a graph."""

from __future__ import annotations

from tinygrad_edu.viz.page.notebook import Interactive
from tinygrad_edu.viz.page.page_file import page

__all__ = ["Interactive", "page"]
