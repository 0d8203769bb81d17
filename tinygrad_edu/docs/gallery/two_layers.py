"""The graph of a network of two layers, with its modules as boxes."""

from __future__ import annotations

import tinygrad_edu as torch
from tinygrad_edu import draw, nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
x, y = torch.randn(4, 2), torch.randn(4, 1)
loss = nn.functional.mse_loss(net(x), y)
loss.backward()
draw(loss, model=net).save("layers.svg")
