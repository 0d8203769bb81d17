"""Graphs to be drawn, and a page in the browser."""

from __future__ import annotations

import numpy as np
import pytest

from tests.browser import Page
from tinygrad_edu import nn
from tinygrad_edu.exam.paper import Problem3
from tinygrad_edu.exam.problem3 import initial
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.random_tensors import manual_seed
from tinygrad_edu.tensor.tensor import tensor


@pytest.fixture
def browser(driver, tmp_path):
    return Page(driver, tmp_path / "page.html")


# Graphs.


def exam():
    W1, W2, B, C = (tensor(x, requires_grad=True) for x in initial().centre)
    X, Y = Problem3.X, Problem3.Y
    Z1 = X @ W1 + B
    H1 = Z1.sigmoid()
    Z2 = H1 @ W2 + C
    Yhat = Z2.softmax(1)
    L = -(tensor(Y) * Yhat.log()).sum(1).mean()
    return L, locals()


def mlp():
    manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 2))
    x = tensor(np.random.default_rng(0).normal(size=(4, 2)))
    loss = nn.CrossEntropyLoss()(net(x), tensor([0, 1, 1, 0]))
    return loss, locals()


def reused():
    a = tensor([[1.0, 2.0], [3.0, -1.0]], requires_grad=True)
    b = a * a + a
    L = (b @ a).tanh().mean()
    return L, locals()


def scalars():
    a, b, c, f = (Value(x, label=name) for x, name in ((2.0, "a"), (-3.0, "b"), (10.0, "c"), (-2.0, "f")))
    L = (a * b + c) * f + a
    return L, {"L": L}


def in_place():
    x = tensor([[1.0, -2.0], [3.0, 4.0], [-0.5, 6.0]], requires_grad=True)
    u = tensor([7.0, 8.0], requires_grad=True)
    h = x * x
    h[[0, 2]] = u
    tail = h[1:]
    tail *= 3
    L = (h * h).mean()
    return L, locals()


def chain(n):
    x = tensor(np.linspace(-1, 1, 6).reshape(2, 3), requires_grad=True, name="x")
    y = x
    for _ in range(n):
        y = y.tanh()
    return y.sum(), {}


GRAPHS = {"exam": exam, "mlp": mlp, "reused": reused, "scalars": scalars}


@pytest.fixture(params=[*GRAPHS.values(), in_place], ids=[*GRAPHS, "in_place"])
def graph(request):
    """(loss, names) of each."""
    return request.param()


@pytest.fixture(params=GRAPHS.values(), ids=GRAPHS)
def coded_graph(request):
    """(loss, names) of each in which every operation has a line of code: `put` has none."""
    return request.param()


@pytest.fixture
def graphs():
    """All of them by name, and `chain(n)`."""
    return GRAPHS | {"chain": chain}
