from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import tensor
from tinygrad_edu.explanation.diagnosis.checked_lines import as_share, contradicted
from tinygrad_edu.explanation.diagnosis.faulty_backward import Tape
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts, StudentNames


@pytest.fixture(scope="module")
def facts():
    rng = np.random.default_rng(0)
    X = tensor(rng.normal(size=(5, 3)), name="X")
    W, b = (tensor(rng.normal(size=s), requires_grad=True, name=n) for s, n in (((3, 4), "W"), ((4,), "b")))
    z = X @ W + b
    z.name = "z"
    a = z.tanh()
    a.name = "a"
    return GraphFacts(Tape((a * a).mean() + (b * b).sum()), StudentNames())


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("dW = X.T @ dz", False),
        ("dz = da * (1 - a ** 2)", False),
        ("dz = da * (1 - tanh(z) ** 2)", False),
        ("dz = da", True),
        ("dW = X.T @ da", True),
        ("dW = dz.T @ X", True),
        ("db = dz.sum(axis=0)", False),  # one of its two uses
        ("dW = X.T @ dq", False),  # nobody knows q
        ("dW, with the penalty exactly as in the loss", False),
        ("dW = X @ dz", False),  # computes nothing
        ("dW = dz and more of it", False),
        ("dQ = dz", False),
        ("", False),
    ],
)
def test_a_line_is_contradicted_if_it_gives_other_numbers_than_the_true_gradient(facts, line, wrong):
    assert contradicted(facts, line) is wrong


def test_the_share_of_one_of_several_layers_with_the_same_weights_is_added():
    rng = np.random.default_rng(0)
    w = tensor(rng.normal(size=(3, 3)), requires_grad=True, name="W")
    v = tensor(rng.normal(size=(3, 2)), requires_grad=True, name="V")
    h = (tensor(rng.normal(size=(4, 3))) @ w).tanh()
    facts = GraphFacts(Tape((h @ w @ v).square().mean()), StudentNames())

    assert as_share(facts, "dW = h.T @ dz") == "dW += h.T @ dz"
    assert as_share(facts, "dV = h.T @ dz") == "dV = h.T @ dz"
    assert as_share(facts, "") == ""
