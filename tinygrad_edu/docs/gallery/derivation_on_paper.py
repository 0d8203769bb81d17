"""The gradients of a small network derived as on paper."""

from __future__ import annotations

import tinygrad_edu as torch
from tinygrad_edu import explain

x = torch.tensor([[1.0, 2.0]], name="x")
W = torch.tensor([[0.5], [-1.0]], requires_grad=True, name="W")
loss = ((x @ W).sigmoid() - 1).pow(2).sum()
explain(loss, W).save("derivation.html")
