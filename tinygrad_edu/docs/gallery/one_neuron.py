"""The graph of one neuron on single numbers, with the gradient of every number."""

from __future__ import annotations

from tinygrad_edu import Value, draw

x1, x2 = Value(2.0, label="x1"), Value(0.5, label="x2")
w1, w2 = Value(-0.5, label="w1"), Value(1.0, label="w2")
b = Value(0.8, label="b")
out = (w1 * x1 + w2 * x2 + b).tanh()
out.label = "out"
out.backward()
draw(out).save("neuron.svg")
