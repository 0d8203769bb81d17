from __future__ import annotations

import re
from graphlib import TopologicalSorter

import numpy as np
import pytest

from tinygrad_edu import cat, nn
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw

X = np.ones((2, 3))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(3, 3), nn.Linear(3, 3)

    def forward(self, x):
        return x + self.fc2(self.fc1(x).relu())


class Before(nn.Module):
    """Begins with what has no parameter."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, x):
        h = x.relu()
        return x + self.fc(h)


def operations(graph):
    return [
        (node.operation, graph.scopes[node.scope].path if node.scope is not None else "")
        for node in graph.nodes
        if node.operation
    ]


def test_every_module_of_a_finished_graph_is_known_those_without_parameters_too():
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, 2))
    loss = (net(tensor(X)) ** 2).mean()

    for graph in (draw(loss, names={"net": net}).graph, draw(loss, model=net).graph):
        assert operations(graph) == [
            *[("linear", "net.0"), ("relu", "net.1"), ("where", "net.2"), ("multiply", "net.2")],
            *[("linear", "net.3"), ("power", ""), ("mean", "")],
        ]


def test_a_penalty_on_a_weight_is_not_said_to_be_computed_by_its_module():
    net = nn.Linear(3, 1)
    loss = net(tensor(X)).sum() + (net.weight**2).sum()

    graph = draw(loss, model=net).graph

    assert [path for name, path in operations(graph) if name == "power"] == [""]


@pytest.mark.parametrize(
    ("block", "inside"),
    [
        (Block, [("linear", ".fc1"), ("relu", ""), ("linear", ".fc2"), ("add", "")]),
        (Before, [("relu", ""), ("linear", ".fc"), ("add", "")]),
    ],
)
def test_what_a_module_computes_around_its_parts_is_its_own(block, inside):
    net = nn.Sequential(block(), block())

    graph = draw(net(tensor(X, requires_grad=True)), model=net).graph

    assert operations(graph) == [(name, f"net.{i}{path}") for i in range(2) for name, path in inside]


def test_a_finished_graph_has_the_boxes_of_a_module_that_is_run():
    net = nn.Sequential(Block(), nn.ReLU(), Before())

    assert draw(net(tensor(X)), model=net).graph.scopes == draw(net, X).graph.scopes


def test_a_part_of_a_module_is_inside_it_if_the_whole_was_not_called():
    net = nn.Sequential(Block(), nn.ReLU())

    graph = draw(net[0].fc1(tensor(X)), model=net).graph

    assert [scope.path for scope in graph.scopes] == ["net", "net.0", "net.0.fc1"]


def test_a_module_called_by_one_it_is_not_part_of_is_inside_that():
    class Around(nn.Module):
        def forward(self, x):
            return block(x).exp()

    around, block = Around(), Block()
    graph = draw(around(tensor(X)), names={"around": around, "block": block}).graph

    assert operations(graph)[0] == ("linear", "block.fc1")
    assert operations(graph)[-1] == ("exp", "around")
    assert [(scope.path, scope.parent) for scope in graph.scopes][:2] == [("around", None), ("block", 0)]


def test_what_passes_a_module_by_is_not_its_own():
    x = tensor(X, requires_grad=True)
    h = x.exp()
    dropout = nn.Dropout(0.5).eval()

    assert dropout(h) is h
    assert operations(draw(h.log(), model=dropout).graph) == [("exp", ""), ("log", "")]


def test_a_module_that_is_gone_is_no_other_one():
    h = nn.ReLU()(tensor(X, requires_grad=True))
    others = [nn.ReLU() for _ in range(20)]  # one of them may be where the first one was

    assert all(draw(h, model=other).graph.scopes == () for other in others)


def test_repeated_blocks_of_a_finished_graph_fold_with_their_gradients():
    net = nn.Sequential(*(Block() for _ in range(12)))
    loss = net(tensor(X)).sum()
    loss.backward()

    block = next(node for node in draw(loss, model=net).graph.nodes if node.kind == "module")

    assert block.sign == "Block ×12"
    assert block.inside[1].startswith("48 operations, gradient norm ")


class Twice(nn.Module):
    """Calls one layer twice."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, x):
        return self.fc(self.fc(x))


class Named(nn.Module):
    """Has layers under names that modules use themselves."""

    def __init__(self):
        super().__init__()
        self.weight, self.bias, self.modules = nn.Linear(3, 3), nn.Linear(3, 3), [nn.Linear(6, 1)]

    def forward(self, x):
        return self.modules[0](cat((self.weight(x), self.bias(x)), 1))


@pytest.mark.parametrize("depth", [None, 0, 1])
@pytest.mark.parametrize("module", [Block, Twice, Named])
def test_layers_used_twice_or_named_as_parts_of_modules_make_no_loop(module, depth):
    picture = draw(module(), tensor(X)) if depth is None else draw(module(), tensor(X), depth=depth)
    edges = re.findall(r"(\w+) -> (\w+)", picture.dot)

    sources = {}
    for source, target in edges:
        sources.setdefault(target, set()).add(source)
    order = list(TopologicalSorter(sources).static_order())  # a loop is a CycleError

    assert len(edges) >= 2
    assert len(order) == len({name for edge in edges for name in edge})
