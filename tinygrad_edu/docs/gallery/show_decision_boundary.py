"""The decision boundary of a small network on two moons."""

from __future__ import annotations

from tinygrad_edu import datasets, manual_seed, nn, optim
from tinygrad_edu.viz import plot_decision_boundary

manual_seed(0)
data = datasets.moons(100, noise=0.1)
net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
optimizer = optim.Adam(net.parameters(), lr=0.05)
for _ in range(200):
    optimizer.zero_grad()
    nn.CrossEntropyLoss()(net(data.inputs), data.targets).backward()
    optimizer.step()
plot_decision_boundary(net, data.inputs, data.targets).figure.savefig("boundary.png", dpi=80)
