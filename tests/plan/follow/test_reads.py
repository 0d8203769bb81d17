"""Numbers that a followed step reads before it returns: it decides, prints and keeps what it would as written."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import nn, no_grad, tensor
from tinygrad_edu.nn import functional as F
from tinygrad_edu.optim import SGD, Adam

X = np.random.default_rng(0).normal(size=(20, 8, 4))
Y = np.random.default_rng(1).normal(size=(20, 8, 1))


def batch(i):
    return tensor(X[i]), tensor(Y[i])


def training(wrap, middle=None, end=None, optimizer=SGD):
    """A case: the usual step, which reads numbers between the loss and backward(), and after the update."""
    net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1))
    opt = optimizer(net.parameters(), lr=0.1)

    @wrap
    def step(x, y):
        out = net(x)
        loss = F.mse_loss(out, y)
        found = [middle(net, out, loss)] if middle else []
        opt.zero_grad()
        loss.backward()
        opt.step()
        found += [end(net, opt, loss)] if end else []
        return loss, found

    return lambda i: (step(*batch(i)), net)


@pytest.mark.parametrize(
    "read",
    [
        lambda net, out, loss: loss.item(),
        lambda net, out, loss: float(out[0, 0]),
        lambda net, out, loss: f"{loss:.4f} {loss}",
        lambda net, out, loss: repr(out),
        lambda net, out, loss: out.tolist(),
        lambda net, out, loss: np.asarray(out.detach()),
        lambda net, out, loss: out.detach().numpy().copy(),
        lambda net, out, loss: bool((out > 0).any()),
        lambda net, out, loss: int(out.argmax()),
        lambda net, out, loss: net[0].weight.sum().item(),
    ],
)
def test_numbers_read_in_the_middle_are_those_of_this_call(assert_same, read):
    assert_same(lambda wrap: training(wrap, middle=read))


@pytest.mark.slow
@pytest.mark.parametrize(
    "read",
    [
        lambda net, opt, loss: loss.item(),
        lambda net, opt, loss: net[0].weight.sum().item(),
        lambda net, opt, loss: net[0].weight.tolist(),
        lambda net, opt, loss: net[0].weight.detach().numpy().copy(),
        lambda net, opt, loss: net[2].bias.grad.item(),
        lambda net, opt, loss: repr(net[0].weight),
        lambda net, opt, loss: opt.state[net[0].weight]["exp_avg"].tolist(),
        lambda net, opt, loss: float(opt.state[net[0].weight]["step"]),
    ],
)
def test_numbers_read_after_the_update_are_new(assert_same, read):
    assert_same(lambda wrap: training(wrap, end=read, optimizer=Adam))


def test_a_step_that_ends_with_a_number_is_followed(assert_same):
    (plan,) = assert_same(lambda wrap: training(wrap, end=lambda net, opt, loss: loss.item()))

    assert plan.ready


def test_a_decision_on_the_loss_has_a_program_for_each_way(assert_same):
    def case(wrap):
        net = nn.Linear(4, 1)
        opt = SGD(net.parameters(), lr=0.1)

        @wrap
        def step(x, y):
            loss = F.mse_loss(net(x), y)
            if loss.item() > 1.2:
                loss = 0.5 * loss
            opt.zero_grad()
            loss.backward()
            opt.step()
            return loss

        return lambda i: (step(*batch(i)), net)

    (plan,) = assert_same(case, calls=16)

    assert plan.ready


def test_an_early_return_leaves_the_rest_undone(assert_same):
    def case(wrap):
        net = nn.Linear(4, 1)
        opt = SGD(net.parameters(), lr=0.1)

        @wrap
        def step(x, y):
            loss = F.mse_loss(net(x), y)
            if not loss.isfinite():
                return None
            opt.zero_grad()
            loss.backward()
            opt.step()
            return loss

        def run(i):
            x, y = batch(i)
            if i % 4 == 3:
                y[0] = float("nan")
            return step(x, y), net

        return run

    assert_same(case)


def test_a_loop_until_a_number_is_small_runs_as_often_as_it_must(assert_same):
    def case(wrap):
        @wrap
        def step(x):
            count = 0
            while x.norm() > 1:
                x, count = 0.7 * x, count + 1
            return x, count

        return lambda i: step(tensor((i + 1) * X[i]))

    assert_same(case)


def test_clipping_by_a_number_that_is_read_is_right(assert_same):
    def case(wrap):
        net = nn.Linear(4, 1)
        opt = SGD(net.parameters(), lr=0.1)

        @wrap
        def step(x, y):
            opt.zero_grad()
            loss = F.mse_loss(net(x), y)
            loss.backward()
            norm = sum(float((p.grad**2).sum()) for p in net.parameters()) ** 0.5
            if norm > 0.5:
                with no_grad():
                    for p in net.parameters():
                        p.grad *= 0.5 / norm
            opt.step()
            return loss, norm

        return lambda i: (step(*batch(i)), net)

    assert_same(case)


def test_an_array_of_a_parameter_made_in_the_step_sees_its_update(assert_same):
    def case(wrap):
        net = nn.Linear(4, 1)
        opt = SGD(net.parameters(), lr=0.1)

        @wrap
        def step(x, y):
            array = net.weight.detach().numpy()
            opt.zero_grad()
            F.mse_loss(net(x), y).backward()
            before = array.sum()
            opt.step()
            return before, array.sum()

        return lambda i: (step(*batch(i)), net)

    assert_same(case)


def test_an_array_of_a_result_sees_what_is_written_into_it_afterwards(assert_same):
    def case(wrap):
        @wrap
        def step(x):
            h = 2 * x
            array = h.numpy()
            h.add_(1)
            total = array.sum()
            h.mul_(2)
            return total, array.copy(), h

        return lambda i: step(tensor(X[i]))

    assert_same(case)


def test_an_array_of_a_gradient_sees_what_is_written_into_it_afterwards(assert_same):
    def case(wrap):
        net = nn.Linear(4, 1)

        @wrap
        def step(x, y):
            net.zero_grad()
            F.mse_loss(net(x), y).backward()
            array = net.weight.grad.numpy()
            net.weight.grad.mul_(0.5)
            return array.sum()

        return lambda i: (step(*batch(i)), net)

    assert_same(case)


def test_the_gradient_of_an_inner_result_is_there(assert_same):
    def case(wrap):
        net = nn.Linear(4, 1)

        @wrap
        def step(x, y):
            net.zero_grad()
            out = net(x)
            out.retain_grad()
            F.mse_loss(out, y).backward()
            return out.grad

        return lambda i: (step(*batch(i)), net)

    assert_same(case)
