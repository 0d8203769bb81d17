"""Plans of steps that pick, sort and scatter: indices are computed and checked anew in every call."""

from __future__ import annotations

import numpy as np
import pytest

from tests.plan.as_written import assert_as_written
from tinygrad_edu import capture, nn, tensor, zeros
from tinygrad_edu.optim import SGD


def trained(step_of, batches, captured):
    """The losses and the weights after some steps."""
    weight = tensor(np.random.default_rng(0).normal(size=(5, 3)), requires_grad=True)
    optimizer = SGD([weight], lr=0.1)

    def step(rows):
        optimizer.zero_grad()
        loss = step_of(weight, rows)
        loss.backward()
        optimizer.step()
        return loss

    run = capture(step) if captured else step
    return [run(tensor(rows)).tolist() for rows in batches], weight.tolist()


STEPS = {
    "embedding": lambda w, rows: (nn.functional.embedding(rows, w, padding_idx=1) ** 2).sum(),
    "embedding by count": lambda w, rows: (
        nn.functional.embedding(rows, w, scale_grad_by_freq=True) ** 2
    ).sum(),
    "gather": lambda w, rows: (w.gather(0, rows.unsqueeze(1)) ** 2).sum(),
    "topk": lambda w, rows: (w[rows].topk(2).values ** 2).sum(),
    "scatter_add": lambda w, rows: (zeros(5).scatter_add(0, rows, w[rows, 0]) ** 2).sum(),
    "scatter_reduce": lambda w, rows: (w[:, 0].scatter_reduce(0, rows, w[rows, 1], "amax") ** 2).sum(),
    "mean": lambda w, rows: (w[:, 0].scatter_reduce(0, rows, w[rows, 1], "mean") ** 2).sum(),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_plan_picks_what_each_batch_asks_for(name):
    batches = np.random.default_rng(1).integers(0, 5, (6, 4))

    assert trained(STEPS[name], batches, captured=True) == trained(STEPS[name], batches, captured=False)


def test_a_plan_refuses_an_index_that_is_not_there_as_the_step_does():
    def step(rows):
        return weight.gather(0, rows)

    weight = tensor([1.0, 2.0, 3.0])
    run = capture(step)
    for _ in range(3):
        run(tensor([0, 2]))

    with pytest.raises(IndexError, match="gather needs indices from 0 to 2 in dim 0 of size 3, got -1"):
        run(tensor([0, -1]))


def test_how_many_numbers_are_not_zero_decides_in_every_call():
    inputs = [(tensor([0.0, 1.0]),), (tensor([1.0, 1.0]),)] * 4

    assert_as_written(lambda: lambda x: x.nonzero().sum() * x, inputs)
