"""A module that is run for a picture, and the names of what it takes."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import nn, tensor
from tinygrad_edu.viz import draw


class Product(nn.Module):
    def forward(self, x, y):
        return x * y


def leaves(drawing):
    return [node.name for node in drawing.graph.nodes if not node.operation]


def test_inputs_without_a_name_are_called_x():
    net = nn.Linear(2, 1)

    assert leaves(draw(net, np.ones((1, 2)))) == ["x", "net.weight", "net.bias"]


def test_several_inputs_are_numbered_but_for_those_with_a_name():
    x, y = tensor([1.0, 2.0], requires_grad=True), tensor([3.0, 4.0], requires_grad=True, name="gain")

    assert leaves(draw(Product(), x, y)) == ["x", "gain"]
    assert leaves(draw(Product(), x.detach() * 1, y, names={})) == ["x0", "gain"]


@pytest.mark.parametrize(("passed", "called"), [(False, "batch"), (True, "X")])
def test_an_input_is_called_x_only_if_nobody_gave_it_a_name(passed, called):
    net, x = nn.Linear(2, 1), tensor(np.ones((1, 2)), name="batch")

    assert leaves(draw(net, x, names={"X": x} if passed else None))[0] == called


def test_a_module_is_called_as_in_the_names_or_else_as_the_program_calls_it():
    layer = nn.Linear(2, 1)

    assert leaves(draw(layer, np.ones((1, 2)))) == ["x", "layer.weight", "layer.bias"]
    assert leaves(draw(layer, np.ones((1, 2)), names={"fc": layer})) == ["x", "fc.weight", "fc.bias"]


def test_what_is_done_with_the_input_alone_is_drawn_and_the_input_is_no_parameter():
    net, x = nn.Sequential(nn.Flatten(), nn.Linear(4, 1)), tensor(np.ones((1, 2, 2)))

    graph = draw(net, x).graph

    assert [node.operation for node in graph.nodes if node.operation] == ["reshape", "linear"]
    assert graph.nodes[0].name == "x"
    assert graph.nodes[0].kind == "input"
    assert not graph.nodes[0].awaits_gradient
    assert not x.requires_grad


def test_an_input_that_is_passed_twice_is_one_card():
    x = tensor([1.0, 2.0])

    assert leaves(draw(Product(), x, x)) == ["x"]


class InPlace(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter([3.0])

    def forward(self, x):
        x += 1
        return x * self.w


def test_a_module_that_overwrites_its_input_is_drawn_as_it_runs():
    x = tensor([1.0])

    drawing = draw(InPlace(), x)

    assert drawing.graph.nodes[-1].value.texts == [["6"]]
    assert x.item() == 2.0


def test_a_forward_pass_that_fails_is_drawn_until_there_with_the_message():
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(2, 1))

    with pytest.warns(
        UserWarning, match=r"the picture ends where Sequential raised ValueError: .*In net\.2, Lin"
    ):
        graph = draw(net, [[1.0, 2.0]]).graph

    assert [node.name for node in graph.nodes if node.marked] == [graph.nodes[-1].name]
    assert graph.nodes[-1].operation == "relu"
    assert graph.notes[-2] == "ValueError: Linear(2, 1) takes rows of 2 numbers, but x has shape (1, 3)"
    assert graph.notes[-1].startswith("In net.2, Linear(")


def test_where_the_first_layer_fails_the_input_is_drawn():
    with pytest.warns(UserWarning, match="but x has shape"):
        graph = draw(nn.Sequential(nn.Linear(3, 1)), [[1.0, 2.0]]).graph

    assert [(node.name, node.marked) for node in graph.nodes] == [("x", True)]


def test_a_call_with_other_inputs_than_the_module_takes_is_an_error():
    with pytest.raises(TypeError, match="positional argument"):
        draw(nn.Sequential(nn.ReLU()), [[1.0]], [[2.0]])


def test_an_error_without_parameters_is_drawn_too():
    net = nn.Sequential(nn.ReLU(), nn.Flatten(), nn.LayerNorm(5))

    with pytest.warns(UserWarning, match="LayerNorm"):
        graph = draw(net, [[1.0, 2.0]]).graph

    assert "relu" in {node.operation for node in graph.nodes}
