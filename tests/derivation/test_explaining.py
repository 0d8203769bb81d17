"""Derivations: the numbers are the engine's, nothing is changed, and what is asked for wrongly is refused."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_edu import Value, explain, nn, tensor
from tinygrad_edu.nn import functional as F

ACTIVATIONS = {"sigmoid": lambda z: z.sigmoid(), "tanh": lambda z: z.tanh(), "relu": lambda z: z.relu()}
LOSSES = {
    "cross_entropy": F.cross_entropy,
    "mse": F.mse_loss,
    "with_logits": F.binary_cross_entropy_with_logits,
    "by_hand": lambda z, y: -(y * z.softmax(-1).log()).sum(-1).mean(),
}


def network(seed, n, sizes, activation, loss):
    """A loss, and its parameters by name."""
    rng = np.random.default_rng(seed)
    h = tensor(rng.normal(size=(n, sizes[0])), name="X")
    y = tensor(np.eye(sizes[-1])[rng.integers(0, sizes[-1], n)], name="Y")
    parameters = {}
    for i, (rows, columns) in enumerate(itertools.pairwise(sizes), 1):
        W = tensor(rng.normal(size=(rows, columns)), requires_grad=True, name=f"W{i}")
        b = tensor(rng.normal(size=columns), requires_grad=True, name=f"b{i}")
        parameters |= {f"W{i}": W, f"b{i}": b}
        z = h @ W + b
        h = ACTIVATIONS[activation](z)
    return LOSSES[loss](z, y), parameters


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(1, 5),
    st.lists(st.integers(1, 4), min_size=2, max_size=4),
    st.sampled_from(sorted(ACTIVATIONS)),
    st.sampled_from(sorted(LOSSES)),
)
def test_the_gradients_are_those_of_backward_and_no_grad_is_touched(seed, n, sizes, activation, loss):
    result, parameters = network(seed, n, sizes, activation, loss)

    derivation = explain(result, list(parameters.values()))

    assert all(p.grad is None for p in parameters.values())
    result.backward()
    for step in derivation.steps:
        if step.symbol.name in parameters:
            np.testing.assert_array_equal(step.gradient, parameters[step.symbol.name].grad.numpy())
    assert len(derivation.gradients) == len(parameters)
    for found, p in zip(derivation.gradients.values(), parameters.values(), strict=True):
        np.testing.assert_array_equal(found, p.grad.numpy())


def test_a_network_reads_as_in_a_textbook():
    loss, parameters = network(0, 5, (4, 2, 3), "sigmoid", "cross_entropy")

    text = explain(loss, parameters["W1"]).text

    assert "δ₂ = ∂L/∂z₂ = (softmax(z₂) − Y) / 5" in text
    assert "δ₁ = ∂L/∂z₁ = δ₂ · W₂ᵀ ⊙ a₁ ⊙ (1 − a₁)" in text
    assert explain(loss, parameters["W1"]).formula == "∂L/∂W₁ = Xᵀ · δ₁"


def test_several_uses_are_summed():
    a = tensor(2.0, requires_grad=True, name="a")

    text = explain((a * 3).tanh() + a * a, a).text

    assert "via" in text


def test_values_are_explained_as_tensors_are():
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")

    derivation = explain(a * b, a)

    assert derivation.gradient == -3.0
    assert derivation.formula == "∂L/∂a = b"


def test_derivatives_of_a_function_are_formulas():
    text = explain(lambda x: x**3, order=2, at=2.0).text

    assert "3" in text
    assert "12" in text


@pytest.mark.parametrize("ending", [".html", ".tex", ".md", ".txt"])
def test_a_derivation_is_saved_as_its_ending_says(ending, tmp_path):
    loss, parameters = network(0, 3, (2, 2), "tanh", "mse")

    path = explain(loss, parameters["W1"]).save(tmp_path / f"d{ending}")

    assert path.stat().st_size > 200


def test_other_endings_are_refused(tmp_path):
    loss, _ = network(0, 3, (2, 2), "tanh", "mse")

    with pytest.raises(ValueError, match=r"save needs a file name that ends in .*got 'd.doc'"):
        explain(loss).save(tmp_path / "d.doc")


def test_what_does_not_reach_the_loss_is_refused():
    loss, _ = network(0, 3, (2, 2), "tanh", "mse")

    with pytest.raises((ValueError, RuntimeError), match="explain needs wrt"):
        explain(loss, tensor([1.0], requires_grad=True))


def test_an_array_as_wrt_is_refused():
    loss, _ = network(0, 3, (2, 2), "tanh", "mse")

    with pytest.raises(TypeError, match="explain needs wrt as a Tensor or Value"):
        explain(loss, np.ones(2))


def test_digits_outside_their_range_are_refused():
    loss, _ = network(0, 3, (2, 2), "tanh", "mse")

    with pytest.raises(ValueError, match="explain needs digits from 0 to 15"):
        explain(loss, digits=-1)


def test_modules_are_explained_by_the_path_of_their_parameters():
    net = nn.Sequential(nn.Linear(3, 2), nn.Sigmoid(), nn.Linear(2, 3))
    loss = F.cross_entropy(net(tensor(np.ones((4, 3)))), tensor(np.eye(3)[[0, 1, 2, 0]]))

    derivation = explain(loss, net)

    assert len(derivation.gradients) == 4
