"""A write into part of a tensor, as the graph has it."""

from __future__ import annotations

import tinygrad_edu as torch
from tinygrad_edu import draw

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
h = x * 2
h[0] = 10.0
loss = h.sum()
loss.backward()
draw(loss).save("written.svg")
