"""A wrong gradient, and the mistake that gives the same digits."""

from __future__ import annotations

import numpy as np

from tinygrad_edu import diagnose, draw, tensor

X = tensor(np.random.default_rng(0).normal(size=(5, 4)), name="X")
W = tensor(np.random.default_rng(1).normal(size=(4, 2)), requires_grad=True, name="W")
a = (X @ W).sigmoid()
loss = (a**2).sum()
by_hand = X.numpy().T @ (2 * a.numpy(force=True))  # the derivative of the sigmoid is missing
mistake = diagnose(loss, W, by_hand)
print(mistake)
draw(loss, mark=mistake).save("diagnosis.svg")
