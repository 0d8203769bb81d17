"""A recurrent network of twenty steps; the steps, which repeat, are one card."""

from __future__ import annotations

import tinygrad_edu as torch
from tinygrad_edu import draw

torch.manual_seed(0)
W = torch.randn(3, 3, requires_grad=True)
U = torch.randn(2, 3, requires_grad=True)
h = torch.zeros(1, 3)
for x in torch.randn(20, 1, 2):
    h = (x @ U + h @ W).tanh()
loss = (h**2).sum()
loss.backward()
draw(loss).save("recurrent.svg")
