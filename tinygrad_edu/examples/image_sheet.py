"""A sheet of small images in one picture, by matplotlib (extra `plot`)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tinygrad_edu import Tensor
from tinygrad_edu.viz.training.figures import new_figure


def save_sheet(images: Tensor, columns: int, path: Path) -> None:
    """Write the images (N, H, W), 0 white and 1 black, row by row; images that would not fill a row are left out."""
    rows = len(images) // columns
    framed = np.pad(np.asarray(images)[: rows * columns], ((0, 0), (1, 1), (1, 1)))
    _, height, width = framed.shape
    lines = framed.reshape(rows, columns, height, width).swapaxes(1, 2)
    figure = new_figure(5, 5 * rows * height / (columns * width))
    axes = figure.add_subplot()
    axes.imshow(lines.reshape(rows * height, columns * width), cmap="gray_r", vmin=0, vmax=1)
    axes.axis("off")
    figure.savefig(path)
