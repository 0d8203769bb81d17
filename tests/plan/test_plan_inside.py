"""A plan inside a step that is watched: it runs as written, so that the watcher sees what it does."""

from __future__ import annotations

import numpy as np
import pytest

from tests.plan.as_written import assert_as_written
from tinygrad_edu import manual_seed, nn, no_grad, tensor, watch
from tinygrad_edu.optim import SGD
from tinygrad_edu.plan import capture


def losses(capture, warm, batches=9):
    """Of a step that trains by a step inside it; the first `warm` batches go to the inner one alone."""
    manual_seed(0)
    net = nn.Linear(4, 1)
    optimizer = SGD(net.parameters(), lr=0.1)

    @capture
    def train(x, y):
        optimizer.zero_grad()
        loss = nn.MSELoss()(net(x), y)
        loss.backward()
        optimizer.step()
        return loss

    @capture
    def outer(x, y):
        train(x, y)
        with no_grad():
            return nn.MSELoss()(net(x), y)

    found = []
    for i in range(batches):
        rng = np.random.default_rng(i)
        x, y = rng.normal(size=(5, 4)), rng.normal(size=(5, 1))
        found.append((train if i < warm else outer)(x, y).item())
    return found, train, outer


@pytest.mark.parametrize("warm", [0, 1, 4])
def test_a_plan_inside_another_is_a_part_of_it(warm):
    found, _, outer = losses(capture, warm)

    assert outer.ready
    assert found == losses(lambda step: step, warm)[0]


def test_a_plan_that_is_ready_is_replayed_again_after_another_has_watched_it():
    _, train, _ = losses(capture, 4)
    x, y = np.ones((5, 4)), np.ones((5, 1))

    assert train.ready
    assert np.isfinite(train(x, y).item())
    assert train.ready


def test_an_array_that_only_the_outer_step_knows_is_read_anew():
    def make():
        known = np.ones(2)
        inner = capture(lambda x, y: x * y)

        def outer(x):
            known[0] += 1
            return inner(x, known)

        return outer, lambda: known

    assert_as_written(make, [(tensor([1.0, 2.0]),)] * 5)


def test_a_watcher_sees_the_operations_of_a_plan():
    plan, seen = capture(lambda x: x * 2 + 1), []
    for _ in range(3):
        plan(tensor([1.0, 1.0]))
    assert plan.ready

    with watch(lambda operation, *_: seen.append(operation.name)):
        result = plan(tensor([1.0, 1.0]))

    assert result.tolist() == [3, 3]
    assert seen[-2:] == ["multiply", "add"]
