"""A page that steps forward through the graph and back, with a quiz."""

from __future__ import annotations

from tinygrad_edu import draw, tensor

x = tensor([[1.0, 2.0], [-1.0, 0.5]], name="x")
w = tensor([[0.5], [-0.25]], requires_grad=True, name="w")
loss = ((x @ w).tanh() ** 2).mean()
loss.backward()
draw(loss).save("steps.html")
