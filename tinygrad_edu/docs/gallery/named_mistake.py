"""The verdict on a gradient derived by hand, with the place of the mistake marked in the graph."""

from __future__ import annotations

import numpy as np

import tinygrad_edu as torch
from tinygrad_edu import diagnose, draw

x = torch.tensor([[1.0, 2.0], [3.0, -1.0]], name="x")
W = torch.tensor([[0.5], [-1.0]], requires_grad=True, name="W")
h = (x @ W).tanh()
loss = (h**2).mean()
by_hand = x.numpy().T @ (2 * h.detach().numpy() / 2)  # the derivative of tanh is forgotten
verdict = diagnose(loss, W, np.array(by_hand))
draw(loss, mark=verdict).save("mistake.svg")
