"""A program as a user writes it, with annotations: type checkers read it (test_typing.py), and it runs."""

from __future__ import annotations

import numpy as np

import tinygrad_edu as torch
from tinygrad_edu import Tensor, Value, autograd, capture, diagnose, draw, explain, nn, optim, tensor
from tinygrad_edu.nn import functional as F


class Net(nn.Module):
    """Attributes that are layers, parameters, lists and a Sequential."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.first = nn.Linear(2, hidden)
        self.middle = nn.ModuleList([nn.Linear(hidden, hidden) for _ in range(2)])
        self.last = nn.Sequential(nn.Tanh(), nn.Linear(hidden, 1))
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        h = torch.relu(self.first(x))
        for layer in self.middle:
            h = F.relu(layer(h)) * self.scale
        return self.last(h)


class Pair(nn.Module):
    """A module with two inputs, and two results."""

    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return x + y, torch.cat([x, y], dim=1)


def train(net: Net, x: Tensor, y: Tensor, epochs: int) -> list[float]:
    optimizer = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    loss_function = nn.BCEWithLogitsLoss()
    losses: list[float] = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_function(net(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@torch.no_grad()
def accuracy(net: Net, x: Tensor, y: Tensor) -> float:
    return ((net(x) > 0) == (y > 0.5)).double().mean().item()


def functions(x: Tensor) -> Tensor:
    values, indices = x.max(dim=1)
    total = torch.exp(x).sum() + x.max() + torch.mean(x**2, dim=0).sum() + torch.softmax(x, dim=1)[0, 0]
    return total + (x @ x.T).reshape(-1)[0] + torch.where(x > 0, x, 0.0).sum() + values[0] + indices[0]


def sizes(x: Tensor) -> int:
    return x.shape[0] + x.size(1) + x.ndim + x.numel()


x, y = torch.rand(4, 2), tensor([[0.0], [1.0], [1.0], [0.0]])
net = Net(3)
losses: list[float] = train(net, x, y, epochs=3)
share: float = accuracy(net, x, y)
both, joined = Pair()(x, x)
numbers: np.ndarray = functions(both).numpy()

W = tensor([[1.0], [2.0]], requires_grad=True, name="W")
loss = F.cross_entropy((x @ W).T, tensor([1]))
loss.backward()
gradient: Tensor | None = W.grad
formulas: tuple[str, ...] = explain(loss, W).formulas
verdict: str = diagnose(loss, W, gradient).verdict
picture: str = draw(loss).svg
(slope,) = autograd.grad(F.mse_loss(x @ W, y), W)
print(slope.tolist(), sizes(x), formulas, verdict, len(picture), share, numbers, joined.shape)

c = (Value(1.0) * Value(2.0) + Value(1.0) ** 2).tanh()
c.backward()
size: float = c.grad + c.data


@capture
def step(x: Tensor) -> Tensor:
    return (x @ W).sum()


source: str = step.source() if step.ready else ""


@capture(pure=True)
def pure_step(x: Tensor) -> Tensor:
    return (x @ W).sum()


text: str = pure_step.source() if pure_step.ready else ""
