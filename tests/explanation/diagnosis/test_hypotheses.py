"""Everything that can be wrong, computed when it is needed."""

from __future__ import annotations

import numpy as np

from tinygrad_edu import diagnose, tensor
from tinygrad_edu.explanation.diagnosis import Suspects, hypotheses

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


def test_predictions_that_were_computed_in_time_serve_when_time_is_up():
    loss, w = network()
    suspects = Suspects(loss, time_limit=600)
    assert suspects.judge(rng.normal(size=(4, 5))).reason == "No known mistake explains this."

    suspects.table.time_limit = 0

    assert suspects.judge(-w.raw).reason.endswith("(Not all were tried: time was up.)")


def test_a_stray_factor_is_named_where_the_catalogue_takes_too_long(monkeypatch):
    monkeypatch.setattr(hypotheses, "CATALOGUE", 0)
    v, w = (tensor(rng.normal(size=(4, 4)), requires_grad=True, name=name) for name in "VW")
    loss = ((tensor(X) @ v).tanh() @ w).square().mean()
    loss.backward()

    found = diagnose(loss, {"V": np.round(2.37 * v.grad.raw, 6), "W": np.round(w.grad.raw, 6)})

    assert [e.mistake for e in found.explanations] == ["stray-factor"]
