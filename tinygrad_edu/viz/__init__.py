"""Pictures of a graph: `draw(loss)` shows every tensor with its numbers and gradients, as SVG or DOT."""

from __future__ import annotations

from tinygrad_edu.viz.drawing import Drawing, draw

__all__ = ["Drawing", "draw"]
