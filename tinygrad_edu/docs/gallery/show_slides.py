"""Slides: one step of the way back on each."""

from __future__ import annotations

from tinygrad_edu import draw, tensor

a = tensor(3.0, requires_grad=True, name="a")
b = tensor(2.0, requires_grad=True, name="b")
loss = (a * b + a).tanh()
loss.backward()
draw(loss).save("slides.html")
