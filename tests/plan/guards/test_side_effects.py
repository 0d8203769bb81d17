"""What a step does beside its operations, and its replays would not do, is refused."""

from __future__ import annotations

import random

import numpy as np
import pytest

from tinygrad_edu import nn, rand, tensor
from tinygrad_edu.optim import SGD, lr_scheduler
from tinygrad_edu.plan import capture

RNG = np.random.default_rng(0)
OWN = random.Random(0)
history = []
latest = {}


def kept(x):
    history.append(x * 2)
    return x


def stored(x):
    latest["x"] = x * 2
    return x


def chosen(draw):
    return lambda x: x * 2 if draw() < 0.0 else x


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (kept, "changes what is in history, as its replays would not"),
        (stored, "changes what is in latest"),
        (chosen(random.random), "drawn from random or np.random, .* draw with rand"),
        (chosen(np.random.random), "drawn from random or np.random"),
        (lambda x: x * 2 if RNG.random() < 0.0 else x, "drawn from RNG"),
        (lambda x: x * 2 if OWN.random() < 0.0 else x, "drawn from OWN"),
    ],
    ids=["list", "dict", "random", "np.random", "Generator", "Random"],
)
def test_what_happens_beside_the_operations_is_refused(step, message):
    plan = capture(step)
    plan(np.ones(2))

    with pytest.raises(RuntimeError, match=message):
        plan(np.ones(2))


@pytest.mark.parametrize("first", [True, False])
def test_a_learning_rate_changed_in_the_step_is_refused(first):
    net = nn.Linear(2, 1)
    optimizer = SGD(net.parameters(), lr=0.1)

    def decay():
        optimizer.param_groups[0]["lr"] *= 0.9

    @capture
    def step(x):
        if first:
            decay()
        net.zero_grad()
        net(x).sum().backward()
        optimizer.step()
        if not first:
            decay()

    step(np.ones((1, 2)))

    with pytest.raises(RuntimeError, match=r"changes the lr of optimizer, .* do that between the calls"):
        step(np.ones((1, 2)))


@pytest.mark.parametrize(
    "made",
    [
        lambda optimizer: lr_scheduler.StepLR(optimizer, 9),
        lambda optimizer: lr_scheduler.ChainedScheduler([lr_scheduler.MultiStepLR(optimizer, [9])]),
    ],
    ids=["StepLR", "ChainedScheduler"],
)
def test_a_scheduler_that_steps_in_the_step_is_refused_before_it_changes_a_learning_rate(made):
    net = nn.Linear(2, 1)
    optimizer = SGD(net.parameters(), lr=0.1)
    scheduler = made(optimizer)

    @capture
    def step(x):
        optimizer.zero_grad()
        net(x).sum().backward()
        optimizer.step()
        scheduler.step()

    step(np.ones((1, 2)))

    with pytest.raises(RuntimeError, match=r"changes the epoch of scheduler, .* do that between the calls"):
        step(np.ones((1, 2)))


def test_what_is_prepared_in_the_first_run_is_allowed():
    made = {}

    @capture
    def step(x):
        if "scale" not in made:
            made["scale"] = tensor([2.0, 2.0])
        return x * made["scale"]

    assert [step(np.ones(2)).tolist() for _ in range(4)] == [[2, 2]] * 4


def test_a_generator_that_only_tensors_draw_from_is_followed():
    rng = np.random.default_rng(1)
    plan = capture(lambda x: x * rand(2, generator=rng))
    again = np.random.default_rng(1)

    for _ in range(5):
        np.testing.assert_array_equal(plan(np.ones(2)).numpy(), again.random(2))
