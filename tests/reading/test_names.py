from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz.graph.graph_builder import graph_of


def leaf(value=2.0, name=None):
    return tensor(value, requires_grad=True, name=name)


def test_own_names_come_first_then_variables_then_numbers():
    a, b = leaf(name="own"), leaf()

    graph = graph_of((a + b).exp(), {"a": a, "b": b})

    assert [node.name for node in graph.nodes] == ["own", "b", "v0", "L"]


def test_generated_names_avoid_names_that_were_given():
    a, b = leaf(name="v0"), leaf(name="L")

    assert [node.name for node in graph_of(a + b).nodes] == ["v0", "L", "v1"]


def test_names_with_an_underscore_in_front_are_left_out():
    a = leaf()

    assert graph_of(a.exp(), {"_": a, "_3": a}).nodes[0].name == "v0"


def test_an_array_gives_its_name_to_the_constant_made_from_it():
    X = np.ones((2, 2))

    graph = graph_of((X * leaf()).sum(), {"X": X})

    assert graph.nodes[0].name == "X"


def test_two_equal_arrays_give_their_name_to_nothing():
    x, same = np.ones((2, 2)), np.ones((2, 2))

    graph = graph_of((x * leaf()).sum(), {"x": x, "same": same})

    assert graph.nodes[0].name == "v0"


class Layer:
    def __init__(self):
        self.weight = leaf()

    def named_parameters(self):
        return [("weight", self.weight)]


def test_a_parameter_of_a_module_is_called_by_its_path():
    layer = Layer()

    assert graph_of(layer.weight.exp(), {"layer": layer}).nodes[0].name == "layer.weight"


def test_a_name_of_spaces_is_no_name():
    assert graph_of(leaf(name=" \t").exp()).nodes[0].name == "v0"


@pytest.mark.parametrize(
    ("names", "message"),
    [(["W"], r"got list \['W'\]; pass names=locals\(\)"), ({1: 2}, "every name in names as a text, got 1")],
)
def test_wrong_names_are_told_what_to_pass(names, message):
    with pytest.raises(TypeError, match=message):
        graph_of(leaf().exp(), names)
