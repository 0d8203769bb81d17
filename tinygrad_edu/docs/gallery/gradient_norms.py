"""The size of the gradient of each parameter after training."""

from __future__ import annotations

import tinygrad_edu as torch
from tinygrad_edu import datasets, nn
from tinygrad_edu.viz import plot_gradient_norms

torch.manual_seed(0)
data = datasets.moons(100, noise=0.1)
net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
for _ in range(60):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(net(data.inputs), data.targets)
    loss.backward()
    optimizer.step()
plot_gradient_norms(net).savefig("norms.png")
