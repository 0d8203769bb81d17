from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor

rng = np.random.default_rng(0)
X, T = rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
GAMMA, BETA = rng.normal(size=4), rng.normal(size=4)
D = 2 * (np.tanh(X) * GAMMA + BETA - T) / T.size

SCALES = {
    "scale-as-bias": (D.sum(axis=0), "dgamma = dout.sum(axis=0)"),
    "wrong-saved-input": ((D * X).sum(axis=0), "dgamma = (dout * x).sum(axis=0)"),
    "bias-averaged": ((D * np.tanh(X)).mean(axis=0), "dgamma = (dout * h).mean(axis=0)"),
    "not-summed": (D * np.tanh(X), "dgamma = (dout * h)"),
}


@pytest.mark.parametrize("mistake", SCALES)
def test_a_wrong_gradient_of_a_scale_is_told_in_the_names_of_what_it_scales(mistake):
    x, gamma, beta = (
        tensor(a, name=name, requires_grad=True) for name, a in {"x": X, "gamma": GAMMA, "beta": BETA}.items()
    )
    h = x.tanh()
    out = h * gamma + beta
    loss = (out - tensor(T)).square().mean()
    submitted, wrote = SCALES[mistake]

    found = diagnose(loss, gamma, np.round(submitted, 4), names={"h": h, "out": out})

    told = {e.mistake: e for e in found.explanations}
    assert told[mistake].wrote == wrote
    assert told[mistake].fix.endswith("dgamma = (dout * h).sum(axis=0)")


def test_a_bias_with_each_delta_times_its_own_input_is_told_with_that_product():
    x, (w, b) = tensor(X, name="X"), (tensor(a, requires_grad=True) for a in (rng.normal(size=(4, 4)), BETA))
    z = x @ w + b
    loss = (z - tensor(T)).square().mean()
    dz = 2 * (z.numpy(force=True) - T) / T.size

    found = diagnose(loss, b, np.round((X * dz).sum(axis=0), 5), names={"b": b, "z": z})

    assert "db = (X * dz).sum(axis=0)" in [e.wrote for e in found.explanations]
    assert "db = (X.T @ dz).sum(axis=0)" not in [e.wrote for e in found.explanations]
