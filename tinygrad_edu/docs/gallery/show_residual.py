"""A residual block: the gradient reaches x by two paths, and both shares are added."""

from __future__ import annotations

from tinygrad_edu import draw, tensor

x = tensor([[1.0, -2.0]], requires_grad=True, name="x")
W = tensor([[0.5, 0.1], [-0.3, 0.8]], requires_grad=True, name="W")
y = x + (x @ W).relu()
loss = y.sum()
loss.backward()
draw(loss).save("residual.svg")
