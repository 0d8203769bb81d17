"""Functions written out in steps are explained under their names, and an LSTM in its steps."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import explain, nn, tensor

Z = np.random.default_rng(0).normal(size=(3, 4))


def leaf():
    return tensor(Z, requires_grad=True, name="z")


def _exponentials(z):
    return z.exp() / z.exp().sum(1, keepdim=True)


def _shifted(z):
    e = (z - z.max(1, keepdim=True).values).exp()
    return e / e.sum(1)[:, None]


def _logsumexp(z):
    return (z - z.logsumexp(1, keepdim=True)).exp()


@pytest.mark.parametrize("softmax", [_exponentials, _shifted, _logsumexp])
def test_a_softmax_written_out_has_its_name(softmax):
    z = leaf()
    y = tensor(np.eye(4)[:3], name="y")

    derivation = explain(((softmax(z) - y) ** 2).sum(), z)

    assert "softmax(z)" in derivation.formula
    assert "exp" not in derivation.formula


def _variance(z):
    return (z - z.mean(0, keepdim=True)) / (z.var(0, keepdim=True, correction=0) + 1e-5).sqrt()


def _distance(z):
    distance = z - z.sum(0) / 3
    return distance * ((distance * distance).mean(0) + 1e-5) ** -0.5


@pytest.mark.parametrize("normalized", [_variance, _distance])
def test_a_normalization_written_out_is_one_step(normalized):
    z = leaf()

    derivation = explain((normalized(z) ** 3).sum(), z)

    assert "t₁ = standardize(z, dim=0, eps=1e-05)" in derivation.text
    np.testing.assert_allclose(
        derivation.gradient, explain((normalized(z) ** 3).sum(), z, every=True).gradient
    )


@pytest.mark.parametrize("kept", ["named", "asked for", "every"])
def test_steps_that_somebody_wants_to_see_stay_steps(kept):
    z = leaf()
    e = z.exp()
    if kept == "named":
        e.name = "e"
    loss = ((e / e.sum(1, keepdim=True)) ** 2).sum()

    derivation = explain(loss, [z, e] if kept == "asked for" else z, every=kept == "every")

    assert "softmax" not in derivation.text


def test_what_is_nearly_a_softmax_keeps_its_steps():
    z = leaf()
    e = z.exp()

    assert "softmax" not in explain(((e / (e.sum(1, keepdim=True) + 1)) ** 2).sum(), z).text


@pytest.mark.slow
def test_the_steps_of_an_lstm_are_lines():
    net = nn.LSTM(2, 3)
    out, _ = net(tensor(np.ones((2, 1, 2))))

    derivation = explain((out**2).sum(), net)

    assert "lstm" not in derivation.text
    assert all("no formula" not in line for line in derivation.formulas)
