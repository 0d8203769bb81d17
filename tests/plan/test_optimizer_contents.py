"""What an optimizer holds may be another between two runs of a plan, which does what the step does."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import nn, tensor
from tinygrad_edu.optim import SGD
from tinygrad_edu.plan import capture


def trained(wrapped, change, *, momentum=0.9, lr=0.1, start=lambda _net: None):
    """The weights after training, where `change(net, optimizer)` comes in between."""
    net = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
    for i, p in enumerate(net.parameters()):
        p.data = np.linspace(-1, 1, p.numel()).reshape(p.shape) + i
    optimizer = SGD(net.parameters(), lr=lr, momentum=momentum)
    start(net)

    @wrapped
    def step(x):
        net.zero_grad()
        loss = (net(x) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss

    for i in range(12):
        if i == 5:
            change(net, optimizer)
        step(tensor([[1.0, i], [0.5, -1.0]]))
    return [p.tolist() for p in net.parameters()]


def put_another_group(_, optimizer):
    optimizer.param_groups[0] = {**optimizer.param_groups[0], "lr": 0.01}


def put_another_list(_, optimizer):
    group = optimizer.param_groups[0]
    group["params"] = group["params"][:2]


def put_another_parameter(_, optimizer):
    optimizer.param_groups[0]["params"][0] = nn.Parameter(np.ones((2, 2)))


def swap_parameters(_, optimizer):
    params = optimizer.param_groups[0]["params"]
    params[0] = params[1]


def clear_entries(net, optimizer):
    for p in net.parameters():
        optimizer.state[p].clear()


def put_other_buffers(net, optimizer):
    for p in net.parameters():
        optimizer.state[p]["momentum_buffer"] = tensor(np.zeros(p.shape))


def put_other_entries(net, optimizer):
    for p in net.parameters():
        optimizer.state[p] = {"momentum_buffer": tensor(np.ones(p.shape))}


@pytest.mark.parametrize("pure", [False, True])
@pytest.mark.parametrize("momentum", [0, 0.9])
@pytest.mark.parametrize(
    "change",
    [
        put_another_group,
        put_another_list,
        put_another_parameter,
        swap_parameters,
        clear_entries,
        put_other_buffers,
        put_other_entries,
    ],
)
def test_what_is_in_an_optimizer_is_noticed(change, momentum, pure):
    planned = trained(lambda step: capture(step, pure=pure), change, momentum=momentum)

    assert planned == trained(lambda step: step, change, momentum=momentum)


@pytest.mark.parametrize("new", [0.5, tensor(0.5)], ids=["a number", "a Tensor"])
def test_another_learning_rate_in_the_place_of_one_in_a_tensor_is_noticed(new):
    def change(_, optimizer):
        optimizer.param_groups[0]["lr"] = new

    planned = trained(capture, change, lr=tensor(0.1))

    assert planned == trained(lambda step: step, change, lr=tensor(0.1))


HOOKS = {
    "forward": lambda net: net[1].register_forward_hook(lambda _module, _inputs, y: 2 * y),
    "pre": lambda net: net[1].register_forward_pre_hook(lambda _module, inputs: (2 * inputs[0],)),
    "backward": lambda net: net[1].register_full_backward_hook(lambda _module, grads, _: (2 * grads[0],)),
    "of a tensor": lambda net: net[0].weight.register_hook(lambda g: 2 * g),
}


@pytest.mark.filterwarnings("ignore:capture leaves .* alone")
@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS)
def test_hooks_that_come_and_go_are_noticed(hook):
    def weights(wrapped):
        handles = []
        first = trained(wrapped, lambda net, _: hook(net))
        second = trained(wrapped, lambda net, _: hook(net), start=hook)
        removed = trained(
            wrapped, lambda *_: handles[0].remove(), start=lambda net: handles.append(hook(net))
        )
        return first, second, removed

    assert weights(capture) == weights(lambda step: step)


def test_the_parameters_whose_gradients_are_only_forgotten_are_noticed():
    def gradients(wrapped):
        v, w = tensor([2.0], requires_grad=True), tensor([3.0], requires_grad=True)
        optimizer = SGD([v], lr=0.1)

        @wrapped
        def step(x):
            optimizer.zero_grad()
            loss = (optimizer.param_groups[0]["params"][0] * x).sum()
            loss.backward()
            return loss

        found = []
        for i in range(8):
            if i == 5:
                optimizer.param_groups[0]["params"][0] = w
            found.append((step(np.array([float(i)])).item(), v.grad.tolist(), w.grad and w.grad.tolist()))
        return found

    assert gradients(capture) == gradients(lambda step: step)
