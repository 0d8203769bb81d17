"""A graph run forward again."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import Value, no_grad, tensor
from tinygrad_edu.reading.nodes import Computation
from tinygrad_edu.reading.recompute import recompute, rerun


@pytest.fixture
def graph():
    x = tensor([1.0, 2.0], name="x")
    w = tensor([3.0, 4.0], requires_grad=True, name="w")
    h = x * w
    h.name = "h"
    return {"x": x, "w": w, "h": h, "loss": h.sum()}


def test_the_copies_have_the_same_numbers_names_and_lines(graph):
    copies = rerun(graph["loss"], {})

    for x in graph.values():
        np.testing.assert_array_equal(copies[x].raw, x.raw)
        assert copies[x].name == x.name
        assert copies[x].call_site == x.call_site
    assert copies[graph["w"]] is not graph["w"]
    assert copies[graph["w"]].requires_grad


def test_constants_are_shared(graph):
    assert rerun(graph["loss"], {})[graph["x"]] is graph["x"]


def test_leaves_may_hold_other_numbers(graph):
    copies = rerun(graph["loss"], {graph["w"]: np.array([10, 20]), graph["x"]: np.array([1, 1])})

    assert copies[graph["loss"]].item() == 30
    assert copies[graph["w"]].dtype == np.float64
    np.testing.assert_array_equal(graph["w"].raw, [3, 4])


def test_results_may_be_overwritten_before_they_are_used(graph):
    copies = rerun(graph["loss"], {}, overwrite={graph["h"]: [100.0, 200.0]})

    assert copies[graph["loss"]].item() == 300


def test_results_may_be_changed_before_they_are_used(graph):
    copies = rerun(graph["loss"], {}, after=lambda node, value: value + (node is graph["h"]))

    assert copies[graph["loss"]].item() == 13


def test_it_is_recorded_also_inside_no_grad(graph):
    with no_grad():
        copies = rerun(graph["loss"], {})

    copies[graph["loss"]].backward()

    np.testing.assert_array_equal(copies[graph["w"]].grad, [1, 2])
    assert graph["w"].grad is None


def test_anything_can_be_computed_in_place_of_numbers():
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    loss = (a + b) * 2

    made = recompute(
        Computation(loss),
        lambda leaf: leaf.label,
        lambda node, inputs: f"({f' {node._op} '.join(map(str, inputs))})",
    )

    assert made[loss] == "((a + b) * 2)"
