"""Gradients of a followed step are promises until somebody reads them: at any moment they are what they would be."""

from __future__ import annotations

import contextlib
import copy
import pickle

import numpy as np
import pytest

from tinygrad_edu import nn, no_grad, tensor
from tinygrad_edu.engine.promise import Promise
from tinygrad_edu.nn import functional as F
from tinygrad_edu.optim import SGD, Adam

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(20, 8, 4)), RNG.normal(size=(20, 8, 1))


def read_between(net, _opt, _loss):
    return [p.grad.clone() for p in net.parameters()]


def read_in_numpy(net, _opt, _loss):
    return [p.grad.numpy().copy() for p in net.parameters()]


def read_one(net, _opt, _loss):
    return next(iter(net.parameters())).grad


def clip(net, _opt, _loss):
    return nn.utils.clip_grad_norm_(net.parameters(), 0.1)


def scaled(net, _opt, _loss):
    for p in net.parameters():
        p.grad *= 0.5


def replaced(net, _opt, _loss):
    for p in net.parameters():
        p.grad = 2 * p.grad.detach()


def dropped(net, _opt, _loss):
    net[0].weight.grad = None


def number_of_the_loss(_net, _opt, loss):
    return loss.item()


def copied(net, _opt, _loss):
    other = copy.deepcopy(net)
    return [p.grad for p in other.parameters()]


def pickled(net, _opt, _loss):
    return [p.grad for p in pickle.loads(pickle.dumps(net)).parameters()]


def by_hand(net, _opt, _loss):
    with no_grad():
        for p in net.parameters():
            p.sub_(0.1 * p.grad)


def added_to(net, _opt, loss):
    (loss * 0 + net(tensor(X[0])).sum()).backward()


READERS = [
    *(
        read_between,
        read_in_numpy,
        read_one,
        clip,
        scaled,
        replaced,
        dropped,
        number_of_the_loss,
        copied,
        pickled,
    ),
    *(by_hand, added_to),
]


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", [SGD, Adam])
@pytest.mark.parametrize("clear", ["before", "after"])
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_gradients_are_right_whoever_reads_them(assert_same, reader, clear, optimizer):
    def case(wrap):
        net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1))
        opt = optimizer(net.parameters(), lr=0.01)

        @wrap
        def step(x, y):
            loss = F.mse_loss(net(x), y)
            if clear == "before":
                opt.zero_grad()
            loss.backward()
            found = reader(net, opt, loss)
            opt.step()
            if clear == "after":
                opt.zero_grad()
            return loss.detach(), found

        return lambda i: (step(tensor(X[i]), tensor(Y[i])), [p.grad for p in net.parameters()], net)

    assert_same(case)


def test_the_gradient_of_an_input_is_there_after_the_step(assert_same):
    def case(wrap):
        net = nn.Linear(4, 1)

        @wrap
        def step(x):
            net(x).sum().backward()

        def run(i):
            x = tensor(X[i], requires_grad=True)
            step(x)
            return x.grad, net

        return run

    (plan,) = assert_same(case)

    assert plan.ready


def test_a_leaf_never_keeps_a_promise(assert_same):
    nets = []

    def case(wrap):
        net = nn.Linear(4, 1)
        nets.append(net)

        @wrap
        def step(x):
            net.zero_grad()
            net(x).sum().backward()

        return lambda i: step(tensor(X[i]))

    assert_same(case)

    assert not any(isinstance(p._grad, Promise) for net in nets for p in net.parameters())


def test_a_leaf_keeps_no_promise_if_the_step_raises(assert_same):
    def case(wrap):
        net = nn.Linear(4, 1)

        @wrap
        def step(x, fails):
            net.zero_grad()
            net(x).sum().backward()
            if fails:
                raise ArithmeticError

        def run(i):
            with contextlib.suppress(ArithmeticError):
                step(tensor(X[i]), i % 3 == 2)
            return [p.grad for p in net.parameters()]

        return run

    assert_same(case)
