"""The loss around the weights of a small network."""

from __future__ import annotations

from tinygrad_edu import manual_seed, nn, randn
from tinygrad_edu.viz import plot_loss_landscape

manual_seed(0)
X = randn(30, 2)
net = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
plot_loss_landscape(net, lambda: (net(X) ** 2).mean()).figure.savefig("landscape.png", dpi=80)
