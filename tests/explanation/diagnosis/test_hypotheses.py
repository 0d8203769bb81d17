"""Everything that can be wrong, computed when it is needed."""

from __future__ import annotations

import numpy as np

from tinygrad_edu import diagnose, tensor
from tinygrad_edu.explanation.diagnosis import Suspects

rng = np.random.default_rng(0)
X = rng.normal(size=(6, 4))


def network():
    """A loss and its weights."""
    w = tensor(rng.normal(size=(4, 5)), requires_grad=True, name="W")
    loss = (tensor(X) @ w).tanh().square().mean()
    loss.backward()
    return loss, w


def test_when_time_is_up_the_verdict_says_so():
    loss, w = network()

    found = diagnose(loss, w, rng.normal(size=(4, 5)), time_limit=0)

    assert found.reason == "No known mistake explains this. (Not all were tried: time was up.)"


def test_what_is_right_needs_no_suspects():
    loss, w = network()
    suspects = Suspects(loss)

    assert suspects.judge(w.grad).right
    assert "_catalogue" not in vars(suspects.table)
    assert suspects.judge(-w.grad).explanations[0].mistake == "sign-lost"
    assert len(suspects.table.hypotheses) == len(suspects.table.predictions) > 50
