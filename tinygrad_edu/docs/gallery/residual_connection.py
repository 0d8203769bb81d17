"""A residual connection; the gradients of both ways are added up in x."""

from __future__ import annotations

import tinygrad_edu as torch
from tinygrad_edu import draw

x = torch.tensor([[1.0, -2.0]], requires_grad=True)
W = torch.tensor([[0.5, 1.0], [-1.0, 0.5]], requires_grad=True)
y = x + (x @ W).relu()
y.sum().backward()
draw(y).save("residual.svg")
