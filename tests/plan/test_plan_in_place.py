"""In-place operations on results: a plan does what the step as written does, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import Tensor, nn, optim, rand, tensor, zeros
from tinygrad_edu.plan import capture

X = np.random.default_rng(0).normal(size=(4, 3))


def row_by_row(w, x):
    out = zeros(4, 3)
    for i in range(4):
        out[i] = (x[i] * w).tanh()
    return (out * out).sum()


def views(w, x):
    h = x * w
    v = h[1:]
    v *= w
    h.T[0] += v[0, 0]
    return (h * h).sum()


def kept_numbers(w, x):
    h = (x * w).exp()
    h *= w
    h -= h.mean()
    return (h * h).sum()


def masked(w, x):
    h = x * w
    h.masked_fill_(h > 0, -1.0)
    h[x < -0.5] = 0.25
    return (h * w).sum()


def repeated_index(w, x):
    h = x * w
    h[[0, 1, 0]] = h[1:] + w
    return (h * h).sum()


def computed_row(w, x):
    h = x * w
    row = h[x.sum(1).cos().argmax()]  # another one from run to run
    row *= w
    h[tensor(1)] += 1
    return (h * h).sum()


def random_buffer(w, x):
    h = zeros(4, 3)
    h += x
    h[0] = rand(3) * 0 + w
    return (h * w).sum()


LOSSES = [row_by_row, views, kept_numbers, masked, repeated_index, computed_row, random_buffer]


@pytest.mark.filterwarnings("ignore:capture leaves .* alone")
@pytest.mark.parametrize("loss_of", LOSSES, ids=lambda f: f.__name__)
def test_a_plan_equals_the_step_bit_for_bit(loss_of):
    def training():
        w = tensor([0.5, -1.0, 2.0], requires_grad=True)
        optimizer = optim.SGD([w], lr=0.01)

        def step(x):
            optimizer.zero_grad()
            loss = loss_of(w, x)
            loss.backward()
            optimizer.step()
            return loss

        return w, step

    (w, step), (v, other) = training(), training()
    plan = capture(other)

    for i in range(5):
        x = X * (1 + i)
        np.testing.assert_array_equal(plan(Tensor(x)).detach(), step(Tensor(x)).detach())
        np.testing.assert_array_equal(v.grad.numpy(), w.grad.numpy())


def test_a_module_that_adds_in_place_is_captured():
    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(3, 3)

        def forward(self, x):
            y = self.inner(x).tanh()
            y += x
            return y

    net = Residual()
    plan = capture(lambda x: net(x).sum())

    for i in range(4):
        np.testing.assert_array_equal(plan(Tensor(X * i)).detach(), net(Tensor(X * i)).sum().detach())
