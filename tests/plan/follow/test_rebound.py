"""Results that a followed step overwrites as parts of the graph: the same bits, and replayed."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import nn, tensor
from tinygrad_edu.nn import functional as F
from tinygrad_edu.optim import SGD

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(20, 8, 4)), RNG.normal(size=(20, 8, 1))


class Net(nn.Module):
    def __init__(self, act):
        super().__init__()
        self.first, self.second, self.last = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 1)
        self.act = act

    def forward(self, x):
        return self.last(self.act(self, x))


def relu(net, x):
    return F.relu(net.first(x), inplace=True)


def relu_of_the_class(net, x):
    return nn.Sequential(net.first, nn.ReLU(inplace=True), net.second, nn.ReLU(inplace=True))(x)


def residual(net, x):
    h = net.first(x).tanh()
    out = net.second(h)
    out += h
    return out


def read_by_the_rule(net, x):
    h = net.first(x).exp()
    h *= 0.5
    h += 1
    return h.sin()


def twice_used(net, x):
    h = net.first(x)
    before = h.tanh()
    h.mul_(2).add_(before)
    return before * h


def masked(net, x):
    h = net.first(x)
    h[:, 0] = 0
    h[h.detach() < -1] = -1.0
    return h


def rows_put(net, x):
    h = net.first(x)
    h[:2] = net.second(x)[:2]
    return h


def viewed(net, x):
    h = net.first(x)
    part = h[:, :2]
    part += 1
    return h.tanh()


def detached_before(net, x):
    h = net.first(x)
    kept = h.detach()
    h += 1
    return h * kept


def put_into_zeros(net, x):
    h = tensor(np.zeros((8, 4)))
    for i in range(4):
        h[:, i] = net.first(x)[:, i]
    return h


def read_after(net, x):
    h = net.first(x)
    h += 1
    return h * float(h.abs().max().item() > 1)


def another_way(net, x):
    h = net.first(x)
    if float(x[0, 0]) > 0:
        h += 1
    return h.tanh()


REPLAYED = [relu, relu_of_the_class, residual, read_by_the_rule, twice_used, rows_put, another_way]
LEFT = [read_after, masked, viewed, detached_before, put_into_zeros]


def case(act):
    def made(wrap):
        net = Net(act)
        opt = SGD(net.parameters(), lr=0.01, momentum=0.9)

        @wrap
        def step(x, y):
            out = net(x)
            loss = F.mse_loss(out, y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            return loss, out.detach()

        return lambda i: (step(tensor(X[i]), tensor(Y[i])), net, [p.grad for p in net.parameters()])

    return made


@pytest.mark.slow
@pytest.mark.parametrize("act", REPLAYED, ids=lambda act: act.__name__)
@pytest.mark.parametrize("pure", [False, True])
@pytest.mark.filterwarnings("ignore:capture.pure=True")
def test_a_result_that_is_overwritten_is_followed(assert_same, act, pure):
    (plan,) = assert_same(case(act), calls=18, pure=pure)

    assert plan.ready


@pytest.mark.slow
@pytest.mark.parametrize("act", LEFT, ids=lambda act: act.__name__)
@pytest.mark.parametrize("pure", [False, True])
@pytest.mark.filterwarnings("ignore:capture")
def test_what_others_share_runs_as_written(assert_same, act, pure):
    assert_same(case(act), calls=12, pure=pure)


def test_the_overwritten_result_itself_may_be_kept_and_returned(assert_same):
    def made(wrap):
        net = nn.Linear(4, 4)

        @wrap
        def step(x):
            h = net(x)
            h.mul_(2)
            net.zero_grad()
            h.sum().backward()
            return h

        return lambda i: (step(tensor(X[i])).detach(), net)

    (plan,) = assert_same(made)

    assert plan.ready
