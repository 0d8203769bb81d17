"""Gradients by `grad`, of any order, in a step that is followed or pure: the same bits as written."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import Tensor, autograd, func, nn, no_grad, tensor
from tinygrad_edu.autograd import grad
from tinygrad_edu.nn import functional as F
from tinygrad_edu.optim import SGD

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(20, 8, 4)), RNG.normal(size=(20, 8, 1))
ONES = tensor(np.ones((8, 1)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(4, 5), nn.Linear(5, 1)
        self.inner = None

    def forward(self, x):
        self.inner = self.first(x)
        return self.second(self.inner.tanh())


def updated(net, grads, rate=0.1):
    with no_grad():
        for p, g in zip(net.parameters(), grads, strict=True):
            if g is not None:
                p.sub_(rate * g)


def by_hand(net, x, y):
    loss = F.mse_loss(net(x), y)
    updated(net, grad(loss, list(net.parameters())))
    return loss.detach()


def inner_value(net, x, y):
    loss = F.mse_loss(net(x), y)
    return grad(loss, [net.inner, net.second.weight])


def of_the_input(net, x, _y):
    x.requires_grad_()
    (g,) = grad(net(x).sum(), [x])
    return g


def made_in_the_step(net, x, _y):
    points = Tensor(x.raw * 2, requires_grad=True)
    u = net(points)
    (slope,) = grad(u, [points], grad_outputs=ONES, create_graph=True)
    loss = ((slope.sum(1, keepdim=True) + u) ** 2).mean()
    for p in net.parameters():
        p.grad = None
    loss.backward()
    updated(net, [p.grad for p in net.parameters()])
    return loss


def penalty(net, x, y):
    loss = F.mse_loss(net(x), y)
    slopes = grad(loss, list(net.parameters()), create_graph=True)
    total = loss + 0.1 * sum((g**2).sum() for g in slopes)
    net.zero_grad()
    total.backward()
    updated(net, [p.grad for p in net.parameters()])
    return total


def hessian_vector(net, x, y):
    params = list(net.parameters())
    slopes = grad(F.mse_loss(net(x), y), params, create_graph=True)
    return grad(sum((g * p.detach()).sum() for g, p in zip(slopes, params, strict=True)), params)


def third_order(net, x, _y):
    w = net.first.weight
    value = (x @ w.T).exp().sum() * 0.01
    for _ in range(2):
        (g,) = grad(value, [w], create_graph=True)
        value = (g**2).sum() * 0.01
    return grad(value, [w])


def seeds_of_numpy(net, x, y):
    return grad(net(x), list(net.parameters()), grad_outputs=y.numpy() * 2)


def two_outputs(net, x, y):
    out = net(x)
    return grad([out.sum(), F.mse_loss(out, y)], list(net.parameters()))


def unused(net, x, _y):
    a, b = grad(net.first(x).sum(), [net.first.weight, net.second.weight], allow_unused=True)
    (c,) = grad(net.first(x).sum(), [net.second.weight], materialize_grads=True)
    return a, b, c


def shared(_net, x, _y):
    a, b = tensor(np.ones((8, 4)), requires_grad=True), tensor(np.zeros((8, 4)), requires_grad=True)
    return grad(((a + b) * x).sum(), [a, b])


def read_in_the_middle(net, x, y):
    loss = F.mse_loss(net(x), y)
    grads = grad(loss, list(net.parameters()))
    scale = 1.0 if grads[0].abs().max().item() < 0.5 else 0.5
    updated(net, grads, 0.1 * scale)
    return loss.detach(), scale


def decided_by_the_inputs(net, x, y):
    loss = F.mse_loss(net(x), y)
    params = list(net.parameters())
    wanted = params if float(x[0, 0]) > 0 else params[:2]
    return grad(loss, wanted)


def transformed(net, x, _y):
    w = net.first.weight.detach()
    return func.grad(lambda w: (x @ w.T).sin().sum())(w), autograd.functional.hvp(
        lambda w: (x @ w.T).sin().sum(), w, w
    )[1]


def hessian(net, x, _y):
    v = net.second.bias.detach()
    return autograd.functional.hessian(lambda v: ((x * v).sin() ** 2).sum(), v)


def both_ways(net, x, y):
    loss = F.mse_loss(net(x), y)
    net.zero_grad()
    found = grad(loss, list(net.parameters()))
    loss.backward()
    return found, [p.grad.clone() for p in net.parameters()]


def with_seed(net, x, y):
    net.zero_grad()
    net(x).backward(2 * y)
    return [p.grad for p in net.parameters()]


def with_seed_of_numpy(net, x, y):
    net.zero_grad()
    net(x).backward(y.numpy())
    return [p.grad.clone() for p in net.parameters()]


def some_leaves(net, x, y):
    net.zero_grad()
    F.mse_loss(net(x), y).backward(inputs=list(net.first.parameters()))
    return [p.grad for p in net.parameters()]


def backward_with_graph(net, x, y):
    net.zero_grad()
    loss = F.mse_loss(net(x), y)
    loss.backward(create_graph=True)
    slopes = [p.grad for p in net.parameters()]
    net.zero_grad()
    sum((g**2).sum() for g in slopes).backward()
    updated(net, [p.grad for p in net.parameters()])
    return loss.detach()


def added_with_graph(net, x, y):
    net.zero_grad()
    loss = F.mse_loss(net(x), y)
    loss.backward(create_graph=True)
    sum((p.grad**2).sum() for p in net.parameters()).backward()
    found = [p.grad.detach() for p in net.parameters()]
    net.zero_grad()
    return found


def twice(net, x, y):
    net.zero_grad()
    loss = F.mse_loss(net(x), y)
    loss.backward(retain_graph=True)
    loss.backward(tensor(0.5))
    return [p.grad for p in net.parameters()]


def adversarial(net, x, y):
    x = x.clone().detach().requires_grad_(True)
    F.mse_loss(net(x), y).backward()
    moved = (x + 0.1 * x.grad.sign()).detach()
    net.zero_grad()
    loss = F.mse_loss(net(moved), y)
    loss.backward()
    updated(net, [p.grad for p in net.parameters()])
    return loss, moved


def penalty_between(net, x, y):
    between = (x + 0.5 * y).requires_grad_()
    (g,) = grad(net(between).sum(), between, create_graph=True)
    loss = ((g.norm(dim=1) - 1) ** 2).mean()
    net.zero_grad()
    loss.backward()
    updated(net, [p.grad for p in net.parameters()])
    return loss, between.grad


def marked_by_an_attribute(net, x, y):
    points = x * 2
    points.requires_grad = True
    other = y * 3
    F.mse_loss(net(points), other).backward()
    return points.grad, points


STEPS = [
    *(adversarial, penalty_between, marked_by_an_attribute),
    *(with_seed, with_seed_of_numpy, some_leaves, backward_with_graph, added_with_graph, twice),
    *(
        by_hand,
        inner_value,
        of_the_input,
        made_in_the_step,
        penalty,
        hessian_vector,
        third_order,
        seeds_of_numpy,
    ),
    *(
        two_outputs,
        unused,
        shared,
        read_in_the_middle,
        decided_by_the_inputs,
        hessian,
        both_ways,
        transformed,
    ),
]
NEVER_PURE = {read_in_the_middle, decided_by_the_inputs, made_in_the_step}


def case(step):
    def made(wrap):
        net = Net()
        run = wrap(lambda x, y: step(net, x, y))
        return lambda i: (run(tensor(X[i]), tensor(Y[i])), net.state_dict())

    return made


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
@pytest.mark.filterwarnings("ignore:backward.create_graph=True")
def test_gradients_by_grad_are_followed(assert_same, step):
    (plan,) = assert_same(case(step), calls=16)

    assert plan.ready or step is transformed  # which looks at the graph of its result


@pytest.mark.slow
@pytest.mark.parametrize("step", [x for x in STEPS if x not in NEVER_PURE], ids=lambda step: step.__name__)
@pytest.mark.filterwarnings("ignore:capture.pure=True", "ignore:backward.create_graph=True")
def test_gradients_by_grad_are_right_without_python(assert_same, step):
    assert_same(case(step), calls=16, pure=True)


def test_a_gradient_that_nobody_read_before_is_computed(assert_same):
    def made(wrap):
        net = Net()

        @wrap
        def step(x, y, number):
            loss = F.mse_loss(net(x), y)
            return grad(loss, list(net.parameters())[:number])

        return lambda i: step(tensor(X[i]), tensor(Y[i]), 1 + i // 4 % 4)

    (plan,) = assert_same(made, calls=20)

    assert plan.ready


def test_a_hook_that_is_new_is_called(assert_same):
    def made(wrap):
        net = Net()
        opt = SGD(net.parameters(), lr=0.1)

        @wrap
        def step(x, y):
            return grad(F.mse_loss(net(x), y), list(net.parameters()))

        def run(i):
            if i == 6:
                net.first.weight.register_hook(lambda g: 2 * g)
            return step(tensor(X[i]), tensor(Y[i])), opt

        return lambda i: run(i)[0]

    with pytest.warns(UserWarning, match="with hooks"):
        assert_same(made, calls=20)
