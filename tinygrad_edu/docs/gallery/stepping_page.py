"""A page that steps through the backward pass, with a quiz."""

from __future__ import annotations

import tinygrad_edu as torch
from tinygrad_edu import draw

x = torch.tensor([[1.0, 2.0]], name="x")
w = torch.tensor([[0.5], [-0.25]], requires_grad=True, name="w")
b = torch.tensor([0.1], requires_grad=True, name="b")
p = (x @ w + b).sigmoid()
loss = ((p - 1) ** 2).sum()
loss.backward()
draw(loss).save("steps.html")
