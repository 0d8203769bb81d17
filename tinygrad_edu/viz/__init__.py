"""Pictures of a graph and of training: `draw(loss)` shows every tensor with its numbers and gradients."""

from __future__ import annotations

from tinygrad_edu.viz.drawing.drawing import Drawing, draw
from tinygrad_edu.viz.training.curves import plot_decision_boundary, plot_gradient_norms, plot_loss, scatter3d
from tinygrad_edu.viz.training.live import LiveLoss

__all__ = [
    "Drawing",
    "LiveLoss",
    "draw",
    "plot_decision_boundary",
    "plot_gradient_norms",
    "plot_loss",
    "scatter3d",
]
