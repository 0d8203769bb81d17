"""A second derivative: the gradient has a graph of its own."""

from __future__ import annotations

from tinygrad_edu import draw, tensor
from tinygrad_edu.autograd import grad

x = tensor(2.0, requires_grad=True, name="x")
(first,) = grad(x**3, x, create_graph=True)
first.backward()
print(first.item(), x.grad.item())
draw(first).save("second_order.svg")
