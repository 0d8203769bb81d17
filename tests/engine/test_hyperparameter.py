"""A learning rate that knows where it came from."""

from __future__ import annotations

from tinygrad_edu.engine.hyperparameter import Hyperparameter


def test_it_is_the_number_it_was_made_from_and_reads_the_present_one():
    group = {"lr": 0.5, "momentum": 0.9}
    lr = Hyperparameter(group, "lr")

    group["lr"] = 0.25

    assert (lr, lr * 2) == (0.5, 1.0)
    assert (lr.read(), type(lr.read())) == (0.25, float)
