"""Each reason why a tensor gets no gradient has an answer of its own."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tinygrad_edu import nn, no_grad, tensor, why_no_grad

X = tensor(np.ones((4, 3)), name="X")


@pytest.fixture
def W():
    return tensor(np.ones((3, 2)), requires_grad=True, name="W")


CUTS = {
    "argmax": (
        lambda x: x.argmax(dim=1).double().mean(),
        r"argmax, whose derivative is zero.*mean ← cast ← argmax",
    ),
    "detach": (lambda x: x.detach().mean(), r"detach\(\) at .*mean ← detach\(\)"),
    "greater": (lambda x: (x > 0).double().sum(), r"greater"),
}


@pytest.mark.parametrize("name", CUTS)
def test_a_cut_is_named_with_the_way_to_it(name, W):
    cut, words = CUTS[name]

    answer = str(why_no_grad(cut(X @ W), W))

    assert answer.startswith("W: no gradient")
    assert re.search(words, answer)


def test_no_grad_is_named_with_its_line(W):
    with no_grad():
        loss = (X @ W).sum()

    assert "the graph was cut by no_grad() at test_missing.py:" in str(why_no_grad(loss, W))


def test_an_answer_ends_as_a_sentence_does(W):
    assert str(why_no_grad((X @ W).detach().sum(), W)).endswith("if gradients shall pass.")
    assert str(why_no_grad((X @ W).sum(), W)).endswith("; call loss.backward().")


def test_before_backward_there_is_no_gradient_yet(W):
    assert str(why_no_grad((X @ W).sum(), W)).startswith("W: no gradient yet")


def test_after_backward_it_is_there(W):
    loss = (X @ W).sum()
    loss.backward()

    assert str(why_no_grad(loss, W)).startswith("W: gets a gradient, of shape (3, 2)")


def test_dead_units_are_called_dead(W):
    assert "the units are dead" in str(why_no_grad((X @ W - 100).relu().sum(), W))


def test_what_was_not_used_is_said_not_to_be(W):
    assert "The loss does not depend on it" in str(why_no_grad((X * 2).sum(), W))


def test_a_plain_number_remembers_nothing(W):
    assert "The loss is a plain float, which remembers nothing" in str(why_no_grad((X @ W).sum().item(), W))


def test_a_parameter_of_a_module_is_asked_for_as_any_tensor():
    layer = nn.Linear(3, 2)

    assert "no gradient yet" in str(why_no_grad(layer(X).sum(), layer.weight))
