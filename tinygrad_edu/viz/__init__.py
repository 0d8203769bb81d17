"""Pictures of a graph and of training: `draw(loss)` shows every tensor with its numbers and gradients."""

from __future__ import annotations

from tinygrad_edu.viz.drawing.drawing import Drawing, draw
from tinygrad_edu.viz.training.curves import plot_gradient_norms, plot_loss
from tinygrad_edu.viz.training.images import plot_confusion_matrix, plot_images
from tinygrad_edu.viz.training.landscape import plot_loss_landscape
from tinygrad_edu.viz.training.layer_history import LayerHistory
from tinygrad_edu.viz.training.layer_plots import plot_layers
from tinygrad_edu.viz.training.live import LiveLoss
from tinygrad_edu.viz.training.scatter_plots import plot_decision_boundary, scatter3d

__all__ = [
    "Drawing",
    "LayerHistory",
    "LiveLoss",
    "draw",
    "plot_confusion_matrix",
    "plot_decision_boundary",
    "plot_gradient_norms",
    "plot_images",
    "plot_layers",
    "plot_loss",
    "plot_loss_landscape",
    "scatter3d",
]
