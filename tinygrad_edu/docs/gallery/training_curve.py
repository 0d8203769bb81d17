"""The loss of a small network during training."""

from __future__ import annotations

import tinygrad_edu as torch
from tinygrad_edu import datasets, nn
from tinygrad_edu.viz import plot_loss

torch.manual_seed(0)
data = datasets.moons(100, noise=0.1)
net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
history = []
for _ in range(60):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(net(data.inputs), data.targets)
    loss.backward()
    optimizer.step()
    history.append(loss.item())
plot_loss(history).savefig("curve.png")
