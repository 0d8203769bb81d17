"""An assignment in place is part of the graph."""

from __future__ import annotations

from tinygrad_edu import draw, tensor

x = tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")
u = tensor(7.0, requires_grad=True, name="u")
h = x * x
h[0] = u
loss = h.sum()
loss.backward()
draw(loss).save("in_place.svg")
