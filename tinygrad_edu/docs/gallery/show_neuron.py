"""One neuron: a weighted sum, a bias and tanh, with every gradient."""

from __future__ import annotations

from tinygrad_edu import draw, tensor

x = tensor([1.0, 2.0], name="x")
w = tensor([0.5, -0.25], requires_grad=True, name="w")
b = tensor(0.1, requires_grad=True, name="b")
y = (w @ x + b).tanh()
y.backward()
draw(y).save("neuron.svg")
