"""Random training steps: a plan and PyTorch train as the step does, parameters and gradients after every step."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from hypothesis import given, settings

import tinygrad_edu
from tinygrad_edu.plan import capture
from tinygrad_edu.testing import strategies
from tinygrad_edu.testing.strategies import training_steps

STEPS = 3
HERE = "tinygrad_edu"
WAYS = [HERE, "plan", "pure plan"] + ["PyTorch"] * (importlib.util.find_spec("torch") is not None)


def trained(drawn, way):
    """The losses of some steps, and all numbers after them."""
    torch = __import__("torch") if way == "PyTorch" else None
    run = drawn.start(torch)
    step = capture(run.step, pure=way == "pure plan") if "plan" in way else run.step
    losses = [step(run.x, run.y).item() for _ in range(STEPS + 2)]
    return losses, run.numbers()


def assert_ways_agree(drawn, ways=WAYS):
    losses, numbers = trained(drawn, HERE)
    for way in ways:
        other_losses, others = trained(drawn, way)
        exact = way != "PyTorch"
        np.testing.assert_allclose(other_losses, losses, rtol=0 if exact else 1e-7, err_msg=way)
        for a, b in zip(others, numbers, strict=True):
            np.testing.assert_allclose(
                a, b, rtol=0 if exact else 1e-6, atol=0 if exact else 1e-9, err_msg=way
            )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:capture.pure=True. follows")  # as a loss checks a target that is computed
@settings(max_examples=40)
@given(training_steps())
def test_plans_and_pytorch_train_as_the_step_does(drawn):
    assert_ways_agree(drawn)


@settings(max_examples=5)
@given(training_steps())
def test_what_is_drawn_is_printed_as_code_that_draws_it_again(drawn):
    again = eval(repr(drawn), {"torch": tinygrad_edu, **vars(strategies)})

    assert trained(again, HERE)[0] == trained(drawn, HERE)[0]
