from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import nn
from tinygrad_edu.reading.names import outermost
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.graph.module_boxes import Scope


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(3, 3), nn.Linear(3, 3)

    def forward(self, x):
        return x + self.fc2(self.fc1(x).relu())


class Shared(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.Linear(3, 3)

    def forward(self, x):
        return self.cell(self.cell(x).tanh())


X = np.ones((2, 3))


def places(graph):
    """For every node its name and the paths of the modules around it."""
    found = {}
    for node in graph.nodes:
        path, scope = [], node.scope
        while scope is not None:
            path.insert(0, graph.scopes[scope].path)
            scope = graph.scopes[scope].parent
        found[node.name] = path
    return found


def operations(graph):
    return [
        (node.operation, graph.scopes[node.scope].path if node.scope is not None else "")
        for node in graph.nodes
        if node.operation
    ]


def test_a_module_with_an_input_is_run_and_every_tensor_knows_its_module():
    net = nn.Sequential(nn.Linear(3, 3), Block(), nn.ReLU())

    graph = draw(net, X).graph

    assert operations(graph) == [
        ("linear", "net.0"),
        ("linear", "net.1.fc1"),
        ("relu", "net.1"),
        ("linear", "net.1.fc2"),
        ("add", "net.1"),
        ("relu", "net.2"),
    ]
    assert places(graph)["net.1.fc1.weight"] == ["net", "net.1", "net.1.fc1"]
    assert places(graph)["X"] == []


def test_boxes_come_after_the_boxes_around_them_and_are_named_from_within():
    net = nn.Sequential(Block())

    scopes = draw(net, X).graph.scopes

    assert [scope.parent for scope in scopes] == [None, 0, 1, 1]
    assert scopes[2].title(scopes[1]) == "fc1: Linear"
    assert scopes[0].title() == "net: Sequential"


def test_a_module_called_twice_is_two_boxes_with_its_parameter_outside_both():
    net = Shared()

    graph = draw(net, X).graph

    assert [scope.path for scope in graph.scopes] == ["net", "net.cell", "net.cell"]
    assert places(graph)["net.cell.weight"] == ["net"]


def test_a_module_without_parameters_is_drawn_as_well():
    assert operations(draw(nn.ReLU(), X).graph)[0][0] == "relu"


def test_a_module_may_return_rest_tensors():
    class Two(nn.Module):
        def forward(self, x, y):
            return x.exp(), [y.exp()]

    assert [node.name for node in draw(Two(), X, X).graph.nodes if node.kind == "parameter"] == ["X", "x1"]


def test_a_module_that_returns_no_tensor_is_told_so():
    class Nothing(nn.Module):
        def forward(self, x):
            return None

    with pytest.raises(
        TypeError, match="draw needs a module that returns Tensors, but Nothing returned None"
    ):
        draw(Nothing(), X)


def test_an_input_needs_a_module_before_it():
    with pytest.raises(
        TypeError, match=r"draw needs a Module before its input, got Tensor .*draw\(\[a, b\]\)"
    ):
        draw(tensor(1.0), tensor(2.0))


def test_without_modules_among_the_names_there_are_no_boxes():
    net = nn.Linear(3, 1)
    y = net(tensor(X))

    assert draw(y, names={}).graph.scopes == ()
    assert [scope.path for scope in draw(y).graph.scopes] == ["net"]  # a variable of the caller


def test_model_says_what_it_needs():
    with pytest.raises(TypeError, match="draw needs model as a Module, got int 3"):
        draw(tensor(1.0, requires_grad=True).exp(), model=3)


def test_names_begin_at_the_outermost_module():
    net = nn.Sequential(nn.Linear(3, 3))

    assert list(outermost({"layer": net[0], "net": net, "again": net})) == ["net"]
    assert {n.name for n in draw(net(tensor(X)), names={"layer": net[0], "net": net}).graph.nodes} >= {
        "net.0.weight"
    }


def test_the_same_module_gives_the_same_graph():
    net = nn.Sequential(nn.Linear(3, 3), Block())

    assert draw(net, X).graph == draw(net, X).graph


def test_a_title_without_a_name_is_the_kind():
    assert Scope("", "Linear").title() == "Linear"
