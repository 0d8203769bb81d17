"""A product of matrices opened up to single numbers."""

from __future__ import annotations

import tinygrad_edu as torch
from tinygrad_edu import draw

x = torch.tensor([[1.0, 2.0]])
w = torch.tensor([[3.0], [4.0]], requires_grad=True)
y = (x @ w).sum()
y.backward()
draw(y, scalars=True).save("numbers.svg")
