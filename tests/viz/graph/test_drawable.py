from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.nn import Linear
from tinygrad_edu.ops.shape import cat
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz.graph.drawable import MAX_INPUTS, overwritten
from tinygrad_edu.viz.graph.graph_builder import graph_of
from tinygrad_edu.viz.graph.node_builder import MAX_NUMBERED_NODES
from tinygrad_edu.viz.graph.selection import KEPT_TENSORS, MAX_DRAWN_TENSORS


def edges(graph):
    return [(graph.nodes[e.source].name, graph.nodes[e.target].name, e.position) for e in graph.edges]


def leaf(value=2.0, name=None):
    return tensor(value, requires_grad=True, name=name)


class Module:
    def named_parameters(self):
        return []


@pytest.mark.slow
def test_a_million_operations_fold_without_recursion():
    x = leaf()
    for _ in range(1_000_000):
        x = x + 1

    graph = graph_of(x)

    assert graph.nodes[0].kind == "folded"
    assert len(graph.nodes) == KEPT_TENSORS + 1
    assert graph.notes == ("the newest 150 of 1,000,001 tensors are drawn; 999,851 before are folded away",)


def test_numbers_are_left_out_of_large_graphs_with_a_note():
    x = leaf()
    for _ in range(MAX_NUMBERED_NODES):
        x = x + 1

    graph = graph_of(x, max_nodes=1000)

    assert graph.nodes[-1].value is None
    assert "no numbers on cards beyond 300 tensors (301 here)" in graph.notes[0]


def test_an_operation_with_very_many_inputs_says_how_many_are_left_out():
    parts = [leaf([1.0]) for _ in range(MAX_DRAWN_TENSORS + 1)]

    graph = graph_of(cat(*parts, dim=0))

    assert len(graph.edges) == MAX_INPUTS
    assert graph.notes == (
        f"{MAX_DRAWN_TENSORS + 1 - MAX_INPUTS:,} inputs left out: an operation is drawn with at most 30",
    )


def test_a_leaf_where_the_graph_was_cut_says_where():
    a = leaf(name="a")
    with no_grad():
        b = a * 2

    graph = graph_of(b)

    assert len(graph.nodes) == 1
    assert "the graph was cut by no_grad() at test_drawable.py:" in graph.notes[0]


# Values.


def neuron():
    """Micrograd's first example: values with labels, and their gradients known by hand."""
    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
    d = a * b + c
    loss = d * -2
    loss.label = "loss"
    return loss


def test_values_are_drawn_with_the_local_derivative_as_a_number():
    graph = graph_of(neuron())

    assert [node.name for node in graph.nodes] == ["a", "b", "v0", "c", "v1", "loss"]
    assert [edge.local for edge in graph.edges] == ["× −3", "× 2", "× 1", "× 1", "× −2"]
    assert [node.expression for node in graph.nodes if node.operation] == ["a · b", "v0 + c", "v1 · −2"]
    assert {node.shape for node in graph.nodes} == {()}


def test_the_zero_gradients_that_values_start_with_are_not_shown():
    assert all(node.gradient is None and node.awaits_gradient for node in graph_of(neuron()).nodes)


def test_gradients_of_values_are_shown_after_backward():
    loss = neuron()
    loss.backward()

    graph = graph_of(loss)

    assert {node.name: node.gradient.texts[0][0] for node in graph.nodes} == {
        "a": "6",
        "b": "−4",
        "c": "−2",
        "v0": "−2",
        "v1": "−2",
        "loss": "1",
    }
    assert graph.differentiated


def test_a_value_times_itself_has_two_edges():
    a = Value(3.0, label="a")

    assert edges(graph_of(a * a)) == [("a", "L", 0), ("a", "L", 1)]


def test_a_derivative_that_does_not_exist_is_infinite_in_the_picture():
    assert [edge.local for edge in graph_of(Value(0.0) ** 0.5).edges] == ["× ∞"]


def test_values_and_tensors_are_not_drawn_together():
    with pytest.raises(
        TypeError, match="only Tensors or only Values in a list, got both; draw them one by one"
    ):
        graph_of([leaf(), Value(1.0)])


@pytest.mark.slow
def test_a_chain_of_many_values_folds():
    x = Value(1.0)
    for _ in range(50_000):
        x = x + 1

    assert graph_of(x).notes[0].startswith("showing 2 of 50,001 tensors; folded: + 1 ×50000")


# Wrong input.


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (3.0, TypeError, r"a Tensor, a Value or a list of these, got float 3\.0; .*draw\(loss\)"),
        (np.ones(2), TypeError, r"got ndarray array\(\[1\., 1\.\]\)"),
        (None, TypeError, "got NoneType None"),
        ([leaf(), 1], TypeError, "got int 1"),
        (Module(), TypeError, r"got Module .*draw\(model\(x\)\)"),
        (
            Linear(1, 1),
            TypeError,
            r"got Linear; draw what it returns, draw\(model\(x\)\), or pass an input beside it",
        ),
        ([], ValueError, "got an empty list; pass the result"),
    ],
    ids=["number", "array", "none", "list with a number", "foreign module", "module", "empty list"],
)
def test_wrong_input_is_told_what_to_pass(x, error, message):
    with pytest.raises(error, match=message):
        graph_of(x)


def test_of_many_overwritten_tensors_three_are_named():
    assert overwritten(["w"]) == "w was overwritten since the graph was computed"
    assert overwritten(list("abcde")) == ("a, b, c and 2 more were overwritten since the graph was computed")
