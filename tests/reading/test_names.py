"""One answer to what a tensor is called, whoever asks."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import Value, compare_orders, diagnose, explain, nn, tensor
from tinygrad_edu.reading.names import Names, called, check_names, outermost
from tinygrad_edu.viz.graph.graph_builder import graph_of


def leaf(value=2.0, name=None):
    return tensor(value, requires_grad=True, name=name)


# The same answer everywhere.


def in_a_picture(loss, w, names):
    graph = graph_of(loss, names)
    return next(node.name for node, x in zip(graph.nodes, graph.tensors, strict=True) if x is w)


def in_a_derivation(loss, w, names):
    return next(iter(explain(loss, w, names=names).gradients))


def in_a_diagnosis(loss, w, names):
    return next(iter(diagnose(loss, w, w.raw, names=names).arrays))


def in_a_comparison(loss, w, names):
    return next(row.name for row in compare_orders(loss, names or {}).rows if row.tensor is w)


ASKED = [in_a_picture, in_a_derivation, in_a_diagnosis, in_a_comparison]


@pytest.mark.parametrize("asked", ASKED)
def test_a_name_that_is_passed_comes_before_the_tensors_own(asked):
    w = leaf([[1.0, 2.0]], name="weights")

    assert asked((w * w).sum(), w, {"W1": w}) == "W1"


@pytest.mark.parametrize("asked", ASKED)
def test_without_a_name_that_is_passed_the_tensors_own_counts(asked):
    w = leaf([[1.0, 2.0]], name="weights")

    assert asked((w * w).sum(), w, {"b": leaf()}) == "weights"


@pytest.mark.parametrize("asked", ASKED)
def test_a_parameter_has_its_own_name_or_else_its_path_in_a_module(asked):
    net = nn.Sequential(nn.Linear(2, 1))
    loss = net(tensor([[1.0, 2.0]])).sum()
    net[0].bias.name = "shift"

    assert asked(loss, net[0].weight, {"net": net}) == "net.0.weight"
    assert asked(loss, net[0].bias, {"net": net}) == "shift"


@pytest.mark.parametrize("asked", ASKED)
def test_a_leaf_without_a_name_has_that_of_the_array_that_is_equal_to_it(asked):
    array = np.array([[1.0, 2.0]])
    w = leaf(array)

    assert asked((w * w).sum(), w, {"start": array}) == "start"


@pytest.mark.parametrize("asked", [in_a_picture, in_a_comparison])
def test_tensors_without_a_name_have_the_same_number_in_every_place(asked):
    x = leaf(3.0)
    h = x * 2
    loss = h * h

    assert [asked(loss, node, None) for node in (x, h, loss)] == ["v0", "v1", "L"]


def test_the_variables_of_the_caller_come_after_the_own_name_as_nobody_passed_them():
    w, b = leaf(name="own"), leaf()

    answer = compare_orders(w * w + b)

    assert {row.name for row in answer.rows if row.tensor is w or row.tensor is b} == {"own", "b"}


def test_labels_of_values_are_their_own_names():
    a, b = Value(2.0, label="own"), Value(3.0, label="other")

    assert [node.name for node in graph_of(a * b, {"a": a}).nodes] == ["a", "other", "L"]


# Of several names.


def test_the_variable_of_a_loop_over_the_parameters_of_a_module_is_not_their_name():
    net = nn.Linear(2, 1)
    for p in net.parameters():
        p.data -= 0.0

    assert Names({"net": net, "p": p}).find(net.bias) == "net.bias"


def test_a_parameter_that_is_passed_before_its_module_has_the_name_it_was_passed_under():
    net = nn.Linear(2, 1)

    assert Names({"W": net.weight, "net": net}).find(net.weight) == "W"


def test_paths_begin_at_the_outermost_module():
    net = nn.Sequential(nn.Linear(2, 1))

    assert Names({"layer": net[0], "net": net}).find(net[0].weight) == "net.0.weight"
    assert list(outermost({"layer": net[0], "net": net, "again": net})) == ["net"]


class Layer:
    def __init__(self):
        self.weight = leaf()

    def named_parameters(self):
        return [("weight", self.weight)]


def test_parameters_have_paths_in_anything_that_lists_them():
    layer = Layer()

    assert Names({"layer": layer}).find(layer.weight) == "layer.weight"


def test_two_equal_arrays_give_their_name_to_nothing():
    x, same = np.ones((2, 2)), np.ones((2, 2))

    assert Names({"x": x, "same": same}).find(tensor(np.ones((2, 2)))) == ""


def test_a_single_number_has_no_name_from_an_array():
    assert Names({"one": np.array(1.0)}).find(tensor(1.0)) == ""


def test_a_result_that_happens_to_equal_an_array_has_not_its_name():
    assert Names({"x": np.ones(2)}).find(leaf([1.0, 1.0]) * 1) == ""


@pytest.mark.parametrize("name", ["_", "_3", " \t"])
def test_some_names_do_not_count(name):
    a = leaf()

    assert Names({name: a}).find(a) == ""


def test_a_name_of_spaces_is_no_name_of_its_own():
    assert Names().find(leaf(name=" \t")) == ""


# Names that are made up.


def test_unnamed_nodes_are_numbered_and_the_loss_is_l():
    a, b = leaf(name="own"), leaf()
    c = a + b
    loss = c.exp()

    assert Names({"b": b}).of_all([a, b, c, loss], loss) == ["own", "b", "v0", "L"]


def test_a_made_up_name_is_none_that_somebody_gave():
    a, b = leaf(name="v0"), leaf(name="L")
    loss = a + b

    assert Names().of_all([a, b, loss], loss) == ["v0", "L", "v1"]


# Wrong names.


@pytest.mark.parametrize(
    ("names", "message"),
    [(["W"], r"got list \['W'\]; pass names=locals\(\)"), ({1: 2}, "every name in names as a text, got 1")],
)
@pytest.mark.parametrize("asked", [*ASKED, lambda loss, w, names: check_names(names)])
def test_wrong_names_are_told_what_to_pass(asked, names, message):
    w = leaf()

    with pytest.raises(TypeError, match=message):
        asked(w.exp(), w, names)


@pytest.mark.parametrize(
    ("name", "tensor"),
    [
        ("W1", "W1"), ("dW1", "W1"), ("dL/dW1", "W1"), ("dL_dW1", "W1"), ("∂L/∂W1", "W1"), ("W1.grad", "W1"),
        ("grad_W1", "W1"), ("W1_grad", "W1"),
        ("fc1.weight", "net.fc1.weight"), ("dfc1.weight", "net.fc1.weight"), ("weight", None), ("W2", None), ("", None),
    ],
)  # fmt: skip
def test_a_tensor_is_found_by_its_name_by_that_of_its_gradient_and_by_the_end_of_its_path(name, tensor):
    assert called(name, ["W1", "net.fc1.weight", "net.fc2.weight"]) == tensor


def test_the_names_of_globals_were_chosen_for_no_call():
    w = leaf(name="w")
    passed = {"p": w}

    assert Names(passed).find(w) == "p"
    assert Names({**passed, "__name__": "__main__"}).find(w) == "w"
