"""Results of followed steps, and the graphs that others ask them for."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import autograd, draw, explain, nn, no_grad, tensor
from tinygrad_edu.nn import functional as F
from tinygrad_edu.optim import SGD
from tinygrad_edu.plan import capture

X = np.random.default_rng(0).normal(size=(40, 8, 4))
Y = np.random.default_rng(1).normal(size=(40, 8, 1))


def batch(i):
    return tensor(X[i]), tensor(Y[i])


def mlp():
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1))


def losses(wrap, outside):
    """A case: the loss is captured, and `outside(i, loss_of, net)` does the rest."""
    net = mlp()
    opt = SGD(net.parameters(), lr=0.1)
    loss_of = wrap(lambda x, y: F.mse_loss(net(x), y))

    def run(i):
        opt.zero_grad()
        found = outside(i, loss_of, net)
        opt.step()
        return found, net

    return run


def test_backward_outside_gives_the_gradients_of_the_step(assert_same):
    def outside(i, loss_of, _net):
        loss = loss_of(*batch(i))
        loss.backward()
        return loss

    (plan,) = assert_same(lambda wrap: losses(wrap, outside))

    assert plan.ready


def test_what_is_computed_from_a_result_comes_after_it(assert_same):
    def case(wrap):
        net = mlp()
        net.forward = wrap(net.forward)

        def run(i):
            x, y = batch(i)
            net.zero_grad()
            loss = (F.mse_loss(net(x), y) + 1) ** 2
            loss.backward()
            return loss, net

        return run

    assert_same(case)


def test_graphs_of_several_calls_are_walked_together(assert_same):
    def outside(i, loss_of, _net):
        total = sum(loss_of(*batch(i + k)) for k in range(4)) / 4
        total.backward()
        return total

    assert_same(lambda wrap: losses(wrap, outside))


def test_a_graph_remembers_the_arrays_it_was_given(assert_same):
    def case(wrap):
        w = tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
        product = wrap(lambda x: w * x)
        buffer = np.zeros((8, 4))

        def run(i):
            w.grad = None
            kept = []
            for k in range(2):
                buffer[:] = X[i + k]
                kept.append(product(buffer))
            buffer[:] = 0
            (kept[0].sum() + kept[1].sum()).backward()
            return kept, w

        return run

    assert_same(case)


def test_a_graph_remembers_which_units_were_dropped(assert_same):
    def case(wrap):
        net = nn.Sequential(nn.Linear(4, 6), nn.Dropout(0.5), nn.Linear(6, 1))
        loss_of = wrap(lambda x, y: F.mse_loss(net(x), y))

        def run(i):
            net.zero_grad()
            loss = loss_of(*batch(i))
            loss.backward()
            return loss, net

        return run

    assert_same(case)


def test_parameters_of_others_may_be_overwritten_before_backward(assert_same):
    def case(wrap):
        average = mlp()

        def outside(i, loss_of, net):
            loss = loss_of(*batch(i))
            with no_grad():
                for p, q in zip(average.parameters(), net.parameters(), strict=True):
                    p.mul_(0.9).add_(q, alpha=0.1)
            loss.backward()
            return loss, average

        return losses(wrap, outside)

    assert_same(case)


def test_a_graph_whose_parameters_were_overwritten_is_lost_with_a_word():
    net = mlp()
    output = capture(lambda x: net(x).sum())
    for i in range(3):
        loss = output(tensor(X[i]))
    with no_grad():
        net[0].bias.add_(1)

    with pytest.raises(RuntimeError, match="overwritten since; call backward"):
        loss.backward()


def test_after_a_graph_was_lost_the_step_keeps_its_graphs():
    net = mlp()
    output = capture(lambda x: net(x).sum())

    for i in range(6):
        net.zero_grad()
        loss = output(tensor(X[i]))
        with no_grad():
            net[2].bias.add_(1)
        if i == 2:
            with pytest.raises(RuntimeError, match="overwritten since"):
                loss.backward()
        elif i > 2:
            loss.backward()


def hooked(_i, out):
    out.register_hook(lambda g: 2 * g)
    out.sum().backward()


def overwritten(_i, out):
    out *= 3
    (out**2).sum().backward()


def twice(_i, out):
    loss = (out**2).sum()
    loss.backward()
    loss.backward()


def inner_gradient(_i, out):
    (out**2).mean().backward()
    return out.grad


@pytest.mark.parametrize("use", [hooked, overwritten, twice, inner_gradient])
def test_results_are_used_as_those_of_the_step(assert_same, use):
    def case(wrap):
        net = mlp()
        output = wrap(net)

        def run(i):
            net.zero_grad()
            out = output(tensor(X[i]))
            return use(i, out), out, net

        return run

    assert_same(case)


def test_gradients_of_gradients_go_through_a_result(assert_same):
    def case(wrap):
        net = mlp()
        output = wrap(lambda x: net(x).sum())

        def run(i):
            net.zero_grad()
            x = tensor(X[i], requires_grad=True)
            (g,) = autograd.grad(output(x), x, create_graph=True)
            (g**2).sum().backward()
            return g, net

        return run

    assert_same(case)


def test_a_result_is_drawn_and_explained_as_that_of_the_step():
    net = nn.Linear(2, 1)
    step = lambda x: (net(x) ** 2).sum()  # noqa: E731
    plan = capture(step)
    x = tensor([[1.0, 2.0]])

    for _ in range(3):
        written, planned = step(x), plan(x)
        assert str(draw(planned, names={})) == str(draw(written, names={}))
        assert str(explain(planned, names={})) == str(explain(written, names={}))


def test_a_result_through_which_the_step_went_backward_says_that_its_graph_is_gone():
    w = tensor([1.0, 2.0], requires_grad=True)

    @capture
    def step(x):
        w.grad = None
        loss = (w * x).sum()
        loss.backward()
        return loss

    for _ in range(3):
        loss = step(tensor([3.0, 4.0]))

    with pytest.raises(RuntimeError, match="ran as a plan and went backward there"):
        loss.backward()
    with pytest.raises(RuntimeError, match="gradient of a result was not kept"):
        print(loss.grad)


# Memory that results share.


def test_results_that_share_memory_still_do(assert_same):
    def case(wrap):
        @wrap
        def step(x):
            h = 2 * x
            return h, h[:2], h.T

        def run(i):
            h, rows, turned = step(tensor(X[i]))
            h[0] = 100.0
            return h, rows, turned

        return run

    assert_same(case)


def test_a_result_that_is_a_view_of_a_parameter_follows_it(assert_same):
    def case(wrap):
        net = nn.Linear(4, 1)
        opt = SGD(net.parameters(), lr=0.1)
        kept = []

        @wrap
        def step(x, y):
            opt.zero_grad()
            F.mse_loss(net(x), y).backward()
            opt.step()
            return net.weight.detach()

        def run(i):
            kept.append(step(*batch(i)))
            return kept

        return run

    (plan,) = assert_same(case)

    assert plan.ready


def test_a_result_that_is_a_view_of_an_input_follows_it(assert_same):
    def case(wrap):
        @wrap
        def step(x):
            return x.reshape(4, 8), x[0], x.detach()

        def run(i):
            x = tensor(X[i])
            found = step(x)
            x.mul_(3)
            return found

        return run

    (plan,) = assert_same(case)

    assert plan.ready


def test_results_and_gradients_kept_over_calls_are_not_overwritten(assert_same):
    def case(wrap):
        net = mlp()
        kept = []

        @wrap
        def step(x, y):
            net.zero_grad()
            out = net(x)
            loss = F.mse_loss(out, y)
            loss.backward()
            return loss, out.detach()

        def run(i):
            kept.append((*step(*batch(i)), net[0].weight.grad))
            return kept

        return run

    (plan,) = assert_same(case)

    assert plan.ready
