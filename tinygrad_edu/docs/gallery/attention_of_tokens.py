"""The graph of scaled dot-product attention of three tokens."""

from __future__ import annotations

import tinygrad_edu as torch
from tinygrad_edu import draw

torch.manual_seed(0)
q, k, v = (torch.randn(3, 2, requires_grad=True) for _ in range(3))
scores = q @ k.T / 2**0.5
weights = scores.softmax(dim=1)
out = weights @ v
out.sum().backward()
draw(out).save("attention.svg")
