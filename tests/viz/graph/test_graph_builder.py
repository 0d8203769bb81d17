from __future__ import annotations

import gc

import numpy as np

from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz.graph.graph_builder import graph_of


def edges(graph):
    return [(graph.nodes[e.source].name, graph.nodes[e.target].name, e.position) for e in graph.edges]


def leaf(value=2.0, name=None):
    return tensor(value, requires_grad=True, name=name)


def test_a_product_with_itself_has_two_edges():
    a = leaf(name="a")

    graph = graph_of(a * a)

    assert [node.name for node in graph.nodes] == ["a", "L"]
    assert edges(graph) == [("a", "L", 0), ("a", "L", 1)]


def test_what_is_used_twice_is_drawn_once():
    a = leaf(name="a")
    b = a.exp()

    graph = graph_of(b * b.log())

    assert [node.operation for node in graph.nodes] == ["", "exp", "log", "multiply"]
    assert edges(graph) == [("a", "v0", 0), ("v0", "v1", 0), ("v0", "L", 0), ("v1", "L", 1)]


def test_a_shared_parameter_is_one_node_with_an_edge_for_every_use():
    w = tensor(np.eye(2), requires_grad=True, name="w")

    graph = graph_of((np.ones((1, 2)) @ w) @ w)

    assert [e.position for e in graph.edges if graph.nodes[e.source].name == "w"] == [1, 1]
    assert sum(node.kind == "parameter" for node in graph.nodes) == 1


def test_plain_numbers_are_part_of_the_operation_and_no_nodes():
    graph = graph_of(1 / (leaf(name="a") + 2))

    assert [node.sign for node in graph.nodes] == ["", "+ 2", "1 ÷"]
    assert len(graph.edges) == 2


def test_kinds_are_told_apart(two_layers):
    loss, names = two_layers

    kinds = {node.name: node.kind for node in graph_of(loss, names).nodes}

    assert {kinds[name] for name in ("W1", "W2", "B", "C")} == {"parameter"}
    assert (kinds["X"], kinds["Z1"], kinds["yhat"], kinds["loss"]) == ("input", "result", "result", "loss")


def test_a_result_that_is_not_one_number_is_no_loss():
    graph = graph_of(tensor([1.0, 2.0], requires_grad=True) * 2)

    assert graph.nodes[-1].kind == "result"
    assert graph.loss == ""


def test_nodes_come_after_their_inputs_and_have_our_ids(two_layers):
    graph = graph_of(*two_layers)

    assert [node.id for node in graph.nodes] == [f"n{i}" for i in range(len(graph.nodes))]
    assert all(edge.source < edge.target for edge in graph.edges)


def test_a_node_knows_its_operation_its_expression_and_its_line():
    node = graph_of(leaf(name="a") * tensor(3.0, name="b")).nodes[-1]

    assert (node.operation, node.expression, node.sign) == ("multiply", "a · b", "×")
    assert node.line.startswith("test_graph_builder.py:")


def test_every_edge_knows_its_local_derivative(two_layers):
    graph = graph_of(*two_layers)

    found = {(graph.nodes[e.source].name, graph.nodes[e.target].name): e.local for e in graph.edges}

    assert found["W1", "v0"] == "Xᵀ @ g"
    assert found["H1", "v4"] == "g @ W2ᵀ"
    assert found["B", "Z1"] == "Σ rows g"
    assert found["Z2", "yhat"] == "g × yhat × (1 − yhat)"
    assert found["X", "v0"] == ""  # no gradient flows into X


def test_before_backward_there_is_no_gradient_but_a_place_for_it(two_layers):
    graph = graph_of(*two_layers)

    assert all(node.gradient is None for node in graph.nodes)
    assert {node.awaits_gradient for node in graph.nodes if node.kind == "input"} == {False}
    assert {node.awaits_gradient for node in graph.nodes if node.kind != "input"} == {True}


def test_values_and_gradients_are_those_of_the_tensors(two_layers):
    loss, names = two_layers
    loss.backward()

    nodes = {node.name: node for node in graph_of(loss, names).nodes}

    for name in ("W1", "W2", "B", "C", "Z1", "H1", "Z2", "yhat"):
        np.testing.assert_array_equal(nodes[name].value.rows, np.atleast_2d(names[name].raw))
        np.testing.assert_array_equal(nodes[name].gradient.rows, np.atleast_2d(names[name].raw_grad()))


def test_gradients_left_over_from_an_earlier_backward_are_not_called_those_of_the_loss():
    a = leaf(name="a")
    (a * 3).backward()

    graph = graph_of(a.exp())

    assert (graph.loss, graph.differentiated) == ("L", False)


def test_a_result_of_which_nothing_was_recorded_says_why():
    (note,) = graph_of((tensor([1.0, 2.0]) * 2).sum()).notes

    assert note == "no operation was recorded: nothing here has requires_grad=True"
    assert graph_of(leaf(name="a")).notes == ()
    assert graph_of(Value(1.0)).notes == ()


def test_the_model_is_a_snapshot():
    a = leaf([1.0, 2.0], name="a")
    graph = graph_of(a.sum())

    with no_grad():
        a -= 10

    assert graph.nodes[0].value.texts == [["1", "2"]]


def test_the_same_program_gives_the_same_model(two_layers):
    loss, names = two_layers

    assert graph_of(loss, names) == graph_of(loss, names)


def test_the_model_keeps_no_tensor_alive():
    a = leaf(name="a")
    graph = graph_of(a.exp())

    assert not [x for x in gc.get_referrers(a) if any(x is y for y in (graph, *graph.nodes))]


def test_in_place_results_are_drawn_with_the_numbers_they_had():
    x = leaf([1.0, 2.0], name="x")
    h = x * 2
    h[0] = 5.0
    h *= 3

    graph = graph_of(h.sum())

    assert [node.value.texts[0] for node in graph.nodes] == [
        ["1", "2"],
        ["2", "4"],
        ["5", "4"],
        ["15", "12"],
        ["27"],
    ]
    assert graph.notes == ()


def test_no_word_is_said_of_overwritten_numbers_that_are_not_shown():
    w = y = leaf([1.0], name="w")
    for _ in range(400):
        y = y + 1
    with no_grad():
        w -= 0.5

    assert not any("overwritten" in note for note in graph_of(y, max_nodes=500).notes)
