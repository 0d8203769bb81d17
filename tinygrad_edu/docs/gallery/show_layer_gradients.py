"""The gradients of each layer, step by step."""

from __future__ import annotations

from tinygrad_edu import manual_seed, nn, optim, randn
from tinygrad_edu.viz import LayerHistory, plot_layers

manual_seed(0)
net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
history, optimizer = LayerHistory(net), optim.SGD(net.parameters(), lr=0.1)
for _ in range(20):
    optimizer.zero_grad()
    (net(randn(16, 3)) ** 2).mean().backward()
    optimizer.step()
    history.step()
plot_layers(history, "gradients").figure.savefig("layers.png", dpi=80)
