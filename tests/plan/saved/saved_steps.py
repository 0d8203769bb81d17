"""Steps whose plans are saved in tests: a network, an optimizer and batches each."""

from __future__ import annotations

import numpy as np

import tinygrad_edu as torch
from tinygrad_edu import capture, manual_seed, nn, optim, tensor
from tinygrad_edu.nn import functional as F

X = np.random.default_rng(0).normal(size=(12, 8, 4))
Y = np.random.default_rng(1).normal(size=(12, 8, 3))
CLASSES = np.random.default_rng(2).integers(0, 3, (12, 8))
PICTURES = np.random.default_rng(3).normal(size=(12, 5, 2, 8, 8)).astype(np.float32)
TOKENS = np.random.default_rng(4).integers(0, 7, (12, 3, 5))


def trained(net, optimizer, loss_of):
    """A training step."""

    def step(x, y):
        optimizer.zero_grad()
        loss = loss_of(net(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step, net


def perceptron(make):
    net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3))
    return *trained(net, make(net.parameters()), F.mse_loss), list(zip(X, Y))


def classes():
    net = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))
    optimizer = optim.AdamW(net.parameters(), lr=0.05, betas=(0.8, 0.9))
    return *trained(net, optimizer, nn.CrossEntropyLoss()), list(zip(X, CLASSES))


def pictures():
    parts = [nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    net = nn.Sequential(*parts, nn.Dropout(0.2), nn.Linear(64, 3)).float()
    optimizer = optim.RMSprop(net.parameters(), lr=0.01)
    return *trained(net, optimizer, nn.CrossEntropyLoss()), list(zip(PICTURES, CLASSES[:, :5]))


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(7, 4)
        self.lstm = nn.LSTM(4, 5, batch_first=True)
        self.head = nn.Linear(5, 3)

    def forward(self, tokens):
        return self.head(self.lstm(self.embedding(tokens))[0][:, -1])


def texts():
    net = Reader()
    optimizer = optim.NAdam(net.parameters(), lr=0.02)
    return *trained(net, optimizer, F.cross_entropy), list(zip(TOKENS, CLASSES[:, :3]))


def noise():
    net = nn.Linear(4, 3)
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    generator = torch.Generator().manual_seed(7)

    def step(x, y):
        optimizer.zero_grad()
        x = tensor(x) + 0.1 * torch.randn(8, 4, generator=generator) + torch.rand(8, 1)
        loss = F.smooth_l1_loss(net(x), tensor(y))
        loss.backward()
        optimizer.step()
        return loss

    return step, net, list(zip(X, Y))


def groups():
    net = nn.Sequential(nn.Linear(4, 6), nn.Sigmoid(), nn.Linear(6, 3))
    parameters = [{"params": net[0].parameters(), "lr": 0.3}, {"params": net[2].parameters()}]
    optimizer = optim.SGD(parameters, lr=0.1, momentum=0.9, nesterov=True)
    return *trained(net, optimizer, F.mse_loss), list(zip(X, Y))


CASES = {
    "SGD": lambda: perceptron(lambda p: optim.SGD(p, lr=0.1)),
    "momentum": lambda: perceptron(lambda p: optim.SGD(p, lr=0.1, momentum=0.9)),
    "Adam": lambda: perceptron(lambda p: optim.Adam(p, lr=0.05)),
    "classes": classes,
    "pictures": pictures,
    "texts": texts,
    "noise": noise,
    "groups": groups,
}


def ready(case, calls=5, **options):
    """The plan of a case, called some times; its network, and the batches that come then."""
    manual_seed(0)
    step, net, batches = case()
    plan = capture(step, **options)
    for batch in batches[:calls]:
        plan(*batch)
    return plan, net, batches[calls:]
