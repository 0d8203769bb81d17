"""A convolution of an image with one filter, drawn with its numbers."""

from __future__ import annotations

import tinygrad_edu as torch
from tinygrad_edu import draw

image = torch.arange(16.0).reshape(1, 1, 4, 4)
kernel = torch.tensor([[[[1.0, 0.0], [0.0, -1.0]]]], requires_grad=True)
edges = torch.nn.functional.conv2d(image, kernel)
edges.sum().backward()
draw(edges).save("convolution.svg")
