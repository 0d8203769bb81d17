"""What is left of a recorded step: nothing that is repeated, constant or unused, and nothing too little."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import no_grad, ones, tensor
from tinygrad_edu.optim import SGD
from tinygrad_edu.plan import capture
from tinygrad_edu.plan.optimize import simplified

W = tensor([1.0, 2.0], name="W")


def kept(step):
    """The names of the operations that a recorded step comes down to."""
    plan = capture(step)
    for i in range(3):
        plan(tensor([3.0, 4.0 + i]))
    calls, _ = simplified(plan.program.recording)
    return [call.operation.name for call in calls]


def overwritten_between(x):
    with no_grad():
        first = W * x
        W.mul_(1.0)
        return first, W * x


def copied_beside(x):
    first = x * 2
    return first, first.clone()


def copied_and_overwritten(x):
    with no_grad():
        first = (x * 2).clone()
        first.mul_(3.0)
        return first


STEPS = {
    "repeated": (lambda x: x.exp() + x.exp(), ["exp", "add"]),
    "repeated of what is repeated": (lambda x: (x.exp() + 1) * (x.exp() + 1), ["exp", "add", "multiply"]),
    "other numbers": (lambda x: x * 2 + x * 3, ["multiply", "multiply", "add"]),
    "equal numbers of other types": (lambda x: (x * 1, x * 1.0, x * True), ["multiply"] * 3),
    "zeros of two signs": (lambda x: (x * 0.0, x * -0.0), ["multiply"] * 2),
    "other settings": (lambda x: (x.sum(0), x.sum(0, keepdim=True)), ["sum", "sum"]),
    "other inputs": (lambda x: (x * W, x + W, W * x), ["multiply", "add", "multiply"]),
    "overwritten in between": (overwritten_between, ["multiply", "multiply", "assign", "multiply"]),
    "constant": (lambda x: (ones(2) * 2).exp() * x, ["multiply"]),
    "a state is no constant": (lambda x: (W * 2) * x, ["multiply", "multiply"]),
    "unused": (lambda x: [x.exp(), x.sin()][1], ["sin"]),
    "a copy of what nobody else has": (lambda x: (x * 2).clone() + 1, ["multiply", "add"]),
    "a copy that is returned": (lambda x: (x * 2).clone(), ["multiply"]),
    "a copy beside what it is of": (copied_beside, ["multiply", "cast"]),
    "a copy that is overwritten": (copied_and_overwritten, ["multiply", "cast", "multiply", "assign"]),
    "a copy of another layout": (
        lambda x: ((x[:, None] * W).T.clone() * 2).sum(),
        ["take", "multiply", "permute", "cast", "multiply", "sum"],
    ),
    "detached": (lambda x: x.detach() * x.detach() + x * x, ["multiply", "add"]),
}


@pytest.mark.parametrize(("step", "names"), STEPS.values(), ids=STEPS)
def test_a_step_comes_down_to_what_is_needed(step, names):
    assert kept(step) == names


def decay(rate):
    """A step whose gradient is the same every time: only the learning rate tells how far it goes."""
    w = tensor([1.0, 2.0], requires_grad=True)
    optimizer = SGD([w], lr=rate)

    def step(x):
        optimizer.zero_grad()
        loss = (w * 1.0).sum() + x
        loss.backward()
        optimizer.step()
        return loss

    return w, optimizer.param_groups[0], step


def test_a_learning_rate_is_no_constant_even_beside_a_gradient_that_is_one():
    w, group, step = decay(0.5)
    plan = capture(step)
    while not plan.ready:
        plan(np.zeros(()))
    before = w.numpy(force=True).copy()

    group["lr"] = 0.25
    plan(np.zeros(()))

    assert (before - w.numpy(force=True)).tolist() == [0.25, 0.25]
