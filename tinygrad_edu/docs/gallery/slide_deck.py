"""Slides of the backward pass, one step on each."""

from __future__ import annotations

import tinygrad_edu as torch
from tinygrad_edu import draw

x = torch.tensor(2.0, requires_grad=True, name="x")
loss = (x * x + 3 * x).tanh()
loss.backward()
draw(loss).save("slides.html")
