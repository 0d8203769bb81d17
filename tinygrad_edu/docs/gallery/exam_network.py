"""The stepping page of a network as in the exam: a sigmoid layer, softmax and cross-entropy."""

from __future__ import annotations

import tinygrad_edu as torch
from tinygrad_edu import draw

torch.manual_seed(0)
X = torch.randn(4, 3)
W1 = torch.randn(3, 2, requires_grad=True)
W2 = torch.randn(2, 3, requires_grad=True)
H1 = (X @ W1).sigmoid()
loss = torch.nn.functional.cross_entropy(H1 @ W2, torch.tensor([0, 1, 2, 1]))
loss.backward()
draw(loss).save("exam.html")
