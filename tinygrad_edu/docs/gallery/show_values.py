"""Single numbers: the graph of the scalar engine."""

from __future__ import annotations

from tinygrad_edu import Value, draw

a, b = Value(2.0, label="a"), Value(-3.0, label="b")
c = (a * b + a**2).tanh()
c.backward()
draw(c).save("values.svg")
