"""A convolution over one line of numbers."""

from __future__ import annotations

from tinygrad_edu import draw, tensor
from tinygrad_edu.nn.functional import conv1d

x = tensor([[[1.0, 2.0, 4.0, 8.0, 16.0]]], name="x")
kernel = tensor([[[-1.0, 1.0]]], requires_grad=True, name="kernel")
result = conv1d(x, kernel).sum()
result.backward()
draw(result).save("convolution.svg")
