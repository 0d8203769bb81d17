"""A copy without a graph, and gradients that are kept with theirs: both are told, with what to write instead."""

from __future__ import annotations

import re
import warnings

import pytest

from tinygrad_edu.hints import warnings as teaching
from tinygrad_edu.hints.warnings import LostGraphWarning, ReferenceCycleWarning
from tinygrad_edu.tensor.tensor import tensor


def leaf(*numbers, **options):
    return tensor(list(numbers), requires_grad=True, **options)


def told(run):
    """The warnings that `run` gives to somebody who has heard none."""
    teaching.on()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        run()
    return [(warning.category, str(warning.message)) for warning in said]


COPIES = {
    "a result": (lambda: leaf(1.0) * 2, "a tensor of shape (1,)"),
    "a leaf": (lambda: leaf(1.0, 2.0, name="w"), "'w' of shape (2,)"),
}


@pytest.mark.parametrize(("made", "described"), COPIES.values(), ids=COPIES)
def test_a_copy_of_what_has_a_history_is_told(made, described):
    assert told(lambda: tensor(made())) == [
        (
            LostGraphWarning,
            f"tensor(x) copies the numbers of {described} and no history, so that no gradient reaches what it was "
            "computed from; use x itself or x.clone(), or x.detach().clone() if that is meant",
        )
    ]


FINE = {
    "of plain numbers": lambda: tensor(tensor([1.0])),
    "of what was detached": lambda: tensor((leaf(1.0) * 2).detach()),
    "that gets a gradient of its own": lambda: tensor(leaf(1.0), requires_grad=True),
}


@pytest.mark.parametrize("made", FINE.values(), ids=FINE)
def test_a_copy_that_loses_nothing_is_fine(made):
    assert told(made) == []


def backward_twice():
    x = leaf(1.0)
    (x**3).sum().backward(create_graph=True)
    x.grad = None


def test_gradients_that_keep_their_graph_are_told():
    ((category, text),) = told(backward_twice)

    assert category is ReferenceCycleWarning
    assert re.fullmatch(
        r"backward\(create_graph=True\) leaves gradients whose graph leads back .*; take gradients by "
        r"autograd.grad\(loss, inputs, create_graph=True\), or set .grad to None after use",
        text,
    )


def test_gradients_without_a_graph_of_their_own_are_fine():
    x = leaf(1.0)

    assert told(lambda: (x * 2).sum().backward(create_graph=True)) == []
