"""An embedding; a row that is read twice receives both gradients."""

from __future__ import annotations

import tinygrad_edu as torch
from tinygrad_edu import draw

table = torch.tensor([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]], requires_grad=True)
tokens = torch.tensor([0, 2, 2])
rows = table[tokens]
loss = (rows**2).sum()
loss.backward()
draw(loss).save("embedding.svg")
