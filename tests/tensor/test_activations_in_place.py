"""Activations that overwrite their input: with inplace=True, and as functions whose name ends with _."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as ours
from tinygrad_edu import tensor
from tinygrad_edu.hints.warnings import ImplicitDimWarning
from tinygrad_edu.nn import functional as F

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")

X = np.array([-2.0, -0.5, 0.0, 0.5, 7.0])
SETTINGS = {"threshold": (0.1, 3.0)}
WITH_INPLACE = [
    *(
        "celu",
        "elu",
        "hardsigmoid",
        "hardswish",
        "hardtanh",
        "leaky_relu",
        "mish",
        "relu",
        "relu6",
        "rrelu",
        "selu",
    ),
    *("silu", "threshold"),
]
OVERWRITING = ["celu_", "elu_", "hardtanh_", "leaky_relu_", "relu_", "rrelu_", "selu_", "threshold_"]


@pytest.mark.parametrize("name", WITH_INPLACE)
def test_inplace_overwrites_and_returns_the_input(name):
    x, theirs = tensor(X), torch.tensor(X)

    result = getattr(F, name)(x, *SETTINGS.get(name, ()), inplace=True)
    getattr(torch.nn.functional, name)(theirs, *SETTINGS.get(name, ()), inplace=True)

    assert result is x
    np.testing.assert_allclose(x.numpy(), theirs.numpy(), rtol=1e-15)


@pytest.mark.parametrize("name", OVERWRITING)
@pytest.mark.parametrize("at_the_top_level", [False, True])
def test_functions_that_end_with_an_underscore_overwrite(name, at_the_top_level):
    module, theirs = (ours, torch) if at_the_top_level else (F, torch.nn.functional)
    if not hasattr(theirs, name):
        assert not hasattr(module, name)
        return
    x, y = tensor(X), torch.tensor(X)

    assert getattr(module, name)(x, *SETTINGS.get(name[:-1], ())) is x
    getattr(theirs, name)(y, *SETTINGS.get(name[:-1], ()))

    np.testing.assert_allclose(x.numpy(), y.numpy(), rtol=1e-15)


def test_the_gradient_passes_what_was_overwritten():
    w = tensor([-1.0, 2.0], requires_grad=True)

    F.leaky_relu(w * 3, 0.5, inplace=True).sum().backward()

    assert w.grad.tolist() == [1.5, 3]


def test_a_leaf_is_not_overwritten_while_recording():
    x = tensor([1.0], requires_grad=True)

    with pytest.raises(RuntimeError, match="inplace=True would overwrite a leaf that gets a gradient"):
        F.relu(x, inplace=True)


def test_rrelu_draws_a_slope_for_each_number_while_training():
    x = tensor(-np.ones(1000), requires_grad=True)

    y = F.rrelu(x, 0.1, 0.3, training=True, generator=np.random.default_rng(0))
    y.sum().backward()

    assert np.unique(y.raw).size == 1000
    assert -0.3 <= y.min().item() < -0.29
    assert -0.11 < y.max().item() <= -0.1
    np.testing.assert_allclose(x.grad.raw, -y.raw)


def test_gumbel_softmax_draws_classes_as_often_as_softmax_says():
    logits = tensor(np.log([[0.7, 0.2, 0.1]] * 4000), requires_grad=True)

    y = F.gumbel_softmax(logits, tau=0.5, hard=True, generator=np.random.default_rng(0))
    y[:, 0].sum().backward()

    assert np.unique(y.raw.round(12)).tolist() == [0, 1]
    np.testing.assert_allclose(y.mean(0).raw, [0.7, 0.2, 0.1], atol=0.02)
    assert logits.grad.raw.any()


@pytest.mark.parametrize("name", ["softmax", "softmin", "log_softmax"])
@pytest.mark.parametrize(
    ("shape", "dim"), [((), 0), ((3,), 0), ((2, 3), 1), ((2, 3, 4), 0), ((1, 2, 3, 4), 1)]
)
def test_without_dim_pytorchs_choice_is_taken_and_said(name, shape, dim):
    x = np.random.default_rng(0).normal(size=shape)

    with pytest.warns(
        ImplicitDimWarning, match=f"{name} without dim takes dim={dim} for an input of {len(shape)}"
    ):
        y = getattr(F, name)(tensor(x))

    expected = getattr(torch.nn.functional, name)(torch.tensor(x), dim=dim)
    np.testing.assert_allclose(y.raw, expected.numpy(), rtol=1e-12)
