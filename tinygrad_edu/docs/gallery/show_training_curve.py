"""The loss of a small regression, step by step."""

from __future__ import annotations

from tinygrad_edu import manual_seed, nn, optim, randn
from tinygrad_edu.viz import plot_loss

manual_seed(0)
X = randn(50, 3)
Y = X.sum(1, keepdim=True)
net, losses = nn.Linear(3, 1), []
optimizer = optim.SGD(net.parameters(), lr=0.1)
for _ in range(40):
    optimizer.zero_grad()
    loss = ((net(X) - Y) ** 2).mean()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
plot_loss(losses).figure.savefig("training.png", dpi=80)
