"""A multilayer perceptron: every module is a box around what it computes."""

from __future__ import annotations

from tinygrad_edu import draw, manual_seed, nn, tensor

manual_seed(0)
net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
draw(net, tensor([[1.0, -1.0], [0.5, 2.0]])).save("mlp.svg")
